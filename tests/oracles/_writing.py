"""Expressions written otherwise, rightly and wrongly, for the oracles of several environments."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sympy

from tests.oracles._expressions import Tree

SWAPS = {"sin": "cos", "cos": "sin", "exp": "log", "log": "exp", "sqrt": "log", "+": "-", "-": "+", "*": "+", "/": "*"}
TOKEN = re.compile(r"\*\*|[0-9.]+|[A-Za-z]+|\S")


def to_sympy(tree: Tree, names: Mapping[str, Any]) -> Any:
    """The expression as a sympy object, built node by node."""
    kind = tree[0]
    if kind == "num":
        return sympy.Rational(tree[1].numerator, tree[1].denominator)
    if kind == "name":
        return names[tree[1]] if tree[1] in names else {"pi": sympy.pi, "e": sympy.E, "i": sympy.I}[tree[1]]
    if kind == "call":
        return getattr(sympy, {"abs": "Abs"}.get(tree[1], tree[1]))(to_sympy(tree[2], names))
    parts = [to_sympy(part, names) for part in tree[1:]]
    if kind == "sum":
        return sympy.Add(*parts)
    if kind == "neg":
        return -parts[0]
    return parts[0] * parts[1] if kind == "mul" else parts[0] / parts[1] if kind == "div" else parts[0] ** parts[1]


def mutations(answer: str, rng: random.Random) -> Iterator[str]:
    """Texts in which a sign, a function, a number or a term is another one."""
    while True:
        tokens = TOKEN.findall(answer)
        for _ in range(rng.choice([1, 1, 1, 2])):
            place = rng.randrange(len(tokens))
            token = tokens[place]
            if token.isdigit():
                tokens[place] = str(int(token) + rng.choice([-1, 1, 1, 2, 10])).replace("-1", "0")
            elif token in SWAPS:
                tokens[place] = rng.choice([SWAPS[token], SWAPS[token], "*" if token in "+-*/" else token])
            elif len(token) == 1 and token.isalpha():
                forms = ["{}^2", "2*{}", "({} + 1)", "1", "y", "(-{})", "{}^(-1)"]
                tokens[place] = rng.choice(forms).format(token)
            else:
                tokens[place] = rng.choice(["", token * 2, "(", ")"])
        terms = answer.replace("- ", "+ -").split(" + ")
        rng.shuffle(terms)
        yield rng.choice(
            [" ".join(tokens), " ".join(tokens), f"-({answer})", f"{answer} + 1", " + ".join(terms[1:]) or "0"]
        )


def styled(text: str, rng: random.Random) -> str:
    """The same expression in another typography."""
    style = {
        "^": rng.choice(["^", "^", "**", "^"]), "**": rng.choice(["^", "**"]), "+": rng.choice(["+", " + "]),
        "*": rng.choice(["*", "*", " * ", "·", "×", "\\cdot "]), "/": rng.choice(["/", "÷"]),
        "-": rng.choice(["-", " - ", "−"]), "(": rng.choice(["(", "( ", "\\left("]),
        "sin": rng.choice(["sin", "\\sin"]), "log": rng.choice(["log", "ln", "\\ln"]),
    }  # fmt: skip
    style[")"] = {"\\left(": "\\right)"}.get(style["("], ")")
    implicit, written = rng.random() < 0.3, ""
    tokens = TOKEN.findall(text)
    for before, token, after in zip(["", *tokens], tokens, [*tokens[1:], ""], strict=False):
        if token == "*" and implicit and before not in ("", "x") and not after[0].isdigit():
            written += " " if after[0].isalpha() else ""
        else:
            written += style.get(token, token) + " " * (token.isalpha() and after[:1].isalpha())
    return rng.choice(["{}", "{}", "{}", "${}$", "({})", "{}.", "\\boxed{{{}}}", "{{{}}}"]).format(written)


def rewrites(answer: str, forms: Sequence[Any], rng: random.Random) -> Iterator[str]:
    """The answer, and equal expressions that sympy writes, each in several typographies."""
    texts = [answer, f"({answer})/1", f"1*({answer})", f"({answer}) + 0", f"({answer}) + 3 - 3", f"2*({answer})/2"]
    for form in forms:
        changes = (sympy.expand, sympy.together, sympy.factor) if sympy.count_ops(form) < 40 else (sympy.expand,)
        for changed in (form, *(change(form) for change in changes)):
            written = str(changed).replace("Abs", "abs").replace("E**", "e^")
            if not re.search(r"[A-Z]|sign|Piecewise", written):
                texts.append(written)
    while True:
        yield styled(rng.choice(texts), rng)
