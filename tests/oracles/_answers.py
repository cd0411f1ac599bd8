"""Answers of several expressions, and exact values of arithmetic ones: the second half of docs/expressions.md."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from fractions import Fraction

from tests.oracles._expressions import Nowhere, Refused, Tree, parse, unwrapped

NOTHING = re.compile(
    r"(?:there (?:is|are) )?no(?: real)? solutions?|none|\{\s*\}|\\\{\s*\\\}|\\emptyset|∅|\\varnothing", re.IGNORECASE
)
CLOSING = {"(": ")", "[": "]", "{": "}"}
LARGEST = 1 << 14_000


def rational(tree: Tree, at: Mapping[str, int]) -> Fraction:
    """The exact value of an arithmetic expression; Refused where it holds anything else, Nowhere where it has none."""
    kind = tree[0]
    if kind == "num":
        return Fraction(tree[1])
    if kind == "name" and tree[1] in at:
        return Fraction(at[tree[1]])
    if kind in ("name", "call"):
        raise Refused("not arithmetic")
    values = [rational(part, at) for part in tree[1:]]
    if kind == "sum":
        total = sum(values, Fraction(0))
    elif kind == "neg":
        total = -values[0]
    elif kind == "mul":
        total = values[0] * values[1]
    else:
        base, exponent = (values[0], values[1]) if kind == "pow" else (values[1], Fraction(-1))
        total = whole_power(base, exponent) * (values[0] if kind == "div" else 1)
    if max(abs(total.numerator), total.denominator) > LARGEST:
        raise Nowhere("too large to follow")
    return total


def whole_power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator > 1:
        raise Refused("not arithmetic")
    if not base and exponent <= 0:
        raise Nowhere("0 to a power that is not positive")
    if abs(base) in (0, 1):
        return abs(base) if exponent % 2 == 0 else base
    if abs(exponent) * max(base.numerator.bit_length(), base.denominator.bit_length()) > 40_000:
        raise Nowhere("too large to follow")
    return Fraction(base ** int(exponent))


def cut(text: str, separators: str) -> list[str]:
    """The parts between separators (a pattern) outside of brackets, none of them empty."""
    parts, depth, last = [], 0, 0
    for found in re.finditer(r"\\[A-Za-z]+|[A-Za-z]+|.", text, re.DOTALL):
        depth += (found[0] in CLOSING) - (found[0] in ")]}")
        if not depth and re.fullmatch(separators, found[0]):
            parts.append(text[last : found.start()])
            last = found.end()
    parts = [part.strip() for part in [*parts, text[last:]]]
    if not all(parts) or len(parts) > 256:
        raise Refused("an empty part")
    return parts


def inside(text: str) -> str:
    """The text without one pair of brackets around all of it."""
    if text[:1] not in CLOSING or text[-1:] != CLOSING[text[0]]:
        return text
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in CLOSING) - (sign in ")]}")
        if not depth:
            return text[1:-1].strip() if place == len(text) - 1 else text
    return text


def listed(text: str, names: Collection[str] = ("x",)) -> list[Tree]:
    """The members of a list such as `1, 2`, `[1; 2]`."""
    return [parse(part, names) for part in cut(inside(unwrapped(text)), "[,;]")]


def solutions(text: str, variable: str) -> list[Tree]:
    """The values of `x = 2 or x = -3` and what else docs/expressions.md reads as a set of solutions."""
    if len(text) > 4_000:
        raise Refused("too long")
    text = unwrapped(text)
    if NOTHING.fullmatch(text):
        return []
    label = rf"{variable}(?:_?\d\d?|_\{{\d\d?\}})?\s*(?:==?|∈|\\?in\b)"
    text = re.sub(rf"^{label}\s*(?=\\?\{{)", "", text, flags=re.ASCII)
    if text.startswith(("{", "\\{")):
        text = inside(text.replace("\\{", "{").replace("\\}", "}"))
    values = []
    for part in cut(text, r"or|and|[,;]|\\lor|\\land"):
        part = re.sub(f"^{label}", "", unwrapped(part), flags=re.ASCII).replace("\\pm", "±")
        if part.count("±") > 1:
            raise Refused("two signs at once")
        values += [parse(part.replace("±", sign), ()) for sign in ("+-" if "±" in part else "+")]
    if len(values) > 24:
        raise Refused("too many solutions")
    return values
