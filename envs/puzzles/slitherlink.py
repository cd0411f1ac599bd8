"""Slitherlink: find the loop that runs along as many sides of each number's cell as the number says.

The loop is given by the cells inside it. Clues stand on the left of the marks, `3.2. | ....` and so on; a right action
is `r1c1=#`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.envs.marks import MarkEnv
from esreason.envs.puzzles.slitherlink_solver import (
    clues_for,
    count,
    frame,
    is_loop,
    random_inside,
    solutions,
    thickened,
    thinned,
)
from esreason.verifiers.grids import cell_name, rows_of

# height and width; clues that are tried whether they can be spared (below 0: so many cells have no clue, if they can)
LEVELS = {
    1: (4, -3), 2: (4, 0), 3: (5, -6), 4: (5, 0), 5: (6, 0), 6: (6, 36), 7: (7, 0), 8: (7, 16), 9: (8, 16), 10: (9, 16),
}  # fmt: skip
MAX_SIDE = 10


@dataclass(frozen=True, slots=True)
class Fence:
    """The clues by cell (row by row), and the marks of the only solution."""

    width: int
    clues: str
    givens: str
    symbols: str
    solution: str


class Slitherlink(MarkEnv[Fence]):
    """One loop along the sides of cells, given by the cells inside; exactly one solution, proved by counting to two.

    Levels go from 4x4 boards with a clue in nearly every cell to 9x9 boards with about half of them; all are solved
    without a guess by single clues, corners and connection. After Nikoli's puzzle (Puzzle Communication 26, 1989).
    """

    name = "slitherlink"
    rules = (
        "Slitherlink: the clues stand on the left of |, the marks on the right. One closed loop, which neither crosses "
        "nor touches itself, runs along the sides of cells; a digit says how many of the four sides of its cell belong "
        "to the loop, a dot says nothing. Mark all cells inside the loop with #."
    )
    action_rule = (
        "Write r<row>c<column>=#, for example r1c2=#, to mark a cell, or r1c2=. to take the mark away; rows and "
        "columns are counted from 1."
    )
    answer_rule = "Answer with the whole grid, row by row, # for a cell inside the loop and . for one outside."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        side, tries = LEVELS[level]
        around = frame(side, side)
        clues = None
        while clues is None:
            inside = random_inside(rng, around)
            clues = clues_for(rng, around, inside)
        clues = thickened(rng, around, clues, inside, -tries) if tries < 0 else thinned(rng, around, clues, tries)
        return {"rows": rows_of("".join(str(clues.get(bit, ".")) for bit in around.cells), side)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Fence:
        rows = payload.get("rows")
        if set(payload) != {"rows"} or not isinstance(rows, list) or not 1 <= len(rows) <= MAX_SIDE:
            raise ValueError(f'a slitherlink payload is {{"rows": [text, ...]}} with 1 to {MAX_SIDE} rows')
        if not all(isinstance(row, str) and len(row) == len(rows[0]) and set(row) <= set(".01234") for row in rows):
            raise ValueError("the rows are texts of the same length out of . and digits up to 4")
        if not 1 <= len(rows[0]) <= MAX_SIDE:
            raise ValueError(f"a row has 1 to {MAX_SIDE} cells")
        clues = "".join(rows)
        around = frame(len(rows), len(rows[0]))
        given = {bit: int(clue) for bit, clue in zip(around.cells, clues, strict=True) if clue != "."}
        found = solutions(around, given, 2)
        if len(found) != 1:
            raise ValueError(f"the slitherlink has {'more than one' if found else 'no'} solution")
        solution = "".join("#" if found[0] & bit else "." for bit in around.cells)
        return Fence(len(rows[0]), clues, "." * len(clues), "#", solution)

    @classmethod
    def _observe(cls, instance: Fence, state: str) -> str:
        width, clues = instance.width, instance.clues
        return "\n".join([f"{clues[i : i + width]} | {state[i : i + width]}" for i in range(0, len(clues), width)])

    @classmethod
    def _violation(cls, instance: Fence, cells: str) -> str | None:
        around = frame(len(cells) // instance.width, instance.width)
        inside = sum([bit for bit, cell in zip(around.cells, cells, strict=True) if cell == "#"])
        for index, clue in enumerate(instance.clues):
            if clue != "." and count(around, around.cells[index], inside) != int(clue):
                return f"The loop does not run along {clue} sides of {cell_name(index, instance.width)}."
        return None if is_loop(around, inside) else "The border of the marked cells is not one loop."
