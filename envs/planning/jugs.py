"""Water jugs.

An observation is `A 5/5 B 0/12 > A 3 B 12` (the litres in each jug and how many it holds, then the goal); a right
action is `A->B`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PHRASES, PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.search import breadth_first

# jugs, smallest and largest of them, fewest and most moves
LEVELS = {
    1: (2, 3, 15, 4, 5), 2: (3, 3, 8, 4, 5), 3: (3, 3, 9, 6, 7), 4: (3, 3, 10, 7, 8), 5: (3, 3, 11, 8, 9),
    6: (3, 4, 13, 9, 11), 7: (3, 5, 15, 11, 13), 8: (3, 6, 18, 13, 16), 9: (3, 7, 21, 15, 20), 10: (3, 8, 22, 17, 40),
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
    goal: tuple[int | None, ...]
    plan: tuple[str, ...]


class WaterJugs(PlanEnv[Jugs, Levels]):
    """Measure litres by filling, emptying and pouring; 4-5 moves with two jugs at level 1 to 17 or more with three.

    The solver's plan is a shortest one, by breadth-first search; every payload has one.
    """

    name = "jugs"
    rules = (
        "Water jugs: each jug is shown with the litres in it / the litres it holds; behind > is what they must "
        "hold in the end. A jug can be filled to the brim, emptied, or poured into another until that is full "
        "or it is empty."
    )
    action_rule = "Write one move: fill A, empty A, or A->B to pour jug A into jug B."
    answer_rule = "Answer with all moves, for example fill A, A->B, empty B."
    separator = PHRASES
    action_chars = 7
    answer_chars = 400
    task_space = {1: 30_000}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, least, most, fewest, longest = LEVELS[level]
        while True:
            sizes = tuple(rng.sample(range(least, most + 1), count))
            start = tuple(rng.choice((0, rng.randint(1, size), rng.randint(1, size))) for size in sizes)
            goal = _target(rng, sizes, start, fewest, longest)
            if goal:
                return {"sizes": list(sizes), "start": list(start), "goal": list(goal)}

    @classmethod
    def _variants(cls, rng: random.Random, payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The jugs in other orders."""
        for order in permutations(range(len(payload["sizes"]))):
            yield {key: [litres[jug] for jug in order] for key, litres in payload.items()}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Jugs:
        if set(payload) != {"sizes", "start", "goal"} or not all(_are_litres(payload[key]) for key in payload):
            raise ValueError('a jugs payload is {"sizes": [litres], "start": [litres], "goal": [litres, null for any]}')
        sizes, start, goal = (tuple(payload[key]) for key in ("sizes", "start", "goal"))
        if not 2 <= len(sizes) <= 4 or None in sizes + start or len(start) != len(sizes) or len(goal) != len(sizes):
            raise ValueError("there are 2 to 4 jugs, each with a size, a start and a goal, which may be null")
        if not all(1 <= size <= _MOST for size in sizes) or _extent(sizes) > _STATES:
            raise ValueError(f"jugs hold 1 to {_MOST} litres, and have at most {_STATES:,} states")
        if any(not 0 <= litres <= size for levels in (start, goal) for litres, size in _given(levels, sizes)):
            raise ValueError("start and goal are between nothing and the size of the jug")
        if _reached(goal, start):
            raise ValueError("the goal is reached already")
        plan = breadth_first(start, lambda state: _successors(sizes, state), lambda state: _reached(goal, state))
        return Jugs(sizes, start, goal, tuple(plan))

    @classmethod
    def _start(cls, instance: Jugs) -> Levels:
        return instance.start

    @classmethod
    def _observe(cls, instance: Jugs, state: Levels) -> str:
        jugs = " ".join(f"{n} {a}/{b}" for n, a, b in zip("ABCD", state, instance.sizes, strict=False))
        goal = " ".join(f"{n} {a}" for n, a in zip("ABCD", instance.goal, strict=False) if a is not None)
        return f"{jugs} > {goal}"

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
        return _reached(instance.goal, state)

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


def _target(rng: random.Random, sizes: Levels, start: Levels, fewest: int, longest: int) -> Levels | None:
    """What the jugs hold after `fewest` to `longest` moves, and not before; None if there is nothing such."""
    seen, layer = {start}, [start]
    options: list[Levels] = []
    for moves in range(1, rng.randint(fewest, longest) + 1):
        grown = []
        for state in layer:
            for _, other in _successors(sizes, state):
                if other not in seen:
                    seen.add(other)
                    grown.append(other)
        layer = grown
        if layer and moves >= fewest:
            options = layer
    return rng.choice(options) if options else None


def _reached(goal: tuple[int | None, ...], state: Levels) -> bool:
    return all(wanted is None or wanted == litres for wanted, litres in zip(goal, state, strict=True))


def _given(levels: tuple[int | None, ...], sizes: Levels) -> list[tuple[int, int]]:
    return [(litres, size) for litres, size in zip(levels, sizes, strict=True) if litres is not None]


def _are_litres(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(n is None or type(n) is int for n in value)
