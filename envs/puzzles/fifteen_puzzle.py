"""The fifteen puzzle: slide tiles from one board to another.

A board stands to the left of its goal, `8 1 2 | 1 2 3` and so on, the blank a dot; a right action is the number of a
tile beside the blank, `8`.
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
from esreason.envs.puzzles.fifteen_puzzle_solver import Tiles, estimate, neighbours, plan, shortest, slid, solvable

# height, width, slides between start and goal without turning back (0: any two boards, the goal in order)
LEVELS = {
    1: (3, 3, 4, 5), 2: (3, 3, 6, 8), 3: (3, 3, 9, 12), 4: (3, 3, 14, 18), 5: (3, 3, 0, 0),
    6: (4, 4, 24, 28), 7: (4, 4, 26, 30), 8: (4, 4, 28, 32), 9: (4, 4, 0, 0), 10: (5, 5, 0, 0),
}  # fmt: skip
NEAR = 1_000
"""States looked at to base the step limit on a shortest plan."""
_TILE = re.compile(r"[0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class Slide:
    """Start and goal row by row, and the step limit."""

    width: int
    start: Tiles
    goal: Tiles
    limit: int


class FifteenPuzzle(PlanEnv[Slide, Tiles]):
    """Slide tiles until they stand as in the goal; every board is solvable (by parity), any plan is right.

    Levels 1-4 are 3x3 boards 4 to 18 slides apart, 5 any two 3x3 boards; 6-8 are 4x4 boards 24 to 32 slides apart,
    9 is the classic puzzle (any 4x4 board, the goal in order), 10 is 5x5. The solver's plans are shortest up to
    level 8 where its bound on states allows, else plans in stages. After Noyes Chapman's puzzle (1880).
    """

    name = "fifteen_puzzle"
    rules = (
        "Fifteen puzzle: the board stands on the left of |, the goal on the right, the blank is a dot. A tile beside "
        "the blank (left, right, above or below) can slide into it. Make the board equal to the goal."
    )
    action_rule = "Write the number of the tile to slide, for example 5."
    answer_rule = "Answer with the numbers of the tiles to slide, in order, for example 5 2 8."
    action_chars = 2
    answer_chars = 2_000

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        height, width, least, most = LEVELS[level]
        goal = list(range(1, height * width)) + [0]
        start = goal.copy()
        rng.shuffle(start)
        if most:
            goal = start
            while 2 * estimate(tuple(start), tuple(goal), width) < least:  # a walk may lead back to where it began
                start = _walked(rng, goal, neighbours(height, width), rng.randint(least, most))
        elif not solvable(tuple(start), tuple(goal), width):
            first, second = [cell for cell in range(3) if start[cell]][:2]  # one swap of tiles mends the parity
            start[first], start[second] = start[second], start[first]
        return {"start": _rows(start, width), "goal": _rows(goal, width)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Slide:
        if set(payload) != {"start", "goal"}:
            raise ValueError('a fifteen_puzzle payload is {"start": [[int]], "goal": [[int]]}')
        (start, width), (goal, other) = _read_board(payload["start"]), _read_board(payload["goal"])
        if width != other or len(start) != len(goal):
            raise ValueError("start and goal have the same shape")
        if start == goal:
            raise ValueError("start and goal are the same")
        if not solvable(start, goal, width):
            raise ValueError("no slides lead from the start to the goal")
        near = shortest(start, goal, width, NEAR) if estimate(start, goal, width) <= 20 else None
        return Slide(width, start, goal, 2 * len(near) + 2 if near else 30 * len(start))

    @classmethod
    def _start(cls, instance: Slide) -> Tiles:
        return instance.start

    @classmethod
    def _observe(cls, instance: Slide, state: Tiles) -> str:
        width = instance.width
        cells = ["." if not tile else str(tile) for tile in (*state, *instance.goal)]
        if len(state) > 10:
            cells = [cell.rjust(2) for cell in cells]
        here, there = cells[: len(state)], cells[len(state) :]
        rows = range(0, len(state), width)
        return "\n".join([f"{' '.join(here[i : i + width])} | {' '.join(there[i : i + width])}" for i in rows])

    @classmethod
    def _apply(cls, instance: Slide, state: Tiles, action: str) -> Tiles:
        if not _TILE.fullmatch(action) or not 0 < int(action) < len(state):
            raise IllegalAction(f"{shown(action)} is not the number of a tile.")
        cell, blank, width = state.index(int(action)), state.index(0), instance.width
        if cell not in neighbours(len(state) // width, width)[blank]:
            raise IllegalAction(f"The tile {int(action)} is not beside the blank.")
        return slid(state, blank, cell)

    @classmethod
    def _goal(cls, instance: Slide, state: Tiles) -> bool:
        return state == instance.goal

    @classmethod
    def _legal(cls, instance: Slide, state: Tiles) -> list[str]:
        near = neighbours(len(state) // instance.width, instance.width)
        return [str(state[cell]) for cell in near[state.index(0)]]

    @classmethod
    def _solve(cls, instance: Slide) -> Solution:
        tiles, optimal = plan(instance.start, instance.goal, instance.width)
        return cls._solution([str(tile) for tile in tiles], optimal)

    @classmethod
    def _limit(cls, instance: Slide) -> int:
        return instance.limit


def _rows(tiles: list[int], width: int) -> list[list[int]]:
    return [tiles[i : i + width] for i in range(0, len(tiles), width)]


def _walked(rng: random.Random, tiles: list[int], near: tuple[tuple[int, ...], ...], steps: int) -> list[int]:
    """The board after random slides, none of which undoes the one before."""
    board = tiles.copy()
    blank, before = board.index(0), -1
    for _ in range(steps):
        cell = rng.choice([cell for cell in near[blank] if cell != before])
        board[blank], board[cell] = board[cell], 0
        blank, before = cell, blank
    return board


def _read_board(data: object) -> tuple[Tiles, int]:
    """The numbers of a board and its width."""
    if not isinstance(data, list) or not 2 <= len(data) <= 5 or not all(isinstance(row, list) for row in data):
        raise ValueError("a board is a list of 2 to 5 rows")
    width = len(data[0])
    if not 2 <= width <= 5 or any(len(row) != width for row in data):
        raise ValueError("the rows of a board have the same length, 2 to 5")
    tiles = [tile for row in data for tile in row]
    if any(type(tile) is not int for tile in tiles) or sorted(tiles) != list(range(len(tiles))):
        raise ValueError("a board holds every number from 0 (the blank) on once")
    return tuple(tiles), width
