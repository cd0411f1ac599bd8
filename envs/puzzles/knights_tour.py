"""A knight's tour: visit every free cell of a board once.

A board is shown as rows such as `#.K.` (K the knight, . free, # closed or visited); a right action is a cell that the
knight can leap to, `r3c2`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.puzzles.knights_tour_solver import cells_of, leaps, lucky, tour, walk
from esreason.verifiers.grids import cell_name, rows_of

# height, width, leaps, walks of random leaps that must all fail (so that luck wins seldom)
LEVELS = {
    1: (5, 5, 11, 24), 2: (5, 5, 13, 60), 3: (5, 6, 15, 60), 4: (5, 6, 17, 60), 5: (6, 6, 20, 60),
    6: (6, 6, 24, 0), 7: (6, 7, 28, 0), 8: (7, 7, 34, 0), 9: (7, 7, 40, 0), 10: (8, 8, 48, 0),
}  # fmt: skip
_CELL = re.compile(r"r([0-9])c([0-9])")

State = tuple[int, int]
"""The knight's cell, and the free cells as a bit mask (bit i: cell i, row by row)."""


@dataclass(frozen=True, slots=True)
class Field:
    """The board, the knight's first cell and the free ones."""

    height: int
    width: int
    start: int
    free: int


class KnightsTour(PlanEnv[Field, State]):
    """A knight leaps over every free cell once; boards are the tracks of random walks, so each has a tour.

    Levels go from 11 leaps on 5x5 boards to 48 on 8x8. Any tour is right, and all take the same number of leaps. An
    episode ends when no leap is left. Solved after Warnsdorff (Des Roesselsprunges einfachste Loesung, 1823).
    """

    name = "knights_tour"
    rules = (
        "Knight's tour: K is the knight, . a free cell, # a cell that is closed or was visited. The knight leaps as in "
        "chess: two cells up, down, left or right and one to the side, over anything. Visit every free cell once."
    )
    action_rule = "Write r<row>c<column>, for example r3c2, to leap there; rows and columns are counted from 1."
    answer_rule = (
        "Answer with the cells in the order of the tour, without the first, for example r3c2 r1c3; "
        "rows and columns are counted from 1."
    )
    task_space = {1: 54_000, 2: 77_000}
    action_chars = 4
    answer_chars = 400

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        height, width, count, tries = LEVELS[level]
        near = leaps(height, width)
        while True:
            start = rng.randrange(height * width)
            seen = walk(rng, near, start, count)
            if seen is None:
                continue
            free = seen ^ 1 << start
            if not lucky(rng, near, start, free, tries) and _found(near, start, free):
                return {"rows": _drawn(height, width, start, free)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Field:
        rows = payload.get("rows")
        if set(payload) != {"rows"} or not isinstance(rows, list) or not 1 <= len(rows) <= 9:
            raise ValueError('a knights_tour payload is {"rows": [text, ...]} with 1 to 9 rows')
        if not all(isinstance(row, str) and len(row) == len(rows[0]) and set(row) <= set("#.K") for row in rows):
            raise ValueError("the rows are texts of the same length out of # . K")
        cells, height, width = "".join(rows), len(rows), len(rows[0])
        if not 1 <= width <= 9 or cells.count("K") != 1 or "." not in cells:
            raise ValueError("a board has 1 to 9 columns, one knight and a free cell")
        free = sum(1 << cell for cell, sign in enumerate(cells) if sign == ".")
        if tour(leaps(height, width), cells.index("K"), free) is None:
            raise ValueError("the board has no tour")
        return Field(height, width, cells.index("K"), free)

    @classmethod
    def _start(cls, instance: Field) -> State:
        return instance.start, instance.free

    @classmethod
    def _observe(cls, instance: Field, state: State) -> str:
        return "\n".join(_drawn(instance.height, instance.width, *state))

    @classmethod
    def _apply(cls, instance: Field, state: State, action: str) -> State:
        match = _CELL.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form r3c2.")
        row, column = int(match[1]) - 1, int(match[2]) - 1
        if not (0 <= row < instance.height and 0 <= column < instance.width):
            raise IllegalAction(f"There is no cell {action}.")
        at, free = state
        cell = row * instance.width + column
        if not free >> cell & 1:
            raise IllegalAction(f"{action} is not free.")
        if not leaps(instance.height, instance.width)[at] >> cell & 1:
            raise IllegalAction(f"{action} is no knight's leap away.")
        return cell, free ^ 1 << cell

    @classmethod
    def _goal(cls, instance: Field, state: State) -> bool:
        return not state[1]

    @classmethod
    def _done(cls, instance: Field, state: State) -> bool:
        return not leaps(instance.height, instance.width)[state[0]] & state[1]

    @classmethod
    def _legal(cls, instance: Field, state: State) -> list[str]:
        ends = leaps(instance.height, instance.width)[state[0]] & state[1]
        return [cell_name(cell, instance.width) for cell in cells_of(ends)]

    @classmethod
    def _solve(cls, instance: Field) -> Solution:
        path = tour(leaps(instance.height, instance.width), instance.start, instance.free) or []
        return cls._solution([cell_name(cell, instance.width) for cell in path])

    @classmethod
    def _limit(cls, instance: Field) -> int:
        return instance.free.bit_count() + cls.max_illegal


def _found(near: tuple[int, ...], start: int, free: int) -> bool:
    try:
        return tour(near, start, free) is not None
    except ValueError:  # too long a search
        return False


def _drawn(height: int, width: int, at: int, free: int) -> list[str]:
    cells = f"{free:0{height * width}b}"[::-1].replace("0", "#").replace("1", ".")
    return rows_of(f"{cells[:at]}K{cells[at + 1 :]}", width)
