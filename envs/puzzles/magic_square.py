"""Magic squares with exactly one completion.

A 4x4 square is shown with the sum of its lines first and spaced numbers below, its first lines for instance `sum 34`
and `16 . 2 13`; a right action is `r1c2=3`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.envs.digits import Digits, givens_for
from esreason.envs.grid import GridEnv
from esreason.verifiers.grids import cell_name
from esreason.verifiers.parsing import integer, integers

# size, most blank cells, givens tried without at the cost of a search
LEVELS = {
    1: (4, 6, 0), 2: (4, 8, 0), 3: (4, 10, 0), 4: (4, 16, 1), 5: (5, 11, 0),
    6: (5, 12, 0), 7: (5, 14, 0), 8: (5, 14, 1), 9: (5, 15, 1), 10: (5, 25, 2),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """The given numbers as characters (number n is the n-th after "0", `.` blank), the only completion."""

    width: int
    givens: str
    symbols: str
    solution: str


class MagicSquare(GridEnv[Board]):
    """The numbers 1 to n*n with equal sums in all lines; level 1 is 4x4 with 6 blanks, 5 is 5x5 with 11, 10 with 15.

    The completion is the only one: a payload with none or several is refused. Squares of size 4 are drawn from all
    7,040, those of size 5 are sums of two orthogonal Latin squares with rows and columns exchanged.
    """

    name = "magic_square"
    rules = (
        "Magic square: fill the blank cells (.) of the n x n square so that it holds each number from 1 to n*n exactly "
        "once and every row, every column and both diagonals add up to the sum in the first line."
    )
    action_rule = (
        "Write r<row>c<column>=<number>, for example r1c2=13, to fill one cell; rows and columns are counted from 1, "
        "and r1c2=. empties a cell that you filled."
    )
    answer_rule = "Answer with all numbers of the finished square, row by row, separated by spaces or commas."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        size, blanks, guesses = LEVELS[level]
        square = _square_of_4(rng) if size == 4 else _square_of_5(rng)
        given = givens_for(rng, _model(size), square, size * size, blanks, guesses)
        cells = [number if i in given else 0 for i, number in enumerate(square)]
        return {"size": size, "rows": [cells[i : i + size] for i in range(0, size * size, size)]}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        size, rows = payload.get("size"), payload.get("rows")
        if set(payload) != {"size", "rows"} or type(size) is not int or not 3 <= size <= 5:
            raise ValueError('a magic_square payload is {"size": 3 to 5, "rows": [[numbers, 0 for blank]]}')
        cells = _cells(rows, size)
        if 0 not in cells:
            raise ValueError("the square has no blank cell")
        every = (2 << size * size) - 2
        found = _model(size).solutions([1 << number if number else every for number in cells], 2)
        if len(found) != 1:
            raise ValueError(f"the square has {'more than one completion' if found else 'no completion'}")
        givens = "".join(chr(48 + number) if number else "." for number in cells)
        symbols = "".join(chr(48 + number) for number in range(1, size * size + 1))
        return Board(size, givens, symbols, "".join(chr(48 + number) for number in found[0]))

    @classmethod
    def _symbol(cls, instance: Board, text: str) -> str:
        try:
            number = integer(text)
        except ValueError:
            number = 0
        if not 1 <= number <= len(instance.symbols):
            raise IllegalAction(f"{shown(text)} is not a number from 1 to {len(instance.symbols)}.")
        return instance.symbols[number - 1]

    @classmethod
    def _text(cls, symbol: str) -> str:
        return "." if symbol == "." else str(ord(symbol) - 48)

    @classmethod
    def _read(cls, instance: Board, answer: str) -> str:
        numbers = integers(answer, limit=1_000)
        if len(numbers) != len(instance.givens):
            raise ValueError(f"The square has {len(numbers)} numbers instead of {len(instance.givens)}.")
        for number in numbers:
            if not 1 <= number <= len(instance.symbols):
                raise ValueError(f"{number} is not a number from 1 to {len(instance.symbols)}.")
        return "".join([instance.symbols[number - 1] for number in numbers])

    @classmethod
    def _conflict(cls, instance: Board, cells: str, index: int, symbol: str) -> str | None:
        at = cells.find(symbol)
        return None if at < 0 else f"{cls._text(symbol)} stands in {cell_name(at, instance.width)} already."

    @classmethod
    def _observe(cls, instance: Board, state: str) -> str:
        size = instance.width
        words = list(map(_WORDS.__getitem__, state))
        rows = [" ".join(words[i : i + size]) for i in range(0, len(words), size)]
        return "\n".join([f"sum {_total(size)}", *rows])

    @classmethod
    def _answer(cls, instance: Board, state: str, actions: Sequence[str]) -> str:
        return " ".join(map(_WORDS.__getitem__, state))

    @classmethod
    def _violation(cls, instance: Board, cells: str) -> str | None:
        if len(set(cells)) != len(cells):
            return "A number stands twice."
        numbers = [ord(cell) - 48 for cell in cells]
        for line in _lines(instance.width):
            total = sum([numbers[i] for i in line])
            if total != _total(instance.width):
                ends = f"{cell_name(line[0], instance.width)} to {cell_name(line[-1], instance.width)}"
                return f"The line from {ends} adds up to {total}."
        return None

    @classmethod
    def _filled(cls, instance: Board) -> str:
        return instance.solution


_WORDS = {".": ".", **{chr(48 + number): str(number) for number in range(1, 26)}}


def _total(size: int) -> int:
    return size * (size * size + 1) // 2


@cache
def _lines(size: int) -> tuple[range, ...]:
    """The rows, the columns and the two diagonals as cells."""
    cells = range(size * size)
    rows = [cells[row * size : row * size + size] for row in range(size)]
    diagonals = [cells[:: size + 1], cells[size - 1 : -1 : size - 1]]
    return (*rows, *(cells[column::size] for column in range(size)), *diagonals)


@cache
def _model(size: int) -> Digits:
    sums = [(line, _total(size)) for line in _lines(size)]
    return Digits(size * size, size * size, [range(size * size)], sums=sums)


def _cells(rows: object, size: int) -> list[int]:
    if not isinstance(rows, list | tuple) or len(rows) != size:
        raise ValueError(f"a square of size {size} has {size} rows")
    if not all(isinstance(row, list | tuple) and len(row) == size for row in rows):
        raise ValueError(f"a row of a square of size {size} has {size} numbers")
    cells = [number for row in rows for number in row]
    if not all(type(number) is int and 0 <= number <= size * size for number in cells):
        raise ValueError(f"the numbers are from 1 to {size * size}, 0 for a blank")
    return cells


# The order in which a square of size 4 is filled: freely, or (with the three others of a line) by the sum.
_PLAN: tuple[tuple[int, tuple[int, ...]], ...] = (
    (0, ()), (1, ()), (2, ()), (3, (0, 1, 2)), (4, ()), (8, ()), (12, (0, 4, 8)), (6, ()), (9, (3, 6, 12)),
    (5, ()), (7, (4, 5, 6)), (13, (1, 5, 9)), (10, ()), (11, (8, 9, 10)), (14, (2, 6, 10)), (15, (3, 7, 11)),
)  # fmt: skip


def _square_of_4(rng: random.Random) -> list[int]:
    """A random magic square of size 4: the first found by filling in random order, anew after 2,000 trials."""
    cells = [0] * 16
    while not _fill(cells, rng.sample(range(1, 17), 16), 0, [2_000]):
        cells = [0] * 16
    return cells


def _fill(cells: list[int], order: list[int], step: int, trials: list[int]) -> bool:
    """Fill the cells from this step of the plan on, trying numbers in this order while trials are left."""
    if step == len(_PLAN):
        return cells[0] + cells[5] + cells[10] + cells[15] == sum(cells[12:]) == 34
    cell, others = _PLAN[step]
    for number in [34 - sum([cells[i] for i in others])] if others else order:
        trials[0] -= 1
        if 1 <= number <= 16 and number not in cells and trials[0] > 0:
            cells[cell] = number
            if _fill(cells, order, step + 1, trials):
                return True
            cells[cell] = 0
    return False


def _square_of_5(rng: random.Random) -> list[int]:
    """A random magic square of size 5 from two Latin squares i + k*j mod 5 with different k, their digits renamed.

    A diagonal on which a Latin square is constant (k = 4: the first, k = 1: the second) gets the middle digit.
    Exchanging two rows and the same columns, or their mirror images, keeps rows, columns and diagonals.
    """
    first, second = (_latin(rng, factor) for factor in rng.sample(range(1, 5), 2))
    sides = rng.sample(((0, 4), (1, 3)), 2)
    near, far = (pair[::-1] if rng.randrange(2) else pair for pair in sides)
    order = (near[0], far[0], 2, far[1], near[1])
    return [5 * first[i * 5 + j] + second[i * 5 + j] + 1 for i in order for j in order]


def _latin(rng: random.Random, factor: int) -> list[int]:
    names = rng.sample(range(5), 5)
    if factor in (1, 4):
        middle = 0 if factor == 4 else 4
        at = names.index(2)
        names[at], names[middle] = names[middle], 2
    return [names[(i + factor * j) % 5] for i in range(5) for j in range(5)]
