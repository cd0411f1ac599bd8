"""Taylor polynomials from mpmath's numerical derivatives at high precision."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from mpmath import mp

from tests.oracles import _expressions as e
from tests.oracles import _writing

LEVELS = (1, 4, 7)


@lru_cache(maxsize=64)
def taylor(function: str, order: int) -> list[Any]:
    """Coefficients from the constant one on."""
    tree = e.parse(function)
    with mp.workdps(200):
        return list(mp.taylor(lambda t: e.value(tree, {"x": t}), 0, order))


def judge(payload: dict[str, Any], answer: str) -> bool:
    row = taylor(payload["function"], payload["order"])
    try:
        tree = e.parse(answer)
    except e.Refused:
        return False
    with mp.workdps(min(e.precision(answer), 150)):
        return e.same(
            lambda p: e.value(tree, p), lambda p: mp.polyval(row[::-1], p["x"]), e.points(("x",)), payload["order"] + 6
        )


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    yield payload["function"]
    order = payload["order"]
    for text in _writing.mutations(answer, rng):
        yield rng.choice([text, text, f"{answer} + x^{order + 1}", f"{answer} + O(x^{order + 1})", f"{answer} + ..."])


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    forms = ["{}", "({})", "{} + 0", "2*({})/2", "{} + x^2 - x^2"]
    while True:
        pieces = answer.replace("- ", "+ -").split(" + ")
        rng.shuffle(pieces)
        yield _writing.styled(rng.choice(forms).format(rng.choice([answer, " + ".join(pieces)])), rng)
