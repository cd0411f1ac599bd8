"""Skyscrapers with exactly one solution.

A 4x4 puzzle is shown with its clues around the rows, the first lines for instance ` |2 31|` and `3|..4.|2` (a space
where there is no clue); a right action is `r1c1=1`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import Any

from esreason.envs.digits import latin_square
from esreason.envs.grid import GridEnv
from esreason.envs.lines import Lines, givens_for, pack, with_givens
from esreason.verifiers.grids import not_latin

# size, clues shown in per cent, most blank cells, givens tried without at the cost of a search
LEVELS = {
    1: (4, 60, 7, 0), 2: (4, 60, 10, 0), 3: (4, 80, 16, 0), 4: (5, 60, 16, 0), 5: (5, 75, 22, 0),
    6: (5, 60, 25, 2), 7: (6, 70, 24, 0), 8: (6, 75, 30, 0), 9: (6, 75, 36, 0), 10: (6, 60, 36, 2),
}  # fmt: skip
SIDES = ("left", "right", "top", "bottom")


@dataclass(frozen=True, slots=True)
class Board:
    """The givens row by row, the clues (0: none) of the four sides, the text with %s for each cell."""

    width: int
    givens: str
    symbols: str
    sides: tuple[tuple[int, ...], ...]
    frame: str
    solution: str


class Skyscrapers(GridEnv[Board]):
    """A Latin square of heights with counts of what is seen from the edges; level 1 is 4x4 with 7 blanks, 10 is 6x6.

    The solution is the only one: a payload with none or several is refused.
    """

    name = "skyscrapers"
    rules = (
        "Skyscrapers: fill the blank cells (.) of the n x n grid with heights from 1 to n so that every row and every "
        "column holds each height once. A number at the edge says how many buildings are seen from there along its row "
        "or column: a building is seen if all before it are lower. A space at the edge says nothing."
    )
    answer_rule = "Answer with all heights of the finished grid, row by row, without the numbers at the edge."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        size, share, blanks, guesses = LEVELS[level]
        square = latin_square(rng, size)
        hidden = set(rng.sample(range(4 * size), 4 * size * (100 - share) // 100))
        seen = [_seen(line) for side in SIDES for line in _lines_from(side, square, size)]
        shown = [0 if i in hidden else clue for i, clue in enumerate(seen)]
        sides = [shown[i : i + size] for i in range(0, 4 * size, size)]
        given = givens_for(rng, _lines(size, sides), [v - 1 for v in square], blanks, guesses)
        givens = "".join(str(v) if i in given else "." for i, v in enumerate(square))
        return {"size": size, "givens": givens, **dict(zip(SIDES, sides, strict=True))}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        size, givens = payload.get("size"), payload.get("givens")
        if set(payload) != {"size", "givens", *SIDES} or type(size) is not int or not 3 <= size <= 6:
            raise ValueError('a skyscrapers payload is {"size": 3 to 6, "givens", "left", "right", "top", "bottom"}')
        symbols = "123456"[:size]
        if not isinstance(givens, str) or len(givens) != size * size or not set(givens) <= {*symbols, "."}:
            raise ValueError(f"givens of size {size} are {size * size} characters out of {symbols} and .")
        if "." not in givens:
            raise ValueError("the puzzle has no blank cell")
        sides = [_side(payload[side], size) for side in SIDES]
        lines = with_givens(_lines(size, sides), {i: int(c) - 1 for i, c in enumerate(givens) if c != "."})
        found = lines.solutions(2)
        if len(found) != 1:
            raise ValueError(f"the puzzle has {'more than one' if found else 'no'} solution")
        return Board(size, givens, symbols, tuple(sides), _frame(sides), "".join(str(v + 1) for v in found[0]))

    @classmethod
    def _observe(cls, instance: Board, state: str) -> str:
        return instance.frame % tuple(state)

    @classmethod
    def _violation(cls, instance: Board, cells: str) -> str | None:
        problem = not_latin(cells, instance.symbols)
        if problem:
            return problem
        for side, clues in zip(SIDES, instance.sides, strict=True):
            for number, (clue, line) in enumerate(zip(clues, _lines_from(side, cells, instance.width), strict=True), 1):
                if clue and _seen(line) != clue:
                    where = "row" if side in ("left", "right") else "column"
                    return f"From the {side} of {where} {number} one sees {_seen(line)} instead of {clue}."
        return None

    @classmethod
    def _filled(cls, instance: Board) -> str:
        return instance.solution


def _seen(line: Sequence[Any]) -> int:
    """How many of the heights are larger than all before them."""
    count, highest = 0, line[0]
    for height in line:
        if height > highest:
            count, highest = count + 1, height
    return count + 1


def _lines_from(side: str, cells: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """The rows or columns as they are looked at from a side."""
    across = side in ("left", "right")
    lines = [cells[i * size : i * size + size] if across else cells[i::size] for i in range(size)]
    return lines if side in ("left", "top") else [line[::-1] for line in lines]


def _lines(size: int, sides: Sequence[Sequence[int]]) -> Lines:
    left, right, top, bottom = sides
    rows = [_orders(size, *clues) for clues in zip(left, right, strict=True)]
    return Lines(rows, [_orders(size, *clues) for clues in zip(top, bottom, strict=True)], size)


@cache
def _orders(size: int, first: int, last: int) -> tuple[int, ...]:
    """The orders of the heights that show these numbers from both ends (0: any), as patterns."""
    orders = [order for order in permutations(range(size)) if first in (0, _seen(order))]
    return tuple(pack(order, size) for order in orders if last in (0, _seen(order[::-1])))


def _side(clues: object, size: int) -> tuple[int, ...]:
    if not isinstance(clues, list | tuple) or len(clues) != size:
        raise ValueError(f"each side has {size} clues")
    if not all(type(clue) is int and 0 <= clue <= size for clue in clues):
        raise ValueError(f"a clue is a number from 1 to {size}, or 0 for none")
    return tuple(clues)


def _frame(sides: Sequence[Sequence[int]]) -> str:
    left, right, top, bottom = (["" if clue == 0 else str(clue) for clue in side] for side in sides)
    rows = [f"{a or ' '}|{'%s' * len(left)}|{b}" for a, b in zip(left, right, strict=True)]
    edges = [f" |{''.join(clue or ' ' for clue in side)}|" for side in (top, bottom)]
    return "\n".join([edges[0], *rows, edges[1]])
