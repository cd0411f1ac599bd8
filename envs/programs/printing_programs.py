"""Small Python programs that print as they go."""

from __future__ import annotations

import random
from collections.abc import Callable

Maker = Callable[[random.Random], str]


def _expression(rng: random.Random, names: str) -> str:
    """Arithmetic on some of the names and a small number."""
    left, right = rng.choice(names), rng.choice([*names, str(rng.randint(2, 9))])
    sign = rng.choice(["+", "-", "*", "+", "//", "%"])
    if sign in ("//", "%"):
        right = str(rng.randint(2, 7))
    return f"{left} {sign} {right}"


def assignments(rng: random.Random, count: int) -> str:
    """Numbers, then so many assignments, each printed."""
    names = "abc"[: 2 + count // 2]
    lines = [f"{name} = {rng.randint(2, 30)}" for name in names]
    for _ in range(count):
        name = rng.choice(names)
        lines += [f"{name} = {_expression(rng, names)} + {rng.randint(1, 9)}", f"print({name})"]
    return "\n".join(lines)


def loop(rng: random.Random) -> str:
    """A loop that changes two numbers."""
    a, b = rng.randint(1, 12), rng.randint(1, 9)
    return (
        f"a, b = {a}, {b}\nfor i in range({rng.randint(3, 4)}):\n"
        f"    a = {rng.choice(['a + b', 'a * 2 - b', 'a + i * b', 'a - b + i'])}\n"
        f"    b = {rng.choice(['b + i', 'b + 2', 'a - b', 'b * 2'])}\n    print(a, b)"
    )


def conditional_loop(rng: random.Random) -> str:
    """A loop over a list with a condition."""
    items = [rng.randint(1, 20) for _ in range(4)]
    k = rng.randint(2, 4)
    return (
        f"total = {rng.randint(0, 20)}\nfor x in {items}:\n    if x % {k} == {rng.randrange(2)}:\n"
        f"        total {rng.choice(['+=', '-='])} x\n    else:\n"
        f"        total {rng.choice(['+=', '-='])} {rng.randint(2, 9)}\n    print(total)"
    )


def lists(rng: random.Random) -> str:
    """Operations on one list."""
    lines = [f"xs = {[rng.randint(0, 15) for _ in range(rng.randint(4, 6))]}"]
    k = rng.randint(2, 6)
    steps = [
        "xs = xs[1:] + xs[:1]", "xs = xs[::-1]", f"xs.append({k})", "xs = sorted(xs)", "xs = xs[::2] + xs[1::2]",
        f"xs = [x + {k} for x in xs]", f"xs = [x for x in xs if x > {k}]", "xs.pop()", f"xs.insert(1, {k + 7})",
    ]  # fmt: skip
    for step in rng.sample(steps, 3):
        lines += [step, "print(xs)"]
    return "\n".join([*lines, "print(sum(xs), len(xs))"])


def texts(rng: random.Random) -> str:
    """Operations on one text."""
    word = "".join([rng.choice("bdgklmnprst") + rng.choice("aeiou") for _ in range(3)])
    steps = [
        "s = s[::-1]", "s = s[1:] + s[0]", "s = s.upper()", "s = s.replace('a', 'o')", "s = s[:3] * 2",
        "s = s + s[:2]", "s = '-'.join(s)", "s = ''.join(sorted(s))", "s = s.title()",
    ]  # fmt: skip
    lines = [f"s = '{word}'"]
    for step in rng.sample(steps, 3):
        lines += [step, "print(s)"]
    return "\n".join([*lines, f"print(len(s), s.count('{rng.choice(word)}'))"])


def nested(rng: random.Random) -> str:
    """A loop inside a loop."""
    inner = rng.choice(["i", str(rng.randint(2, 3)), "i + 1"])
    return (
        f"total = {rng.randint(0, 9)}\nfor i in range({rng.randint(2, 4)}):\n    for j in range({inner}):\n"
        f"        total += {rng.choice(['i * j', 'i + j', 'i * i - j', 'j + 2'])} + {rng.randint(1, 4)}\n"
        f"    print(i, total)\nprint(total % {rng.randint(3, 9)} + {rng.randint(10, 99)})"
    )


def dictionary(rng: random.Random) -> str:
    """Counts or sums by key."""
    words = [rng.choice(["ab", "cd", "abc", "d", "ca", "bcd"]) + rng.choice("abcd") for _ in range(4)]
    key, value = rng.choice(["len(w)", "w[0]", "w[-1]"]), rng.choice(["1", "len(w)", f"{rng.randint(2, 5)}"])
    return (
        f"d = {{}}\nfor w in {words}:\n    d[{key}] = d.get({key}, {rng.randint(0, 9)}) + {value}\n    print(d)\n"
        f"print(max(d.values()) * {rng.randint(2, 9)})"
    )


def recursive(rng: random.Random) -> str:
    """A function that calls itself, and prints."""
    step, base = rng.choice([("n - 1", 4), ("n - 2", 7), ("n // 2", 24), ("n // 3", 60)])
    return (
        f"def g(n):\n    if n < 2:\n        return {rng.randint(1, 9)}\n    r = g({step}) "
        f"{rng.choice(['+', '*', '-'])} {rng.choice(['n', str(rng.randint(2, 5))])}\n    print(n, r)\n    return r\n"
        f"print(g({rng.randint(base, 2 * base)}) + {rng.randint(1, 50)})"
    )


def of_level(rng: random.Random, level: int) -> str:
    """A program of a level from 1 to 10."""
    makers: dict[int, Maker] = {
        1: lambda r: assignments(r, 2), 2: lambda r: assignments(r, 3), 3: loop, 4: conditional_loop, 5: lists,
        6: texts, 7: nested, 8: dictionary, 9: recursive,
    }  # fmt: skip
    if level in makers:
        return makers[level](rng)
    return "\n".join([maker(rng) for maker in rng.sample([lists, texts, dictionary, recursive, nested], 2)])
