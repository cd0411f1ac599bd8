"""Futoshiki judged line by line and sign by sign, counted by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from tests.oracles import _cells


def judge(payload: dict[str, Any], answer: str) -> bool:
    size = payload["size"]
    cells = _cells.read(answer, size * size, payload["givens"])
    if cells is None:
        return False
    wanted = [str(digit) for digit in range(1, size + 1)]
    latin = all(sorted(cells[i] for i in line) == wanted for line in _cells.latin_lines(size))
    return latin and all(int(cells[a]) < int(cells[b]) for a, b in payload["less"])


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    size = payload["size"]
    return _cells.mutations(answer, size, "123456789"[:size], payload["givens"], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.rewrites(answer, payload["size"], rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    model, cells = _cells.latin_model(payload["size"], payload["givens"])
    for a, b in payload["less"]:
        model.add(cells[a] < cells[b])
    return _cells.count(model, cells, limit)


def optimal_steps(payload: dict[str, Any]) -> int:
    return int(payload["givens"].count("."))
