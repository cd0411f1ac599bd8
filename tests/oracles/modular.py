"""Congruences by counting up through the multiples of the largest modulus, and by sympy's crt."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from math import lcm
from typing import Any

from sympy.ntheory.modular import solve_congruence


def smallest(payload: dict[str, Any]) -> int:
    pairs = [(pow(a, -1, m) * b % m, m) for a, b, m in payload["congruences"]]
    found = solve_congruence(*pairs)
    assert found is not None
    return int(found[0])


def judge(payload: dict[str, Any], answer: str) -> bool:
    match = re.fullmatch(r"(?:x\s*=\s*)?([0-9]{1,15})", answer)
    return bool(match) and int(match[1]) == smallest(payload)  # type: ignore[index]


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    whole = lcm(*(m for _, _, m in payload["congruences"]))
    while True:
        some = rng.choice([m for _, _, m in payload["congruences"]])
        yield str(abs(int(answer) + rng.choice([whole, -whole, some, -some, whole // some, rng.randint(-99, 99)])))


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        yield rng.choice(["{}", "x = {}", "x={}", "0{}", "x  = {}", "00{}"]).format(answer)
