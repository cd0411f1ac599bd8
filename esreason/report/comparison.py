"""Two runs compared in words and in a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from esreason.core.statistics import summary_of
from esreason.leaderboard.statistics import LEVEL, mcnemar, paired
from esreason.report.numbers import interval, percent


def verdict_of(names: tuple[str, str], scores: tuple[Sequence[float], Sequence[float]]) -> tuple[str, float]:
    """One sentence on whether one is better on the tasks that both played, and the exact p-value."""
    wins, losses = paired(np.array(scores[0]), np.array(scores[1]))
    p, n = mcnemar(wins, losses), min(map(len, scores))
    tally = f"of {n} tasks that both played, {names[0]} does better on {wins}, {names[1]} on {losses}"
    if p < LEVEL:
        better, other = names if wins > losses else names[::-1]
        return f"{better} is better than {other}: {tally} (exact McNemar, p = {p:.2g}).", p
    return f"They cannot be told apart: {tally} (exact McNemar, p = {p:.2g}).", p


def comparison(names: tuple[str, str], scores: tuple[Sequence[float], Sequence[float]]) -> RenderableType:
    """The sentence and a table of both."""
    table = Table(box=None, pad_edge=False)
    table.add_column("run", overflow="ellipsis", no_wrap=True, max_width=40)
    for name in ("score", "95 % interval", "n"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, values in zip(names, scores, strict=True):
        summary = summary_of(values)
        table.add_row(Text(name), percent(summary["score"]), interval(*summary["ci95"]), str(summary["n"]))
    return Group(table, Text(), Text(verdict_of(names, scores)[0]))
