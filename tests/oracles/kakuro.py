"""Kakuro judged run by run, counted by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from ortools.sat.python import cp_model

from tests.oracles import _cells


def _runs(payload: dict[str, Any]) -> list[tuple[list[int], int]]:
    width, givens = payload["width"], payload["givens"]
    height = len(givens) // width
    rows = [[r * width + c for c in range(width)] for r in range(height)]
    columns = [[r * width + c for r in range(height)] for c in range(width)]
    found = []
    for lines, sums in ((rows, payload["across"]), (columns, payload["down"])):
        groups = [list(g) for line in lines for black, g in groupby(line, lambda i: givens[i] == "#") if not black]
        runs = sorted((g for g in groups if len(g) > 1), key=lambda g: g[0])
        found += list(zip(runs, sums, strict=True))
    return found


def judge(payload: dict[str, Any], answer: str) -> bool:
    givens = payload["givens"]
    cells = _cells.read(answer, len(givens), givens)
    if cells is None or any(c not in "123456789" for c, g in zip(cells, givens, strict=True) if g != "#"):
        return False
    digits = [[int(cells[i]) for i in run] for run, _ in _runs(payload)]
    sums = [total for _, total in _runs(payload)]
    return all(len(set(d)) == len(d) and sum(d) == total for d, total in zip(digits, sums, strict=True))


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.mutations(answer, payload["width"], "123456789", payload["givens"], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.rewrites(answer, payload["width"], rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    model = cp_model.CpModel()
    cells = {i: model.new_int_var(1, 9, "") for i, given in enumerate(payload["givens"]) if given != "#"}
    for i, cell in cells.items():
        if payload["givens"][i] != ".":
            model.add(cell == int(payload["givens"][i]))
    for run, total in _runs(payload):
        model.add_all_different([cells[i] for i in run])
        model.add(sum(cells[i] for i in run) == total)
    return _cells.count(model, list(cells.values()), limit)


def optimal_steps(payload: dict[str, Any]) -> int:
    return int(payload["givens"].count("."))
