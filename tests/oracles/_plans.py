"""Cutting, spoiling and rewriting answers that are lists of moves, for the oracles of several environments."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence


def moves_of(answer: str) -> list[str]:
    """The moves between white space, commas and semicolons."""
    return answer.replace(",", " ").replace(";", " ").split()


def mutations(answer: str, moves: Sequence[str], rng: random.Random) -> Iterator[str]:
    """Plans near this one; `moves` are moves that could stand in it."""
    while True:
        plan = moves_of(answer)
        i, j = rng.randrange(len(plan)), rng.randrange(len(plan))
        kind = rng.randrange(7)
        if kind == 0:
            plan[i] = rng.choice(moves)
        elif kind == 1:
            plan[i], plan[j] = plan[j], plan[i]
        elif kind == 2:
            del plan[i]
        elif kind == 3:
            plan.insert(i, rng.choice([plan[i], plan[j], *moves]))
        elif kind == 4:
            plan = plan[:i]
        elif kind == 5:
            plan += [rng.choice(moves) for _ in range(rng.randrange(1, 4))]
        else:
            plan = [rng.choice(moves) for _ in plan]
        yield written(plan, rng)


def rewrites(answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        yield written(moves_of(answer), rng)


def written(plan: Sequence[str], rng: random.Random) -> str:
    return rng.choice([" ", ", ", ",", "; ", "\n", "  ", ",\n", "\r\n", "\t"]).join(plan)
