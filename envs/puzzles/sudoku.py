"""Sudoku with exactly one solution.

A 4x4 puzzle is shown as four rows, `12.4` and so on; a right action is `r1c3=3`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.envs.grid import GridEnv
from esreason.envs.puzzles.sudoku_solver import boxes_of, dig, random_grid, solutions
from esreason.verifiers.grids import cell_name, rows_of

# size, blank cells, and cells emptied beyond what single candidates decide (they make guessing necessary)
LEVELS = {
    1: (4, 4, 0), 2: (4, 8, 0), 3: (4, 10, 1), 4: (9, 12, 0), 5: (9, 20, 0),
    6: (9, 30, 0), 7: (9, 38, 0), 8: (9, 44, 0), 9: (9, 50, 3), 10: (9, 56, 10),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """The givens of a puzzle, row by row."""

    width: int
    givens: str
    symbols: str


class Sudoku(GridEnv[Board]):
    """Every row, column and box holds each digit once; levels 1-3 are 4x4 with 4-10 blanks, 4-10 are 9x9 with 12-53."""

    name = "sudoku"
    rules = (
        "Sudoku: fill the blank cells (.) so that every row, every column and every box "
        "(2x2 boxes in a 4x4 grid, 3x3 boxes in a 9x9 grid) holds each digit exactly once."
    )
    answer_rule = "Answer with all digits of the finished grid, row by row."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        size, blanks, guesses = LEVELS[level]
        return {"size": size, "givens": dig(rng, random_grid(rng, size), size, blanks, guesses)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        size, givens = payload.get("size"), payload.get("givens")
        if set(payload) != {"size", "givens"} or size not in (4, 9) or not isinstance(givens, str):
            raise ValueError('a sudoku payload is {"size": 4 or 9, "givens": "<digits, . for blank>"}')
        symbols = "123456789"[:size]
        if len(givens) != size * size or not set(givens) <= {*symbols, "."}:
            raise ValueError(f"givens of size {size} are {size * size} characters out of {symbols} and .")
        count = len(solutions(givens, size, 2))
        if count != 1:
            raise ValueError(f"the sudoku has {'no solution' if count == 0 else 'more than one solution'}")
        return Board(size, givens, symbols)

    @classmethod
    def _conflict(cls, instance: Board, cells: str, index: int, symbol: str) -> str | None:
        size = instance.width
        row, column = divmod(index, size)
        if cells[index] == symbol:
            return f"{symbol} stands there already."
        if symbol in cells[row * size : row * size + size]:
            return f"{symbol} stands in row {row + 1} already."
        if symbol in cells[column::size]:
            return f"{symbol} stands in column {column + 1} already."
        if any(cells[i] == symbol for i in boxes_of(size)[index]):
            return f"{symbol} stands in the box of {cell_name(index, size)} already."
        return None

    @classmethod
    def _violation(cls, instance: Board, cells: str) -> str | None:
        size, full = instance.width, set(instance.symbols)
        rows = rows_of(cells, size)
        for number, row in enumerate(rows, 1):
            if set(row) != full:
                return f"Row {number} does not hold every digit once."
        for number in range(size):
            if set(cells[number::size]) != full:
                return f"Column {number + 1} does not hold every digit once."
        side = 2 if size == 4 else 3
        for top in range(0, size, side):
            for left in range(0, size, side):
                if {c for row in rows[top : top + side] for c in row[left : left + side]} != full:
                    return f"The box at {cell_name(top * size + left, size)} does not hold every digit once."
        return None

    @classmethod
    def _filled(cls, instance: Board) -> str:
        return solutions(instance.givens, instance.width, 1)[0]
