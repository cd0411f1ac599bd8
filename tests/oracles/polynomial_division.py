"""Division of polynomials by sympy's div; quotient and remainder compared at more points than their degree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import sympy
from mpmath import mp

from tests.oracles import _answers, _writing
from tests.oracles import _expressions as e

LEVELS = (1, 4, 7)
DEGREE = 16
"""The highest degree of a task."""
X = sympy.Symbol("x")


@lru_cache(maxsize=64)
def division(dividend: str, divisor: str) -> tuple[str, str]:
    """Quotient and remainder in the grammar."""
    both = (sympy.Poly(_writing.to_sympy(e.parse(text), {"x": X}), X, domain="QQ") for text in (dividend, divisor))
    return tuple(str(part.as_expr()).replace("**", "^") for part in sympy.div(*both))  # type: ignore[return-value]


def judge(payload: dict[str, Any], answer: str) -> bool:
    try:
        found = _answers.listed(answer)
    except e.Refused:
        return False
    wanted = [e.parse(part) for part in division(payload["dividend"], payload["divisor"])]
    if len(found) != 2:
        return False
    return all(_equal(tree, goal, answer) for tree, goal in zip(found, wanted, strict=True))


def _equal(tree: e.Tree, goal: e.Tree, answer: str) -> bool:
    try:
        return all(_answers.rational(tree, {"x": x}) == _answers.rational(goal, {"x": x}) for x in range(1, DEGREE + 2))
    except e.Nowhere:
        return False
    except e.Refused:  # functions that come to a polynomial, such as |3|*x
        with mp.workdps(e.precision(answer)):
            return e.same(lambda p: e.value(tree, p), lambda p: e.value(goal, p), e.points(("x",)), DEGREE + 2)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    quotient, rest = answer.split(", ")
    for text in _writing.mutations(answer, rng):
        yield rng.choice([text, text, f"{rest}, {quotient}", f"{quotient} + 1, {rest}", f"{quotient}, {rest} - x"])


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    parts = [answer.split(", "), list(division(payload["dividend"], payload["divisor"]))]
    while True:
        pair = [_writing.styled(part, rng) for part in rng.choice(parts)]
        text = rng.choice([", ", "; ", ",", " ; "]).join(pair)
        yield rng.choice(["{}", "{}", "[{}]", "({})"]).format(text)
