"""A diagnosis as plots: the ladder, the best of n members, and the forecast course of the run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from esreason.report.plots import COLOURS, figure, save
from esreason.theory.advice import Diagnosis

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plots(found: Diagnosis) -> dict[str, Figure]:
    """The plots by name."""
    return {"ladder": _ladder(found), "gain": _gain(found), "course": _course(found)}


def draw(found: Diagnosis, folder: Path) -> str:
    """Write the plots as SVG; one sentence on what was written."""
    figures = plots(found)
    for name, made in figures.items():
        save(made, folder / f"{name}.svg")
    return f"The plots are in {folder}: {', '.join(figures)}."


def _ladder(found: Diagnosis) -> Figure:
    made, axes = figure("Members by sigma", "sigma", "success, %")
    sigmas = [step.sigma for step in found.steps]
    means = [100 * step.mean.value for step in found.steps]
    low = [100 * (step.mean.value - step.mean.low) for step in found.steps]
    high = [100 * (step.mean.high - step.mean.value) for step in found.steps]
    axes.errorbar(sigmas, means, yerr=[low, high], marker="o", color=COLOURS[0], label="members' mean")
    axes.plot(sigmas, [100 * step.spread for step in found.steps], "--", color=COLOURS[1], label="spread of fitness")
    axes.axhline(100 * found.base.value, color="grey", linewidth=0.8, label="centre")
    axes.axvspan(found.edge.low, found.edge.high, color=COLOURS[2], alpha=0.2, label="edge of the window")
    axes.set_xscale("log")
    axes.legend(frameon=False, fontsize=8)
    return made


def _gain(found: Diagnosis) -> Figure:
    made, axes = figure(f"Best of n members at sigma {found.probed:g}", "n", "points over the centre")
    sizes = [gain.n for gain in found.gains]
    low = [100 * gain.measured.low for gain in found.gains]
    high = [100 * gain.measured.high for gain in found.gains]
    axes.plot(sizes, [100 * g.measured.value for g in found.gains], "o-", color=COLOURS[0], label="measured")
    axes.fill_between(sizes, low, high, color=COLOURS[0], alpha=0.15)
    axes.plot(sizes, [100 * g.normal for g in found.gains], "--", color=COLOURS[1], label="normal law")
    axes.plot(sizes, [100 * g.luck for g in found.gains], ":", color=COLOURS[6], label="luck of tasks alone")
    axes.set_xscale("log")
    axes.legend(frameon=False, fontsize=8)
    return made


def _course(found: Diagnosis) -> Figure:
    made, axes = figure("Forecast of the planned run", "iteration", "success, %")
    axes.plot([100 * score for score in found.course], color=COLOURS[0])
    axes.axvspan(found.peak.low, found.peak.high, color=COLOURS[2], alpha=0.2, label="peak, 95 %")
    axes.legend(frameon=False, fontsize=8)
    return made
