"""Closed forms against the recurrence itself, a hundred terms in exact fractions."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tests.oracles import _answers, _writing
from tests.oracles import _expressions as e

LEVELS = (1, 4, 7)
TERMS = 100


@lru_cache(maxsize=64)
def terms(coefficients: tuple[int, ...], start: tuple[int, ...]) -> list[int]:
    row = list(start)
    while len(row) < TERMS:
        row.append(sum(c * row[-k] for k, c in enumerate(coefficients, 1)))
    return row


def judge(payload: dict[str, Any], answer: str) -> bool:
    if len(answer) > 200:
        return False
    try:
        tree = e.parse(answer, ("n",))
        wanted = terms(tuple(payload["coefficients"]), tuple(payload["start"]))
        return all(_answers.rational(tree, {"n": n}) == term for n, term in enumerate(wanted))
    except (e.Refused, e.Nowhere):
        return False


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    first = payload["start"][0]
    for text in _writing.mutations(answer, rng):
        late = f"{answer} + n*(n - 1)*(n - 2)*(n - 3)"
        last = f"{answer} + 0^({rng.randint(40, 70)} - n)"
        yield rng.choice([text, text, late, last, f"{answer} + 0^n", str(first), f"({text})^1"])


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    forms = ["{}", "{}", "({})", "{} + n - n", "2*({})/2", "({})*3^n/3^n", "({})*(-1)^(2*n)", "-(-({}))"]
    while True:
        text = _writing.styled(rng.choice(forms).format(answer), rng)
        yield text if len(text) <= 200 else answer
