"""Expanded polynomials: coefficients by sympy's Poly, monomials read off our own tree."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy

from tests.oracles import _expressions as e
from tests.oracles import _writing
from tests.oracles.simplify import terms

NAMES = ("x", "y")
SYMBOLS = {name: sympy.Symbol(name) for name in NAMES}
Monomial = tuple[int, ...]


@lru_cache(maxsize=64)
def wanted(text: str) -> dict[Monomial, Fraction]:
    polynomial = sympy.Poly(_writing.to_sympy(e.parse(text, NAMES), SYMBOLS), *SYMBOLS.values())
    return {shape: Fraction(int(c.p), int(c.q)) for shape, c in polynomial.terms() if c}


def monomial(factors: list[e.Tree]) -> tuple[Monomial, Fraction] | None:
    """Exponents and coefficient of a term: at most one number (and a sign) and each variable once."""
    numbers, shape = list[Fraction](), Counter[str]()
    for factor in factors:
        exponent = e.fraction(factor[2]) if factor[0] == "pow" else Fraction(1)
        kind, name = (factor[1] if factor[0] == "pow" else factor)[:2]
        if factor[0] == "num":
            numbers.append(Fraction(factor[1]))
        elif kind != "name" or name not in NAMES or name in shape or exponent is None or exponent <= 0 or exponent % 1:
            return None
        else:
            shape[name] = int(exponent)
    return (tuple(shape[name] for name in NAMES), numbers[0] if numbers else Fraction(1)) if len(numbers) < 2 else None


def judge(payload: dict[str, Any], answer: str) -> bool:
    try:
        found = [monomial(term) for term in terms(e.parse(answer, NAMES))]
    except e.Refused:
        return False
    kept = [term for term in found if term is not None]
    if len(kept) < len(found) or len(dict(kept)) < len(kept):
        return False
    return {shape: value for shape, value in kept if value} == wanted(payload["expression"])


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    yield payload["expression"]
    for text in _writing.mutations(answer, rng):
        yield rng.choice([text, text, f"{answer} + x - x", f"{answer} + 1 - 1", f"({answer})*1", f"({answer})^1"])


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        pieces = answer.replace("- ", "+ -").split(" + ")
        rng.shuffle(pieces)
        text = " + ".join(pieces).replace("+ -", "- ") if rng.random() < 0.5 else " + ".join(f"({p})" for p in pieces)
        yield _writing.styled(text, rng)
