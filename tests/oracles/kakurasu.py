"""Kakurasu judged by adding up, counted by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from ortools.sat.python import cp_model

from tests.oracles import _cells


def judge(payload: dict[str, Any], answer: str) -> bool:
    rows, columns = payload["rows"], payload["columns"]
    cells = _cells.read(answer, len(rows) * len(columns))
    if cells is None or not set(cells) <= {"#", "."}:
        return False
    marked = [divmod(i, len(columns)) for i, cell in enumerate(cells) if cell == "#"]
    right = all(sum(c + 1 for r, c in marked if r == row) == total for row, total in enumerate(rows))
    return right and all(sum(r + 1 for r, c in marked if c == column) == total for column, total in enumerate(columns))


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    width = len(payload["columns"])
    return _cells.mutations(answer, width, ".#", "." * (len(payload["rows"]) * width), rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.rewrites(answer, len(payload["columns"]), rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    model, rows, columns = cp_model.CpModel(), payload["rows"], payload["columns"]
    cells = [[model.new_bool_var("") for _ in columns] for _ in rows]
    for row, total in zip(cells, rows, strict=True):
        model.add(sum(c * cell for c, cell in enumerate(row, 1)) == total)
    for column, total in zip(zip(*cells, strict=True), columns, strict=True):
        model.add(sum(r * cell for r, cell in enumerate(column, 1)) == total)
    return _cells.count(model, [cell for row in cells for cell in row], limit)
