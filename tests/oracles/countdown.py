"""Countdown judged by Python's own parser and exact fractions, shortest games by trying everything."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations
from typing import Any

from tests.oracles import _arithmetic

LEVELS = (1, 2, 3, 5, 8)


def judge(payload: dict[str, Any], answer: str) -> bool:
    read = _arithmetic.value_of(answer)
    if read is None or read[0] != payload["target"]:
        return False
    used, given = Counter(read[1]), Counter(payload["numbers"])
    return used == given if payload["use_all"] else used <= given


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _arithmetic.mutations(payload["numbers"], payload["target"], answer, rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _arithmetic.rewrites(answer, rng)


def optimal_steps(payload: dict[str, Any]) -> int:
    """Breadth first over the multisets of numbers that can stand there."""
    target, layer, steps = Fraction(payload["target"]), {tuple(sorted(map(Fraction, payload["numbers"])))}, 0
    if payload["use_all"]:
        return len(payload["numbers"]) - 1
    while not steps or not any(target in numbers for numbers in layer):  # a game has at least one step
        layer, steps = {after for numbers in layer for after in _next(numbers)}, steps + 1
    return steps


def _next(numbers: tuple[Fraction, ...]) -> Iterator[tuple[Fraction, ...]]:
    for i, j in permutations(range(len(numbers)), 2):
        a, b = numbers[i], numbers[j]
        rest = [number for place, number in enumerate(numbers) if place not in (i, j)]
        for result in (a + b, a - b, a * b, *([a / b] if b else [])):
            yield tuple(sorted([*rest, result]))
