"""The table of environments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from esreason.core.registry import EnvInfo
from esreason.report.episode import visible
from esreason.report.figures import figures

_CAPTION = "steps of a solution and solver: at the middle level; floor: success of random legal play at level 2"
_FIGURES = 33
"""The cells that levels, steps, floor, the solver's time and the gaps take."""


def catalogue(infos: Sequence[EnvInfo], width: int = 80) -> Table:
    """Environments by family, a line each: levels, steps of a solution, floor, the solver's time, and what it is."""
    room = max(16, width - _FIGURES - 1 - max((len(info.name) for info in infos), default=0))
    table = Table(
        box=None, pad_edge=False, title=f"{len(infos)} environments", title_justify="left", title_style="bold",
        caption=_CAPTION, caption_justify="left", caption_style="dim",
    )  # fmt: skip
    table.add_column("name", style="bold", no_wrap=True)
    for name in ("levels", "steps", "floor", "solver"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("what it is", no_wrap=True, overflow="ellipsis", max_width=room)
    last = None
    for info in sorted(infos, key=lambda i: (_order(infos, i.family), i.name)):
        if info.family != last:
            table.add_row(Text(info.family, "cyan"))
            last = info.family
        speed, floor = figures("speed").get(info.name, {}), figures("floors").get(info.name, {})
        table.add_row(
            f" {info.name}", f"{info.levels[0]}-{info.levels[-1]}", str(speed.get("horizon", "")),
            f"{floor['random']:.0%}" if isinstance(floor.get("random"), float) else "",
            solver_time(speed), Text(visible(info.summary)),
        )  # fmt: skip
    return table


def solver_time(speed: dict[str, Any]) -> str:
    """The solver's time as people read it; empty where it was not measured."""
    spent = speed.get("solve_ms")
    if not isinstance(spent, float):
        return ""
    return "<0.1 ms" if spent < 0.05 else f"{spent:.1f} ms"


def _order(infos: Sequence[EnvInfo], family: str) -> int:
    return [info.family for info in infos].index(family)
