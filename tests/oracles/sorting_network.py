"""Comparators carried out on lists; the fewest by iterative deepening over sequences."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from tests.oracles import _plans

LEVELS = (1, 2, 3)


def _exchange(lists: list[list[int]], low: int, high: int) -> list[list[int]]:
    changed = [numbers.copy() for numbers in lists]
    for numbers in changed:
        pair = numbers[low - 1], numbers[high - 1]
        numbers[low - 1], numbers[high - 1] = min(pair), max(pair)
    return changed


def judge(payload: dict[str, Any], answer: str) -> bool:
    lists, wires = payload["lists"], len(payload["lists"][0])
    moves = _plans.moves_of(answer)
    for move in moves:
        ends = move.replace(":", "-").split("-")
        if len(ends) != 2 or not all(end in "123456789" and len(end) == 1 for end in ends):
            return False
        low, high = map(int, ends)
        if not low < high <= wires:
            return False
        lists = _exchange(lists, low, high)
    return len(moves) <= payload["within"] and all(numbers == sorted(numbers) for numbers in lists)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    wires = len(payload["lists"][0])
    pairs = [f"{i}-{j}" for i in range(1, wires + 2) for j in range(1, wires + 2) if i != j]
    return _plans.mutations(answer, pairs, rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    plain = _plans.rewrites(answer, rng)
    while True:
        text = next(plain)
        yield rng.choice([text, text.replace("-", ":")])


def optimal_steps(payload: dict[str, Any]) -> int:
    wires, goal = len(payload["lists"][0]), [sorted(numbers) for numbers in payload["lists"]]
    layer, steps, seen = [payload["lists"]], 0, set[str]()
    while goal not in layer:
        steps += 1
        grown = [_exchange(lists, i, j) for lists in layer for i, j in combinations(range(1, wires + 1), 2)]
        layer = [lists for lists in grown if str(lists) not in seen and not seen.add(str(lists))]  # type: ignore[func-returns-value]
    return steps
