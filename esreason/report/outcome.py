"""The table that a run ends with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from esreason.report.episode import visible
from esreason.report.numbers import bar, count, duration, interval, percent


@dataclass(frozen=True, slots=True)
class Outcome:
    """A player's result on the test tasks; tokens and seconds are None where there is nothing to count."""

    name: str
    summary: dict[str, Any]
    tokens: int | None = None
    seconds: float | None = None


def by_environment(result: dict[str, Any]) -> Table:
    """Success before and after in each environment of a run over several."""
    table = Table(box=None, pad_edge=False)
    table.add_column("environment", no_wrap=True)
    for name in ("base", "95 % interval", "tuned", "95 % interval", "episodes"):
        table.add_column(name, justify="right", no_wrap=True)
    for env, phases in result["envs"].items():
        cells = [text for phase in ("base", "tuned")
                 for text in (percent(phases[phase]["score"]), interval(*phases[phase]["ci95"]))]  # fmt: skip
        table.add_row(env, *cells, str(phases["tuned"]["n"]))
    return table


JUDGED = {
    "accuracy": "right answers", "confidence": "mean confidence", "d_prime": "type-2 d'", "auroc": "type-2 AUROC",
    "gamma": "gamma", "information": "meta-information", "alignment": "judgements that came true",
    "calibration_error": "calibration error", "meta_d_prime": "meta-d'", "m_ratio": "M-ratio",
}  # fmt: skip
"""The measures of judgements in a result, and their names for people."""


def judgements(result: dict[str, Any]) -> Table:
    """How well judgements told right answers from wrong ones, before and after."""
    phases = result["metacognition"]
    table = Table(box=None, pad_edge=False)
    table.add_column(f"{phases['tuned']['n']} judgements", no_wrap=True)
    for name in ("base", "95 % interval", "tuned", "95 % interval"):
        table.add_column(name, justify="right", no_wrap=True)
    reasons = []
    for measure, words in JUDGED.items():
        if measure in phases["tuned"]:  # older results lack some
            table.add_row(words, *(text for phase in ("base", "tuned") for text in _cells(phases[phase][measure])))
            reasons += [f"{words}, {phase}: {phases[phase][measure]['reason']}" for phase in ("base", "tuned")
                        if "reason" in phases[phase][measure]]  # fmt: skip
    if reasons:
        table.caption, table.caption_justify = Text("\n".join(reasons)), "left"
    return table


def _cells(part: Mapping[str, Any]) -> tuple[str, str]:
    """A measure and its interval, a dash for what cannot be estimated."""
    value, ci95 = part["value"], part["ci95"]
    return "-" if value is None else f"{value:.3f}", "-" if ci95 is None else f"[{ci95[0]:.3f}, {ci95[1]:.3f}]"


def outcomes(title: str, rows: Sequence[Outcome], width: int, what: str = "player") -> Table:
    """Players (or `what` the rows are) by success, each with its interval, episodes, tokens and seconds."""
    heading = Text(visible(title))  # a model's name is no markup
    table = Table(box=None, pad_edge=False, title=heading, title_justify="left", title_style="bold")
    table.add_column(what, style="bold", no_wrap=True)
    table.add_column("success", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, style="cyan")
    for name in ("episodes", "tokens", "time"):
        table.add_column(name, justify="right", no_wrap=True)
    room = max(4, min(30, width - 64))
    for row in sorted(rows, key=lambda r: -r.summary["score"]):
        score = row.summary["score"]
        table.add_row(
            Text(visible(row.name)), percent(score), interval(*row.summary["ci95"]), bar(score, room),
            str(row.summary["n"]), "-" if row.tokens is None else count(row.tokens),
            "-" if row.seconds is None else duration(row.seconds),
        )  # fmt: skip
    return table
