"""A river crossing like that of the wolf, the goat and the cabbage.

An observation is `b c d e f * | a; 2; a-b b-c b-d b-e b-f c-d` (left bank, right bank, a star where the boat is, seats
for things, pairs that cannot be left alone); a right action is `cross b c`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PHRASES, PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.search import NoPlan, breadth_first

# things, pairs (fewest, most), seats, fewest crossings
LEVELS = {
    1: (6, 4, 8, 2, 7), 2: (7, 5, 10, 2, 9), 3: (7, 5, 10, 2, 11), 4: (8, 8, 14, 3, 11), 5: (8, 6, 11, 2, 13),
    6: (9, 9, 18, 3, 13), 7: (9, 7, 13, 2, 13), 8: (9, 7, 13, 2, 15), 9: (10, 10, 20, 3, 15), 10: (10, 8, 15, 2, 17),
}  # fmt: skip

_NAMES = "abcdefghij"
_ACTION = re.compile(r"cross((?: +[a-j]){0,10})")

State = tuple[int, int]  # the things on the left bank as bits, and whether the boat is there


@dataclass(frozen=True, slots=True)
class River:
    """How many things there are, for every set of them whether it is safe, seats, what is left, a plan, clues."""

    count: int
    safe: bytes
    seats: int
    start: int
    plan: tuple[str, ...]
    text: str


class RiverCrossing(PlanEnv[River, State]):
    """Row things across a river without leaving enemies alone; 6 things at level 1 to 10 at level 10.

    The solver's plan has the fewest crossings, by breadth-first search; every payload has a plan.
    """

    name = "river_crossing"
    rules = (
        "River: first the things on the left bank, then | and those on the right bank, with * for you and the boat; "
        "then how many things the boat carries besides you; then the pairs that must not stay together on a bank "
        "without you. Bring everything to the right bank."
    )
    action_rule = "Write cross and what you take along to the other bank, for example cross a c, or only cross."
    answer_rule = "Answer with all crossings, separated by commas, for example cross a c, cross, cross b."
    separator = PHRASES
    action_chars = 24
    answer_chars = 600
    task_space = {1: 9_000, 2: 24_000, 3: 11_000}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, least, most, seats, fewest = LEVELS[level]
        while True:
            # Every pair has one of `seats` things: where more are needed, no load leaves a safe bank.
            common = rng.sample(range(count), seats)
            pairs = [(i, j) for j in range(count) for i in range(j) if i in common or j in common]
            chosen = sorted(rng.sample(pairs, min(len(pairs), rng.randint(least, most))))
            left = (1 << count) - 1
            for thing in rng.sample(range(count), rng.randrange(3) if count < 7 else 0):
                left ^= 1 << thing
            safe = _safe_banks(count, chosen)
            if not safe[left ^ (1 << count) - 1]:
                continue
            try:
                plan = _shortest(count, safe, seats, (left, 1))
            except NoPlan:
                continue
            if len(plan) >= fewest:
                named = [[_NAMES[i], _NAMES[j]] for i, j in chosen]
                return {"things": count, "seats": seats, "pairs": named, "left": _named(left)}

    @classmethod
    def _variants(cls, rng: random.Random, payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The same things with other names."""
        names = _NAMES[: payload["things"]]
        for _ in range(20):
            other = dict(zip(names, rng.sample(names, len(names)), strict=True))
            pairs = sorted(sorted((other[a], other[b])) for a, b in payload["pairs"])
            yield {**payload, "pairs": pairs, "left": sorted(other[name] for name in payload["left"])}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> River:
        if set(payload) != {"things", "seats", "pairs", "left"}:
            raise ValueError('a river_crossing payload is {"things": n, "seats": k, "pairs": [[a, b]], "left": [a]}')
        count, seats, pairs, left = (payload[key] for key in ("things", "seats", "pairs", "left"))
        if type(count) is not int or type(seats) is not int or not 2 <= count <= 10 or not 1 <= seats <= 4:
            raise ValueError("there are 2 to 10 things and 1 to 4 seats")
        names = _NAMES[:count]
        if not _are_things(left, names) or not isinstance(pairs, list | tuple):
            raise ValueError(f"left is a list of different things out of {', '.join(names)}")
        if not all(_are_things(pair, names) and len(pair) == 2 for pair in pairs):
            raise ValueError("pairs is a list of pairs of different things")
        numbers = [(names.index(a), names.index(b)) for a, b in pairs]
        if len(set(map(frozenset, numbers))) != len(pairs):
            raise ValueError("no pair is named twice")
        start = sum(1 << names.index(name) for name in left)
        safe = _safe_banks(count, numbers)
        if not start or not safe[start ^ (1 << count) - 1]:
            raise ValueError("something is on the left bank, and the right bank is safe")
        plan = _shortest(count, safe, seats, (start, 1))
        text = f"{seats}; {' '.join(f'{a}-{b}' for a, b in pairs)}"
        return River(count, safe, seats, start, tuple(plan), text)

    @classmethod
    def _start(cls, instance: River) -> State:
        return instance.start, 1

    @classmethod
    def _observe(cls, instance: River, state: State) -> str:
        left, here = state
        banks = [" ".join(_named(bank)) for bank in (left, left ^ (1 << instance.count) - 1)]
        banks[1 - here] += " *"
        return f"{banks[0].strip()} | {banks[1].strip()}; {instance.text}"

    @classmethod
    def _apply(cls, instance: River, state: State, action: str) -> State:
        match = _ACTION.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form cross a b.")
        left, here = state
        bank = left if here else left ^ (1 << instance.count) - 1
        taken = 0
        for name in match[1].split():
            thing = 1 << _NAMES.index(name)
            if not bank & thing:
                raise IllegalAction(f"{name} is not on the bank where the boat is.")
            if taken & thing:
                raise IllegalAction(f"{name} is named twice.")
            taken |= thing
        if taken.bit_count() > instance.seats:
            raise IllegalAction(f"The boat carries {instance.seats} things at most.")
        if not instance.safe[bank ^ taken]:
            raise IllegalAction("A pair would be left alone.")
        return left ^ taken, 1 - here

    @classmethod
    def _goal(cls, instance: River, state: State) -> bool:
        return not state[0]

    @classmethod
    def _solve(cls, instance: River) -> Solution:
        return cls._solution(list(instance.plan))

    @classmethod
    def _legal(cls, instance: River, state: State) -> list[str]:
        return [_action(taken) for taken, _ in _crossings(instance.count, instance.safe, instance.seats, state)]

    @classmethod
    def _limit(cls, instance: River) -> int:
        return 2 * len(instance.plan) + 2


def _are_things(value: Any, names: str) -> bool:
    """Whether this is a list of different things."""
    if not isinstance(value, list | tuple) or not all(isinstance(n, str) and n in [*names] for n in value):
        return False
    return len(set(value)) == len(value)


def _named(bank: int) -> list[str]:
    return [name for number, name in enumerate(_NAMES) if bank >> number & 1]


def _action(taken: int) -> str:
    return " ".join(["cross", *_named(taken)])


def _safe_banks(count: int, pairs: Sequence[tuple[int, int]]) -> bytes:
    """For every set of things whether it may be left alone."""
    masks = [1 << i | 1 << j for i, j in pairs]
    return bytes(all(bank & mask != mask for mask in masks) for bank in range(1 << count))


@cache
def _loads(bank: int, seats: int) -> tuple[int, ...]:
    """The sets of up to `seats` things of a bank."""
    things = [1 << number for number in range(10) if bank >> number & 1]
    return tuple(sum(load) for size in range(seats + 1) for load in combinations(things, size))


def _crossings(count: int, safe: bytes, seats: int, state: State) -> list[tuple[int, State]]:
    left, here = state
    bank = left if here else left ^ (1 << count) - 1
    return [(taken, (left ^ taken, 1 - here)) for taken in _loads(bank, seats) if safe[bank ^ taken]]


def _shortest(count: int, safe: bytes, seats: int, start: State) -> list[str]:
    """A plan with the fewest crossings that bring everything to the right bank. Raises NoPlan."""
    plan = breadth_first(start, lambda state: _crossings(count, safe, seats, state), lambda state: not state[0])
    return list(map(_action, plan))
