"""Skyscrapers judged by looking along every line, counted by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import permutations
from typing import Any

from tests.oracles import _cells


def _views(payload: dict[str, Any]) -> list[tuple[list[int], int]]:
    """The cells as they are seen from each clue, nearest first."""
    size = payload["size"]
    rows, columns = _cells.latin_lines(size)[:size], _cells.latin_lines(size)[size:]
    views = []
    for side, lines in (("left", rows), ("right", rows), ("top", columns), ("bottom", columns)):
        for line, clue in zip(lines, payload[side], strict=True):
            if clue:
                views.append((line if side in ("left", "top") else line[::-1], clue))
    return views


def _seen(heights: tuple[int, ...]) -> int:
    return sum(all(low < height for low in heights[:i]) for i, height in enumerate(heights))


def judge(payload: dict[str, Any], answer: str) -> bool:
    size = payload["size"]
    cells = _cells.read(answer, size * size, payload["givens"])
    wanted = [str(height) for height in range(1, size + 1)]
    if cells is None or any(sorted(cells[i] for i in line) != wanted for line in _cells.latin_lines(size)):
        return False
    return all(_seen(tuple(int(cells[i]) for i in view)) == clue for view, clue in _views(payload))


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    size = payload["size"]
    return _cells.mutations(answer, size, "123456"[:size], payload["givens"], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.rewrites(answer, payload["size"], rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    size = payload["size"]
    model, cells = _cells.latin_model(size, payload["givens"])
    for view, clue in _views(payload):
        orders = [order for order in permutations(range(1, size + 1)) if _seen(order) == clue]
        model.add_allowed_assignments([cells[i] for i in view], orders)
    return _cells.count(model, cells, limit)


def optimal_steps(payload: dict[str, Any]) -> int:
    return int(payload["givens"].count("."))
