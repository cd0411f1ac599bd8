"""Nonograms with exactly one solution.

A 5x5 puzzle is shown with the runs of its columns first and those of each row beside it, its first lines for
instance `columns 1,1 3 2 4 0` and `..... 2,1`; a right action is `r1c1=#`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from esreason.envs.lines import Lines, pack, picture
from esreason.envs.marks import MarkEnv
from esreason.verifiers.grids import rows_of

# rows, columns, filled cells in per cent
LEVELS = {
    1: (4, 5, 55), 2: (5, 5, 55), 3: (5, 6, 55), 4: (6, 6, 55), 5: (6, 7, 55),
    6: (7, 7, 55), 7: (8, 8, 55), 8: (9, 9, 55), 9: (10, 10, 55), 10: (12, 12, 57),
}  # fmt: skip

Runs = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The blank grid, the runs of rows and columns, the only solution, the text with %s for each cell."""

    width: int
    givens: str
    symbols: str
    rows: tuple[Runs, ...]
    columns: tuple[Runs, ...]
    solution: str
    frame: str


class Nonogram(MarkEnv[Board]):
    """A picture told by the runs of its rows and columns; level 1 is 4x5, 5 is 6x7, 10 is 12x12.

    The solution is the only one: a payload with none or several is refused. Generated puzzles are decided by
    arguments about one line at a time.
    """

    name = "nonogram"
    rules = (
        "Nonogram: fill cells with # so that the runs of filled cells in every row (left to right) and every column "
        "(top to bottom) have the given lengths, in the given order, with at least one empty cell between two runs; "
        "0 means no filled cell. The runs of a row stand beside it. The game ends when all runs are right."
    )
    action_rule = "Write r<row>c<column>=#, for example r1c2=#, to fill one cell, and r1c2=. to empty it again."
    answer_rule = "Answer with the finished grid, row by row: # for a filled cell, . for an empty one."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        height, width, density = LEVELS[level]
        cells, _ = picture(rng, height, width, density, lambda cells: _lines(*_clues(cells, width)))
        rows, columns = _clues(cells, width)
        return {"rows": [list(runs) for runs in rows], "columns": [list(runs) for runs in columns]}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        if set(payload) != {"rows", "columns"}:
            raise ValueError('a nonogram payload is {"rows": [[run lengths]], "columns": [[run lengths]]}')
        rows, columns = _runs(payload["rows"]), _runs(payload["columns"])
        for clues, length in ((rows, len(columns)), (columns, len(rows))):
            if any(sum(runs) + len(runs) - 1 > length for runs in clues):
                raise ValueError("the runs of a line are longer than the line")
        found = _lines(rows, columns).solutions(2)
        if len(found) != 1:
            raise ValueError(f"the nonogram has {'more than one' if found else 'no'} solution")
        if not any(found[0]):
            raise ValueError("the nonogram has nothing to fill")
        width = len(columns)
        solution = "".join(".#"[cell] for cell in found[0])
        return Board(width, "." * len(solution), "#", rows, columns, solution, _frame(rows, columns))

    @classmethod
    def _observe(cls, instance: Board, state: str) -> str:
        return instance.frame % tuple(state)

    @classmethod
    def _violation(cls, instance: Board, cells: str) -> str | None:
        width = instance.width
        for number, row in enumerate(rows_of(cells, width)):
            if _runs_of(row) != instance.rows[number]:
                return f"Row {number + 1} has the runs {_shown(_runs_of(row))}."
        for number in range(width):
            runs = _runs_of(cells[number::width])
            if runs != instance.columns[number]:
                return f"Column {number + 1} has the runs {_shown(runs)}."
        return None


def _runs_of(line: str) -> Runs:
    return tuple(map(len, line.replace(".", " ").split()))


def _clues(cells: Sequence[int], width: int) -> tuple[tuple[Runs, ...], tuple[Runs, ...]]:
    text = "".join(".#"[cell] for cell in cells)
    return tuple(map(_runs_of, rows_of(text, width))), tuple(_runs_of(text[c::width]) for c in range(width))


def _runs(value: object) -> tuple[Runs, ...]:
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= 15:
        raise ValueError("a nonogram has 2 to 15 rows and as many columns")
    for runs in value:
        if not isinstance(runs, list | tuple) or not all(type(run) is int and 1 <= run <= 15 for run in runs):
            raise ValueError("the runs of a line are a list of lengths from 1 to 15")
    return tuple(map(tuple, value))


def _lines(rows: Sequence[Runs], columns: Sequence[Runs]) -> Lines:
    return Lines([_ways(runs, len(columns)) for runs in rows], [_ways(runs, len(rows)) for runs in columns], 2)


@lru_cache(maxsize=20_000)
def _ways(runs: Runs, length: int) -> tuple[int, ...]:
    """Every line of this length that has these runs, as patterns."""
    found = []

    def place(line: list[int], left: Runs) -> None:
        if not left:
            found.append(pack(line + [0] * (length - len(line)), 2))
            return
        room = length - len(line) - sum(left) - len(left) + 1
        for gap in range(room + 1):
            block = line + [0] * gap + [1] * left[0]
            place(block if len(left) == 1 else [*block, 0], left[1:])

    place([], runs)
    return tuple(found)


def _shown(runs: Runs) -> str:
    return ",".join(map(str, runs)) or "0"


def _frame(rows: Sequence[Runs], columns: Sequence[Runs]) -> str:
    lines = ["columns " + " ".join(map(_shown, columns))]
    return "\n".join(lines + [f"{'%s' * len(columns)} {_shown(runs)}" for runs in rows])
