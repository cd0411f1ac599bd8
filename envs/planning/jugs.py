"""Water jugs.

An observation is `A 0/12 B 8/9 > A 3` (the litres in each jug and how many it holds, then the goal); a right action
is `fill A`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PHRASES, PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.search import breadth_first

# jugs, smallest and largest of them, fewest and most moves
LEVELS = {
    1: (2, 4, 17, 5, 6), 2: (3, 4, 13, 5, 6), 3: (3, 4, 14, 6, 7), 4: (3, 5, 16, 6, 7), 5: (3, 5, 16, 6, 8),
    6: (3, 6, 18, 7, 8), 7: (3, 7, 21, 8, 9), 8: (3, 8, 23, 8, 11), 9: (3, 9, 26, 9, 12), 10: (3, 10, 30, 10, 16),
}  # fmt: skip

_ACTION = re.compile(r"(?:(fill|empty) ([A-D])|([A-D])\s*->\s*([A-D]))")
_MOST = 99  # litres
_STATES = 30_000  # of a payload, counted as those in which some jug is full or empty

Levels = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Jugs:
    """What the jugs hold at most and in the beginning, the goal, and a shortest plan."""

    sizes: Levels
    start: Levels
    jug: int
    litres: int
    plan: tuple[str, ...]


class WaterJugs(PlanEnv[Jugs, Levels]):
    """Measure litres by filling, emptying and pouring; plans of 5-6 moves with two jugs at level 1 to 10-16 with three.

    The solver's plan is a shortest one, by breadth-first search; every payload has one.
    """

    name = "jugs"
    rules = (
        "Water jugs: each jug is shown with the litres in it / the litres it holds; behind > is the jug that must hold "
        "exactly the given litres. A jug can be filled to the brim, emptied, or poured into another until that is full "
        "or it is empty."
    )
    action_rule = "Write one move: fill A, empty A, or A->B to pour jug A into jug B."
    answer_rule = "Answer with all moves, for example fill A, A->B, empty B."
    separator = PHRASES
    action_chars = 7
    answer_chars = 400
    task_space = {1: 9_000, 2: 20_000, 3: 25_000, 4: 37_000}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, least, most, fewest, longest = LEVELS[level]
        while True:
            sizes = tuple(rng.sample(range(least, most + 1), count))
            start = tuple(rng.choice((0, rng.randint(1, size), rng.randint(1, size))) for size in sizes)
            if start in ((0,) * count, sizes) and level < 3:
                continue
            found = _target(rng, sizes, start, fewest, longest)
            if found:
                return {"sizes": list(sizes), "start": list(start), "goal": list(found)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Jugs:
        if set(payload) != {"sizes", "start", "goal"} or not all(_integers(payload[key]) for key in payload):
            raise ValueError(
                'a jugs payload is {"sizes": [litres], "start": [litres], "goal": [jug from 0 on, litres]}'
            )
        sizes, start, goal = (tuple(payload[key]) for key in ("sizes", "start", "goal"))
        if not 2 <= len(sizes) <= 4 or not all(1 <= size <= _MOST for size in sizes) or _extent(sizes) > _STATES:
            raise ValueError(f"there are 2 to 4 jugs of 1 to {_MOST} litres, with at most {_STATES:,} states")
        if len(start) != len(sizes) or any(not 0 <= a <= b for a, b in zip(start, sizes, strict=True)):
            raise ValueError("start is what each jug holds, between nothing and its size")
        if len(goal) != 2 or not 0 <= goal[0] < len(sizes) or not 0 <= goal[1] <= sizes[goal[0]]:
            raise ValueError("goal is a jug, counted from 0, and litres that it can hold")
        jug, litres = goal
        if start[jug] == litres:
            raise ValueError("the goal is reached already")
        plan = breadth_first(start, lambda state: _successors(sizes, state), lambda state: state[jug] == litres)
        return Jugs(sizes, start, jug, litres, tuple(plan))

    @classmethod
    def _start(cls, instance: Jugs) -> Levels:
        return instance.start

    @classmethod
    def _observe(cls, instance: Jugs, state: Levels) -> str:
        jugs = " ".join(f"{n} {a}/{b}" for n, a, b in zip("ABCD", state, instance.sizes, strict=False))
        return f"{jugs} > {'ABCD'[instance.jug]} {instance.litres}"

    @classmethod
    def _apply(cls, instance: Jugs, state: Levels, action: str) -> Levels:
        match = _ACTION.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form fill A, empty A or A->B.")
        sizes, levels = instance.sizes, list(state)
        here = "ABCD".index(match[2] or match[3])
        if here >= len(sizes):
            raise IllegalAction(f"There is no jug {'ABCD'[here]}.")
        if match[1] == "fill":
            if levels[here] == sizes[here]:
                raise IllegalAction(f"Jug {match[2]} is full already.")
            levels[here] = sizes[here]
            return tuple(levels)
        if not levels[here]:
            raise IllegalAction(f"Jug {'ABCD'[here]} is empty.")
        if match[1] == "empty":
            levels[here] = 0
            return tuple(levels)
        there = "ABCD".index(match[4])
        if there >= len(sizes) or there == here:
            raise IllegalAction(f"There is no other jug {match[4]}.")
        room = min(levels[here], sizes[there] - levels[there])
        if not room:
            raise IllegalAction(f"Jug {match[4]} is full.")
        levels[here] -= room
        levels[there] += room
        return tuple(levels)

    @classmethod
    def _goal(cls, instance: Jugs, state: Levels) -> bool:
        return state[instance.jug] == instance.litres

    @classmethod
    def _solve(cls, instance: Jugs) -> Solution:
        return cls._solution(list(instance.plan))

    @classmethod
    def _legal(cls, instance: Jugs, state: Levels) -> list[str]:
        return [action for action, _ in _successors(instance.sizes, state)]

    @classmethod
    def _limit(cls, instance: Jugs) -> int:
        return 2 * len(instance.plan) + 2


def _successors(sizes: Levels, state: Levels) -> list[tuple[str, Levels]]:
    """Every legal move and what it leaves in the jugs."""
    found = []
    for here, held in enumerate(state):
        size = sizes[here]
        if held < size:
            found.append((_FILL[here], (*state[:here], size, *state[here + 1 :])))
        if held:
            found.append((_EMPTY[here], (*state[:here], 0, *state[here + 1 :])))
            for there, other in enumerate(state):
                if there != here and other < sizes[there]:
                    room = min(held, sizes[there] - other)
                    levels = list(state)
                    levels[here] -= room
                    levels[there] += room
                    found.append((_POUR[here][there], tuple(levels)))
    return found


_FILL = [f"fill {jug}" for jug in "ABCD"]
_EMPTY = [f"empty {jug}" for jug in "ABCD"]
_POUR = [[f"{a}->{b}" for b in "ABCD"] for a in "ABCD"]


def _extent(sizes: Levels) -> int:
    """At least as many states as can be reached: after a move some jug is full or empty."""
    total = 0
    for jug in range(len(sizes)):
        states = 2
        for other, size in enumerate(sizes):
            if other != jug:
                states *= size + 1
        total += states
    return total


def _target(rng: random.Random, sizes: Levels, start: Levels, fewest: int, longest: int) -> tuple[int, int] | None:
    """A jug and litres in it that take `fewest` to `longest` moves; None if there are none."""
    count = len(sizes)
    seen, layer = {start}, [start]
    first = dict.fromkeys(enumerate(start), 0)
    for moves in range(1, longest + 1):
        grown = []
        for state in layer:
            for _, other in _successors(sizes, state):
                if other not in seen:
                    seen.add(other)
                    grown.append(other)
                    for jug in range(count):
                        first.setdefault((jug, other[jug]), moves)
        layer = grown
    options = [goal for goal, moves in first.items() if moves >= fewest]
    return rng.choice(options) if options else None


def _integers(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(type(n) is int for n in value)
