"""Sudoku judged by looking at every unit, counted by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from ortools.sat.python import cp_model


def _units(size: int) -> list[list[int]]:
    side = {4: 2, 9: 3}[size]
    rows = [[r * size + c for c in range(size)] for r in range(size)]
    columns = [[r * size + c for r in range(size)] for c in range(size)]
    corners = [(r, c) for r in range(0, size, side) for c in range(0, size, side)]
    boxes = [[(top + r) * size + left + c for r in range(side) for c in range(side)] for top, left in corners]
    return rows + columns + boxes


def judge(payload: dict[str, Any], answer: str) -> bool:
    size, givens = payload["size"], payload["givens"]
    cells = [c for c in answer if c not in " \t\r\n|-+"]
    if len(cells) != size * size or any(g not in (".", c) for g, c in zip(givens, cells, strict=True)):
        return False
    wanted = [str(digit) for digit in range(1, size + 1)]
    return all(sorted(cells[i] for i in unit) == wanted for unit in _units(size))


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    size, givens = payload["size"], payload["givens"]
    cells = [c for c in answer if c.isdigit()]
    blanks = [i for i, given in enumerate(givens) if given == "."]
    while True:
        grid = cells.copy()
        kind = rng.randrange(6)
        if kind == 0:  # one blank filled otherwise
            grid[rng.choice(blanks)] = str(rng.randrange(1, size + 1))
        elif kind == 1:  # two cells exchanged
            i, j = rng.sample(range(size * size), 2)
            grid[i], grid[j] = grid[j], grid[i]
        elif kind == 2:  # digits renamed: a right grid of another puzzle
            names = rng.sample(range(1, size + 1), size)
            grid = [str(names[int(c) - 1]) for c in grid]
        elif kind == 3:  # transposed
            grid = [grid[c * size + r] for r in range(size) for c in range(size)]
        elif kind == 4:  # two rows exchanged
            i, j = rng.sample(range(size), 2)
            rows = [grid[r * size : r * size + size] for r in range(size)]
            rows[i], rows[j] = rows[j], rows[i]
            grid = [c for row in rows for c in row]
        else:  # blanks left open
            grid[rng.choice(blanks)] = rng.choice(".0_?")
        yield _written(grid, size, rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    cells = [c for c in answer if c.isdigit()]
    while True:
        yield _written(cells, payload["size"], rng)


def _written(cells: list[str], size: int, rng: random.Random) -> str:
    between, ends = rng.choice(["", " ", "|", " | ", "\t"]), rng.choice(["\n", "", "  ", "|\n|", "\n---+---\n", "\r\n"])
    return ends.join(between.join(cells[r * size : r * size + size]) for r in range(size))


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    size, model = payload["size"], cp_model.CpModel()
    cells = [model.new_int_var(1, size, "") for _ in range(size * size)]
    for index, given in enumerate(payload["givens"]):
        if given != ".":
            model.add(cells[index] == int(given))
    for unit in _units(size):
        model.add_all_different([cells[i] for i in unit])
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    found = 0
    while found < limit and solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        found += 1
        different = []
        for cell in cells:
            flag = model.new_bool_var("")
            model.add(cell != solver.value(cell)).only_enforce_if(flag)
            different.append(flag)
        model.add_bool_or(different)
    return found


def optimal_steps(payload: dict[str, Any]) -> int:
    return int(payload["givens"].count("."))
