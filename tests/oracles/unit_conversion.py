"""Conversions by sympy's physical units."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from sympy import Rational
from sympy.physics import units as u

UNITS = {
    "mm": u.millimeter, "cm": u.centimeter, "m": u.meter, "km": u.kilometer, "in": u.inch, "ft": u.foot, "yd": u.yard,
    "mi": u.mile, "s": u.second, "min": u.minute, "h": u.hour, "d": u.day, "wk": 7 * u.day, "mg": u.milligram,
    "g": u.gram, "kg": u.kilogram, "t": 1000 * u.kilogram, "lb": Rational(45359237, 10**8) * u.kilogram,
    "oz": Rational(45359237, 16 * 10**8) * u.kilogram,
}  # fmt: skip


def _units(text: str) -> list[tuple[str, int]] | None:
    found = []
    for sign, name, exponent in re.findall(r"([*/]?)([a-z]{1,3})(?:\^([23]))?", text):
        if name not in UNITS:
            return None
        found.append((name, int(exponent or 1) * (-1 if sign == "/" else 1)))
    return sorted(found)


def _factor(units: list[tuple[str, int]]) -> Any:
    total: Any = 1
    for name, exponent in units:
        total *= UNITS[name] ** exponent
    return u.convert_to(total, [u.meter, u.second, u.kilogram])


def judge(payload: dict[str, Any], answer: str) -> bool:
    unit = r"[a-z]{1,3}(?:\^[23])?"
    form = rf"(-?[0-9]{{1,30}}(?:\.[0-9]{{1,30}}|/[0-9]{{1,30}})?)\s*({unit}(?:[*/]{unit}){{0,3}})"
    match, given = re.fullmatch(form, answer), re.fullmatch(form, payload["quantity"])
    wanted = _units(payload["units"])
    if not match or not given or wanted is None or _units(match[2]) != wanted or re.search(r"/0+$", match[1]):
        return False
    ratio = _factor(_units(given[2]) or []) / _factor(wanted)
    result = Rational(str(Fraction(given[1]))) * ratio
    return bool(Fraction(int(result.p), int(result.q)) == Fraction(match[1]))


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    number, unit = answer.split(" ")
    given = payload["quantity"].split(" ")
    while True:
        shifted = str(Fraction(number) * rng.choice([10, 60, 1000, Fraction(1, 10), Fraction(1, 60), 3600, -1, 2]))
        pairs = [(shifted, unit), (number, given[1]), (given[0], unit), (number, unit.replace("m", "km")), (number, "")]
        yield " ".join(rng.choice(pairs))


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    number, unit = answer.split(" ")
    value = Fraction(number)
    while True:
        k = rng.randint(1, 9)
        yield (
            rng.choice([number, f"{value.numerator * k}/{value.denominator * k}"]) + rng.choice(["", " ", "  "]) + unit
        )
