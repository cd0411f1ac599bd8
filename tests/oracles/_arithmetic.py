"""Expressions over whole numbers read by Python's own parser and valued by exact fractions."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from fractions import Fraction


def value_of(answer: str) -> tuple[Fraction, list[int]] | None:
    """The value and the numbers used; None if it is no expression or divides by zero.

    Numbers have at most nine digits, leading zeros mean nothing; at most 400 characters, 40 parentheses deep.
    """
    depth = deepest = 0
    for sign in answer:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    if len(answer) > 400 or deepest > 40 or not re.fullmatch(r"[0-9+\-*/()\s]*", answer):
        return None
    if re.search("[0-9]{10}", answer) or re.search(
        r"\*\s*\*|/\s*/|[0-9]\s+[0-9]|\)\s*\(|[0-9]\s*\(|\)\s*[0-9]", answer
    ):
        return None
    plain = re.sub(r"(?<![0-9])0+(?=[0-9])", "", " ".join(answer.split()))
    used: list[int] = []
    try:
        return _value(ast.parse(plain, mode="eval").body, used), used
    except (SyntaxError, ValueError, ZeroDivisionError):
        return None


def _value(node: ast.expr, used: list[int]) -> Fraction:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        used.append(node.value)
        return Fraction(node.value)
    if not isinstance(node, ast.BinOp):
        raise ValueError
    left, right = _value(node.left, used), _value(node.right, used)
    match node.op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
    raise ValueError


def mutations(numbers: list[int], target: int, answer: str, rng: random.Random) -> Iterator[str]:
    """Expressions near this one, and any others over the numbers."""
    yield from (f"{target}", f"{answer}={target}", f"{target}={answer}", f"-(-({answer}))", f"{answer}+0")
    yield from (f"({answer})*1", f"{answer}//1")
    while True:
        parts = re.findall(r"[0-9]+|[-+*/()]", answer)
        i, j = rng.randrange(len(parts)), rng.randrange(len(parts))
        kind = rng.randrange(5)
        if kind == 0:  # another sign
            signs = [place for place, part in enumerate(parts) if part in "+-*/"]
            parts[rng.choice(signs or [0])] = rng.choice(["+", "-", "*", "/", "//", "**", "%", "^", "."])
        elif kind == 1:
            parts[i], parts[j] = parts[j], parts[i]
        elif kind == 2:  # parentheses gone
            parts = [part for part in parts if part not in "()"]
        elif kind == 3:  # another number, or one twice
            places = [place for place, part in enumerate(parts) if part.isdigit()]
            parts[rng.choice(places)] = str(rng.choice([*numbers, target, 1, 0]))
        else:
            parts = [any_expression(numbers, rng)]
        yield rng.choice(["", " "]).join(parts)


def any_expression(numbers: list[int], rng: random.Random) -> str:
    """An expression that uses each number once."""
    made = [str(number) for number in numbers]
    while len(made) > 1:
        left, right = (made.pop(rng.randrange(len(made))) for _ in range(2))
        made.append(f"({left}{rng.choice('+-*/')}{right})")
    return made[0]


def rewrites(answer: str, rng: random.Random) -> Iterator[str]:
    """The same expression with other spaces, parentheses around it, and typographic signs."""
    while True:
        text = rng.choice(["", " ", "  "]).join(re.findall(r"[0-9]+|[-+*/()]", answer))
        text = rng.choice([text, f"({text})", f"(({text}))", f" {text} "])
        yield rng.choice([text, text.replace("*", "\u00d7"), text.replace("/", "\u00f7"), text.replace("-", "\u2212")])
