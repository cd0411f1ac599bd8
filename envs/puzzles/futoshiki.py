r"""Futoshiki with exactly one solution.

A 4x4 puzzle is shown as rows of cells with `<` and `>` between them and `^` and `v` between the rows (the open side
is the larger number), its first two lines for instance `2 . . .` and `^     v`; a right action is `r1c2=1`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.envs.digits import Digits, givens_for, latin_lines, latin_square
from esreason.envs.grid import GridEnv
from esreason.verifiers.grids import cell_name, not_latin

# size, signs shown in per cent of all neighbours, most blank cells, givens tried without at the cost of a search
LEVELS = {
    1: (4, 35, 6, 0), 2: (4, 35, 9, 0), 3: (4, 40, 16, 0), 4: (5, 40, 17, 0), 5: (5, 40, 25, 0),
    6: (6, 40, 26, 0), 7: (6, 40, 36, 2), 8: (7, 40, 49, 2), 9: (8, 40, 64, 2), 10: (9, 40, 81, 1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """The givens row by row, the pairs of cells of which the first is smaller, the text with %s for each cell."""

    width: int
    givens: str
    symbols: str
    less: tuple[tuple[int, int], ...]
    frame: str
    solution: str


class Futoshiki(GridEnv[Board]):
    """A Latin square with signs between neighbours; level 1 is 4x4 with 6 blanks, 10 is 9x9 with about 60.

    The solution is the only one: a payload with none or several is refused.
    """

    name = "futoshiki"
    rules = (
        "Futoshiki: fill the blank cells (.) of the n x n grid with the digits 1 to n so that every row and every "
        "column holds each digit once and every sign is true: < and > stand between neighbours in a row, ^ (the "
        "cell above is smaller) and v (the cell above is larger) between neighbours in a column."
    )
    answer_rule = "Answer with all digits of the finished grid, row by row, without the signs."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        size, share, blanks, guesses = LEVELS[level]
        square = latin_square(rng, size)
        pairs = _neighbours(size)
        chosen = sorted(rng.sample(pairs, len(pairs) * share // 100))
        less = [(a, b) if square[a] < square[b] else (b, a) for a, b in chosen]
        given = givens_for(rng, _model(size, less), square, size, blanks, guesses)
        givens = "".join(str(v) if i in given else "." for i, v in enumerate(square))
        return {"size": size, "givens": givens, "less": [list(pair) for pair in less]}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        size, givens, less = payload.get("size"), payload.get("givens"), payload.get("less")
        if set(payload) != {"size", "givens", "less"} or type(size) is not int or not 2 <= size <= 9:
            raise ValueError('a futoshiki payload is {"size": 2 to 9, "givens": "<digits, . blank>", "less": [[a, b]]}')
        symbols = "123456789"[:size]
        if not isinstance(givens, str) or len(givens) != size * size or not set(givens) <= {*symbols, "."}:
            raise ValueError(f"givens of size {size} are {size * size} characters out of {symbols} and .")
        pairs = _pairs(less, size)
        every = (2 << size) - 2
        found = _model(size, pairs).solutions([every if c == "." else 1 << int(c) for c in givens], 2)
        if len(found) != 1:
            raise ValueError(f"the futoshiki has {'more than one' if found else 'no'} solution")
        if "." not in givens:
            raise ValueError("the futoshiki has no blank cell")
        return Board(size, givens, symbols, pairs, _frame(size, pairs), "".join(map(str, found[0])))

    @classmethod
    def _observe(cls, instance: Board, state: str) -> str:
        return instance.frame % tuple(state)

    @classmethod
    def _violation(cls, instance: Board, cells: str) -> str | None:
        problem = not_latin(cells, instance.symbols)
        if problem:
            return problem
        for small, large in instance.less:
            if cells[small] > cells[large]:
                name, other = cell_name(small, instance.width), cell_name(large, instance.width)
                return f"{name} is not smaller than {other}."
        return None

    @classmethod
    def _filled(cls, instance: Board) -> str:
        return instance.solution


def _neighbours(size: int) -> list[tuple[int, int]]:
    cells = range(size * size)
    return [(i, i + 1) for i in cells if (i + 1) % size] + [(i, i + size) for i in cells[:-size]]


def _model(size: int, less: list[tuple[int, int]] | tuple[tuple[int, int], ...]) -> Digits:
    return Digits(size * size, size, latin_lines(size), less=less)


def _pairs(less: object, size: int) -> tuple[tuple[int, int], ...]:
    """The signs as pairs of cells, checked to be between neighbours, one sign a pair."""
    known = set(_neighbours(size))
    pairs: list[tuple[int, int]] = []
    for pair in less if isinstance(less, list | tuple) else [None]:
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not all(type(cell) is int for cell in pair):
            raise ValueError("less is a list of pairs [smaller cell, larger cell], cells counted from 0 row by row")
        key = (min(pair), max(pair))
        if key not in known:
            raise ValueError("a sign stands between two neighbours, and only one between the same two")
        known.remove(key)
        pairs.append((pair[0], pair[1]))
    return tuple(pairs)


def _frame(size: int, pairs: tuple[tuple[int, int], ...]) -> str:
    """The text of the grid with %s in place of each cell."""
    signs = {pair: "<" if pair[0] < pair[1] else ">" for pair in pairs}

    def sign(a: int, b: int, smaller: str, larger: str) -> str:
        return smaller if (a, b) in signs else larger if (b, a) in signs else " "

    lines = []
    for row in range(0, size * size, size):
        cells = range(row, row + size)
        lines.append("".join("%s" + sign(i, i + 1, "<", ">") for i in cells[:-1]) + "%s")
        if row + size < size * size:
            lines.append(" ".join(sign(i, i + size, "^", "v") for i in cells).rstrip())
    return "\n".join(lines)
