"""Turing machines run on a dictionary of cells."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from typing import Any

from tests.oracles import _assignments


def _gaps(payload: dict[str, Any]) -> list[str]:
    return [s + c for s in "ABCD"[: payload["states"]] for c in "b01" if s + c not in payload["table"]]


def _options(payload: dict[str, Any]) -> list[str]:
    return ["".join(word) for word in product("b01", "LR", "ABCD"[: payload["states"]] + "H")]


def _end(table: dict[str, str], tape: str) -> str | None:
    cells, at, state = dict(enumerate(tape)), 0, "A"
    for _ in range(40):
        written, way, state = table[state + cells.get(at, "b")]
        cells[at] = written
        at += {"L": -1, "R": 1}[way]
        if state == "H":
            return "".join(cells.get(i, "b") for i in range(min(cells), max(cells) + 1)).strip("b")
    return None


def judge(payload: dict[str, Any], answer: str) -> bool:
    gaps = _gaps(payload)
    values = _assignments.read(answer, "pqrstuvw"[: len(gaps)], _options(payload))
    if values is None:
        return False
    table = payload["table"] | dict(zip(gaps, values.values(), strict=True))
    return all(_end(table, start) == end for start, end in payload["runs"])


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _assignments.mutations(answer, _options(payload), rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _assignments.rewrites(answer, rng)


def optimal_steps(payload: dict[str, Any]) -> int:
    return len(_gaps(payload))
