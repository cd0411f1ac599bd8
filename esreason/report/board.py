"""A leaderboard as a table for the terminal, and as CSV and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from esreason.leaderboard.standing import Aggregate, Row
from esreason.report.numbers import bar, interval, percent

_STYLE = {"tuned": "bold green", "base": "", "challenge": "bold", "null": "dim"}
COLUMNS = ("rank", "player", "env", "level", "mode", "tasks", "score", "low", "high", "n", "class", "weights", "entry")
_FORMULA = ("=", "+", "-", "@", "\t")


def board_table(rows: Sequence[Row], aggregates: Sequence[Aggregate], width: int) -> RenderableType:
    """The rows, a block for each group of tasks, then the means over environments, then what the marks mean."""
    wide = width >= 100
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("rank", no_wrap=True)
    table.add_column("player", overflow="ellipsis", no_wrap=True, max_width=30 if wide else 13)
    table.add_column("env", overflow="ellipsis", no_wrap=True, max_width=24 if wide else 18)
    table.add_column("lvl", justify="right", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("95 % int.", justify="right", no_wrap=True)
    if wide:
        table.add_column("", no_wrap=True, style="cyan")
    table.add_column("n", justify="right", no_wrap=True)
    table.add_column("class", no_wrap=True)
    last = None
    for row in rows:
        if last is not None and row.group != last:
            table.add_row()
        last = row.group
        shade = [Text(bar(row.score, max(4, min(30, width - 96))))] if wide else []
        table.add_row(
            Text(rank_text(row)), Text(row.player), Text(env_text(row, wide)),
            str(row.level), percent(row.score), interval(*row.ci95), *shade, str(row.n), Text(mark_text(row)),
            style=_STYLE[row.kind],
        )  # fmt: skip
    parts: list[RenderableType] = [table]
    if any(aggregate.envs > 1 for aggregate in aggregates):
        parts += [Text(), _aggregate_table(aggregates)]
    return Group(*parts, Text(), Text(legend(rows), style="dim"))


def _aggregate_table(aggregates: Sequence[Aggregate]) -> Table:
    table = Table(box=None, pad_edge=False, title="interquartile mean over environments", title_justify="left")
    table.add_column("player", no_wrap=True, overflow="ellipsis", max_width=24)
    table.add_column("IQM", justify="right", no_wrap=True)
    table.add_column("95 % int.", justify="right", no_wrap=True)
    table.add_column("envs", justify="right", no_wrap=True)
    table.add_column("missing", overflow="fold")
    for a in aggregates:
        missing = ", ".join(a.missing) or "none"
        table.add_row(Text(a.player), percent(a.iqm), interval(*a.ci95), f"{a.envs} of {a.envs + len(a.missing)}",
                      Text(missing), style=_STYLE[a.kind])  # fmt: skip
    return table


def rank_text(row: Row) -> str:
    """The best rank that the data allow, with the worst if they differ; a dot for null rows."""
    if row.rank is None:
        return "·"
    return str(row.rank[0]) if row.rank[0] == row.rank[1] else f"{row.rank[0]}-{row.rank[1]}"


def env_text(row: Row, wide: bool = True) -> str:
    """The environment and what is special about how it was played; a challenge is a dagger where room is short."""
    tasks = "challenge" if wide else "\N{DAGGER}"
    notes = [note for note, special in ((row.mode, row.mode != "steps"), (tasks, row.tasks != "test")) if special]
    return row.env + (f" ({', '.join(notes)})" if notes else "")


def mark_text(row: Row) -> str:
    """The class, with a star where the weights were not rebuilt."""
    return row.mark + ("*" if row.weights == "not checked" else "")


def legend(rows: Sequence[Row]) -> str:
    """What ranks and marks mean, as far as they occur."""
    says = []
    if any(row.rank and row.rank[0] != row.rank[1] for row in rows):
        says.append("Ranks: 1-2 means first or second; these cannot be told apart (exact McNemar, Holm, 5 %).")
    if any(row.mark == "replayed" for row in rows):
        says.append("replayed: these actions earn this score; who produced them is not proved.")
    if any(row.weights == "not checked" for row in rows):
        says.append("* weights not checked: the base model was not at hand.")
    if any(row.kind == "challenge" for row in rows):
        says.append(
            "challenge (\N{DAGGER}): tasks derived from the digest of the weights; null rows: those of the test tasks."
        )
    if any(row.kind == "null" for row in rows):
        says.append("computed: played by a script on the same tasks.")
    return "\n".join(says)


def board_csv(rows: Sequence[Row]) -> str:
    """The rows as CSV; a text that a spreadsheet would take for a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([[_cell(value) for value in _values(row)] for row in rows])
    return out.getvalue()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _values(row: Row) -> list[object]:
    rank = "" if row.rank is None else rank_text(row)
    return [rank, row.player, row.env, row.level, row.mode, row.tasks, row.score, *row.ci95, row.n, row.mark,
            row.weights, row.entry]  # fmt: skip


def board_markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| rank | player | env | level | mode | score | 95 % interval | n | class |",
             "|---|---|---|---:|---|---:|---:|---:|---|"]  # fmt: skip
    for row in rows:
        cells = [rank_text(row), row.player, env_text(row), str(row.level), row.mode, percent(row.score),
                 interval(*row.ci95), str(row.n), mark_text(row)]  # fmt: skip
        lines.append("| " + " | ".join(map(_markdown, cells)) + " |")
    return "\n".join(lines) + "\n"


def _markdown(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\|<>`*_[]" and len(text) > 1 else c for c in text)
