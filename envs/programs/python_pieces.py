"""Small Python functions out of random pieces, for tasks in which one is to be written."""

from __future__ import annotations

import random
from typing import Any, NamedTuple

LISTS = {
    "xs[::-1]": "list", "sorted(xs)": "list", "sorted(xs, reverse=True)": "list", "xs[1:]": "list", "xs[:-1]": "list",
    "xs[::2]": "list", "xs[1::2]": "list", "xs[:{k}]": "list", "xs[{k}:]": "list", "[x + {k} for x in xs]": "list",
    "[x - {k} for x in xs]": "list", "[x * {k} for x in xs]": "list", "[x % {k} for x in xs]": "list",
    "[x for x in xs if x > {k}]": "list", "[x for x in xs if x < {k}]": "list", "[x for x in xs if x % 2 == 0]": "list",
    "[x for x in xs if x % 2 == 1]": "list", "[x * x for x in xs]": "list", "list(dict.fromkeys(xs))": "list",
    "[max(x, {k}) for x in xs]": "list", "[min(x, {k}) for x in xs]": "list", "xs + xs[::-1]": "list",
    "[x for x in xs if xs.count(x) == 1]": "list", "[a + b for a, b in zip(xs, xs[1:])]": "list",
    "[b - a for a, b in zip(xs, xs[1:])]": "list", "[i * x for i, x in enumerate(xs)]": "list",
    "sum(xs)": "number", "len(xs)": "number", "max(xs, default=0)": "number", "min(xs, default=0)": "number",
    "max(xs, default=0) - min(xs, default=0)": "number", "sum(x * x for x in xs)": "number",
    "len([x for x in xs if x > {k}])": "number", "sum(xs[::2])": "number", "len(set(xs))": "number",
}  # fmt: skip
"""Expressions in a list `xs` and a constant {k}, and what they give."""

NUMBERS = (
    "n + {k}", "n - {k}", "n * {k}", "n % {k}", "n // {k}", "n * n", "abs(n)", "-n",
    "sum(int(c) for c in str(abs(n)))",
)  # fmt: skip
"""Expressions in a number `n` that give a number."""

BRANCHES = ("n % {k} == 0", "n % {k} == 1", "n > {k}", "n < -{k}", "n > 0")
"""Conditions on a number `n`."""

JOINTS = ("a + b", "a - b", "a * b", "max(a, b)", "min(a, b)", "abs(a - b)")
KEPT = ("", " if a > b", " if a != b", " if b % 2 == 0")
"""How the elements of two lists are joined, and which."""

STRINGS = {
    "s[::-1]": "text", "s.upper()": "text", "s.title()": "text", "s[1:]": "text", "s[:-1]": "text", "s[::2]": "text",
    "s[:{k}]": "text", "s[{k}:]": "text", "s + s[::-1]": "text", "''.join(sorted(s))": "text",
    "''.join(c for c in s if c not in 'aeiou')": "text", "''.join(c + c for c in s)": "text",
    "'-'.join(s.split())": "text", "' '.join(s.split()[::-1])": "text", "' '.join(w[0] for w in s.split())": "text",
    "' '.join(w[::-1] for w in s.split())": "text", "s.replace('a', 'o')": "text", "s.replace(' ', '_')": "text",
    "len(s)": "number", "len(s.split())": "number", "sum(c in 'aeiou' for c in s)": "number", "len(set(s))": "number",
    "s.count('a')": "number", "max(len(w) for w in s.split())": "number",
}  # fmt: skip
"""Expressions in a text `s` of words."""

CONSTANTS = range(2, 8)


class Function(NamedTuple):
    """A function `f` as Python source, its signature, and arguments to call it with."""

    signature: str
    source: str
    inputs: list[list[Any]]


def _line(rng: random.Random, expression: str) -> str:
    return expression.replace("{k}", str(rng.choice(CONSTANTS)))


def _list(rng: random.Random, top: int = 20) -> list[int]:
    return [rng.randint(-3, top) for _ in range(rng.randint(4, 8))]


def _words(rng: random.Random) -> str:
    words = list[str]()
    for _ in range(rng.randint(2, 3)):
        syllables = [rng.choice("bdfgklmnprst") + rng.choice("aeiou") for _ in range(rng.randint(1, 3))]
        words.append("".join(syllables))
    return " ".join(words)


def linear(rng: random.Random) -> Function:
    """A multiple and something besides."""
    a, b = rng.choice([-1, 1]) * rng.randint(2, 12), rng.randint(1, 20)
    source = f"def f(n):\n    return {a} * n {rng.choice('+-')} {b}"
    return Function("f(n)", source, [[n] for n in rng.sample(range(-20, 21), 10)])


def by_cases(rng: random.Random) -> Function:
    """One expression for some numbers, another for the rest."""
    first, second = (_line(rng, e) for e in rng.sample(NUMBERS, 2))
    source = f"def f(n):\n    if {_line(rng, rng.choice(BRANCHES))}:\n        return {first}\n    return {second}"
    return Function("f(n)", source, [[n] for n in rng.sample(range(-30, 60), 14)])


def chain(rng: random.Random, size: int) -> Function:
    """So many expressions on a list, one after the other."""
    lines, kind = list[str](), "list"
    while len(lines) < size:
        expression, gives = rng.choice(list(LISTS.items()))
        if gives == "list" or len(lines) == size - 1:
            lines.append(_line(rng, expression))
            kind = gives
    body = "".join([f"    xs = {line}\n" for line in lines[:-1]])
    source = f"def f(xs):\n{body}    return {lines[-1]}"
    return Function("f(xs)", source, [[_list(rng)] for _ in range(12 if kind == "list" else 16)])


def with_argument(rng: random.Random, size: int) -> Function:
    """Expressions on a list, the last of them with a second argument `k`."""
    start = [_line(rng, e) for e in rng.sample([e for e, gives in LISTS.items() if gives == "list"], size - 1)]
    last = rng.choice([expression.replace("{k}", "k") for expression in LISTS if "{k}" in expression])
    body = "".join([f"    xs = {line}\n" for line in start])
    inputs = [[_list(rng), rng.randint(1, 7)] for _ in range(14)]
    return Function("f(xs, k)", f"def f(xs, k):\n{body}    return {last}", inputs)


def on_text(rng: random.Random, size: int) -> Function:
    """Expressions on a text of words, one after the other."""
    texts = [e for e, gives in STRINGS.items() if gives == "text"]
    lines = [_line(rng, e) for e in rng.sample(texts, size - 1)] + [_line(rng, rng.choice(list(STRINGS)))]
    body = "".join([f"    s = {line}\n" for line in lines[:-1]])
    return Function("f(s)", f"def f(s):\n{body}    return {lines[-1]}", [[_words(rng)] for _ in range(14)])


def two_lists(rng: random.Random, size: int) -> Function:
    """Two lists joined element by element, then expressions on the result."""
    joint, kept = rng.choice(JOINTS), rng.choice(KEPT)
    lines = [_line(rng, e) for e in rng.sample([e for e, gives in LISTS.items() if gives == "list"], size - 2)]
    lines.append(_line(rng, rng.choice(list(LISTS))))
    body = "".join([f"    xs = {line}\n" for line in lines[:-1]])
    source = f"def f(xs, ys):\n    xs = [{joint} for a, b in zip(xs, ys){kept}]\n{body}    return {lines[-1]}"
    return Function("f(xs, ys)", source, [[_list(rng, 12), _list(rng, 12)] for _ in range(14)])


def of_level(rng: random.Random, level: int) -> Function:
    """A function of a level from 1 to 10."""
    if level == 1:
        return linear(rng)
    if level == 2:
        return by_cases(rng)
    if level == 6:
        return on_text(rng, 2)
    if level in (4, 8):
        return with_argument(rng, 2 if level == 4 else 4)
    if level == 9:
        return two_lists(rng, 3)
    if level == 10:
        return rng.choice([chain, on_text, two_lists, with_argument])(rng, 5)
    return chain(rng, 3 if level == 7 else 2)
