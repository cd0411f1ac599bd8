"""A diagnosis as tables and advice."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from esreason.report.numbers import interval
from esreason.report.sheet import Sheet, sheet_table
from esreason.theory.advice import Diagnosis, Estimate, sentences


def sheets(found: Diagnosis) -> list[Sheet]:
    """The ladder, and the gain against population beside what chance gives."""
    ladder = Sheet(
        "Members by sigma (95 % by bootstrap over pairs and tasks)",
        ("sigma", "members, %", "95 %", "better", "signal", "95 %", "spread"),
        tuple(
            (f"{s.sigma:g}{' *' if s.sigma == found.probed else ''}", f"{100 * s.mean.value:.1f}", _percents(s.mean),
             f"{100 * s.better:.0f} %", f"{100 * s.signal.value:.1f}", _percents(s.signal), f"{100 * s.spread:.1f}")
            for s in found.steps
        ),
    )  # fmt: skip
    gains = Sheet(
        f"Best of n members over the centre, in points, at sigma {found.probed:g}",
        ("n", "measured", "95 %", "normal law", "luck alone"),
        tuple(
            (str(g.n), f"{100 * g.measured.value:+.1f}", _percents(g.measured), f"{100 * g.normal:+.1f}",
             f"{100 * g.luck:+.1f}")
            for g in found.gains
        ),
    )  # fmt: skip
    return [ladder, gains, _numbers(found)]


def _numbers(found: Diagnosis) -> Sheet:
    dimension = "not told" if found.dimension is None else f"{found.dimension:.2g}"
    rows = (
        ("centre, %", f"{100 * found.base.value:.1f}", _percents(found.base)),
        ("edge of the window, sigma", f"{found.edge.value:.3g}", _range(found.edge) + (" open" if found.open else "")),
        ("trace of the curvature", f"{found.trace.value:.3g}", _range(found.trace)),
        ("effective dimension of the curvature", dimension, ""),
        ("first rise, points an iteration", f"{100 * found.rise.value:.2g}", _percents(found.rise)),
        ("forecast peak, iteration", f"{found.peak.value:.0f}", _range(found.peak)),
        ("walk reaches the edge, iteration", f"{found.horizon.value:.0f}", _range(found.horizon)),
    )
    return Sheet("Estimates", ("quantity", "value", "95 %"), rows)


def diagnosis(found: Diagnosis, title: str) -> RenderableType:
    """Tables and advice for the terminal."""
    parts: list[RenderableType] = [Text(title, style="bold"), ""]
    for sheet in sheets(found):
        parts += [sheet_table(sheet), ""]
    note = "* where the advice was probed. Signal: s.d. of what mirrored pairs differ by in truth, in points; spread:"
    parts.append(Text(f"{note} s.d. of members on {found.plan.tasks} tasks.", style="dim"))
    parts += ["", *(Text(sentence) for sentence in sentences(found))]
    return Group(*parts)


def _percents(estimate: Estimate) -> str:
    return interval(estimate.low, estimate.high)


def _range(estimate: Estimate) -> str:
    return f"[{estimate.low:.3g}, {estimate.high:.3g}]"
