"""A robot that turns and drives on a grid.

An observation is the grid (# obstacle, ^ > v < the robot and where it faces, * a flag):

    #...
    ..#*
    ....
    .>..

A right action is `F`.
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
from esreason.envs.walks import distances, rectangle

# side, obstacles, flags, fewest steps to the farthest flag
LEVELS = {
    1: (4, 2, 1, 3), 2: (5, 5, 2, 4), 3: (6, 8, 2, 5), 4: (7, 12, 2, 6), 5: (7, 12, 3, 6), 6: (8, 16, 3, 7),
    7: (9, 22, 4, 8), 8: (10, 28, 4, 9), 9: (11, 34, 5, 10), 10: (12, 42, 6, 11),
}  # fmt: skip

_HEADINGS = "^>v<"  # turning right goes on in this order
_MOST = 12
_FLAGS = 6
_BOUND = 50_000  # more states than 12 x 12 cells have with 6 flags


@dataclass(frozen=True, slots=True)
class Field:
    """The grid as text, and how far apart its rows are."""

    text: str
    stride: int

    def ahead(self, here: int, heading: str) -> int:
        """The place in front of the robot, or -1 beyond the edge."""
        there = here + (-self.stride, 1, self.stride, -1)[_HEADINGS.index(heading)]
        return there if 0 <= there < len(self.text) and self.text[there] != "\n" else -1


class GridNavigation(PlanEnv[Field, str]):
    """Drive a robot over every flag with F, L and R; one flag on 4x4 at level 1 to six flags on 12x12 at level 10.

    The order of flags is free. The solver's plan has the fewest actions, by breadth-first search.
    """

    name = "grid_navigation"
    rules = (
        "Robot: # is an obstacle, . free ground, * a flag; ^ > v < is the robot and shows where it faces. Drive over "
        "every flag, in any order."
    )
    action_rule = "Write one action: F drives one cell forward, L turns left, R turns right on the spot."
    answer_rule = "Answer with all actions as letters F, L, R, for example FFRFLF."
    letters = True
    action_chars = 1
    answer_chars = 400
    task_space = {1: 37_000}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        side, obstacles, flags, least = LEVELS[level]
        stride = side + 1
        while True:
            places = [r * stride + c for r in range(side) for c in range(side)]
            rng.shuffle(places)
            cells = list("\n".join(["." * side] * side))
            for place in places[:obstacles]:
                cells[place] = "#"
            start, *goals = places[obstacles : obstacles + flags + 1]
            away = distances("".join(cells), start, stride, "#")
            if not all(goal in away for goal in goals) or max(away[goal] for goal in goals) < least:
                continue
            for goal in goals:
                cells[goal] = "*"
            cells[start] = rng.choice(_HEADINGS)
            return {"board": "".join(cells)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Field:
        if set(payload) != {"board"}:
            raise ValueError('a grid_navigation payload is {"board": "<rows with # . * and one of ^ > v <>"}')
        text = payload["board"]
        rows = rectangle(text, "#.*" + _HEADINGS, _MOST)
        if sum(map(text.count, _HEADINGS)) != 1 or not 1 <= text.count("*") <= _FLAGS:
            raise ValueError(f"the grid has one robot and 1 to {_FLAGS} flags")
        return Field(text, len(rows[0]) + 1)

    @classmethod
    def _start(cls, instance: Field) -> str:
        return instance.text

    @classmethod
    def _observe(cls, instance: Field, state: str) -> str:
        return state

    @classmethod
    def _apply(cls, instance: Field, state: str, action: str) -> str:
        here, heading = _robot(state)
        action = action.upper()
        if action in ("L", "R"):
            turned = _HEADINGS[(_HEADINGS.index(heading) + (1 if action == "R" else 3)) % 4]
            return state[:here] + turned + state[here + 1 :]
        if action != "F":
            raise IllegalAction(f"{shown(action)} is not one of F, L, R.")
        there = instance.ahead(here, heading)
        if there < 0:
            raise IllegalAction("There the grid ends.")
        if state[there] == "#":
            raise IllegalAction("There is an obstacle in front of the robot.")
        cells = list(state)
        cells[here], cells[there] = ".", heading
        return "".join(cells)

    @classmethod
    def _goal(cls, instance: Field, state: str) -> bool:
        return "*" not in state

    @classmethod
    def _solve(cls, instance: Field) -> Solution:
        return cls._solution(list(_plan(instance)))

    @classmethod
    def _legal(cls, instance: Field, state: str) -> list[str]:
        there = instance.ahead(*_robot(state))
        return ["F", "L", "R"] if there >= 0 and state[there] != "#" else ["L", "R"]

    @classmethod
    def _limit(cls, instance: Field) -> int:
        try:
            return 2 * len(_plan(instance)) + 2
        except NoPlan:
            return 200


def _robot(text: str) -> tuple[int, str]:
    """Where the robot is, and its heading."""
    for heading in _HEADINGS:
        here = text.find(heading)
        if here >= 0:
            return here, heading
    raise AssertionError("every state has a robot")


@lru_cache(maxsize=1024)
def _plan(field: Field) -> str:
    """A shortest plan. Raises NoPlan."""
    here, heading = _robot(field.text)
    flags = [i for i, sign in enumerate(field.text) if sign == "*"]
    bit = {place: 1 << number for number, place in enumerate(flags)}
    ahead = {
        (place, number): field.ahead(place, sign)
        for place, ground in enumerate(field.text) if ground not in "#\n" for number, sign in enumerate(_HEADINGS)
    }  # fmt: skip
    free = {place for place, _ in ahead}

    def moves(state: tuple[int, int, int]) -> list[tuple[str, tuple[int, int, int]]]:
        place, way, left = state
        turns = [("L", (place, (way + 3) % 4, left)), ("R", (place, (way + 1) % 4, left))]
        there = ahead[place, way]
        return [("F", (there, way, left & ~bit.get(there, 0))), *turns] if there in free else turns

    start = (here, _HEADINGS.index(heading), (1 << len(flags)) - 1)
    return "".join(breadth_first(start, moves, lambda state: not state[2], _BOUND))
