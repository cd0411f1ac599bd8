"""Star battle judged by looking at every pair of stars, counted by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from ortools.sat.python import cp_model

from tests.oracles import _cells


def _groups(payload: dict[str, Any]) -> list[list[int]]:
    regions = payload["regions"]
    named = [[i for i, letter in enumerate(regions) if letter == name] for name in sorted(set(regions))]
    return _cells.latin_lines(payload["size"]) + named


def _touch(a: int, b: int, size: int) -> bool:
    return max(abs(a // size - b // size), abs(a % size - b % size)) == 1


def judge(payload: dict[str, Any], answer: str) -> bool:
    size = payload["size"]
    cells = _cells.read(answer, size * size)
    if cells is None or not set(cells) <= {"*", "."}:
        return False
    if any(sum(cells[i] == "*" for i in group) != payload["stars"] for group in _groups(payload)):
        return False
    stars = [i for i, cell in enumerate(cells) if cell == "*"]
    return not any(_touch(a, b, size) for a, b in combinations(stars, 2))


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.mutations(answer, payload["size"], ".*", "." * len(payload["regions"]), rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.rewrites(answer, payload["size"], rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    model, size = cp_model.CpModel(), payload["size"]
    cells = [model.new_bool_var("") for _ in range(size * size)]
    for group in _groups(payload):
        model.add(sum(cells[i] for i in group) == payload["stars"])
    for a, b in combinations(range(size * size), 2):
        if _touch(a, b, size):
            model.add_at_most_one([cells[a], cells[b]])
    return _cells.count(model, cells, limit)


def optimal_steps(payload: dict[str, Any]) -> int:
    return int(payload["size"] * payload["stars"])
