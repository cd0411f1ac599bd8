"""Python functions of a few lines, with constants to choose, and what they are called with."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, NamedTuple

from esreason.envs.programs.mutants import is_variable, tokens

_SOME = "acc base best cur dist gap head item key last left mass node num old out part rest row run size tmp u v w"
NAMES = tuple(_SOME.split())
"""Names for variables."""

Inputs = Callable[[random.Random], list[Any]]


class Template(NamedTuple):
    """The parameters, the lines below `def f(...)`, and a drawer of arguments; {a} and {b} are constants."""

    parameters: str
    body: str
    inputs: Inputs


def _numbers(rng: random.Random) -> list[Any]:
    return [[rng.randint(-4, 15) for _ in range(rng.randint(3, 8))]]


def _numbers_and_one(rng: random.Random) -> list[Any]:
    return [*_numbers(rng), rng.randint(1, 6)]


def _number(rng: random.Random) -> list[Any]:
    return [rng.randint(1, 60)]


def _two(rng: random.Random) -> list[Any]:
    return [rng.randint(1, 60), rng.randint(1, 30)]


def _text(rng: random.Random) -> list[Any]:
    return ["".join([rng.choice("aabbcd e") for _ in range(rng.randint(4, 10))])]


def _two_lists(rng: random.Random) -> list[Any]:
    return [*_numbers(rng), *_numbers(rng)]


SHORT = (
    Template("n", "    return {a} * n + {b}", _number),
    Template("n", "    return (n + {a}) * (n - {b})", _number),
    Template("n, m", "    return {a} * n - m % {b}", _two),
    Template("n, m", "    return max(n + {a}, m * {b})", _two),
    Template("xs", "    return sum(xs) + {a} * len(xs)", _numbers),
    Template("xs", "    return [x + {a} for x in xs if x > {b}]", _numbers),
    Template("xs, k", "    return [x * k - {a} for x in xs]", _numbers_and_one),
    Template("xs", "    return max(xs) - min(xs) + {a}", _numbers),
)
MIDDLE = (
    Template(
        "n",
        """
    if n % {a} == 0:
        return n // {a}
    return {b} * n + 1
""",
        _number,
    ),
    Template(
        "xs",
        """
    total = {a}
    for x in xs:
        if x > {b}:
            total += x
    return total
""",
        _numbers,
    ),
    Template(
        "xs",
        """
    count = 0
    for x in xs:
        if x % {a} == 1:
            count += {b}
    return count
""",
        _numbers,
    ),
    Template(
        "n",
        """
    total = 0
    for i in range(1, n + 1):
        if n % i == 0:
            total += i
    return total + {a}
""",
        _number,
    ),
    Template(
        "s",
        """
    count = 0
    for c in s:
        if c == 'a' or c == 'b':
            count += {a}
    return count + {b}
""",
        _text,
    ),
    Template(
        "xs",
        """
    best = xs[0]
    for x in xs[1:]:
        if x > best:
            best = x
    return best * {a}
""",
        _numbers,
    ),
    Template(
        "xs, k",
        """
    made = []
    for x in xs:
        if x >= k:
            made.append(x - {a})
    return made
""",
        _numbers_and_one,
    ),
    Template(
        "n, m",
        """
    while m > 0:
        n, m = m, n % m
    return n + {a}
""",
        _two,
    ),
)
LONG = (
    Template(
        "xs",
        """
    best = now = 0
    for x in xs:
        now = max(now + x - {a}, 0)
        best = max(best, now)
    return best
""",
        _numbers,
    ),
    Template(
        "xs",
        """
    longest = run = 1
    for a, b in zip(xs, xs[1:]):
        if b > a - {a}:
            run += 1
        else:
            run = 1
        longest = max(longest, run)
    return longest
""",
        _numbers,
    ),
    Template(
        "n",
        """
    steps = 0
    while n > 1 and steps < {a} * 10:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps
""",
        _number,
    ),
    Template(
        "xs",
        """
    count = 0
    for i in range(len(xs)):
        for j in range(i + 1, len(xs)):
            if xs[i] > xs[j] + {a}:
                count += 1
    return count
""",
        _numbers,
    ),
    Template(
        "n",
        """
    a, b = {a}, {b}
    for _ in range(n % 12):
        a, b = b, a + b
    return a
""",
        _number,
    ),
    Template(
        "s",
        """
    made = ''
    for i, c in enumerate(s):
        if i % {a} == 0:
            made = c + made
        else:
            made = made + c
    return made
""",
        _text,
    ),
    Template(
        "xs, ys",
        """
    i = j = 0
    made = []
    xs, ys = sorted(xs), sorted(ys)
    while i < len(xs) and j < len(ys):
        if xs[i] < ys[j] + {a}:
            made.append(xs[i])
            i += 1
        else:
            made.append(ys[j])
            j += 1
    return made + xs[i:] + ys[j:]
""",
        _two_lists,
    ),
    Template(
        "xs, k",
        """
    made = []
    for i in range(len(xs) - k + 1):
        part = xs[i:i + k]
        if sum(part) > {a}:
            made.append(max(part) + {b})
    return made
""",
        _numbers_and_one,
    ),
    Template(
        "n",
        """
    made = []
    for p in range(2, n + 1):
        if all(p % q != 0 for q in range(2, p)):
            made.append(p + {a})
    return made
""",
        _number,
    ),
    Template(
        "s",
        """
    seen = {}
    for c in s:
        if c != ' ':
            seen[c] = seen.get(c, 0) + {a}
    return sorted(seen.values())
""",
        _text,
    ),
    Template(
        "xs",
        """
    xs = list(xs)
    for i in range(len(xs)):
        for j in range(len(xs) - 1 - i):
            if xs[j] % {a} > xs[j + 1] % {a}:
                xs[j], xs[j + 1] = xs[j + 1], xs[j]
    return xs
""",
        _numbers,
    ),
)


def filled(rng: random.Random, template: Template) -> tuple[str, str]:
    """The signature and the source of a template with constants and names chosen."""
    body = template.body.strip("\n").replace("{a}", str(rng.randint(2, 15))).replace("{b}", str(rng.randint(2, 15)))
    source = f"def f({template.parameters}):\n{body}"
    parts = tokens(source)
    old = sorted({part for part in parts if is_variable(part)})
    names = dict(zip(old, rng.sample(NAMES, len(old)), strict=True))
    source = "".join([names.get(part, part) for part in parts])
    return source[4 : source.index(":")], source
