"""Shorter expressions: parts counted on a tree of our own, values compared by mpmath."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

from mpmath import mp

from tests.oracles import _expressions as e
from tests.oracles import _writing

LEVELS = (1, 4, 7)
NAMES = ("x", "y")


def judge(payload: dict[str, Any], answer: str) -> bool:
    digits = e.precision(payload["expression"], answer)
    try:
        tree = e.parse(answer, NAMES)
    except e.Refused:
        return False
    if parts(tree) > payload["max_nodes"]:
        return False
    with mp.workdps(digits):
        for point, wanted in values(payload["expression"], digits):
            try:
                if not e.agree(e.value(tree, point), wanted):
                    return False
            except e.Nowhere:  # the answer must have a value wherever the expression has one
                return False
    return True


@lru_cache(maxsize=64)
def values(expression: str, digits: int) -> list[tuple[dict[str, Any], Any]]:
    """Points where the expression has a value, and the value."""
    tree, found = e.parse(expression, NAMES), []
    with mp.workdps(digits):
        for point in map(e.at, e.points(NAMES)):
            try:
                found.append((point, e.value(tree, point)))
            except e.Nowhere:
                continue
    return found[:16]


def factors(tree: e.Tree) -> list[e.Tree]:
    """The factors of a product in order; numbers are written out, ("inverse", u) divides by u."""
    kind = tree[0]
    value = e.fraction(tree)
    if value is not None:
        return [("num", value)]
    if kind == "mul":
        return factors(tree[1]) + factors(tree[2])
    if kind == "neg":
        first, *rest = factors(tree[1])
        if first[0] != "num":
            return [("num", Fraction(-1)), first, *rest]
        return rest if rest and first[1] == -1 else [("num", -first[1]), *rest]
    if kind == "div":
        below = e.fraction(tree[2])
        above = factors(tree[1])
        return ([] if above == [("num", 1)] else above) + [("num", 1 / below) if below else ("inverse", tree[2])]
    exponent = e.fraction(tree[2]) if kind == "pow" else None
    if exponent is not None and exponent < 0 and not _printed_as_power(tree[1], exponent):
        return [("inverse", tree[1] if exponent == -1 else ("pow", tree[1], ("num", -exponent)))]
    return [tree]


def _printed_as_power(base: e.Tree, exponent: Fraction) -> bool:
    """Whether a negative power is not printed as 1/u: numbers, exp(u), and (u^2)^(-1)."""
    squared = base[0] == "pow" and (e.fraction(base[2]) or 0) > 0
    return e.fraction(base) is not None or factors(base) == [("name", "e")] or (squared and exponent == -1)


def terms(tree: e.Tree) -> list[list[e.Tree]]:
    """The terms of a sum, each as its factors."""
    if tree[0] == "sum":
        return [term for part in tree[1:] for term in terms(part)]
    found = factors(tree)
    return terms(found[0]) if len(found) == 1 and found[0][0] == "sum" else [found]


def parts(tree: e.Tree) -> int:
    """Numbers, names, functions and operators of the expression as it is printed; a sign belongs to its number."""
    found = terms(tree)
    return len(found) - 1 + sum(_term(term, not place) for place, term in enumerate(found))


def _term(found: list[e.Tree], first: bool) -> int:
    minus = len(found) > 1 and found[0] == ("num", -1)
    rest = found[1:] if minus else found
    total = len(rest) - 1 + int(minus and first)  # behind another term the minus is the operator between the two
    for place, factor in enumerate(rest):
        if factor[0] == "inverse" and (place == 0 or (rest[0] == ("num", 1) and place == 1)):
            total += 2  # 1/u, also where a 1 stands before it already
        total += _factor(factor)
    return total


def _factor(tree: e.Tree) -> int:
    kind = tree[0]
    if kind == "inverse":
        return parts(tree[1])
    if kind in ("num", "name"):
        return 1
    if kind == "call":
        return 1 + parts(tree[2])
    if kind != "pow":
        return parts(tree)
    return 1 + parts(tree[2]) + (0 if factors(tree[1]) == [("name", "e")] else parts(tree[1]))


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    yield payload["expression"]
    for text in _writing.mutations(answer, rng):
        yield rng.choice([text, text, f"{answer} + 0", f"1*({answer})", f"-(-1)*({answer})", f"({answer})^1"])


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    tree = e.parse(answer, NAMES)
    assert parts(tree) <= payload["max_nodes"]
    while True:
        pieces = answer.split(" + ")
        rng.shuffle(pieces)
        moved = " + ".join(pieces)
        yield _writing.styled(moved if parts(e.parse(moved, NAMES)) <= payload["max_nodes"] else answer, rng)
