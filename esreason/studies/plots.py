"""The look that all plots share; the only module besides the studies' own `plots` that needs matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Okabe and Ito's palette, which colour-blind readers can tell apart, darkest first."""


def figure(title: str, across: str, up: str, size: tuple[float, float] = (6.0, 3.6)) -> tuple[Figure, Axes]:
    """An empty plot with its title and the names of its axes; no global state, no window."""
    from matplotlib.figure import Figure

    made = Figure(figsize=size, layout="constrained")
    axes = made.add_subplot()
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.25)
    return made, axes
