"""The table of environments."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from rich.table import Table

from esreason.core.registry import EnvInfo


@cache
def measured(name: str) -> dict[str, Any]:
    """The published measurements of a kind (`floors`, `speed`) by environment; empty where none were made."""
    path = Path(__file__).parent / "data" / f"{name}.json"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def catalogue(infos: Sequence[EnvInfo]) -> Table:
    """Environments by family with levels, steps of a shortest solution, floor and solver time at a middle level."""
    table = Table(
        box=None, pad_edge=False, title=f"{len(infos)} environments", title_justify="left", title_style="bold"
    )
    table.add_column("name", style="bold", no_wrap=True)
    table.add_column("levels", justify="right")
    table.add_column("steps", justify="right", no_wrap=True)
    table.add_column("floor", justify="right", no_wrap=True)
    table.add_column("solver", justify="right", no_wrap=True)
    table.add_column("what it is")
    last = None
    for info in sorted(infos, key=lambda i: (_order(infos, i.family), i.name)):
        if info.family != last:
            table.add_row(f"[cyan]{info.family}[/]")
            last = info.family
        speed, floor = measured("speed").get(info.name, {}), measured("floors").get(info.name, {})
        table.add_row(
            f"  {info.name}", f"{info.levels[0]}-{info.levels[-1]}", str(speed.get("horizon", "")),
            f"{floor['random']:.0%}" if isinstance(floor.get("random"), float) else "",
            f"{speed['solve_ms']:.1f} ms" if isinstance(speed.get("solve_ms"), float) else "", info.summary,
        )  # fmt: skip
    return table


def _order(infos: Sequence[EnvInfo], family: str) -> int:
    return [info.family for info in infos].index(family)
