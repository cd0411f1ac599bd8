"""Factors over the rationals by sympy; the factors written are read off our own tree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import sympy

from tests.oracles import _expressions as e
from tests.oracles import _writing
from tests.oracles.simplify import factors

X = sympy.Symbol("x")


@lru_cache(maxsize=512)
def poly(tree: e.Tree) -> Any:
    """The polynomial that a tree is; Refused where it is none."""
    exponents = [e.fraction(node[2]) for node in e.walk(tree) if node[0] == "pow"]
    if sum(abs(exponent) if exponent is not None else 99 for exponent in exponents) > 64:
        raise e.Refused("a high power")
    try:
        return sympy.Poly(sympy.cancel(_writing.to_sympy(tree, {"x": X})), X, domain="QQ")
    except (sympy.PolynomialError, sympy.CoercionFailed):
        raise e.Refused("no polynomial") from None


def written(tree: e.Tree) -> list[Any]:
    """The factors of a product as polynomials, powers written out."""
    found = []
    for factor in factors(tree):
        if factor[0] == "num":
            found.append(sympy.Poly(sympy.Rational(factor[1].numerator, factor[1].denominator), X, domain="QQ"))
            continue
        exponent = e.fraction(factor[2]) if factor[0] == "pow" else None
        if exponent is not None and exponent.denominator == 1 and 0 < exponent <= 12:
            found += written(factor[1]) * int(exponent)
        elif factor[0] == "mul" or (factor[0] in ("neg", "div") and factors(factor) != [factor]):
            found += written(factor)
        else:
            found.append(poly(("div", ("num", 1), factor[1]) if factor[0] == "inverse" else factor))
    return found


@lru_cache(maxsize=64)
def given(text: str) -> Any:
    return poly(e.parse(text))


def judge(payload: dict[str, Any], answer: str) -> bool:
    try:
        found = written(e.parse(answer))
    except e.Refused:
        return False
    if sum(factor.degree() for factor in found) != given(payload["polynomial"]).degree():
        return False
    whole = sympy.Poly(1, X, domain="QQ")
    for factor in found:
        whole *= factor
    return bool(whole == given(payload["polynomial"])) and all(f.degree() < 1 or f.is_irreducible for f in found)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    yield payload["polynomial"]
    pieces = [f.as_expr() for f, k in given(payload["polynomial"]).factor_list()[1] for _ in range(k)]
    for text in _writing.mutations(answer, rng):
        rng.shuffle(pieces)
        merged = "*".join(f"({p})" for p in [sympy.expand(sympy.prod(pieces[:2])), *pieces[2:]]).replace("**", "^")
        yield rng.choice([text, text, merged, f"{answer} + 0", f"2*{answer}", f"-({answer})", f"{answer} + x - x"])


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    content, found = given(payload["polynomial"]).factor_list()
    pieces = [f.as_expr() for f, k in found for _ in range(k)]
    while True:
        rng.shuffle(pieces)
        scales = [rng.choice([1, 1, -1, 2, 3]) for _ in pieces]
        rest = sympy.Rational(content) / sympy.prod(scales)
        texts = [f"({sympy.expand(s * f)})" for s, f in zip(scales, pieces, strict=True)]
        text = "*".join(([f"({rest})"] if rest != 1 else []) + texts)
        yield _writing.styled(rng.choice([text, answer]), rng)
