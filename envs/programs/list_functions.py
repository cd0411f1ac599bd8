"""A chain of list functions that turns every example into what is wanted.

An observation is a line such as `[3 1 2] -> 6` for each example (as it is now, and as it is wanted) and `2 left`; a
right action is `map * 2`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PlanEnv
from esreason.core.verdict import Solution
from esreason.verifiers.programs.pipelines import MAX_ITEMS, MAX_STAGES, Value, apply, find, read, stages, type_of

# examples, numbers in a list, stages, largest number; no single stage does as well
LEVELS = {
    1: (2, 5, 2, 9), 2: (3, 5, 2, 9), 3: (3, 6, 3, 9), 4: (3, 6, 3, 20), 5: (3, 7, 4, 20),
    6: (4, 7, 4, 20), 7: (4, 8, 5, 20), 8: (4, 8, 6, 30), 9: (5, 9, 7, 30), 10: (5, 9, 8, 30),
}  # fmt: skip
MAX_EXAMPLES, MAX_START = 6, 999

State = tuple[int, tuple[Value, ...]]
"""How many stages are left, and the values as they are now."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Lists, what is wanted of each, in how many stages, and some that do it."""

    starts: tuple[Value, ...]
    goals: tuple[Value, ...]
    within: int
    program: tuple[str, ...]


def after(text: str, now: Sequence[Value]) -> tuple[Value, ...]:
    """All values behind one stage; ValueError where it does not fit or has no value."""
    stage = find(text, type_of(now[0]))
    return tuple([apply(stage, value) for value in now])


class ListFunctions(PlanEnv[Examples, State]):
    """Chain typed functions on lists and numbers so that every example is mapped right, with at most so many stages.

    Levels go from 2 stages and 2 examples to 8 stages and 5 examples. Every chain that fits is right; in generated
    tasks no single stage does, and no stage of the chain that made the task leaves everything as it was. That chain
    is in the payload and never shown; none is claimed to be shortest. After Rule et al., The child as hacker (2020).
    """

    name = "list_functions"
    rules = (
        "List functions: find a chain of stages that turns each value into the one behind ->, all by the same stages. "
        "On a list: reverse, sort, unique (first of each), tail, init (all but the last), take n, drop n, rotate "
        "(first to the end), double (each twice), mirror (the list and its reverse), sums (running), steps "
        "(differences of neighbours), odd_places, even_places (1st 3rd..., 2nd 4th...), map + n, map - n, map * n, map "
        "% n, map negate, map square, keep even, keep odd, keep > n, keep < n, keep records (larger than all before); "
        "to a number: sum, length, max, min, first, last. On a number: + n, - n, * n, % n, negate, square; to a list: "
        "up_to (1, 2... up to it), digits. n is 1 to 9 (take, drop: 1 to 5; * and %: 2 to 9). % is the remainder, "
        "never negative. The last line says how many stages are left."
    )
    action_rule = "Write one stage, for example keep > 3; it works on every value."
    answer_rule = "Answer with the stages in order, joined by |, for example sort | take 3 | sum."
    action_chars = 16
    answer_chars = 200
    separator = re.compile(r"\s*\|\s*")

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, items, size, top = LEVELS[level]
        while True:
            starts = [tuple(rng.randint(1, top) for _ in range(rng.randint(items - 2, items))) for _ in range(count)]
            now, program, seen = tuple(starts), list[str](), {tuple(starts)}
            while len(program) < size:
                stage = rng.choice(stages(type_of(now[0])))
                try:
                    now = after(stage.text, now)
                except ValueError:
                    break
                if now in seen:
                    break
                seen.add(now)
                program.append(stage.text)
            if len(program) == size and _varied(now) and not _simple(tuple(starts), now):
                pairs = [[list(start), _listed(goal)] for start, goal in zip(starts, now, strict=True)]
                return {"examples": pairs, "within": size, "program": " | ".join(program)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Examples:
        if set(payload) != {"examples", "within", "program"}:
            raise ValueError('a list_functions payload is {"examples": [[list, wanted], ...], "within", "program"}')
        pairs, within, program = payload["examples"], payload["within"], payload["program"]
        if type(within) is not int or not 1 <= within <= MAX_STAGES or not isinstance(program, str):
            raise ValueError(f"within is 1 to {MAX_STAGES}, and the program is a text")
        if not isinstance(pairs, list) or not 1 <= len(pairs) <= MAX_EXAMPLES:
            raise ValueError(f"there are 1 to {MAX_EXAMPLES} examples")
        for pair in pairs:
            if not isinstance(pair, list) or len(pair) != 2 or not _is_list(pair[0]) or isinstance(pair[1], bool):
                raise ValueError(f"an example is a list of at most {MAX_ITEMS} numbers and what is wanted")
        starts = tuple(tuple(start) for start, _ in pairs)
        goals = tuple(tuple(goal) if isinstance(goal, list) else goal for _, goal in pairs)
        texts = tuple(" ".join(text.split()) for text in read(program))
        now: tuple[Value, ...] = starts
        for text in texts:
            now = after(text, now)
        if now != goals or [type_of(value) for value in now] != [type_of(goal) for goal in goals] or starts == goals:
            raise ValueError("the payload's own program does not give what is wanted")
        if len(texts) > within:
            raise ValueError(f"the payload's own program has more than {within} stages")
        return Examples(starts, now, within, texts)

    @classmethod
    def _start(cls, instance: Examples) -> State:
        return instance.within, instance.starts

    @classmethod
    def _observe(cls, instance: Examples, state: State) -> str:
        pairs = zip(state[1], instance.goals, strict=True)
        return "\n".join([*(f"{_written(now)} -> {_written(goal)}" for now, goal in pairs), f"{state[0]} left"])

    @classmethod
    def _apply(cls, instance: Examples, state: State, action: str) -> State:
        if not state[0]:
            raise IllegalAction("No stage is left.")
        try:
            return state[0] - 1, after(action, state[1])
        except ValueError as error:
            raise IllegalAction(str(error)) from None

    @classmethod
    def _goal(cls, instance: Examples, state: State) -> bool:
        return state[1] == instance.goals

    @classmethod
    def _done(cls, instance: Examples, state: State) -> bool:
        return not state[0] or state[1] == instance.goals

    @classmethod
    def _answer(cls, instance: Examples, state: State, actions: Sequence[str]) -> str:
        return " | ".join(actions)

    @classmethod
    def _solve(cls, instance: Examples) -> Solution:
        actions, now = list[str](), instance.starts
        for text in instance.program:
            now = after(text, now)
            actions.append(text)
            if now == instance.goals:
                break
        return Solution(" | ".join(actions), actions, len(actions) == 1)

    @classmethod
    def _legal(cls, instance: Examples, state: State) -> list[str]:
        found = []
        for stage in stages(type_of(state[1][0])) if state[0] else ():
            try:
                after(stage.text, state[1])
            except ValueError:
                continue
            found.append(stage.text)
        return found

    @classmethod
    def _limit(cls, instance: Examples) -> int:
        return instance.within + cls.max_illegal


def _simple(starts: tuple[Value, ...], goals: tuple[Value, ...]) -> bool:
    """Whether a single stage does it."""
    pairs = list(zip(starts, goals, strict=True))
    return any(all(_gives(stage.function, start, goal) for start, goal in pairs) for stage in stages("list"))


def _gives(function: Any, start: Value, goal: Value) -> bool:
    try:
        return bool(function(start) == goal)
    except (ValueError, IndexError):
        return False


def _varied(values: tuple[Value, ...]) -> bool:
    """Whether the values differ from each other, and hold something."""
    return len(set(values)) == len(values) and all(value != () for value in values)


def _is_list(value: object) -> bool:
    return (
        isinstance(value, list)
        and 1 <= len(value) <= MAX_ITEMS
        and all(type(number) is int and abs(number) <= MAX_START for number in value)
    )


def _listed(value: Value) -> Value:
    return value if isinstance(value, int) else list(value)


def _written(value: Value) -> str:
    return str(value) if isinstance(value, int) else f"[{' '.join(map(str, value))}]"
