"""Straight-line programs for a stack machine, run on several stacks at once.

An observation is a line such as `4 7 2 -> 4 14` for each stack (as it is now, top at the end, and as it is wanted)
and `2 left`; a right action is `mul`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.search import NoPlan, OutOfBounds
from esreason.verifiers.programs.stack import MAX_DEPTH, MAX_VALUE, NEEDS, WORDS, Stack, execute

# stacks, numbers on each, words, largest number; no program of at most so many words is to do as well
LEVELS = {
    1: (1, 3, 2, 12, 1), 2: (1, 3, 3, 12, 2), 3: (2, 3, 3, 9, 2), 4: (1, 3, 4, 9, 2), 5: (2, 3, 4, 9, 3),
    6: (2, 4, 4, 9, 3), 7: (3, 4, 5, 9, 3), 8: (2, 3, 5, 9, 3), 9: (2, 4, 6, 9, 3), 10: (3, 4, 6, 9, 3),
}  # fmt: skip
MAX_STACKS, MAX_WITHIN, MAX_STATES = 4, 6, 60_000

Stacks = tuple[Stack, ...]
State = tuple[int, Stacks]
"""How many words are left, and the stacks."""


@dataclass(frozen=True, slots=True)
class Job:
    """Stacks, what they are to become, and within how many words."""

    starts: Stacks
    goals: Stacks
    within: int


def after(word: str, stacks: Stacks) -> Stacks:
    """All stacks after one word; ValueError with one sentence where it cannot be executed on each."""
    return tuple([execute(word, stack) for stack in stacks])


def shortest(starts: Stacks, goals: Stacks, within: int) -> list[str]:
    """A shortest program that turns `starts` into `goals`, by breadth-first search; NoPlan if none is found."""
    came: dict[Stacks, tuple[Stacks, str] | None] = {starts: None}
    layer, depth = [starts], len(goals[0])
    for left in range(within - 1, -1, -1):
        grown = []
        for stacks in layer:
            for word in WORDS:
                if len(stacks[0]) < NEEDS[word]:
                    continue
                try:
                    other = after(word, stacks)
                except ValueError:
                    continue
                # a word changes the depth by at most one
                if other in came or abs(len(other[0]) - depth) > left:
                    continue
                came[other] = (stacks, word)
                if other == goals:
                    return _trace(came, other)
                grown.append(other)
            if len(came) > MAX_STATES:
                raise OutOfBounds(MAX_STATES)
        layer = grown
    raise NoPlan("the task has no solution")


def _trace(came: Mapping[Stacks, tuple[Stacks, str] | None], stacks: Stacks) -> list[str]:
    program = []
    while step := came[stacks]:
        stacks, word = step
        program.append(word)
    return program[::-1]


class StackMachine(PlanEnv[Job, State]):
    """A program of at most so many words that turns every stack into the wanted one, all by the same words.

    Levels go from two words on one stack to six words on three stacks. Any program that does it is right; the
    solver's is shortest, proved by breadth-first search. Generated tasks need more than 1 word at level 1, more
    than 2 or 3 at the others. After Forth (Charles Moore, 1970).
    """

    name = "stack_machine"
    rules = (
        "Stack machine: write one program that turns each stack into the one behind ->, all stacks by the same words. "
        "The top of a stack is at its right end, - is the empty stack. Words: 1 and 2 push a number; dup copies the "
        "top; drop removes it; swap exchanges the two upper numbers; over copies the second number to the top; rot "
        "brings the third to the top; add, sub and mul replace the two upper numbers a b by a+b, a-b, a*b; neg "
        "changes the sign of the top. The last line says how many words are left."
    )
    action_rule = "Write one word, for example dup; it is executed on every stack."
    answer_rule = "Answer with the words of the program in order, for example: swap dup mul add."
    action_chars = 8
    answer_chars = 64

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, depth, length, top, easier = LEVELS[level]
        while True:
            starts = tuple([tuple([rng.randint(1, top) for _ in range(depth)]) for _ in range(count)])
            goals, seen = starts, {starts}
            for _ in range(length):
                try:
                    goals = after(rng.choice(WORDS), goals)
                except ValueError:
                    break
                if goals in seen or not goals[0]:
                    break
                seen.add(goals)
            if len(seen) == length + 1 and not cls._easy(starts, goals, easier):
                return {"stacks": [[list(s), list(g)] for s, g in zip(starts, goals, strict=True)], "within": length}

    @classmethod
    def _easy(cls, starts: Stacks, goals: Stacks, within: int) -> bool:
        try:
            shortest(starts, goals, within)
        except NoPlan:
            return False
        return True

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Job:
        if set(payload) != {"stacks", "within"}:
            raise ValueError('a stack_machine payload is {"stacks": [[start, goal], ...], "within": int}')
        pairs, within = payload["stacks"], payload["within"]
        if type(within) is not int or not 1 <= within <= MAX_WITHIN:
            raise ValueError(f"within is 1 to {MAX_WITHIN}")
        if not isinstance(pairs, list) or not 1 <= len(pairs) <= MAX_STACKS:
            raise ValueError(f"there are 1 to {MAX_STACKS} stacks")
        if not all(isinstance(pair, list) and len(pair) == 2 and all(map(_is_stack, pair)) for pair in pairs):
            raise ValueError(f"a stack and its goal are 1 to {MAX_DEPTH} numbers of at most {MAX_VALUE:,}")
        starts, goals = tuple(tuple(start) for start, _ in pairs), tuple(tuple(goal) for _, goal in pairs)
        if len({len(stack) for stack in starts}) > 1 or len({len(stack) for stack in goals}) > 1 or starts == goals:
            raise ValueError("all stacks are equally deep, all goals too, and something is to be done")
        return Job(starts, goals, within)

    @classmethod
    def _start(cls, instance: Job) -> State:
        return instance.within, instance.starts

    @classmethod
    def _observe(cls, instance: Job, state: State) -> str:
        lines = [f"{_written(now)} -> {_written(goal)}" for now, goal in zip(state[1], instance.goals, strict=True)]
        return "\n".join([*lines, f"{state[0]} left"])

    @classmethod
    def _apply(cls, instance: Job, state: State, action: str) -> State:
        if action not in NEEDS:
            raise IllegalAction(f"{shown(action)} is not one of the words {' '.join(WORDS)}.")
        if not state[0]:
            raise IllegalAction("No word is left.")
        try:
            return state[0] - 1, after(action, state[1])
        except ValueError as error:
            raise IllegalAction(str(error)) from None

    @classmethod
    def _goal(cls, instance: Job, state: State) -> bool:
        return state[1] == instance.goals

    @classmethod
    def _done(cls, instance: Job, state: State) -> bool:
        return not state[0] or state[1] == instance.goals

    @classmethod
    def _solve(cls, instance: Job) -> Solution:
        actions = shortest(instance.starts, instance.goals, instance.within)
        return Solution(" ".join(actions), actions, optimal=True)

    @classmethod
    def _legal(cls, instance: Job, state: State) -> list[str]:
        found = []
        for word in WORDS if state[0] else ():
            try:
                after(word, state[1])
            except ValueError:
                continue
            found.append(word)
        return found

    @classmethod
    def _limit(cls, instance: Job) -> int:
        return instance.within + cls.max_illegal


def _is_stack(value: object) -> bool:
    return (
        isinstance(value, list)
        and 1 <= len(value) <= MAX_DEPTH
        and all(type(number) is int and abs(number) <= MAX_VALUE for number in value)
    )


def _written(stack: Stack) -> str:
    return " ".join(map(str, stack)) or "-"
