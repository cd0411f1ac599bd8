"""Plots as matplotlib figures, with the look that all share; nothing needs a display. Needs the extra `plots`."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from esreason.core.files import replace_file
from esreason.core.statistics import wilson

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Okabe and Ito's palette, which colour-blind readers can tell apart, darkest first."""
_PLAYERS = {"base": COLOURS[0], "validation": COLOURS[0], "tuned": COLOURS[1]}
FORMATS = ("svg", "png", "pdf")


@dataclass(frozen=True, slots=True)
class Rate:
    """A mean score over n episodes at a place x (an iteration, a level)."""

    x: float
    score: float
    n: int

    @property
    def spread(self) -> tuple[float, float]:
        """How far Wilson's 95 % interval reaches below and above the score."""
        low, high = wilson(self.score * self.n, self.n)
        return max(0.0, self.score - low), max(0.0, high - self.score)


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


def save(made: Figure, path: Path) -> None:
    """Write a figure; the file's ending is its format, and equal figures give equal bytes."""
    from matplotlib import rc_context

    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    drawn, kind = io.BytesIO(), path.suffix[1:]
    with rc_context({"svg.hashsalt": "esreason", "svg.fonttype": "none"}):
        made.savefig(drawn, format=kind, dpi=150, metadata=undated.get(kind), bbox_inches="tight")
    replace_file(path, drawn.getvalue())


def learning_curve(title: str, validation: Sequence[Rate], tests: Mapping[str, Rate]) -> Figure:
    """Validation by iteration with its interval; test scores at the iterations whose weights earned them."""
    made, axes = _rates(title, "iteration")
    xs, scores = [rate.x for rate in validation], np.array([rate.score for rate in validation])
    below, above = np.array([rate.spread for rate in validation]).T
    axes.plot(xs, scores, marker="o", markersize=3, color="grey", label=f"validation (n = {validation[0].n})")
    axes.fill_between(xs, scores - below, scores + above, alpha=0.2, color="grey", linewidth=0)
    for name, rate in tests.items():
        _points(axes, f"{name}, test (n = {rate.n})", _PLAYERS.get(name), [rate], marker="D", linestyle="none")
    axes.legend(frameon=False)
    return made


def fitness_distribution(title: str, fitness: Sequence[Sequence[float]]) -> Figure:
    """The members' fitness by iteration: all, the middle half, the median."""
    made, axes = _rates(title, "iteration", "fitness of the members")
    xs = range(1, len(fitness) + 1)
    low, first, middle, third, high = np.percentile(np.array(fitness, dtype=np.float64), [0, 25, 50, 75, 100], axis=1)
    axes.fill_between(xs, low, high, alpha=0.15, color=COLOURS[0], linewidth=0, label="all members")
    axes.fill_between(xs, first, third, alpha=0.35, color=COLOURS[0], linewidth=0, label="middle half")
    axes.plot(xs, middle, color=COLOURS[0], label="median")
    if high.max() > 1.0 or low.min() < 0.0:  # an objective with a scale of its own
        axes.set_ylim(float(low.min()), float(high.max()))
        axes.yaxis.set_major_formatter("{x:g}")
    axes.legend(frameon=False)
    return made


def success_by_level(title: str, players: Mapping[str, Sequence[Rate]]) -> Figure:
    """Success by level with intervals, a line a player."""
    made, axes = _rates(title, "level")
    for name, rates in players.items():
        _points(axes, name, _PLAYERS.get(name), rates, marker="o")
    levels = sorted({rate.x for rates in players.values() for rate in rates})
    axes.set_xticks(levels)
    axes.set_xlim(levels[0] - 0.5, levels[-1] + 0.5)
    axes.legend(frameon=False)
    return made


def _rates(title: str, across: str, up: str = "success") -> tuple[Figure, Axes]:
    """A plot of rates from 0 to 100 % over whole numbers."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    made, axes = figure(title, across, up)
    axes.set_ylim(-0.02, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return made, axes


def _points(
    axes: Axes, name: str, colour: str | None, rates: Sequence[Rate], marker: str, linestyle: str = "-"
) -> None:
    spread = np.array([rate.spread for rate in rates]).T
    xs, scores = [rate.x for rate in rates], [rate.score for rate in rates]
    axes.errorbar(xs, scores, spread, capsize=4, label=name, color=colour, marker=marker, linestyle=linestyle, zorder=3)
