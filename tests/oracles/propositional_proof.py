"""Natural deduction replayed line by line; what a proof claims is also tried under every assignment."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from tests.oracles.boolean_simplify import read

LEVELS = (1, 4, 7)
Formula = tuple[Any, ...]
BINDING = {"->": 0, "|": 1, "&": 2}
RULES = ("mp", "mt", "hs", "ds", "and", "left", "right", "dn", "imp")


def formula(text: str) -> Formula | None:
    """A tree: (letter,), ("~", f), (sign, f, g); None where `read` of another oracle finds no formula."""
    return _tree(re.findall(r"->|[a-z~&|()]", text)) if read(text) else None


def _tree(tokens: list[str]) -> Formula:
    """Cut at the sign that binds least: the first arrow, else the last `|`, else the last `&`, outside parentheses."""
    depth, places = 0, dict[str, list[int]]()
    for place, token in enumerate(tokens):
        depth += (token == "(") - (token == ")")
        if not depth and token in BINDING:
            places.setdefault(token, []).append(place)
    for sign in BINDING:
        if sign in places:
            place = places[sign][0] if sign == "->" else places[sign][-1]
            return (sign, _tree(tokens[:place]), _tree(tokens[place + 1 :]))
    if tokens[0] == "~":
        return ("~", _tree(tokens[1:]))
    return _tree(tokens[1:-1]) if tokens[0] == "(" else (tokens[0],)


def made(rule: str, a: Formula, b: Formula | None) -> Formula | None:
    """What a rule yields."""
    if rule == "and" and b:
        return ("&", a, b)
    if b is None:
        sides = {"left": 1, "right": 2}
        if rule in sides and a[0] == "&":
            return tuple(a[sides[rule]])
        return tuple(a[1][1]) if rule == "dn" and a[0] == "~" and a[1][0] == "~" else None
    if rule == "ds" and a[0] == "|":
        return tuple(a[2]) if b == ("~", a[1]) else tuple(a[1]) if b == ("~", a[2]) else None
    if a[0] == "->" and rule == "mp" and b == a[1]:
        return tuple(a[2])
    if a[0] == "->" and rule == "mt" and b == ("~", a[2]):
        return ("~", a[1])
    if rule == "hs" and a[0] == b[0] == "->" and a[2] == b[1]:
        return ("->", a[1], b[2])
    return None


def judge(payload: dict[str, Any], answer: str) -> bool:
    """Whether each line follows, and the last one is the goal with no assumption left open."""
    lines: list[tuple[Formula, tuple[int, ...]]] = [(_given(text), ()) for text in payload["premises"]]
    opened: tuple[int, ...] = ()
    for step in re.split(r"[,;\n]", answer):
        words = re.sub(r"[ \t\r\f\v]+", " ", step).strip()
        if not words:
            continue
        found = _step(words, lines, opened)
        if found is None or len(lines) >= 60 or len(written(found[0])) > 200:
            return False
        opened = found[1]
        lines.append(found)
    if opened or lines[-1][0] != _given(payload["goal"]) or len(lines) == len(payload["premises"]):
        return False
    assert follows(payload["premises"], payload["goal"]), "a rule of the game is unsound"
    return True


def _given(text: str) -> Formula:
    found = formula(text)
    assert found is not None
    return found


def _step(
    words: str, lines: list[tuple[Formula, tuple[int, ...]]], opened: tuple[int, ...]
) -> tuple[Formula, tuple[int, ...]] | None:
    """The formula that a step adds and the assumptions open after it."""

    def at(number: str) -> Formula | None:
        if not re.fullmatch(r"[0-9]{1,2}", number) or not 1 <= int(number) <= len(lines):
            return None
        found, path = lines[int(number) - 1]
        return found if opened[: len(path)] == path else None

    rule, _, rest = words.partition(" ")
    if rule == "assume":
        assumed = formula(rest)
        return None if assumed is None else (assumed, (*opened, len(lines)))
    number, _, tail = rest.partition(" ")
    a = at(number)
    if a is None or rule not in (*RULES, "or"):
        return None
    if rule == "or":
        other = formula(tail)
        return None if other is None else (("|", a, other), opened)
    if rule == "imp":
        return (("->", lines[opened[-1]][0], a), opened[:-1]) if opened and not tail else None
    b = at(tail) if tail else None
    if (rule in ("left", "right", "dn")) == bool(tail) or (tail and b is None):
        return None
    found = made(rule, a, b)
    return None if found is None else (found, opened)


def written(tree: Formula, least: int = -1) -> str:
    """The formula with as few parentheses as its reading needs."""
    if len(tree) == 1:
        return str(tree[0])
    if tree[0] == "~":
        return "~" + written(tree[1], 3)
    own = BINDING[tree[0]]
    arrow = tree[0] == "->"
    text = f"{written(tree[1], own + arrow)} {tree[0]} {written(tree[2], own + (not arrow))}"
    return f"({text})" if own < least else text


def follows(premises: list[str], goal: str) -> bool:
    """Whether the goal holds under every assignment under which the premises hold."""
    meanings = [read(text) for text in (*premises, goal)]
    names = sorted(set().union(*(m[2] for m in meanings if m)))
    rows = (dict(zip(names, row, strict=True)) for row in product([False, True], repeat=len(names)))
    found = ([m[0](row) for m in meanings if m] for row in rows)
    return all(values[-1] or not all(values[:-1]) for values in found)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    count = len(payload["premises"]) + answer.count(",") + 2
    while True:
        steps = answer.split(", ")
        place = rng.randrange(len(steps))
        numbers = [str(rng.randint(1, count)) for _ in range(2)]
        rule = f"{rng.choice(RULES)} {' '.join(numbers[: rng.choice([1, 2])])}"
        other = rng.choice([rule, rule, f"assume {payload['goal']}"])
        kind = rng.randrange(5)
        if kind == 0:
            steps[place] = other
        elif kind == 1:
            steps[place] = re.sub(r"[0-9]+", numbers[0], steps[place], count=1)
        elif kind == 2:
            steps.insert(place, other)
        elif kind == 3:
            del steps[place]
        else:
            steps[place] = re.sub(r"^\w+", rng.choice(RULES), steps[place])
        yield ", ".join(steps)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    yield f"and 1 1, left {len(payload['premises']) + 1}, " + _moved(answer, len(payload["premises"]), 2)
    while True:
        text = rng.choice([", ", ",", "; ", "\n", " ,\n", ";\n\n"]).join(answer.split(", "))
        yield text.replace(" ", rng.choice([" ", "  "]))


def _moved(answer: str, premises: int, count: int) -> str:
    """The proof with the numbers of its own lines raised."""
    return re.sub(r"\d+", lambda m: str(int(m[0]) + count * (int(m[0]) > premises)), answer)
