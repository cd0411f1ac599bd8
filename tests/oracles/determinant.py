"""Determinants by sympy."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from sympy import Matrix


def judge(payload: dict[str, Any], answer: str) -> bool:
    match = re.fullmatch(r"(-?[0-9]{1,12})(?:/([0-9]{1,12}))?", answer)
    if not match or (match[2] and not int(match[2])):
        return False
    return Fraction(int(match[1]), int(match[2] or 1)) == int(Matrix(payload["matrix"]).det())


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    size, value = len(payload["matrix"]), int(answer)
    while True:
        rows = [list(row) for row in payload["matrix"]]
        rows[rng.randrange(size)][rng.randrange(size)] += rng.choice([-1, 1])
        near = int(Matrix(rows).det())
        yield str(rng.choice([near, -value, value + rng.randint(-50, 50), value * 10]))


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        k = rng.randint(1, 9_999)
        yield f"{int(answer) * k}/{k}" if len(answer) < 8 else answer
