"""Nonograms judged by reading off runs, counted by CP-SAT with an automaton a line."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from ortools.sat.python import cp_model

from tests.oracles import _cells


def judge(payload: dict[str, Any], answer: str) -> bool:
    rows, columns = payload["rows"], payload["columns"]
    cells = _cells.read(answer, len(rows) * len(columns))
    if cells is None or not set(cells) <= {"#", "."}:
        return False
    grid = [cells[r * len(columns) : (r + 1) * len(columns)] for r in range(len(rows))]
    across = [[len(list(run)) for sign, run in groupby(row) if sign == "#"] for row in grid]
    down = [[len(list(run)) for sign, run in groupby(column) if sign == "#"] for column in zip(*grid, strict=True)]
    return bool(across == rows and down == columns)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    width = len(payload["columns"])
    return _cells.mutations(answer, width, ".#", "." * (len(payload["rows"]) * width), rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.rewrites(answer, len(payload["columns"]), rng)


def _add_line(model: cp_model.CpModel, cells: list[Any], runs: list[int]) -> None:
    state, steps = 0, [(0, 0, 0)]
    for number, run in enumerate(runs):
        for _ in range(run):
            steps.append((state, 1, state + 1))
            state += 1
        if number < len(runs) - 1:
            steps.append((state, 0, state + 1))
            state += 1
        steps.append((state, 0, state))
    model.add_automaton(cells, 0, [state], list(dict.fromkeys(steps)))


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    model, rows, columns = cp_model.CpModel(), payload["rows"], payload["columns"]
    cells = [[model.new_bool_var("") for _ in columns] for _ in rows]
    for row, runs in zip(cells, rows, strict=True):
        _add_line(model, row, runs)
    for column, runs in zip(zip(*cells, strict=True), columns, strict=True):
        _add_line(model, list(column), runs)
    return _cells.count(model, [cell for row in cells for cell in row], limit)


def optimal_steps(payload: dict[str, Any]) -> int:
    return sum(map(sum, payload["rows"]))
