"""Minesweeper as deduction: every number is on the table and exactly one placement of the mines fits.

A 4x5 board is shown with the number of mines first and the cells below, its first lines for instance `mines 4` and
`1.1..`; a right action is `r1c2=*`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.envs.counts import SHORT, Counts
from esreason.envs.marks import MarkEnv
from esreason.verifiers.grids import block, cell_name, marks_of

# rows, columns, mines, numbers covered again at the cost of a search
LEVELS = {
    1: (4, 5, 4, 0), 2: (5, 5, 5, 0), 3: (5, 6, 7, 0), 4: (6, 6, 8, 1), 5: (6, 7, 10, 2),
    6: (7, 7, 12, 3), 7: (8, 8, 15, 4), 8: (9, 9, 19, 5), 9: (10, 10, 24, 5), 10: (12, 12, 34, 4),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """The open numbers and covered cells (.), the number of mines, the only placement of them."""

    width: int
    givens: str
    symbols: str
    mines: int
    solution: str


class Minesweeper(MarkEnv[Board]):
    """Find the mines that given numbers prove; level 1 is 4x5 with 4 mines, 5 is 6x7 with 10, 10 is 12x12 with 34.

    Nothing is uncovered in play, so nothing is hidden and no luck is needed: the numbers and the count of mines fit
    exactly one placement, and a payload that fits none or several is refused.
    """

    name = "minesweeper"
    rules = (
        "Minesweeper: the first line says how many mines lie under the covered cells (.); a digit is an open cell and "
        "counts the mines in the up to eight cells around it. Exactly one placement of the mines fits. Mark every mine "
        "with *. The game ends when all mines and nothing else are marked."
    )
    action_rule = "Write r<row>c<column>=*, for example r1c2=*, to mark a mine, and r1c2=. to take the mark away."
    answer_rule = "Answer with the finished grid, row by row: the digits as they are, * for a mine, . for a safe cell."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        height, width, mines, guesses = LEVELS[level]
        size = height * width
        while True:
            truth = sum(1 << cell for cell in rng.sample(range(size), mines))
            shown = _open(rng, truth, width, height, guesses)
            if size - mines - len(shown) >= mines // 2:  # else marking every covered cell would do
                cells = "".join(str(shown.get(i, ".")) for i in range(size))
                return {"width": width, "cells": cells, "mines": mines}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        width, cells, mines = payload.get("width"), payload.get("cells"), payload.get("mines")
        if set(payload) != {"width", "cells", "mines"} or type(width) is not int or not 2 <= width <= 12:
            raise ValueError('a minesweeper payload is {"width": 2 to 12, "cells": "<digits and .>", "mines": n}')
        if not isinstance(cells, str) or len(cells) % width or len(cells) > 144 or not set(cells) <= set("012345678."):
            raise ValueError("cells are whole rows of digits from 0 to 8 and ., 144 cells at most")
        if type(mines) is not int or not 1 <= mines <= cells.count("."):
            raise ValueError("mines is a number from 1 to that of the covered cells")
        numbers = {i: int(cell) for i, cell in enumerate(cells) if cell != "."}
        found = _model(numbers, mines, width, len(cells) // width).placements(2)
        if len(found) != 1:
            raise ValueError(f"the numbers fit {'more than one placement' if found else 'no placement'} of the mines")
        solution = "".join("*" if found[0] >> i & 1 else cell for i, cell in enumerate(cells))
        return Board(width, cells, "*", mines, solution)

    @classmethod
    def _clues(cls, instance: Board) -> str:
        return f"mines {instance.mines}\n"

    @classmethod
    def _violation(cls, instance: Board, cells: str) -> str | None:
        width, height, mines = instance.width, len(cells) // instance.width, marks_of(cells, "*")
        if mines.bit_count() != instance.mines:
            return f"{mines.bit_count()} mines are marked instead of {instance.mines}."
        for index, cell in enumerate(instance.givens):
            if cell != "." and (block(index, width, height) & mines).bit_count() != int(cell):
                return f"Around {cell_name(index, width)} there are not {cell} mines."
        return None


def _model(numbers: Mapping[int, int], mines: int, width: int, height: int) -> Counts:
    """An open cell is safe and counts the mines around it; all in all there are so many."""
    size = width * height
    open_cells = sum(1 << cell for cell in numbers)
    rules = [(block(cell, width, height) & ~open_cells, count, count) for cell, count in numbers.items()]
    return Counts(size, [((1 << size) - 1, mines, mines), (open_cells, 0, 0), *rules])


def _open(rng: random.Random, truth: int, width: int, height: int, guesses: int) -> dict[int, int]:
    """Numbers on safe cells that prove the mines.

    Random cells that are not yet proved safe are opened, one after the other, which leaves nothing open to doubt.
    Then up to `guesses` of them are tried covered, each time counting placements to two.
    """
    size, mines = width * height, truth.bit_count()
    safe = [cell for cell in rng.sample(range(size), size) if not truth >> cell & 1]
    model, on, off = Counts(size, [((1 << size) - 1, mines, mines)]), 0, 0
    shown: dict[int, int] = {}
    for cell in safe:
        if off >> cell & 1:
            continue
        around = block(cell, width, height)
        shown[cell] = (around & truth).bit_count()
        todo = model.add((around, shown[cell], shown[cell])) | model.touching(1 << cell)
        on, off = model.settle(on, off | 1 << cell, todo) or (0, 0)
    for cell in list(shown)[:guesses]:
        fewer = {other: count for other, count in shown.items() if other != cell}
        if _proves(fewer, mines, width, height):
            shown = fewer
    return shown


def _proves(numbers: Mapping[int, int], mines: int, width: int, height: int) -> bool:
    try:
        return len(_model(numbers, mines, width, height).placements(2, budget=SHORT)) == 1
    except ValueError:
        return False
