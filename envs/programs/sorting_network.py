"""Comparators that sort several lists at once.

An observation is a line such as `4 1 3 2` for each list and `3 left`; a right action is `1-2`.
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
from esreason.core.plan import PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.search import NoPlan, astar

# wires, lists, whether the least number of comparators is allowed, found by search
LEVELS = {
    1: (5, 2, True), 2: (5, 3, True), 3: (6, 2, True), 4: (5, 5, True), 5: (6, 3, True), 6: (6, 5, False),
    7: (6, 8, False), 8: (7, 8, False), 9: (8, 8, False), 10: (8, 16, False),
}  # fmt: skip
MAX_LISTS, MAX_NUMBER, MAX_WITHIN, MAX_STATES = 24, 99, 100, 8_000

# Smallest networks that sort every list (Knuth, The Art of Computer Programming 3, 5.3.4), as pairs of wires.
NETWORKS = {
    2: "12", 3: "13 12 23", 4: "13 24 12 34 23", 5: "14 25 13 24 12 35 23 45 34",
    6: "16 24 35 23 45 14 36 12 34 56 23 45", 7: "17 34 56 13 25 47 12 36 45 23 57 34 56 23 45 67",
    8: "13 24 57 68 15 26 37 48 12 34 56 78 35 46 25 47 23 45 67",
}  # fmt: skip

Pair = tuple[int, int]
Lists = tuple[tuple[int, ...], ...]
State = tuple[int, Lists]
"""How many comparators are left, and the lists as they are now."""

_ACTION = re.compile(r"([1-9])\s*[-:]\s*([1-9])")


@dataclass(frozen=True, slots=True)
class Job:
    """The lists, the same sorted, how many comparators are allowed, and some that do it."""

    lists: Lists
    goal: Lists
    within: int
    network: tuple[Pair, ...]
    least: bool


def after(pair: Pair, lists: Lists) -> Lists:
    """The lists after one comparator, its places counted from 0."""
    i, j = pair
    done = []
    for numbers in lists:
        if numbers[i] > numbers[j]:
            changed = list(numbers)
            changed[i], changed[j] = changed[j], changed[i]
            numbers = tuple(changed)
        done.append(numbers)
    return tuple(done)


def pruned(lists: Lists, goal: Lists) -> list[Pair]:
    """The network that sorts everything, without comparators that these lists do not need."""
    network = [(int(pair[0]) - 1, int(pair[1]) - 1) for pair in NETWORKS[len(lists[0])].split()]
    place = len(network)
    while place:
        place -= 1
        rest = network[:place] + network[place + 1 :]
        if _through(rest, lists) == goal:
            network, place = rest, len(rest)
    return network


def _through(network: Sequence[Pair], lists: Lists) -> Lists:
    for pair in network:
        lists = after(pair, lists)
    return lists


def shortest(lists: Lists, goal: Lists) -> list[Pair]:
    """Comparators that sort the lists, the fewest possible (A*); NoPlan when the search takes too long."""
    pairs = list(combinations(range(len(lists[0])), 2))
    places = [{number: place for place, number in enumerate(numbers)} for numbers in goal]

    # A list takes few forms on the way, and each occurs in many states.
    @cache
    def compared(numbers: tuple[int, ...]) -> list[tuple[int, ...]]:
        return [after(pair, (numbers,))[0] for pair in pairs]

    @cache
    def left(which: int, numbers: tuple[int, ...]) -> int:
        return _exchanges(numbers, places[which])

    def moves(now: Lists) -> Iterator[tuple[Pair, Lists, int]]:
        for pair, other in zip(pairs, zip(*map(compared, now), strict=True), strict=True):
            if other != now:
                yield pair, other, 1

    def estimate(now: Lists) -> int:
        return max(left(which, numbers) for which, numbers in enumerate(now))

    return astar(lists, moves, goal.__eq__, estimate, MAX_STATES)


def _exchanges(numbers: Sequence[int], places: Mapping[int, int]) -> int:
    """The fewest exchanges that sort a list of different numbers: a comparator makes at most one."""
    count, seen = 0, 0
    for start, number in enumerate(numbers):
        place = places[number]
        while place != start and not seen >> place & 1:
            seen |= 1 << place
            count += 1
            place = places[numbers[place]]
        seen |= 1 << start
    return count


class SortingNetwork(PlanEnv[Job, State]):
    """Choose comparators that sort all lists at once, with a stated number of them.

    Levels go from 2 lists of 5 numbers to 16 lists of 8. Up to level 5 the number is the least possible, proved by
    A*; above it is what a smallest network for all lists needs for these. Any comparators that do it are right.
    After Knuth, The Art of Computer Programming 3, section 5.3.4.
    """

    name = "sorting_network"
    rules = (
        "Sorting network: every line is a list on wires numbered from 1. A comparator 2-4 looks at wires 2 and 4 of "
        "every list and exchanges their numbers where the one on wire 2 is larger. Choose comparators so that in the "
        "end every list is sorted, smallest first. The last line says how many comparators are left."
    )
    action_rule = "Write one comparator, the smaller wire first, for example 2-4; it works on all lists."
    answer_rule = "Answer with the comparators in order, for example 1-2 3-4 1-3."
    action_chars = 8
    answer_chars = 128

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        wires, count, least = LEVELS[level]
        while True:
            lists = tuple([tuple(rng.sample(range(1, 2 * wires + 1), wires)) for _ in range(count)])
            goal = tuple([tuple(sorted(numbers)) for numbers in lists])
            try:
                within = len(shortest(lists, goal) if least else pruned(lists, goal))
            except NoPlan:
                continue
            if within >= wires - 1:
                return {"lists": [list(numbers) for numbers in lists], "within": within}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Job:
        if set(payload) != {"lists", "within"}:
            raise ValueError('a sorting_network payload is {"lists": [[int, ...], ...], "within": int}')
        lists, within = payload["lists"], payload["within"]
        if not isinstance(lists, list) or not 1 <= len(lists) <= MAX_LISTS or not all(map(_is_list, lists)):
            raise ValueError(f"there are 1 to {MAX_LISTS} lists of 2 to {max(NETWORKS)} numbers, 0 to {MAX_NUMBER}")
        if len({len(numbers) for numbers in lists}) != 1 or any(len(set(numbers)) < len(numbers) for numbers in lists):
            raise ValueError("the lists are equally long, and no list holds a number twice")
        if type(within) is not int or not 1 <= within <= MAX_WITHIN:
            raise ValueError(f"within is 1 to {MAX_WITHIN}")
        start = tuple(tuple(numbers) for numbers in lists)
        goal = tuple(tuple(sorted(numbers)) for numbers in lists)
        network, least = pruned(start, goal), False
        if len(network) > within or len(start) <= 3:
            try:
                network, least = shortest(start, goal), True
            except NoPlan:
                least = False
        if not 0 < len(network) <= within:
            raise ValueError("the lists are sorted already, or need more comparators than are allowed")
        return Job(start, goal, within, tuple(network), least)

    @classmethod
    def _start(cls, instance: Job) -> State:
        return instance.within, instance.lists

    @classmethod
    def _observe(cls, instance: Job, state: State) -> str:
        return "\n".join([*(" ".join(map(str, numbers)) for numbers in state[1]), f"{state[0]} left"])

    @classmethod
    def _apply(cls, instance: Job, state: State, action: str) -> State:
        match = _ACTION.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form 2-4.")
        first, second = int(match[1]) - 1, int(match[2]) - 1
        if not first < second < len(state[1][0]):
            raise IllegalAction(f"There is no comparator {first + 1}-{second + 1}.")
        if not state[0]:
            raise IllegalAction("No comparator is left.")
        return state[0] - 1, after((first, second), state[1])

    @classmethod
    def _goal(cls, instance: Job, state: State) -> bool:
        return state[1] == instance.goal

    @classmethod
    def _done(cls, instance: Job, state: State) -> bool:
        return not state[0] or state[1] == instance.goal

    @classmethod
    def _solve(cls, instance: Job) -> Solution:
        actions = [f"{i + 1}-{j + 1}" for i, j in instance.network]
        return Solution(" ".join(actions), actions, instance.least)

    @classmethod
    def _legal(cls, instance: Job, state: State) -> list[str]:
        if not state[0]:
            return []
        return [f"{i}-{j}" for i, j in combinations(range(1, len(state[1][0]) + 1), 2)]

    @classmethod
    def _limit(cls, instance: Job) -> int:
        return instance.within + cls.max_illegal


def _is_list(value: object) -> bool:
    return (
        isinstance(value, list)
        and 2 <= len(value) <= max(NETWORKS)
        and all(type(number) is int and 0 <= number <= MAX_NUMBER for number in value)
    )
