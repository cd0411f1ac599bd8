"""A leaderboard as a table for the terminal, and as CSV and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from esreason.leaderboard.seeds import Seeds, over_seeds
from esreason.leaderboard.standing import Aggregate, Row
from esreason.report.numbers import bar, interval, percent

_STYLE = {"tuned": "bold green", "base": "", "challenge": "bold", "null": "dim"}
COLUMNS = ("rank", "player", "env", "level", "mode", "tasks", "seed", "score", "low", "high", "n", "pass@1", "draws",
           "pass@draws", "best-of-draws", "class", "weights", "entry")  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t")


def board_table(rows: Sequence[Row], aggregates: Sequence[Aggregate], width: int) -> RenderableType:
    """The rows, a block for each group of tasks, then the means over environments, then what the marks mean."""
    wide, means = width >= 100, over_seeds(rows)
    room = 24 if wide else _room(rows, width, bool(means))
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("rank", no_wrap=True)
    table.add_column("player", overflow="ellipsis", no_wrap=True, max_width=30 if wide else 13)
    table.add_column("env", overflow="ellipsis", no_wrap=True, max_width=room)
    table.add_column("lvl", justify="right", no_wrap=True)
    if means:
        table.add_column("seed", justify="right", no_wrap=True)
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
            Text(rank_text(row)), Text(row.player), Text(env_text(row, wide, room)),
            str(row.level), *([seed_text(row)] if means else []), percent(row.score), interval(*row.ci95), *shade,
            str(row.n), Text(mark_text(row)), style=_STYLE[row.kind],
        )  # fmt: skip
    parts: list[RenderableType] = [table]
    if any(row.draws > 1 for row in rows):
        parts += [Text(), _draws_table(rows)]
    if means:
        parts += [Text(), _seeds_table(means, width)]
    if any(aggregate.envs > 1 for aggregate in aggregates):
        parts += [Text(), _aggregate_table(aggregates)]
    return Group(*parts, Text(), Text(legend(rows), style="dim"))


def _room(rows: Sequence[Row], width: int, seeds: bool) -> int:
    """What is left for the environment's name on a narrow screen: figures and the class, star and all, stay whole."""
    def longest(text: Callable[[Row], str], head: str) -> int:
        return max(len(head), *(len(text(row)) for row in rows)) if rows else len(head)

    whole = [longest(rank_text, "rank"), min(13, longest(lambda row: row.player, "player")), len("lvl"), len("100.0 %"),
             longest(lambda row: interval(*row.ci95), "95 % int."), longest(lambda row: str(row.n), "n"),
             longest(mark_text, "class")] + ([len("seed")] if seeds else [])  # fmt: skip
    return max(8, min(24, width - sum(whole) - len(whole)))


def _draws_table(rows: Sequence[Row]) -> Table:
    table = Table(box=None, pad_edge=False, title="several draws of each task", title_justify="left")
    table.add_column("player", no_wrap=True, overflow="ellipsis", max_width=24)
    table.add_column("env", no_wrap=True, overflow="ellipsis", max_width=18)
    table.add_column("lvl", justify="right", no_wrap=True)
    table.add_column("rates", overflow="fold")
    for row in rows:
        if row.draws > 1:
            told = ", ".join(f"{name} {percent(rate)}" for name, rate in row.rates.items())
            table.add_row(Text(row.player), Text(row.env), str(row.level), told, style=_STYLE[row.kind])
    return table


def _seeds_table(means: Sequence[Seeds], width: int) -> Table:
    heads = ("mean", "95 % int.", "lowest to highest")
    spreads = (f"{percent(min(mean.scores))} to {percent(max(mean.scores))}" for mean in means)
    figures = [(percent(mean.score), interval(*mean.ci95), spread) for mean, spread in zip(means, spreads, strict=True)]
    wide, taken = width >= 100, sum(max(map(len, column)) for column in zip(heads, *figures, strict=True))
    room = 24 if wide else max(8, min(24, width - taken - 27))  # 27: player, level, seeds and the gaps
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), title="mean over seeds", title_justify="left")
    table.add_column("player", no_wrap=True, overflow="ellipsis", max_width=30 if wide else 13)
    table.add_column("env", no_wrap=True, overflow="ellipsis", max_width=room)
    table.add_column("lvl", justify="right", no_wrap=True)
    table.add_column("seeds", justify="right", no_wrap=True)
    for head in heads:
        table.add_column(head, justify="left" if head == heads[-1] else "right", no_wrap=True)
    for mean, told in zip(means, figures, strict=True):
        env, _, level, *_ = mean.group
        table.add_row(Text(mean.player), Text(env), str(level), str(len(mean.seeds)), *told, style=_STYLE[mean.kind])
    return table


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


def seed_text(row: Row) -> str:
    """The seed that a row's model was trained with; nothing where no training was."""
    return str(row.seed) if row.kind == "tuned" and row.seed is not None else ""


def env_text(row: Row, wide: bool = True, room: int = 80) -> str:
    """The environment and what is special about how it was played, in at most `room` characters: the name is cut, what
    is special is not. A challenge is a dagger where room is short."""
    tasks = "challenge" if wide else "\N{DAGGER}"
    notes = [note for note, special in ((row.mode, row.mode != "steps"), (tasks, row.tasks != "test")) if special]
    told = f" ({', '.join(notes)})" if notes else ""
    left = room - len(told)
    return (row.env if len(row.env) <= left else row.env[: left - 1] + "\N{HORIZONTAL ELLIPSIS}") + told


def mark_text(row: Row) -> str:
    """The class, with a star where the weights were not rebuilt."""
    return row.mark + ("*" if row.weights == "not checked" else "")


def legend(rows: Sequence[Row]) -> str:
    """What ranks and marks mean, as far as they occur."""
    says = []
    if any(row.rank and row.rank[0] != row.rank[1] for row in rows):
        says.append("Ranks: 1-2 means first or second; these cannot be told apart (exact McNemar, Holm, 5 %).")
    if over_seeds(rows):
        says.append("Mean over seeds: the interval is one for other seeds and other tasks.")
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
    formula = isinstance(value, str) and len(value) > 1 and value.startswith(_FORMULA)  # a dash alone is none
    return f"'{value}" if formula else value


def _values(row: Row) -> list[object]:
    rank = "" if row.rank is None else rank_text(row)
    k = row.draws
    rates = [row.rates.get("pass@1", ""), k, *(row.rates.get(f"{name}{k}", "") for name in ("pass@", "best-of-"))]
    return [rank, row.player, row.env, row.level, row.mode, row.tasks, seed_text(row), row.score, *row.ci95, row.n,
            *rates, row.mark, row.weights, row.entry]  # fmt: skip


def board_markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| rank | player | env | level | mode | seed | score | 95 % interval | n | class |",
             "|---|---|---|---:|---|---:|---:|---:|---:|---|"]  # fmt: skip
    for row in rows:
        cells = [rank_text(row), row.player, env_text(row), str(row.level), row.mode, seed_text(row),
                 percent(row.score), interval(*row.ci95), str(row.n), mark_text(row)]  # fmt: skip
        lines.append("| " + " | ".join(map(_markdown, cells)) + " |")
    return "\n".join(lines) + "\n"


def _markdown(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\|<>`*_[]" and len(text) > 1 else c for c in text)
