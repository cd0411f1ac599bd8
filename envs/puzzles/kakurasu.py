"""Kakurasu with exactly one solution.

A 4x5 puzzle is shown with the numbers of its columns above, the wanted sums of the rows to the right and those of
the columns below, its first rows for instance `12345` and `..... =9`; a right action is `r1c4=#`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from esreason.envs.lines import Lines, pack, picture
from esreason.envs.marks import MarkEnv

# rows, columns, marked cells in per cent
LEVELS = {
    1: (4, 5, 50), 2: (5, 5, 50), 3: (5, 6, 50), 4: (6, 6, 50), 5: (6, 7, 50),
    6: (7, 7, 50), 7: (7, 8, 50), 8: (8, 8, 50), 9: (8, 9, 50), 10: (9, 9, 50),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """The blank grid, the wanted sums, the only solution, the text with %s for each cell."""

    width: int
    givens: str
    symbols: str
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    solution: str
    frame: str


class Kakurasu(MarkEnv[Board]):
    """Marks whose positions add up to given sums; level 1 is 4x5, every level a row or a column more, 10 is 9x9.

    The solution is the only one: a payload with none or several is refused.
    """

    name = "kakurasu"
    rules = (
        "Kakurasu: mark cells with # so that in every row the column numbers of its marked cells add up to the number "
        "to the right of the row, and in every column the row numbers of its marked cells add up to the number below "
        "the column. Rows and columns are numbered from 1. The game ends when all sums are right."
    )
    action_rule = "Write r<row>c<column>=#, for example r1c2=#, to mark one cell, and r1c2=. to take the mark away."
    answer_rule = "Answer with the finished grid, row by row: # for a marked cell, . for any other."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        height, width, density = LEVELS[level]
        cells, _ = picture(rng, height, width, density, lambda cells: _lines(*_sums(cells, width)))
        rows, columns = _sums(cells, width)
        return {"rows": rows, "columns": columns}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        rows, columns = payload.get("rows"), payload.get("columns")
        if set(payload) != {"rows", "columns"} or not _is_sums(rows) or not _is_sums(columns):
            raise ValueError('a kakurasu payload is {"rows": sums, "columns": sums}, 2 to 10 sums from 0 to 55 each')
        assert isinstance(rows, list | tuple) and isinstance(columns, list | tuple)
        found = _lines(rows, columns).solutions(2)
        if len(found) != 1:
            raise ValueError(f"the kakurasu has {'more than one' if found else 'no'} solution")
        if not any(found[0]):
            raise ValueError("the kakurasu has nothing to mark")
        width = len(columns)
        blank = "." * (len(rows) * width)
        solution = "".join(".#"[cell] for cell in found[0])
        return Board(width, blank, "#", tuple(rows), tuple(columns), solution, _frame(rows, columns))

    @classmethod
    def _observe(cls, instance: Board, state: str) -> str:
        return instance.frame % tuple(state)

    @classmethod
    def _violation(cls, instance: Board, cells: str) -> str | None:
        width = instance.width
        for number, wanted in enumerate(instance.rows):
            total = _weight(cells[number * width : number * width + width])
            if total != wanted:
                return f"Row {number + 1} adds up to {total} instead of {wanted}."
        for number, wanted in enumerate(instance.columns):
            total = _weight(cells[number::width])
            if total != wanted:
                return f"Column {number + 1} adds up to {total} instead of {wanted}."
        return None

    @classmethod
    def _limit(cls, instance: Board) -> int:
        return len(instance.givens)  # about twice the marks; their number must not show


def _weight(line: str) -> int:
    return sum(position for position, cell in enumerate(line, 1) if cell == "#")


def _sums(cells: list[int], width: int) -> tuple[list[int], list[int]]:
    text = "".join(".#"[cell] for cell in cells)
    rows = [_weight(text[i : i + width]) for i in range(0, len(text), width)]
    return rows, [_weight(text[c::width]) for c in range(width)]


def _is_sums(value: object) -> bool:
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= 10:
        return False
    return all(type(total) is int and 0 <= total <= 55 for total in value)


def _lines(rows: list[int] | tuple[int, ...], columns: list[int] | tuple[int, ...]) -> Lines:
    across, down = _patterns(len(columns)), _patterns(len(rows))
    return Lines([across.get(total, ()) for total in rows], [down.get(total, ()) for total in columns], 2)


@cache
def _patterns(length: int) -> dict[int, tuple[int, ...]]:
    """The ways to mark a line of this length by the sum they have."""
    found: dict[int, tuple[int, ...]] = {}
    for marks in range(1 << length):
        cells = [marks >> i & 1 for i in range(length)]
        total = sum(i for i, cell in enumerate(cells, 1) if cell)
        found[total] = (*found.get(total, ()), pack(cells, 2))
    return found


def _frame(rows: list[int] | tuple[int, ...], columns: list[int] | tuple[int, ...]) -> str:
    head = "".join(str(number % 10) for number in range(1, len(columns) + 1))
    lines = [f"{'%s' * len(columns)} ={total}" for total in rows]
    return "\n".join([head, *lines, "= " + " ".join(map(str, columns))])
