"""The table that a run ends with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

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
    "calibration_error": "calibration error",
}  # fmt: skip
"""The measures of judgements in a result, and their names for people."""


def judgements(result: dict[str, Any]) -> Table:
    """How well judgements told right answers from wrong ones, before and after."""
    phases = result["metacognition"]
    table = Table(box=None, pad_edge=False)
    table.add_column(f"{phases['tuned']['n']} judgements", no_wrap=True)
    for name in ("base", "95 % interval", "tuned", "95 % interval"):
        table.add_column(name, justify="right", no_wrap=True)
    for measure, words in JUDGED.items():
        parts = [phases[phase][measure] for phase in ("base", "tuned")]
        cells = [text for p in parts for text in (f"{p['value']:.3f}", "[{:.3f}, {:.3f}]".format(*p["ci95"]))]
        table.add_row(words, *cells)
    return table


def outcomes(title: str, rows: Sequence[Outcome], width: int, what: str = "player") -> Table:
    """Players (or `what` the rows are) by success, each with its interval, episodes, tokens and seconds."""
    table = Table(box=None, pad_edge=False, title=title, title_justify="left", title_style="bold")
    table.add_column(what, style="bold", no_wrap=True)
    table.add_column("success", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, style="cyan")
    for name in ("episodes", "tokens", "time"):
        table.add_column(name, justify="right", no_wrap=True)
    room = max(4, min(30, width - 64))
    for row in sorted(rows, key=lambda r: -r.summary["score"]):
        table.add_row(
            row.name, percent(row.summary["score"]), interval(*row.summary["ci95"]), bar(row.summary["score"], room),
            str(row.summary["n"]), "-" if row.tokens is None else count(row.tokens),
            "-" if row.seconds is None else duration(row.seconds),
        )  # fmt: skip
    return table
