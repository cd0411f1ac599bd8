"""Mastermind judged by striking out pegs one by one, counted over all codes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from typing import Any


def _told(code: str, guess: str) -> tuple[int, int]:
    exact, rest, open_pegs = 0, [], []
    for mine, theirs in zip(guess, code, strict=True):
        if mine == theirs:
            exact += 1
        else:
            rest.append(mine)
            open_pegs.append(theirs)
    misplaced = 0
    for digit in rest:
        if digit in open_pegs:
            open_pegs.remove(digit)
            misplaced += 1
    return exact, misplaced


def judge(payload: dict[str, Any], answer: str) -> bool:
    digits = "".join(c for c in answer if not c.isspace() and c not in ",;-")
    if len(digits) != len(payload["code"]) or not all(c in "123456789"[: payload["colors"]] for c in digits):
        return False
    return all(_told(digits, guess) == _told(payload["code"], guess) for guess in payload["guesses"])


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    colors, size = payload["colors"], len(answer)
    yield from payload["guesses"]
    yield from ("".join(code) for code in product("123456789"[:colors], repeat=min(size, 3)))
    while True:
        digits = list(answer)
        kind = rng.randrange(5)
        if kind == 0:
            digits[rng.randrange(size)] = str(rng.randrange(colors + 2))
        elif kind == 1:
            rng.shuffle(digits)
        elif kind == 2:
            digits = [str(rng.randint(1, colors)) for _ in digits]
        elif kind == 3:
            digits = [str(int(digit) - 1) for digit in digits]
        else:
            digits += rng.choices("123456789", k=rng.randrange(1, 3))
        yield rng.choice(["", " ", ", "]).join(digits)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        yield rng.choice(["", " ", ", ", ",", "-", "\n", " - ", "; ", "  ", "\t"]).join(answer)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    codes = product("123456789"[: payload["colors"]], repeat=len(payload["code"]))
    return sum(judge(payload, "".join(code)) for code in codes)


def optimal_steps(payload: dict[str, Any]) -> int:
    return 1
