"""Sorting by swaps.

An observation is `3 1 2`; a right action is `1 2`, which swaps the first two, and `1 2 3` is the answer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.verifiers.parsing import integers

# items (fewest, most), smallest and largest item
LEVELS = {
    1: (3, 4, 0, 9), 2: (5, 5, 0, 9), 3: (6, 6, 0, 20), 4: (7, 7, 0, 50), 5: (8, 8, 0, 99),
    6: (10, 10, -99, 99), 7: (12, 12, -99, 99), 8: (15, 15, -999, 999), 9: (20, 20, -999, 999),
    10: (30, 30, -9999, 9999),
}  # fmt: skip

_ACTION = re.compile(r"([0-9]{1,3})[\s,]+([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class Row:
    """The items as given and in order."""

    items: tuple[int, ...]
    sorted: tuple[int, ...]


class Sorting(ReasoningEnv[Row, tuple[int, ...]]):
    """Put 3-4 digits (level 1) to 30 numbers of four digits (level 10) in ascending order by swapping two at a time.

    Generated items differ, and the solver then needs the fewest swaps (items minus cycles).
    """

    name = "sorting"
    rules = "Sort the numbers in ascending order."
    action_rule = "Write two places, for example 1 3, to swap the numbers that stand there; places are counted from 1."
    answer_rule = "Answer with the numbers in ascending order."
    action_chars = 8
    answer_chars = 1024
    task_space = {1: 2_400, 2: 30_000}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        fewest, most, low, high = LEVELS[level]
        while True:
            items = rng.sample(range(low, high + 1), rng.randint(fewest, most))
            if items != sorted(items):
                return {"items": items}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Row:
        items = payload.get("items")
        if set(payload) != {"items"} or not isinstance(items, list | tuple) or not 1 <= len(items) <= 100:
            raise ValueError('a sorting payload is {"items": [1 to 100 whole numbers]}')
        if any(type(item) is not int or abs(item) >= 10**9 for item in items):
            raise ValueError("items are whole numbers of at most nine digits")
        return Row(tuple(items), tuple(sorted(items)))

    @classmethod
    def _start(cls, instance: Row) -> tuple[int, ...]:
        return instance.items

    @classmethod
    def _observe(cls, instance: Row, state: tuple[int, ...]) -> str:
        return " ".join(map(str, state))

    @classmethod
    def _apply(cls, instance: Row, state: tuple[int, ...], action: str) -> tuple[int, ...]:
        match = _ACTION.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form 1 3.")
        i, j = int(match[1]) - 1, int(match[2]) - 1
        if not (0 <= i < len(state) and 0 <= j < len(state)):
            raise IllegalAction(f"Places are 1 to {len(state)}.")
        if i == j:
            raise IllegalAction("A swap needs two places.")
        row = list(state)
        row[i], row[j] = row[j], row[i]
        return tuple(row)

    @classmethod
    def _done(cls, instance: Row, state: tuple[int, ...]) -> bool:
        return state == instance.sorted

    @classmethod
    def _answer(cls, instance: Row, state: tuple[int, ...], actions: Sequence[str]) -> str:
        return cls._observe(instance, state)

    @classmethod
    def _verify(cls, instance: Row, answer: str) -> Verdict:
        try:
            items = integers(answer, limit=200)
        except ValueError as error:
            return reject(f"The answer cannot be read: {error}.")
        if tuple(items) == instance.sorted:
            return accept(items)
        if sorted(items) != list(instance.sorted):
            return reject("The answer does not hold the given numbers.", items)
        return reject("The numbers are not in ascending order.", items)

    @classmethod
    def _solve(cls, instance: Row) -> Solution:
        row, swaps = list(instance.items), []
        for i, item in enumerate(instance.sorted):
            if row[i] != item:
                # among equal items one whose place wants the item that stands at i: a swap that settles both
                places = [j for j in range(i + 1, len(row)) if row[j] == item]
                j = next((j for j in places if instance.sorted[j] == row[i]), places[0])
                row[i], row[j] = row[j], row[i]
                swaps.append(f"{i + 1} {j + 1}")
        return Solution(" ".join(map(str, instance.sorted)), swaps, optimal=len(set(row)) == len(row))

    @classmethod
    def _legal(cls, instance: Row, state: tuple[int, ...]) -> list[str]:
        n = len(state)
        return [f"{i} {j}" for i in range(1, n + 1) for j in range(1, n + 1) if i != j]

    @classmethod
    def _limit(cls, instance: Row) -> int:
        return 2 * max(1, len(cls._solve(instance).actions))
