"""Boolean formulas read by a recursive reader of their own and tried under every assignment."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

Meaning = Callable[[dict[str, bool]], bool]


def read(text: str) -> tuple[Meaning, int, set[str]] | None:
    """What a formula means, how many letters and signs it has, its letters; None if it is none."""
    if len(text) > 400 or not re.fullmatch(r"(?:\s*(?:->|[a-z~&|()]))+\s*", text):
        return None
    tokens = re.findall(r"->|[a-z~&|()]", text)
    try:
        meaning = _implication(tokens)
    except IndexError:
        return None
    if meaning is None or tokens:
        return None
    found = re.findall(r"->|[a-z~&|]", text)
    return meaning, len(found), {t for t in found if t.isalpha()}


def _chain(tokens: list[str], sign: str, inner: Callable[[list[str]], Meaning | None]) -> Meaning | None:
    parts = [inner(tokens)]
    while tokens and tokens[0] == sign:
        tokens.pop(0)
        parts.append(inner(tokens))
    kept = [part for part in parts if part is not None]
    if len(kept) < len(parts):
        return None
    every = all if sign == "&" else any
    return lambda at: every(part(at) for part in kept)


def _implication(tokens: list[str]) -> Meaning | None:
    left = _chain(tokens, "|", lambda t: _chain(t, "&", _negation))
    if left is None or not tokens or tokens[0] != "->":
        return left
    tokens.pop(0)
    right = _implication(tokens)
    return None if right is None else lambda at: right(at) or not left(at)


def _negation(tokens: list[str]) -> Meaning | None:
    token = tokens.pop(0)
    if token == "~":
        inner = _negation(tokens)
        return None if inner is None else lambda at: not inner(at)
    if token == "(":
        inside = _implication(tokens)
        return inside if tokens.pop(0) == ")" else None
    return (lambda at: at[token]) if token.isalpha() else None


def judge(payload: dict[str, Any], answer: str) -> bool:
    given, found = read(payload["formula"]), read(answer)
    if given is None or found is None or found[1] > payload["max_nodes"] or not found[2] <= given[2]:
        return False
    names = sorted(given[2])
    rows = [dict(zip(names, row, strict=True)) for row in product([False, True], repeat=len(names))]
    return all(given[0](row) == found[0](row) for row in rows)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        tokens = re.findall(r"->|\S", answer)
        place = rng.randrange(len(tokens))
        tokens[place] = rng.choice([*"abcd~&|()", "->", "~" + tokens[place], tokens[place] * 2])
        yield rng.choice(["", " "]).join(tokens)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        text = rng.choice(["", " ", "  "]).join(re.findall(r"->|\S", answer))
        for _ in range(rng.randrange(3)):
            text = f"({text})"
        yield text
