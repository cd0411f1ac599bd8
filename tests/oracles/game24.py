"""The game of 24 judged by Python's own parser and exact fractions."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from tests.oracles import _arithmetic

LEVELS = (1, 3, 5, 10)
UNIQUE = False


def judge(payload: dict[str, Any], answer: str) -> bool:
    read = _arithmetic.value_of(answer)
    return read is not None and read[0] == 24 and sorted(read[1]) == sorted(payload["numbers"])


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _arithmetic.mutations(payload["numbers"], 24, answer, rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _arithmetic.rewrites(answer, rng)


def optimal_steps(payload: dict[str, Any]) -> int:
    return 3
