"""Runs that differ in their seed alone: their mean, with an interval for other seeds and other tasks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from esreason.leaderboard.standing import Group, Row, table_of
from esreason.leaderboard.statistics import crossed


@dataclass(frozen=True, slots=True)
class Seeds:
    """The runs of one player on the same tasks; scores are theirs, in the order of the seeds."""

    group: Group
    player: str
    kind: str
    seeds: tuple[int, ...]
    scores: tuple[float, ...]
    score: float
    ci95: tuple[float, float]
    n: int
    """Tasks that all of them played."""


def over_seeds(rows: Iterable[Row]) -> list[Seeds]:
    """The players that several seeds stand for, in the order of the rows; a seed counts once."""
    sets: dict[tuple[Group, str, str, str], dict[int, Row]] = {}
    for row in rows:
        if row.seed is not None and row.tasks == "test":
            sets.setdefault((row.group, row.player, row.kind, row.recipe), {}).setdefault(row.seed, row)
    found = []
    for (group, player, kind, _), runs in sets.items():
        if len(runs) > 1:
            seeds = tuple(sorted(runs))
            table = table_of([runs[seed] for seed in seeds])
            mean, ci95 = crossed(table)
            each = tuple(float(score) for score in table.mean(axis=1))
            found.append(Seeds(group, player, kind, seeds, each, mean, ci95, table.shape[1]))
    return found
