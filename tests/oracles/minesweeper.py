"""Minesweeper judged number by number, counted by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from ortools.sat.python import cp_model

from tests.oracles import _cells


def _around(cell: int, payload: dict[str, Any]) -> list[int]:
    width, count = payload["width"], len(payload["cells"])
    row, column = divmod(cell, width)
    near = [(row + r, column + c) for r in (-1, 0, 1) for c in (-1, 0, 1) if (r, c) != (0, 0)]
    return [r * width + c for r, c in near if 0 <= c < width and 0 <= r < count // width]


def judge(payload: dict[str, Any], answer: str) -> bool:
    givens = payload["cells"]
    cells = _cells.read(answer, len(givens), givens)
    if cells is None or any(c not in "*." for c, given in zip(cells, givens, strict=True) if given == "."):
        return False
    if cells.count("*") != payload["mines"]:
        return False
    numbers = {i: int(given) for i, given in enumerate(givens) if given != "."}
    return all(sum(cells[j] == "*" for j in _around(i, payload)) == number for i, number in numbers.items())


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.mutations(answer, payload["width"], ".*", payload["cells"], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.rewrites(answer, payload["width"], rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    model, givens = cp_model.CpModel(), payload["cells"]
    mines = [model.new_bool_var("") for _ in givens]
    model.add(sum(mines) == payload["mines"])
    for cell, given in enumerate(givens):
        if given != ".":
            model.add(mines[cell] == 0)
            model.add(sum(mines[i] for i in _around(cell, payload)) == int(given))
    return _cells.count(model, mines, limit)


def optimal_steps(payload: dict[str, Any]) -> int:
    return int(payload["mines"])
