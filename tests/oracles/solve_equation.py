"""Equations as polynomials by sympy, whose real roots it counts; proposed values tried by mpmath."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import sympy
from mpmath import mp

from tests.oracles import _answers, _writing
from tests.oracles import _expressions as e

LEVELS = (1, 4, 6)
X = sympy.Symbol("x", real=True)


@lru_cache(maxsize=64)
def equation(text: str, variable: str) -> tuple[Any, int]:
    """The polynomial with each solution as a simple root, and how many of them are real."""
    left, right = (e.parse(side, (variable,)) for side in text.split("="))
    both = [_writing.to_sympy(side, {variable: X}) for side in (left, right)]
    top = sympy.Poly(sympy.fraction(sympy.cancel(both[0] - both[1]))[0], X)
    for node in (*e.walk(left), *e.walk(right)):
        if node[0] == "div" and variable in e.names_of(node[2]):
            pole = sympy.Poly(sympy.fraction(sympy.together(_writing.to_sympy(node[2], {variable: X})))[0], X)
            while (shared := top.gcd(pole)).degree() > 0:
                top = top.quo(shared)
    square = top.quo(top.gcd(top.diff(X)))
    return square, square.count_roots()


def judge(payload: dict[str, Any], answer: str) -> bool:
    polynomial, count = equation(payload["equation"], payload["variable"])
    try:
        trees = _answers.solutions(answer, payload["variable"])
        if len(trees) != count:
            return False
        with mp.workdps(e.precision(payload["equation"], answer)):
            values = [e.value(tree, {}) for tree in trees]
            return all(_is_root(x, polynomial) for x in values) and not any(
                e.agree(x, y) for k, x in enumerate(values) for y in values[:k]
            )
    except (e.Refused, e.Nowhere):
        return False


def _is_root(x: Any, polynomial: Any) -> bool:
    """Whether a step of Newton's method from here is no step; the roots are simple."""
    row = [mp.mpf(int(c.p)) / int(c.q) for c in polynomial.all_coeffs()]
    value, slope = mp.polyval(row, x, derivative=True)
    return bool(slope != 0 and e.agree(x - value / slope, x) and abs(value / slope) < 1e-20)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    for text in _writing.mutations(answer, rng):
        values = answer.replace("x = ", "").split(" or ")
        near = rng.sample(values, max(len(values) - 1, 1))
        yield rng.choice([text, " or ".join(near), f"{answer} or {values[0]}", f"x = ±({values[0]})", " ".join(values)])


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        values = answer.replace("x = ", "").split(" or ")
        rng.shuffle(values)
        values = [rng.choice(["{}", "{}", "({})", "{} + 0", "2*({})/2"]).format(value) for value in values]
        labels = [rng.choice(["x = ", "x=", "", f"x_{k} = ", f"x{k} = "]) for k in range(1, 1 + len(values))]
        text = rng.choice([" or ", ", ", "; ", " and "]).join(map("".join, zip(labels, values, strict=True)))
        yield rng.choice([text, text, "{" + ", ".join(values) + "}", "x ∈ {" + ", ".join(values) + "}", f"${text}$"])
