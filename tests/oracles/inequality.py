"""Inequalities solved by sympy, answers read by a small reader of their own."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sympy import FiniteSet, Interval, Rational, S, Set, Symbol, Union, oo, solve_univariate_inequality, sympify

NUMBER = r"-?[0-9]{1,9}(?:/[0-9]{1,9})?"


@lru_cache(maxsize=64)
def solution(text: str) -> Set:
    """The solution of a generated inequality; its text is our generator's own."""
    x = Symbol("x", real=True)
    return solve_univariate_inequality(sympify(text.replace("^", "**"), locals={"x": x}), x, relational=False)


def _set(part: str) -> Set | None:
    point = re.fullmatch(r"\{\s*(" + NUMBER + r")\s*\}", part)
    if point:
        return None if re.search(r"/0+$", point[1]) else FiniteSet(Rational(point[1]))
    match = re.fullmatch(rf"([\[(])\s*(-inf|{NUMBER})\s*,\s*(inf|{NUMBER})\s*([\])])", part)
    if not match or any(re.search(r"/0+$", match[k]) for k in (2, 3)):
        return None
    low, high = (-oo if match[2] == "-inf" else Rational(match[2])), (oo if match[3] == "inf" else Rational(match[3]))
    if (low == -oo and match[1] == "[") or (high == oo and match[4] == "]"):
        return None
    found = Interval(low, high, match[1] == "(", match[4] == ")")
    return None if found is S.EmptySet else found


def judge(payload: dict[str, Any], answer: str) -> bool:
    wanted = solution(payload["inequality"])
    if answer == "none":
        return wanted is S.EmptySet
    sets = [_set(part) for part in re.split(r"\s*(?:\bor\b|\bU\b|;)\s*", answer)] if len(answer) <= 400 else [None]
    kept = [part for part in sets if part is not None]
    if len(kept) < len(sets):
        return False
    # disjoint, maximal, ascending: then the parts are those of the normal form, in order
    parts = list(wanted.args) if isinstance(wanted, Union) else [] if wanted is S.EmptySet else [wanted]
    single = [FiniteSet(point) for part in parts if isinstance(part, FiniteSet) for point in part]
    parts = sorted([part for part in parts if not isinstance(part, FiniteSet)] + single, key=lambda part: part.inf)
    return kept == parts


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        text = answer
        for _ in range(rng.randint(1, 2)):
            old, new = rng.choice(
                [
                    ("[", "("),
                    ("(", "["),
                    ("]", ")"),
                    (")", "]"),
                    ("-", ""),
                    ("or", "and"),
                    ("inf", "9"),
                    ("1", "2"),
                    (" or ", ", "),
                ]
            )
            text = text.replace(old, new, 1)
        yield rng.choice([text, " or ".join(reversed(answer.split(" or "))), answer.split(" or ")[0], "none"])


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        text = answer.replace(" or ", rng.choice([" or ", " U ", "; ", ";", "  or  "]))
        yield text.replace(", ", rng.choice([", ", ",", " , "])).replace("(", rng.choice(["(", "( "]))
