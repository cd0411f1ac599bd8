"""A maze with keys and doors.

An observation is the maze (# wall, @ player, a key, A its door, > the way out):

    #######
    #..A..#
    #.#.#.#
    #.#.#.#
    ###.#@#
    #>..#a#
    #######

A right action is `D`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.search import NoPlan, breadth_first
from esreason.envs.walks import distances, rectangle, steps_of

# rows and columns of rooms (the walls between them count as many again), doors
LEVELS = {
    1: (3, 3, 1), 2: (3, 4, 1), 3: (4, 4, 1), 4: (4, 4, 2), 5: (4, 5, 2), 6: (5, 5, 2), 7: (5, 5, 3), 8: (5, 6, 3),
    9: (6, 6, 4), 10: (7, 7, 5),
}  # fmt: skip

_KEYS = "abcdef"
_DOORS = _KEYS.upper()
_MOST = 21  # rows and columns
_BOUND = 30_000  # more states than 21 x 21 cells have with 6 keys


@dataclass(frozen=True, slots=True)
class Maze:
    """The maze as text, how far apart its rows are, and the place of the way out."""

    text: str
    stride: int
    exit: int


class MazeKeys(PlanEnv[Maze, str]):
    """Leave a maze by picking up keys and passing doors; 3x3 rooms, one door at level 1, 7x7 rooms, five at level 10.

    The rooms of a generated maze form a tree, and each door is on the way to what the last one hides, so every key is
    needed. The solver's plan is a shortest one, by breadth-first search.
    """

    name = "maze_keys"
    rules = (
        "Maze: # is a wall, @ you, . floor, > the way out. A small letter is a key: stepping on it opens every door "
        "with that letter as a capital, and before that you cannot enter such a door. Reach the way out."
    )
    action_rule = "Write one step: U (up), D (down), L (left) or R (right)."
    answer_rule = "Answer with all steps as letters U, D, L, R, for example RRDL."
    letters = True
    action_chars = 1
    answer_chars = 600
    task_space = {1: 24_000}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        rows, columns, doors = LEVELS[level]
        while True:
            board = _locked(rng, _carved(rng, rows, columns), 2 * columns + 2, doors)
            if board:
                return {"board": board}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Maze:
        if set(payload) != {"board"}:
            raise ValueError('a maze_keys payload is {"board": "<rows with # . @ > a-f A-F>"}')
        text = payload["board"]
        rows = rectangle(text, "#.@>" + _KEYS + _DOORS, _MOST)
        if set(rows[0] + rows[-1] + "".join(row[0] + row[-1] for row in rows)) != {"#"}:
            raise ValueError("a maze is enclosed by walls")
        if any(text.count(sign) != 1 for sign in "@>") or any(text.count(key) > 1 for key in _KEYS):
            raise ValueError("a maze has one player, one way out and at most one key of a letter")
        return Maze(text, len(rows[0]) + 1, text.index(">"))

    @classmethod
    def _start(cls, instance: Maze) -> str:
        return instance.text

    @classmethod
    def _observe(cls, instance: Maze, state: str) -> str:
        return state

    @classmethod
    def _apply(cls, instance: Maze, state: str, action: str) -> str:
        step = steps_of(instance.stride).get(action.upper())
        if step is None:
            raise IllegalAction(f"{shown(action)} is not one of U, D, L, R.")
        here = state.index("@")
        there = here + step
        sign = state[there]
        if sign == "#":
            raise IllegalAction("There is a wall in the way.")
        if sign in _DOORS:
            raise IllegalAction(f"Door {sign} is locked.")
        left = ">" if here == instance.exit else "."
        if step > 0:
            state = f"{state[:here]}{left}{state[here + 1 : there]}@{state[there + 1 :]}"
        else:
            state = f"{state[:there]}@{state[there + 1 : here]}{left}{state[here + 1 :]}"
        return state.replace(sign.upper(), ".") if sign in _KEYS else state

    @classmethod
    def _goal(cls, instance: Maze, state: str) -> bool:
        return state[instance.exit] == "@"

    @classmethod
    def _solve(cls, instance: Maze) -> Solution:
        return cls._solution(list(_plan(instance)))

    @classmethod
    def _legal(cls, instance: Maze, state: str) -> list[str]:
        here = state.index("@")
        return [letter for letter, step in steps_of(instance.stride).items() if state[here + step] not in "#" + _DOORS]

    @classmethod
    def _limit(cls, instance: Maze) -> int:
        try:
            return 2 * len(_plan(instance)) + 4
        except NoPlan:
            return 400


@lru_cache(maxsize=1024)
def _plan(maze: Maze) -> str:
    """A shortest way out. Raises NoPlan."""
    text, steps = maze.text, steps_of(maze.stride)
    bit = {sign: 1 << _KEYS.index(sign.lower()) for sign in _KEYS + _DOORS}

    def moves(state: tuple[int, int]) -> list[tuple[str, tuple[int, int]]]:
        here, keys = state
        found = []
        for letter, step in steps.items():
            sign = text[here + step]
            if sign == "#" or (sign in _DOORS and not keys & bit[sign]):
                continue
            found.append((letter, (here + step, keys | bit[sign] if sign in _KEYS else keys)))
        return found

    return "".join(breadth_first((text.index("@"), 0), moves, lambda state: state[0] == maze.exit, _BOUND))


def _carved(rng: random.Random, rows: int, columns: int) -> list[str]:
    """The cells of a maze whose rooms form a tree, grown by a random walk that backs out of dead ends."""
    stride = 2 * columns + 2
    cells = list("\n".join(["#" * (stride - 1)] * (2 * rows + 1)))
    free = {(2 * r + 1) * stride + 2 * c + 1 for r in range(rows) for c in range(columns)}
    here = rng.choice(sorted(free))
    free.remove(here)
    cells[here] = "."
    path = [here]
    while path:
        here = path[-1]
        options = [step for step in steps_of(stride).values() if here + 2 * step in free]
        if not options:
            path.pop()
            continue
        step = rng.choice(options)
        cells[here + step] = cells[here + 2 * step] = "."
        free.remove(here + 2 * step)
        path.append(here + 2 * step)
    return cells


def _locked(rng: random.Random, cells: list[str], stride: int, doors: int) -> str | None:
    """The maze with a player, a way out, and doors whose keys are behind each other; None if they find no place."""
    start = rng.choice([i for i, sign in enumerate(cells) if sign == "."])
    cells[start] = "@"
    text = "".join(cells)
    away = distances(text, start, stride, "#")
    target = max(away, key=lambda cell: (away[cell], cell))
    cells[target] = ">"
    for key in rng.sample(_KEYS[:doors], doors):
        way = [target]  # back to the start, one step nearer each time
        while away[way[-1]] > 1:
            way.append(
                next(way[-1] + s for s in steps_of(stride).values() if away.get(way[-1] + s) == away[way[-1]] - 1)
            )
        if len(way) < 2:
            return None
        cells[rng.choice(way[1:])] = key.upper()
        before = distances("".join(cells), start, stride, "#" + _DOORS)
        ends = [cell for cell in before if cells[cell] == "." and cell not in way]
        if not ends:
            return None
        target = rng.choice(sorted(ends, key=lambda cell: -before[cell])[: 1 + len(ends) // 3])
        cells[target] = key
    return "".join(cells)
