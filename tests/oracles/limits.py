"""Limits by mpmath: the quotient at a point so near that what is left is far below the digits compared."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

from mpmath import mp, mpf

from tests.oracles import _answers
from tests.oracles import _expressions as e

LEVELS = (1, 4, 7)
DIGITS = 60
"""Compared are so many digits; a fraction that the texts can hold and that is another one differs earlier."""


@lru_cache(maxsize=64)
def near(above: tuple[str, ...], below: tuple[str, ...], point: str) -> tuple[Any, Any]:
    """The quotient at two distances h from the point."""
    found = []
    with mp.workdps(20 * DIGITS):
        for h in (mpf(10) ** (-DIGITS - 10), -(mpf(10) ** (-DIGITS - 12))):
            x = abs(1 / h) if point == "inf" else int(point) + h
            parts = [[_value(text, x) for text in row] for row in (above, below)]
            found.append(mp.fprod(parts[0]) / mp.fprod(parts[1]))
    return found[0], found[1]


def _value(text: str, x: Any) -> Any:
    """A factor near its zero, without the border that `value` draws around zero."""
    return e.value(e.parse(text), {"x": x})


def judge(payload: dict[str, Any], answer: str) -> bool:
    try:
        found = _answers.rational(e.parse(answer, ()), {})
    except (e.Refused, e.Nowhere):
        return False
    with mp.workdps(3 * DIGITS):
        values = near(tuple(payload["above"]), tuple(payload["below"]), payload["point"])
        assert abs(values[0] - values[1]) < mpf(10) ** -(DIGITS - 5) * max(1, abs(values[0]))
        exact = mpf(found.numerator) / found.denominator
        return all(abs(exact - value) < mpf(10) ** -(DIGITS - 5) * max(1, abs(value)) for value in values)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    value = Fraction(answer)
    while True:
        others = [-value, 1 / value, value + 1, value * rng.randint(2, 6), value / rng.randint(2, 6), value**2]
        texts = [str(rng.choice(others)), "inf", "0", f"{float(value):.3f}1", f"x -> {answer}", f"{answer}*h"]
        yield rng.choice([*texts[:1] * 5, *texts[1:]])


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    value = Fraction(answer)
    while True:
        k = rng.randint(1, 99)
        same = f"{value.numerator * k}/{value.denominator * k}"
        forms = [f"({answer})", f"{answer} + {k} - {k}", f"({same})", f"${same}$", f"-(-({answer}))"]
        yield rng.choice([same, same, *forms])
