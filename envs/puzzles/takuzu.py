"""Takuzu (binary puzzle) with exactly one solution.

A 4x4 puzzle is shown as rows of spaced cells, its first row for instance `0 . . 1`; a right action is `r1c2=1`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.envs.grid import GridEnv
from esreason.envs.lines import Lines, givens_for, pack, with_givens
from esreason.envs.marks import FORM
from esreason.verifiers.grids import rows_of

# size, most blank cells, givens tried without at the cost of a search
LEVELS = {
    1: (4, 8, 0), 2: (4, 12, 0), 3: (6, 14, 0), 4: (6, 18, 0), 5: (6, 24, 0),
    6: (6, 36, 2), 7: (8, 36, 0), 8: (8, 64, 0), 9: (8, 64, 3), 10: (10, 100, 1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """The givens of a puzzle, row by row, and the only solution."""

    width: int
    givens: str
    symbols: str
    solution: str


class Takuzu(GridEnv[Board]):
    """Zeros and ones, as many of each in a line, never three in a row; level 1 is 4x4 with 8 blanks, 10 is 10x10.

    The solution is the only one: a payload with none or several is refused. Level 1 has 623,808 tasks.
    """

    name = "takuzu"
    rules = (
        "Takuzu: fill the blank cells (.) with 0 and 1 so that every row and every column holds as many zeros as ones "
        "and never three equal digits side by side, no two rows are the same and no two columns are the same."
    )
    action_rule = (
        "Write r<row>c<column>=<digit>, for example r1c2=1, to fill one cell; rows and columns are counted from 1, and "
        "r1c2=. empties a cell that you filled."
    )
    answer_rule = "Answer with all digits of the finished grid, row by row."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        size, blanks, guesses = LEVELS[level]
        grid = _random_grid(rng, size)
        given = givens_for(rng, _blank(size), grid, blanks, guesses)
        return {"size": size, "givens": "".join(str(v) if i in given else "." for i, v in enumerate(grid))}

    @classmethod
    def _apply(cls, instance: Board, state: str, action: str) -> str:
        if not FORM.fullmatch(action):
            raise IllegalAction(f"{shown(action)} is not of the form r1c2=1.")
        return super()._apply(instance, state, action)

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        size, givens = payload.get("size"), payload.get("givens")
        if set(payload) != {"size", "givens"} or size not in (4, 6, 8, 10) or not isinstance(givens, str):
            raise ValueError('a takuzu payload is {"size": 4, 6, 8 or 10, "givens": "<0, 1, . for blank>"}')
        if type(size) is not int or len(givens) != size * size or not set(givens) <= set("01.") or "." not in givens:
            raise ValueError(f"givens of size {size} are {size * size} characters out of 0, 1 and ., at least one .")
        found = with_givens(_blank(size), {i: int(c) for i, c in enumerate(givens) if c != "."}).solutions(2)
        if len(found) != 1:
            raise ValueError(f"the takuzu has {'more than one' if found else 'no'} solution")
        return Board(size, givens, "01", "".join(map(str, found[0])))

    @classmethod
    def _observe(cls, instance: Board, state: str) -> str:
        return "\n".join(map(" ".join, rows_of(state, instance.width)))

    @classmethod
    def _violation(cls, instance: Board, cells: str) -> str | None:
        size = instance.width
        rows, columns = rows_of(cells, size), [cells[c::size] for c in range(size)]
        for name, lines in (("Row", rows), ("Column", columns)):
            for number, line in enumerate(lines, 1):
                if line.count("0") * 2 != size:
                    return f"{name} {number} does not hold as many zeros as ones."
                if "000" in line or "111" in line:
                    return f"{name} {number} holds three equal digits side by side."
            if len(set(lines)) != size:
                return f"Two {name.lower()}s are the same."
        return None

    @classmethod
    def _filled(cls, instance: Board) -> str:
        return instance.solution


@cache
def _patterns(size: int) -> tuple[int, ...]:
    """Every balanced line of this length without three equal digits side by side."""
    lines = (line for line in product((0, 1), repeat=size) if 2 * sum(line) == size)
    return tuple(pack(line, 2) for line in lines if all(len(set(line[i : i + 3])) > 1 for i in range(size - 2)))


def _blank(size: int) -> Lines:
    return Lines([_patterns(size)] * size, [_patterns(size)] * size, 2, distinct=True)


def _random_grid(rng: random.Random, size: int) -> list[int]:
    """A full grid: random open cells set to random digits, taken back where that leaves nothing possible."""
    while True:
        lines = _blank(size)
        for cell in rng.sample(range(size * size), size * size):
            for value in rng.sample((0, 1), 2):
                trial = lines.copy()
                if trial.settle(trial.put(*divmod(cell, size), value)):
                    lines = trial
                    break
            else:
                break
            if not lines.open_cells():
                return lines.values()
