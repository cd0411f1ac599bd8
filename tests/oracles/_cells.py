"""Grids of one-character cells as text, and counting solutions with CP-SAT, for the oracles of several environments."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ortools.sat.python import cp_model

Grid = list[str]


def read(answer: str, count: int, givens: str | None = None) -> Grid | None:
    """The cells of a grid; None where there are more or fewer, or one differs from its given (`.` is none)."""
    cells = [c for c in answer if c not in " \t\r\n|-+"]
    if len(cells) != count or (givens and any(g not in (".", c) for g, c in zip(givens, cells, strict=True))):
        return None
    return cells


def written(cells: Sequence[str], width: int, rng: random.Random) -> str:
    """The cells with one of the documented frames around them."""
    between, ends = rng.choice(["", " ", "|", " | ", "\t"]), rng.choice(["\n", " ", "", "|\n|", "\n---+---\n", "\r\n"])
    return ends.join(between.join(cells[i : i + width]) for i in range(0, len(cells), width))


def rewrites(answer: str, width: int, rng: random.Random) -> Iterator[str]:
    """The cells of a right answer in other frames."""
    while True:
        yield written(answer.replace(" ", ""), width, rng)


def mutations(answer: str, width: int, symbols: str, givens: str, rng: random.Random) -> Iterator[str]:
    """Grids near a right one: cells changed, exchanged or moved, lines exchanged, rows lost, everything renamed."""
    cells = list(answer.replace(" ", ""))
    free = [i for i, given in enumerate(givens) if given == "."]
    height = len(cells) // width
    while True:
        yield written(_spoiled(cells.copy(), width, height, symbols, free, rng), width, rng)


def _spoiled(grid: Grid, width: int, height: int, symbols: str, free: list[int], rng: random.Random) -> Grid:
    kind = rng.randrange(10)
    if kind < 2:  # one to four free cells filled otherwise
        for _ in range(rng.randrange(1, 5)):
            grid[rng.choice(free)] = rng.choice(symbols)
    elif kind < 4:  # two free cells exchanged
        i, j = rng.choice(free), rng.choice(free)
        grid[i], grid[j] = grid[j], grid[i]
    elif kind == 4:  # a cell and its neighbour exchanged, given or not
        i = rng.randrange(len(grid) - 1)
        grid[i], grid[i + 1] = grid[i + 1], grid[i]
    elif kind == 5:  # two rows exchanged
        i, j = (rng.randrange(height) * width for _ in range(2))
        grid[i : i + width], grid[j : j + width] = grid[j : j + width], grid[i : i + width]
    elif kind == 6:  # two columns exchanged
        i, j = rng.randrange(width), rng.randrange(width)
        grid[i::width], grid[j::width] = grid[j::width], grid[i::width]
    elif kind == 7:  # symbols renamed
        names = dict(zip(symbols, rng.sample(symbols, len(symbols)), strict=True))
        grid = [names.get(c, c) for c in grid]
    elif kind == 8:  # a row too many or too few, a cell left open, a sign of another game
        i = rng.randrange(height) * width
        opened = _at(grid, rng.choice(free), rng.choice(".0_?x*"))
        grid = rng.choice([grid[:i] + grid[i + width :], grid[: i + width] + grid[i:], opened])
    else:  # all alike, or free cells at random
        one = rng.choice(symbols)
        grid = [one] * len(grid)
        if rng.random() < 0.7:
            grid = list(grid)
            for i in free:
                grid[i] = rng.choice(symbols)
    return grid


def _at(grid: Grid, index: int, sign: str) -> Grid:
    return [*grid[:index], sign, *grid[index + 1 :]]


def count(
    model: cp_model.CpModel, cells: Sequence[Any], limit: int, accept: Callable[[list[int]], bool] = lambda _: True
) -> int:
    """How many values of `cells` (variables of the model) there are, up to `limit`; `accept` has the last word."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    found = 0
    while found < limit and solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        values = [solver.value(cell) for cell in cells]
        found += accept(values)
        different = []
        for cell, value in zip(cells, values, strict=True):
            flag = model.new_bool_var("")
            model.add(cell != value).only_enforce_if(flag)
            different.append(flag)
        model.add_bool_or(different)
    return found


def latin_lines(size: int) -> list[list[int]]:
    """The rows and the columns of a square as cells."""
    rows = [[r * size + c for c in range(size)] for r in range(size)]
    return rows + [[r * size + c for r in range(size)] for c in range(size)]


def latin_model(size: int, givens: str) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    """A model of a Latin square with these givens, and its cells."""
    model = cp_model.CpModel()
    cells = [model.new_int_var(1, size, "") for _ in range(size * size)]
    for line in latin_lines(size):
        model.add_all_different([cells[i] for i in line])
    for cell, given in zip(cells, givens, strict=True):
        if given != ".":
            model.add(cell == int(given))
    return model, cells
