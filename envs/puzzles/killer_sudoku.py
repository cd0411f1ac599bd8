"""Killer sudoku with exactly one solution.

A 4x4 puzzle is shown as the sums of its cages and, below, the cages (a letter a cell) beside the digits, its first
lines for instance `a=5 b=6 c=4 d=7` and so on, then `aabc ..3.`; a right action is `r1c1=2`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from string import ascii_letters
from typing import Any

from esreason.envs.counts import bits_of
from esreason.envs.digits import Digits, givens_for, latin_lines
from esreason.envs.grid import GridEnv
from esreason.envs.puzzles.sudoku_solver import random_grid
from esreason.verifiers.grids import cell_name, cross, not_latin, rows_of

# size, most cells of a cage, most blank cells, givens tried without at the cost of a search
LEVELS = {
    1: (4, 2, 8, 0), 2: (4, 2, 11, 0), 3: (4, 3, 16, 0), 4: (6, 2, 20, 0), 5: (6, 2, 30, 0),
    6: (6, 3, 33, 0), 7: (6, 4, 36, 1), 8: (9, 2, 50, 0), 9: (9, 3, 65, 0), 10: (9, 4, 81, 0),
}  # fmt: skip
BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}
"""Rows and columns of a box by size."""

Cells = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The givens row by row, the cages with their sums, the text with %s for each cell, the only solution."""

    width: int
    givens: str
    symbols: str
    cages: tuple[tuple[Cells, int], ...]
    frame: str
    solution: str


class KillerSudoku(GridEnv[Board]):
    """Sudoku with cages that have sums; level 1 is 4x4 with 8 blanks, 4-7 are 6x6, 10 is 9x9 with cages of up to 4.

    The solution is the only one: a payload with none or several is refused.
    """

    name = "killer_sudoku"
    rules = (
        "Killer sudoku: fill the blank cells (.) of the n x n grid with the digits 1 to n so that every row, every "
        "column and every box (2x2 in a 4x4 grid, 2 rows by 3 columns in a 6x6 grid, 3x3 in a 9x9 grid) holds each "
        "digit once, and the digits of every cage differ and add up to its sum. The first line gives the sums of the "
        "cages; below, the left block shows the cage of each cell as a letter, the right block the digits."
    )
    answer_rule = "Answer with all digits of the finished grid (the right block only), row by row."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        size, most, blanks, guesses = LEVELS[level]
        cells = size * size
        grid = _full(rng, size)
        cages = _cages(rng, grid, size, most)
        sums = [sum(grid[i] for i in cage) for cage in cages]
        model = Digits(cells, size, _units(size), zip(cages, sums, strict=True))
        given = givens_for(rng, model, grid, size, blanks, guesses)
        givens = "".join(str(v) if i in given else "." for i, v in enumerate(grid))
        letters = [""] * cells
        for letter, cage in zip(ascii_letters, cages, strict=False):
            for cell in cage:
                letters[cell] = letter
        return {"size": size, "givens": givens, "cages": "".join(letters), "sums": sums}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        size, givens = payload.get("size"), payload.get("givens")
        if set(payload) != {"size", "givens", "cages", "sums"} or type(size) is not int or size not in BOXES:
            raise ValueError('a killer_sudoku payload is {"size": 4, 6 or 9, "givens", "cages": letters, "sums": []}')
        symbols = "123456789"[:size]
        if not isinstance(givens, str) or len(givens) != size * size or not set(givens) <= {*symbols, "."}:
            raise ValueError(f"givens of size {size} are {size * size} characters out of {symbols} and .")
        if "." not in givens:
            raise ValueError("the puzzle has no blank cell")
        cages = _summed(payload["cages"], payload["sums"], size)
        every = (2 << size) - 2
        model = Digits(size * size, size, _units(size), cages)
        found = model.solutions([every if c == "." else 1 << int(c) for c in givens], 2)
        if len(found) != 1:
            raise ValueError(f"the puzzle has {'more than one' if found else 'no'} solution")
        sums = " ".join(f"{letter}={total}" for letter, (_, total) in zip(ascii_letters, cages, strict=False))
        rows = [f"{row} {'%s' * size}" for row in rows_of(payload["cages"], size)]
        return Board(size, givens, symbols, cages, "\n".join([sums, *rows]), "".join(map(str, found[0])))

    @classmethod
    def _observe(cls, instance: Board, state: str) -> str:
        return instance.frame % tuple(state)

    @classmethod
    def _violation(cls, instance: Board, cells: str) -> str | None:
        size = instance.width
        problem = not_latin(cells, instance.symbols)
        if problem:
            return problem
        for box in _units(size)[2 * size :]:
            if len({cells[i] for i in box}) != size:
                return f"The box at {cell_name(box[0], size)} does not hold every digit once."
        for letter, (cage, wanted) in zip(ascii_letters, instance.cages, strict=False):
            digits = [int(cells[i]) for i in cage]
            if sum(digits) != wanted:
                return f"Cage {letter} adds up to {sum(digits)} instead of {wanted}."
            if len(set(digits)) != len(digits):
                return f"Cage {letter} holds a digit twice."
        return None

    @classmethod
    def _filled(cls, instance: Board) -> str:
        return instance.solution


@cache
def _units(size: int) -> tuple[Sequence[int], ...]:
    """The rows, the columns and the boxes as cells."""
    tall, wide = BOXES[size]
    corners = [(top, left) for top in range(0, size, tall) for left in range(0, size, wide)]
    boxes = [[(top + r) * size + left + c for r in range(tall) for c in range(wide)] for top, left in corners]
    return (*latin_lines(size), *boxes)


def _full(rng: random.Random, size: int) -> list[int]:
    """A random grid without cages."""
    if size == 6:  # what makes the other sizes 15 times as fast knows square boxes only
        return Digits(36, 6, _units(6)).solutions([126] * 36, 1, rng, budget=10_000)[0]
    return list(map(int, random_grid(rng, size)))


def _cages(rng: random.Random, grid: Sequence[int], size: int, most: int) -> list[Cells]:
    """Random connected cages of up to `most` cells with different digits, in reading order of their first cells."""
    while True:
        free = (1 << size * size) - 1
        cages = []
        for start in rng.sample(range(size * size), size * size):
            if not free >> start & 1:
                continue
            cage, wanted = [start], rng.randint(2, most)
            free ^= 1 << start
            while len(cage) < wanted:
                held = {grid[i] for i in cage}
                near = {j for i in cage for j in bits_of(cross(i, size, size) & free) if grid[j] not in held}
                if not near:
                    break
                cage.append(rng.choice(sorted(near)))
                free ^= 1 << cage[-1]
            cages.append(tuple(sorted(cage)))
        if len(cages) <= len(ascii_letters):
            return sorted(cages)


def _summed(letters: object, sums: object, size: int) -> tuple[tuple[Cells, int], ...]:
    """The cages, named a, b, ... Z in order of their sums, each with its sum."""
    if not isinstance(letters, str) or len(letters) != size * size:
        raise ValueError(f"cages of size {size} are {size * size} letters")
    if not isinstance(sums, list | tuple) or not all(type(total) is int and 1 <= total <= 45 for total in sums):
        raise ValueError("sums is a list of whole numbers from 1 to 45")
    if not 1 <= len(sums) <= len(ascii_letters) or set(letters) != set(ascii_letters[: len(sums)]):
        raise ValueError("there are as many cages as sums, named a to z, then A to Z")
    cages = [tuple(i for i, letter in enumerate(letters) if letter == name) for name in ascii_letters[: len(sums)]]
    if max(map(len, cages)) > size:
        raise ValueError("a cage has no more cells than there are digits")
    return tuple(zip(cages, sums, strict=True))
