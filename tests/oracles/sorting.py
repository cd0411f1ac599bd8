"""Sorting judged by Python's `sorted`, the fewest swaps counted by the cycles of the permutation."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from sympy.combinatorics import Permutation

from tests.oracles._graphs import Payload, listed


def judge(payload: Payload, answer: str) -> bool:
    words = listed(answer)
    if not all(re.fullmatch("-?[0-9]{1,18}", word) for word in words):
        return False
    return [int(word) for word in words] == sorted(payload["items"])


def mutations(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        items = sorted(payload["items"])
        i, j = rng.randrange(len(items)), rng.randrange(len(items))
        kind = rng.randrange(7)
        if kind == 0:
            items[i], items[j] = items[j], items[i]
        elif kind == 1:
            items.reverse()
        elif kind == 2:
            items = list(payload["items"])
        elif kind == 3:
            items[i] += rng.choice([-1, 1, 10])
            items.sort()
        elif kind == 4:
            items[i] = items[j]
            items.sort()
        elif kind == 5:
            items.insert(i, items[i])
        else:
            items.sort(key=str)
        yield rng.choice([" ", ", ", " < ", "-", "."]).join(map(str, items))


def rewrites(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    words = answer.split()
    while True:
        text = rng.choice([" ", ",", ", ", "; ", "\n", "  ", " , "]).join(words)
        yield rng.choice([text, text, f"[{text}]", f"({text})"])


def optimal_steps(payload: Payload) -> int:
    items = payload["items"]
    order = sorted(items)
    return len(items) - Permutation([order.index(item) for item in items]).cycles
