"""Antiderivatives by their slope: difference quotients of the answer by mpmath, against the integrand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from mpmath import mp
from sympy import Symbol, integrate

from tests.oracles import _expressions as e
from tests.oracles import _writing

LEVELS = (1, 4, 7)
ENOUGH = 8
CONSTANTS = ("3.7", "-0.9", "0.6")
"""Values of the constants of integration, on none of which a slope may depend."""


def judge(payload: dict[str, Any], answer: str) -> bool:
    try:
        tree = e.parse(answer, ("x", "C", "c"))
    except e.Refused:
        return False
    integrand, common = e.parse(payload["integrand"]), 0
    with mp.workdps(e.precision(payload["integrand"], answer)):
        for place, point in enumerate(e.points(("x",))):
            x = e.at(point)["x"]
            constants = {"C": mp.mpf(CONSTANTS[place % 3]), "c": mp.mpf(CONSTANTS[place % 2])}
            try:
                wanted = e.value(integrand, {"x": x})
                e.value(tree, {"x": x, **constants})
                slope = mp.diff(lambda t, held=constants: e.value(tree, {"x": t, **held}), x)
            except e.Nowhere:
                continue
            if not e.agree(slope, wanted):
                return False
            common += 1
            if common == ENOUGH:
                break
    return common > 0


@lru_cache(maxsize=64)
def antiderivative(text: str) -> Any:
    """What sympy finds."""
    x = Symbol("x")
    return integrate(_writing.to_sympy(e.parse(text), {"x": x}), x)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    yield payload["integrand"]
    for text in _writing.mutations(answer, rng):
        tail = rng.choice(["", "", "", " + C", " + C*x", " + x", " + dx", " + C dx"])
        yield rng.choice(["{}", "{}", "{}", "integral({})", "∫{} dx", "diff({}, x)"]).format(text + tail)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    for text in _writing.rewrites(answer, [antiderivative(payload["integrand"])], rng):
        tail = rng.choice([" + C", " + c", " + 3", " - C", " + 2C", " + C/2", " + pi", ""])
        yield text + tail if text[-1] not in "$.}" else text
