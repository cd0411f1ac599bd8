"""The game of 24: make 24 with four numbers.

An observation is `24 from 3 3 8 8`; a right action is `8/3`, and `8/(3-8/3)` is a right answer.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import product
from typing import Any

from esreason.envs.puzzles.countdown import Countdown, Game, State
from esreason.envs.puzzles.countdown_solver import search, whole_way

TARGET = 24

# largest number, and what a task must have
LEVELS = {
    1: (40, "sum"), 2: (99, "sum"), 3: (10, "whole"), 4: (13, "whole"), 5: (20, "whole"),
    6: (25, "whole"), 7: (30, "whole"), 8: (40, "whole"), 9: (60, "whole"), 10: (99, "fraction"),
}  # fmt: skip


class Game24(Countdown):
    """Make 24 with each of four numbers exactly once; arithmetic is exact, and every task has a solution.

    At levels 1-2 plus and minus are enough; at 3-9 they are not, but whole results are, with numbers up to 10 and then
    up to 60; at 10 every solution passes through a fraction.
    """

    name = "game24"
    rules = (
        "Game of 24: combine the four numbers with + - * / to make 24. Each number is used exactly once, "
        "and results may be fractions."
    )
    answer_rule = "Answer with one expression that uses each number exactly once, for example 8/(3-8/3)."
    task_space = {1: 12_000, 3: 410, 4: 980, 5: 4_000, 6: 8_500, 7: 15_000, 8: 40_000, 10: 3_200}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        largest, kind = LEVELS[level]
        while True:
            numbers = _DRAWN[kind](rng, largest)
            if all(1 <= number <= largest for number in numbers) and _kind(numbers) == kind:
                rng.shuffle(numbers)
                return {"numbers": numbers, "target": TARGET}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Game:
        numbers, target = payload.get("numbers"), payload.get("target")
        if set(payload) != {"numbers", "target"} or type(target) is not int or target != TARGET:
            raise ValueError('a game24 payload is {"numbers": [four ints], "target": 24}')
        if not isinstance(numbers, list | tuple) or len(numbers) != 4:
            raise ValueError("the game of 24 has four numbers")
        if any(type(n) is not int or not 0 <= n <= 10_000 for n in numbers):
            raise ValueError("the numbers are whole numbers from 0 to 10000")
        if search(tuple(numbers), TARGET, True) is None:
            raise ValueError("24 cannot be made with these numbers")
        return Game(tuple(numbers), TARGET, True)

    @classmethod
    def _observe(cls, instance: Game, state: State) -> str:
        return f"24 from {' '.join([value for value, _ in state])}"


def _kind(numbers: list[int]) -> str:
    """What is enough to make 24: `sum` (plus and minus), else `whole` results, else perhaps a `fraction`."""
    for signs in product((1, -1), repeat=4):
        if sum([sign * number for sign, number in zip(signs, numbers, strict=True)]) == TARGET:
            return "sum"
    return "whole" if whole_way(numbers, TARGET) else "fraction"


def _summing(rng: random.Random, largest: int) -> list[int]:
    """Four numbers, the last such that 24 is a sum of them with signs."""
    numbers = [rng.randint(1, largest) for _ in range(3)]
    return [*numbers, abs(TARGET - sum([rng.choice((1, -1)) * number for number in numbers]))]


def _any(rng: random.Random, largest: int) -> list[int]:
    return [rng.randint(1, largest) for _ in range(4)]


def _fractional(rng: random.Random, largest: int) -> list[int]:
    """Four numbers such that a * (b + c/d) or a / (b + c/d), or the same with minus, is 24; a 0 if that fails."""
    b, c, d = rng.randint(1, largest), rng.randint(1, largest), rng.randint(2, largest)
    if rng.random() < 0.5:  # a = 24 d / n with n = b d +- c
        n = rng.choice([n for n in range(1, TARGET * d + 1) if TARGET * d % n == 0])
        return [TARGET * d // n, b, abs(n - b * d), d]
    b = rng.randint(1, largest // TARGET + 1)  # a = 24 b +- 24 c / d
    if TARGET * c % d:
        return [0, b, c, d]
    return [TARGET * b + rng.choice((1, -1)) * (TARGET * c // d), b, c, d]


_DRAWN = {"sum": _summing, "whole": _any, "fraction": _fractional}
"""Four numbers that may be of a kind."""
