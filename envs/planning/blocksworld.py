"""Blocks world.

An observation is `[a d] [c b] > [d b a c]`: the stacks from the bottom up, then the goal; a right action is
`d -> table`.
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
from esreason.envs.planning.blocksworld_solver import TABLE, Stacks, below_of, estimate, moved, shortest

# blocks, moves needed at least
LEVELS = {
    1: (4, 2), 2: (5, 4), 3: (5, 5), 4: (6, 6), 5: (7, 7), 6: (8, 8), 7: (9, 9), 8: (10, 10), 9: (12, 12), 10: (14, 14),
}  # fmt: skip

_MOVE = re.compile(r"([A-Za-z0-9_]{1,12})\s*->\s*([A-Za-z0-9_]{1,12})")
_NAME = re.compile(r"[A-Za-z0-9_]{1,12}")
_MOST = 16  # blocks
_BOUND = 20_000  # states, about 0.7 s


@dataclass(frozen=True, slots=True)
class Blocks:
    """Start and goal, what each block stands on in the goal, and the goal as text."""

    start: Stacks
    goal: Stacks
    supports: Mapping[str, str]
    text: str


class Blocksworld(PlanEnv[Blocks, Stacks]):
    """Restack blocks, one at a time, into given stacks; 4 blocks at level 1 to 14 blocks at level 10.

    The order of stacks does not matter. The solver's plan is a shortest one; any that ends in the goal is right.
    """

    name = "blocksworld"
    rules = (
        "Blocks world: in each pair of brackets is a stack of blocks on the table, bottom first; behind > are the "
        "stacks that must stand in the end, in any order. Only the top block of a stack can be moved, onto another top "
        "block or onto the table."
    )
    action_rule = "Write one move, for example a -> b or a -> table."
    answer_rule = "Answer with all moves, for example a -> table, b -> c."
    action_chars = 28
    answer_chars = 1024
    task_space = {1: 5_000}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, least = LEVELS[level]
        names = "abcdefghijklmnop"[:count]
        while True:
            start, goal = _random_stacks(rng, names), _random_stacks(rng, names)
            if estimate(start, below_of(goal)) >= least:
                return {"initial": [list(s) for s in start], "goal": [list(s) for s in goal]}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Blocks:
        if set(payload) != {"initial", "goal"}:
            raise ValueError('a blocksworld payload is {"initial": [[bottom..top], ...], "goal": [[bottom..top], ...]}')
        start, goal = _stacks(payload["initial"]), _stacks(payload["goal"])
        if sorted(sum(start, ())) != sorted(sum(goal, ())):
            raise ValueError("initial and goal hold the same blocks")
        if start == goal:
            raise ValueError("the goal is reached already")
        return Blocks(start, goal, below_of(goal), _text(goal))

    @classmethod
    def _start(cls, instance: Blocks) -> Stacks:
        return instance.start

    @classmethod
    def _observe(cls, instance: Blocks, state: Stacks) -> str:
        return f"{_text(state)} > {instance.text}"

    @classmethod
    def _apply(cls, instance: Blocks, state: Stacks, action: str) -> Stacks:
        match = _MOVE.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form a -> b.")
        block, to = match.groups()
        if block not in instance.supports:
            raise IllegalAction(f"There is no block {block}.")
        if to != TABLE and to not in instance.supports:
            raise IllegalAction(f"There is no block {to}.")
        tops = {stack[-1]: stack for stack in state}
        if block not in tops:
            raise IllegalAction(f"Something stands on {block}.")
        if to == block:
            raise IllegalAction("A block cannot stand on itself.")
        if to == TABLE:
            if len(tops[block]) == 1:
                raise IllegalAction(f"{block} stands on the table already.")
        elif to not in tops:
            raise IllegalAction(f"Something stands on {to}.")
        return moved(state, block, to)

    @classmethod
    def _goal(cls, instance: Blocks, state: Stacks) -> bool:
        return state == instance.goal

    @classmethod
    def _moves(cls, answer: str) -> list[str]:
        return super()._moves(" ".join(answer.split()).replace(" ->", "->").replace("-> ", "->"))

    @classmethod
    def _solve(cls, instance: Blocks) -> Solution:
        plan = shortest(instance.start, instance.supports, _BOUND)
        return cls._solution([f"{block} -> {to}" for block, to in plan])

    @classmethod
    def _legal(cls, instance: Blocks, state: Stacks) -> list[str]:
        tops = [stack[-1] for stack in state]
        found = []
        for stack in state:
            block = stack[-1]
            found += [f"{block} -> {to}" for to in tops if to != block]
            if len(stack) > 1:
                found.append(f"{block} -> {TABLE}")
        return found

    @classmethod
    def _limit(cls, instance: Blocks) -> int:
        """No plan needs two moves a block that the estimate counts."""
        return 2 * estimate(instance.start, instance.supports) + 4


def _random_stacks(rng: random.Random, names: str) -> Stacks:
    """Stacks of shuffled blocks; a block is put on the last one two times in three."""
    stacks: list[list[str]] = []
    for name in rng.sample(names, len(names)):
        if stacks and rng.randrange(3):
            stacks[-1].append(name)
        else:
            stacks.append([name])
    return tuple(sorted(map(tuple, stacks)))


def _stacks(value: Any) -> Stacks:
    if not isinstance(value, list | tuple) or not all(isinstance(s, list | tuple) and s for s in value):
        raise ValueError("initial and goal are lists of stacks, each a list of blocks")
    blocks = [block for stack in value for block in stack]
    if not all(isinstance(block, str) and _NAME.fullmatch(block) and block != TABLE for block in blocks):
        raise ValueError("a block is a name of up to 12 letters, digits and _, but not table")
    if len(set(blocks)) != len(blocks) or not 2 <= len(blocks) <= _MOST:
        raise ValueError(f"there are 2 to {_MOST} blocks, each once")
    return tuple(sorted(map(tuple, value)))


def _text(stacks: Stacks) -> str:
    return " ".join(f"[{' '.join(stack)}]" for stack in stacks)
