"""Sokoban.

An observation is the board as text (# wall, @ player, $ box, . goal, * box on a goal, + player on a goal):

    #######
    ### #.#
    #     #
    #@$   #
    # #   #
    #     #
    #######

A right action is `R`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.planning.sokoban_solver import Warehouse, pulled, solution
from esreason.envs.search import NoPlan
from esreason.envs.walks import steps_of

# rows and columns of floor, walls inside, boxes, pulls away from the goals, fewest pushes needed
LEVELS = {
    1: (5, 5, 4, 1, 30, 3), 2: (5, 6, 5, 1, 40, 5), 3: (4, 5, 3, 2, 40, 5), 4: (5, 5, 4, 2, 40, 6),
    5: (5, 6, 5, 2, 60, 8), 6: (6, 6, 7, 2, 80, 9), 7: (5, 6, 5, 3, 100, 10), 8: (6, 6, 7, 3, 120, 12),
    9: (6, 7, 9, 3, 150, 14), 10: (7, 7, 11, 3, 200, 17),
}  # fmt: skip

_BOUND = 36_000  # states; with the half as many that may follow about 0.8 s


@dataclass(frozen=True, slots=True)
class Board:
    """The board as text, and what is fixed on it."""

    text: str
    warehouse: Warehouse = field(compare=False)
    boxes: int
    player: int


class Sokoban(PlanEnv[Board, str]):
    """Push every box onto a goal; from one box on 5x5 cells at level 1 to three boxes on 7x7 cells at level 10.

    Every level needs a stated number of pushes at least. The solver's plan has the fewest moves (for boards given by
    others only as far as 36,000 states go: beyond, it is marked as not proved shortest, or NoPlan is raised).
    """

    name = "sokoban"
    rules = (
        "Sokoban: # is a wall, @ you, $ a box, . a goal, * a box on a goal, + you on a goal. Push every box onto a "
        "goal: you push a box by walking into it, never two at once, and you cannot pull."
    )
    action_rule = "Write one move: U (up), D (down), L (left) or R (right)."
    answer_rule = "Answer with all moves as letters U, D, L, R, for example RRUL."
    letters = True
    action_chars = 1
    answer_chars = 400

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        rows, columns, walls, count, pulls, least = LEVELS[level]
        stride = columns + 3  # a wall on either side and the line end
        inside = [r * stride + c for r in range(1, rows + 1) for c in range(1, columns + 1)]
        while True:
            rng.shuffle(inside)
            cells = inside[walls:]
            floor = sum(1 << cell for cell in cells)
            if Warehouse(stride, floor, 0).reach(0, cells[-1]) != floor:
                continue
            warehouse = Warehouse(stride, floor, sum(1 << cell for cell in cells[:count]))
            boxes, player = pulled(rng, warehouse, cells[-1], pulls)
            rest = warehouse.rest(boxes)
            if rest is not None and rest >= least:
                return {"board": _draw(warehouse, boxes, player, rows)}

    @classmethod
    def _variants(cls, rng: random.Random, payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The board turned and mirrored."""
        rows = payload["board"].split("\n")
        for _ in range(4):
            yield {"board": "\n".join(row[::-1] for row in rows)}
            rows = ["".join(column) for column in zip(*rows[::-1], strict=True)]
            yield {"board": "\n".join(rows)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        text = payload.get("board")
        if set(payload) != {"board"} or not isinstance(text, str) or len(text) > 1000:
            raise ValueError('a sokoban payload is {"board": "<rows with # . $ @ * + and space>"}')
        rows = text.strip("\r\n").splitlines()
        width = max(map(len, rows), default=0)
        text = "\n".join(row.ljust(width) for row in rows)
        if not set(text) <= set("#.$@*+ \n") or len(rows) > 20 or width > 20:
            raise ValueError("a sokoban board has at most 20 rows and columns of # . $ @ * + and space")
        if text.count("@") + text.count("+") != 1:
            raise ValueError("a sokoban board has one player")
        loose, goals = text.count("$"), text.count(".") + text.count("+")
        if loose != goals or not 1 <= loose + text.count("*") <= 12:
            raise ValueError("a sokoban board has as many goals as boxes, at most 12")
        if not loose:
            raise ValueError("the board is solved already")
        return _board(text, width)

    @classmethod
    def _start(cls, instance: Board) -> str:
        return instance.text

    @classmethod
    def _observe(cls, instance: Board, state: str) -> str:
        return state

    @classmethod
    def _apply(cls, instance: Board, state: str, action: str) -> str:
        delta = steps_of(instance.warehouse.stride).get(action.upper())
        if delta is None:
            raise IllegalAction(f"{shown(action)} is not one of U, D, L, R.")
        here = state.find("@")
        if here < 0:
            here = state.find("+")
        there = here + delta
        cell = state[there]
        if cell == "#":
            raise IllegalAction("There is a wall in the way.")
        cells = list(state)
        if cell in "$*":
            beyond = state[there + delta]
            if beyond not in " .":
                raise IllegalAction(f"The box cannot be pushed into a {'wall' if beyond == '#' else 'box'}.")
            cells[there + delta] = "*" if beyond == "." else "$"
        cells[there] = "+" if cell in ".*" else "@"
        cells[here] = "." if state[here] == "+" else " "
        return "".join(cells)

    @classmethod
    def _goal(cls, instance: Board, state: str) -> bool:
        return "$" not in state

    @classmethod
    def _solve(cls, instance: Board) -> Solution:
        letters, proved = _plan(instance)
        return cls._solution(list(letters), proved)

    @classmethod
    def _legal(cls, instance: Board, state: str) -> list[str]:
        here = max(state.find("@"), state.find("+"))
        found = []
        for letter, delta in steps_of(instance.warehouse.stride).items():
            cell = state[here + delta]
            if cell in " ." or (cell in "$*" and state[here + 2 * delta] in " ."):
                found.append(letter)
        return found

    @classmethod
    def _limit(cls, instance: Board) -> int:
        try:
            return 2 * len(_plan(instance)[0]) + 8
        except NoPlan:
            return 500


@lru_cache(maxsize=1024)
def _plan(board: Board) -> tuple[str, bool]:
    return solution(board.warehouse, board.boxes, board.player, _BOUND)


def _draw(warehouse: Warehouse, boxes: int, player: int, rows: int) -> str:
    """The board as text, without the rows and columns that hold walls only beyond the border."""
    stride, lines = warehouse.stride, []
    for row in range(rows + 2):
        line = ""
        for cell in range(row * stride, row * stride + stride - 1):
            goal, box = warehouse.goals >> cell & 1, boxes >> cell & 1
            if not warehouse.floor >> cell & 1:
                line += "#"
            else:
                line += ".*+"[box + 2 * (cell == player)] if goal else " $@"[box + 2 * (cell == player)]
        lines.append(line)
    return "\n".join(lines)


def _board(text: str, width: int) -> Board:
    """The parsed board; ValueError where the player or a box stands in the open."""
    stride = width + 1
    masks = {
        symbols: sum(1 << i for i, c in enumerate(text) if c in symbols) for symbols in (" .$@*+", "$*", ".*+", "@+")
    }
    floor, boxes, goals, at = masks.values()
    player = at.bit_length() - 1
    inner = Warehouse(stride, floor, 0).reach(0, player)
    last = len(text) - width
    edge = sum(
        1 << i for i, c in enumerate(text) if c != "\n" and (i < width or i >= last or i % stride in (0, width - 1))
    )
    if inner & edge:
        raise ValueError("a sokoban board is enclosed by walls")
    if (boxes | goals) & ~inner:
        raise ValueError("every box and goal of a sokoban board is inside the player's walls")
    return Board(text, Warehouse(stride, inner, goals), boxes, player)
