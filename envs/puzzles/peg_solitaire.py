"""Peg solitaire: jump until one peg is left, in the marked hole.

A board is shown as rows such as `o.#_` (o a peg, . a hole, # no board, _ the marked hole, O a peg in it); a right
action is `r1c2L`, the peg there jumping left.
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
from esreason.envs.puzzles.peg_solitaire_solver import Jump, backwards, luck, on_board, open_jumps, win
from esreason.verifiers.grids import cell_name, rows_of

# height, width, cells taken off the rectangle (-1: the four corners of the English board), jumps, the most luck:
# the chance that random jumps win (1: not looked at, it is small enough with so many jumps)
LEVELS = {
    1: (5, 5, 5, 4, 0.15), 2: (5, 5, 4, 5, 0.02), 3: (5, 5, 4, 6, 0.02), 4: (5, 6, 5, 7, 0.03), 5: (6, 6, 8, 8, 0.03),
    6: (6, 6, 6, 9, 1), 7: (6, 7, 6, 10, 1), 8: (7, 7, -1, 11, 1), 9: (7, 7, -1, 12, 1), 10: (7, 7, -1, 14, 1),
}  # fmt: skip
SEARCHED = 11
"""Jumps from which on a board is only taken if the search for its solution stays within bounds."""
MOST_PEGS = 20
_JUMP = re.compile(r"r([0-9])c([0-9])([UDLR])")
_WAYS = {(-1, 0): "U", (1, 0): "D", (0, -1): "L", (0, 1): "R"}


@dataclass(frozen=True, slots=True)
class Pegboard:
    """The board, its pegs and the marked hole as bit masks (bit i: cell i, row by row), and the jumps by name."""

    width: int
    size: int
    board: int
    pegs: int
    goal: int
    jumps: tuple[Jump, ...]
    named: Mapping[str, Jump]
    names: Mapping[Jump, str]


class PegSolitaire(PlanEnv[Pegboard, int]):
    """A peg jumps over a neighbour, which is taken off; the last one must stand in the marked hole.

    Boards are made by jumping backwards, so each can be won; a win takes exactly one jump less than there are pegs.
    Levels go from 4 jumps on 5x5 boards with gaps to 14 on the English board of 33 holes. An episode ends when no
    jump is left. Known since Claude-Auguste Berey's engraving (1697).
    """

    name = "peg_solitaire"
    rules = (
        "Peg solitaire: o is a peg, . a hole, # is no part of the board. The marked hole is _ when it is empty and O "
        "when a peg is in it. A peg jumps up, down, left or right over a peg beside it into the hole just behind, and "
        "the peg that it jumped over is taken off. Leave exactly one peg, in the marked hole."
    )
    action_rule = (
        "Write r<row>c<column> of a peg and the direction of its jump, U, D, L or R, for example r1c2L; "
        "rows and columns are counted from 1."
    )
    answer_rule = (
        "Answer with all jumps in order, each r<row>c<column> of the peg and its direction U, D, L or R, for example "
        "r1c2L r3c4U; rows and columns are counted from 1."
    )
    action_chars = 5
    answer_chars = 160

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        height, width, off, count, most_luck = LEVELS[level]
        while True:
            board = _board(rng, height, width, off)
            jumps = on_board(height, width, board)
            goal = 1 << rng.choice([cell for cell in range(height * width) if board >> cell & 1])
            pegs = backwards(rng, jumps, goal, count)
            if pegs is None or not pegs & ~goal or (most_luck < 1 and luck(jumps, pegs, goal) > most_luck):
                continue
            if count < SEARCHED or _found(jumps, pegs, goal):
                return {"rows": rows_of(_drawn(height * width, board, pegs, goal), width)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Pegboard:
        rows = payload.get("rows")
        if set(payload) != {"rows"} or not isinstance(rows, list) or not 1 <= len(rows) <= 9:
            raise ValueError('a peg_solitaire payload is {"rows": [text, ...]} with 1 to 9 rows')
        if not all(isinstance(row, str) and len(row) == len(rows[0]) and set(row) <= set("#.o_O") for row in rows):
            raise ValueError("the rows are texts of the same length out of # . o _ O")
        cells, width = "".join(rows), len(rows[0])
        if not 1 <= width <= 9 or cells.count("_") + cells.count("O") != 1:
            raise ValueError("a board has 1 to 9 columns and one marked hole")
        board, goal = _mask(cells, ".o_O"), _mask(cells, "_O")
        pegs = _mask(cells, "oO")
        if not 2 <= pegs.bit_count() <= MOST_PEGS:
            raise ValueError(f"a board has 2 to {MOST_PEGS} pegs")
        jumps = on_board(len(rows), width, board)
        if win(jumps, pegs, goal) is None:
            raise ValueError("the board cannot be won")
        named = {_name(jump, width): jump for jump in jumps}
        return Pegboard(width, len(cells), board, pegs, goal, jumps, named, {jump: n for n, jump in named.items()})

    @classmethod
    def _start(cls, instance: Pegboard) -> int:
        return instance.pegs

    @classmethod
    def _observe(cls, instance: Pegboard, state: int) -> str:
        return "\n".join(rows_of(_drawn(instance.size, instance.board, state, instance.goal), instance.width))

    @classmethod
    def _apply(cls, instance: Pegboard, state: int, action: str) -> int:
        jump = instance.named.get(action)
        if jump is None:
            if not _JUMP.fullmatch(action):
                raise IllegalAction(f"{shown(action)} is not of the form r1c2L.")
            raise IllegalAction(f"The jump {action} leads off the board.")
        start, over, end = jump
        if not state & start:
            raise IllegalAction(f"There is no peg at {action[:-1]}.")
        if not state & over:
            raise IllegalAction(f"{action} jumps over no peg.")
        if state & end:
            raise IllegalAction(f"{action} ends on a peg.")
        return state ^ start ^ over ^ end

    @classmethod
    def _goal(cls, instance: Pegboard, state: int) -> bool:
        return state == instance.goal

    @classmethod
    def _done(cls, instance: Pegboard, state: int) -> bool:
        return not open_jumps(instance.jumps, state)

    @classmethod
    def _legal(cls, instance: Pegboard, state: int) -> list[str]:
        return [instance.names[jump] for jump in open_jumps(instance.jumps, state)]

    @classmethod
    def _solve(cls, instance: Pegboard) -> Solution:
        path = win(instance.jumps, instance.pegs, instance.goal) or []
        return cls._solution([instance.names[jump] for jump in path])

    @classmethod
    def _limit(cls, instance: Pegboard) -> int:
        return instance.pegs.bit_count() + cls.max_illegal


def _board(rng: random.Random, height: int, width: int, off: int) -> int:
    full = (1 << height * width) - 1
    if off >= 0:
        return full ^ sum(1 << cell for cell in rng.sample(range(height * width), off))
    corners = [r * width + c for r in (0, 1, height - 2, height - 1) for c in (0, 1, width - 2, width - 1)]
    return full ^ sum(1 << cell for cell in corners)


def _found(jumps: tuple[Jump, ...], pegs: int, goal: int) -> bool:
    try:
        return win(jumps, pegs, goal) is not None
    except ValueError:  # too long a search
        return False


def _drawn(size: int, board: int, pegs: int, goal: int) -> str:
    signs = ["#" if not board >> cell & 1 else "o" if pegs >> cell & 1 else "." for cell in range(size)]
    signs[goal.bit_length() - 1] = "O" if pegs & goal else "_"
    return "".join(signs)


def _mask(cells: str, signs: str) -> int:
    return sum(1 << cell for cell, sign in enumerate(cells) if sign in signs)


def _name(jump: Jump, width: int) -> str:
    start, end = jump[0].bit_length() - 1, jump[2].bit_length() - 1
    (r, c), (a, b) = divmod(start, width), divmod(end, width)
    return cell_name(start, width) + _WAYS[(a - r) // 2, (b - c) // 2]
