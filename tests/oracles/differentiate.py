"""Derivatives as limits of difference quotients, by mpmath at 60 digits."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from mpmath import mp
from sympy import Symbol, diff

from tests.oracles import _expressions as e
from tests.oracles import _writing

LEVELS = (1, 4, 7)
POINTS = 14


@lru_cache(maxsize=64)
def slopes(function: str, digits: int) -> tuple[tuple[Any, Any], ...]:
    """Points where the function has a value, and its slope there."""
    tree, found = e.parse(function), []
    with mp.workdps(digits):
        for point in e.points(("x",)):
            x = e.at(point)["x"]
            try:
                e.value(tree, {"x": x})
                found.append((x, mp.diff(lambda t: e.value(tree, {"x": t}), x)))
            except e.Nowhere:
                continue
            if len(found) == POINTS:
                break
    return tuple(found)


def judge(payload: dict[str, Any], answer: str) -> bool:
    digits = e.precision(payload["function"], answer)
    try:
        tree = e.parse(answer)
    except e.Refused:
        return False
    common = 0
    with mp.workdps(digits):
        for x, slope in slopes(payload["function"], digits):
            try:
                value = e.value(tree, {"x": x})
            except e.Nowhere:
                continue
            if not e.agree(value, slope):
                return False
            common += 1
    return common > 0


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    yield payload["function"]
    yield from _writing.mutations(answer, rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    x = Symbol("x", real=True)
    slope = diff(_writing.to_sympy(e.parse(payload["function"]), {"x": x}), x)
    yield from _writing.rewrites(answer, [slope], rng)
