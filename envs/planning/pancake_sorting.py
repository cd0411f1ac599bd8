"""Pancake sorting.

An observation is `7 4 9 3 6`, the sizes from the top down; a right action is `4`, which turns the top four over.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.search import best_found

# pancakes, flips needed at least
LEVELS = {
    1: (5, 3), 2: (6, 5), 3: (7, 5), 4: (7, 6), 5: (8, 6), 6: (9, 7), 7: (10, 8), 8: (11, 9), 9: (12, 10), 10: (14, 12),
}  # fmt: skip

_ACTION = re.compile(r"[0-9]{1,2}")
_MOST = 14  # pancakes
_BOUND = 40_000  # states; with the half as many that may follow about 0.8 s

Stack = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pancakes:
    """The stack from the top down, and its place in order."""

    start: Stack
    goal: Stack


class PancakeSorting(PlanEnv[Pancakes, Stack]):
    """Sort a stack by turning over its top; 5 pancakes at level 1 to 14 pancakes at level 10.

    The sizes are different numbers up to twice the count and three. The solver's plan is a shortest one (A* with the
    number of gaps, Helmert 2010); of the stacks that others may give a few are so hard that it is not proved shortest.
    """

    name = "pancake_sorting"
    rules = (
        "Pancakes: the numbers are the sizes of a stack of pancakes, top first. A move turns over the pancakes on top, "
        "any number of them. Sort the stack, smallest on top."
    )
    action_rule = "Write how many pancakes to turn over, at least 2, for example 3."
    answer_rule = "Answer with all moves, for example 3, 5, 2."
    action_chars = 2
    answer_chars = 100

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, least = LEVELS[level]
        while True:
            stack = rng.sample(range(1, 2 * count + 4), count)
            if _gaps(_ranked(tuple(stack))) >= least:
                return {"stack": stack}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Pancakes:
        stack = payload.get("stack")
        if set(payload) != {"stack"} or not isinstance(stack, list | tuple) or not 2 <= len(stack) <= _MOST:
            raise ValueError(f'a pancake_sorting payload is {{"stack": [2 to {_MOST} sizes, top first]}}')
        if not all(type(size) is int and 1 <= size <= 99 for size in stack) or len(set(stack)) < len(stack):
            raise ValueError("the sizes are different numbers from 1 to 99")
        start, goal = tuple(stack), tuple(sorted(stack))
        if start == goal:
            raise ValueError("the stack is sorted already")
        return Pancakes(start, goal)

    @classmethod
    def _start(cls, instance: Pancakes) -> Stack:
        return instance.start

    @classmethod
    def _observe(cls, instance: Pancakes, state: Stack) -> str:
        return " ".join(map(str, state))

    @classmethod
    def _apply(cls, instance: Pancakes, state: Stack, action: str) -> Stack:
        count = int(action) if _ACTION.fullmatch(action) else 0
        if not count:
            raise IllegalAction(f"{shown(action)} is not a number of pancakes.")
        if not 2 <= count <= len(state):
            raise IllegalAction(f"A move turns over 2 to {len(state)} pancakes.")
        return state[count - 1 :: -1] + state[count:]

    @classmethod
    def _goal(cls, instance: Pancakes, state: Stack) -> bool:
        return state == instance.goal

    @classmethod
    def _solve(cls, instance: Pancakes) -> Solution:
        flips, proved = _plan(_ranked(instance.start))
        return cls._solution(list(map(str, flips)), proved)

    @classmethod
    def _legal(cls, instance: Pancakes, state: Stack) -> list[str]:
        return [str(count) for count in range(2, len(state) + 1)]

    @classmethod
    def _limit(cls, instance: Pancakes) -> int:
        """Twice the number of pancakes always suffices: two flips bring the largest to its place."""
        return 2 * len(instance.start)


def _ranked(stack: Stack) -> Stack:
    """The stack with sizes from 0 on without gaps, and the plate as the largest below it."""
    order = {size: rank for rank, size in enumerate(sorted(stack))}
    return (*(order[size] for size in stack), len(stack))


def _gaps(stack: Stack) -> int:
    """Neighbours whose sizes differ by more than one: a flip closes one of them at most."""
    return sum(abs(a - b) != 1 for a, b in pairwise(stack))


def _plan(stack: Stack) -> tuple[list[int], bool]:
    """Flips that sort a ranked stack, and whether none are fewer. Raises NoPlan."""

    def moves(stack: Stack) -> list[tuple[int, Stack, int]]:
        return [(n, stack[n - 1 :: -1] + stack[n:], 1) for n in range(2, len(stack))]

    goal = tuple(range(len(stack)))
    return best_found(stack, moves, lambda state: state == goal, _gaps, _BOUND)
