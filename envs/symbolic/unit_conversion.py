"""Conversion of units, one unit at a time.

An observation is `90 km/h -> m/s`; a right action is `90000 m/h`, and `25 m/s` is the answer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from esreason.core.verdict import Verdict, accept, reject
from esreason.envs.derivation import DerivationEnv, exact_fields, text_field

UNITS = {
    "mm": ("length", Fraction(1, 1000)), "cm": ("length", Fraction(1, 100)), "m": ("length", Fraction(1)),
    "km": ("length", Fraction(1000)), "in": ("length", Fraction(254, 10_000)), "ft": ("length", Fraction(3048, 10_000)),
    "yd": ("length", Fraction(9144, 10_000)), "mi": ("length", Fraction(1_609_344, 1000)),
    "s": ("time", Fraction(1)), "min": ("time", Fraction(60)), "h": ("time", Fraction(3600)),
    "d": ("time", Fraction(86_400)), "wk": ("time", Fraction(604_800)),
    "mg": ("mass", Fraction(1, 1_000_000)), "g": ("mass", Fraction(1, 1000)), "kg": ("mass", Fraction(1)),
    "t": ("mass", Fraction(1000)), "oz": ("mass", Fraction(45_359_237, 1_600_000_000)),
    "lb": ("mass", Fraction(45_359_237, 100_000_000)),
}  # fmt: skip
"""Kind and size of every unit, exact by international definition."""

METRIC = ("mm", "cm", "m", "km", "s", "min", "h", "d", "wk", "mg", "g", "kg", "t")

# kinds of unit above and below the line, imperial ones too, largest power, fractions in the value
LEVELS = {
    1: (1, 0, False, 1, False), 2: (1, 0, False, 1, True), 3: (1, 0, True, 1, False), 4: (1, 0, False, 3, False),
    5: (1, 1, False, 1, False), 6: (1, 1, True, 1, False), 7: (1, 1, False, 3, True), 8: (2, 1, False, 2, False),
    9: (2, 1, True, 2, True), 10: (2, 1, True, 3, True),
}  # fmt: skip

_NUMBER = r"-?[0-9]{1,30}(?:\.[0-9]{1,30}|/[0-9]{1,30})?"
_UNIT = r"[a-z]{1,3}(?:\^[23])?"
_QUANTITY = re.compile(rf"({_NUMBER})\s*({_UNIT}(?:[*/]{_UNIT}){{0,3}})")

Units = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """The value, the units it has and those it shall have, the value in those."""

    value: Fraction
    given: Units
    wanted: Units
    result: Fraction


class UnitConversion(DerivationEnv[Question]):
    """Convert simple metric units (level 1) up to products and quotients of imperial ones with powers (level 10).

    All factors are exact by definition, and so is the result; a line is legal if it is the same quantity.
    """

    name = "unit_conversion"
    rules = (
        "Convert the quantity to the units behind ->, exactly. 1 in = 2.54 cm, 1 ft = 12 in, 1 yd = 3 ft, "
        "1 mi = 1760 yd, 1 lb = 0.45359237 kg, 16 oz = 1 lb, 1 t = 1000 kg, 1 wk = 7 d."
    )
    action_rule = "Write the same quantity in other units on the way, for example 90000 m/h."
    answer_rule = "Answer with number and units, for example 25 m/s; a fraction such as 10/3 m/s is exact."
    action_chars = 90
    answer_chars = 90

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        above, below, imperial, power, fractions = LEVELS[level]
        kinds = rng.sample(["length", "time", "mass"], above + below)
        given: list[tuple[str, int]] = []
        wanted: list[tuple[str, int]] = []
        for place, kind in enumerate(kinds):
            pool = [u for u in (UNITS if imperial else METRIC) if UNITS[u][0] == kind]
            exponent = rng.randint(min(2, power), power) if kind == "length" and power > 1 else 1
            for row, unit in zip((given, wanted), rng.sample(pool, 2), strict=True):
                row.append((unit, exponent if place < above else -exponent))
        value = Fraction(rng.randint(2, 999))
        if fractions or rng.random() < 0.2:
            value /= rng.choice([2, 4, 5, 10, 20, 100])
        return {"quantity": f"{decimal(value)} {_written(tuple(given))}", "units": _written(tuple(wanted))}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "quantity", "units")
        value, given = _read(text_field(payload, "quantity", 80))
        _, wanted = _read(f"1 {text_field(payload, 'units', 40)}")
        if _dimension(given) != _dimension(wanted) or given == wanted:
            raise ValueError("the units measure the same and differ")
        return Question(value, given, wanted, value * _size(given) / _size(wanted))

    @classmethod
    def _first(cls, instance: Question) -> str:
        return f"{decimal(instance.value)} {_written(instance.given)}"

    @classmethod
    def _observe(cls, instance: Question, state: str) -> str:
        return f"{state} -> {_written(instance.wanted)}"

    @classmethod
    def _next(cls, instance: Question, line: str, action: str) -> str:
        value, units = _read(action)
        if _dimension(units) != _dimension(instance.given):
            raise ValueError("Those units measure something else.")
        if value * _size(units) != instance.value * _size(instance.given):
            raise ValueError("That is another quantity.")
        return f"{decimal(value)} {_written(units)}"

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        try:
            value, units = _read(answer)
        except ValueError as error:
            return reject(str(error))
        text = f"{decimal(value)} {_written(units)}"
        if units != instance.wanted:
            return reject("The units are not those that are asked for.", text)
        return accept(text) if value == instance.result else reject("The number is another one.", text)

    @classmethod
    def _lines(cls, instance: Question) -> list[str]:
        units, value, lines = list(instance.given), instance.value, []
        for place, (unit, exponent) in enumerate(instance.given):
            same = [u for u, e in instance.wanted if e == exponent and UNITS[u][0] == UNITS[unit][0]]
            if same and same[0] != unit:
                value *= _size(((unit, exponent),)) / _size(((same[0], exponent),))
                units[place] = same[0], exponent
                lines.append(f"{decimal(value)} {_written(_sorted(units))}")
        final = f"{decimal(instance.result)} {_written(instance.wanted)}"
        return [*[line for line in dict.fromkeys(lines) if line != final], final]


def decimal(value: Fraction) -> str:
    """The number as a decimal where that is finite and short, else as a fraction."""
    for places in range(13):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = f"{abs(int(scaled)):0{places + 1}d}"
            text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
            return f"-{text}" if value < 0 else text
    return str(value)


def _read(text: str) -> tuple[Fraction, Units]:
    """Number and units of a quantity; ValueError with one sentence where it is none."""
    match = _QUANTITY.fullmatch(text)
    if not match or re.search(r"/0+$", match[1]):
        raise ValueError("That is not a quantity such as 25 m/s.")
    units: list[tuple[str, int]] = []
    for sign, unit, exponent in re.findall(r"([*/]?)([a-z]+)(?:\^([23]))?", match[2]):
        if unit not in UNITS:
            raise ValueError(f"There is no unit {unit}.")
        units.append((unit, int(exponent or "1") * (-1 if sign == "/" else 1)))
    if len({UNITS[unit][0] for unit, _ in units}) != len(units):
        raise ValueError("Two units measure the same.")
    return Fraction(match[1]), _sorted(units)


def _sorted(units: list[tuple[str, int]]) -> Units:
    return tuple(sorted(units, key=lambda item: (item[1] < 0, UNITS[item[0]][0])))


def _written(units: Units) -> str:
    text = ""
    for unit, exponent in _sorted(list(units)):
        sign = "/" if exponent < 0 else "*" if text else ""
        text += f"{sign}{unit}" + (f"^{abs(exponent)}" if abs(exponent) > 1 else "")
    return text


def _size(units: Units) -> Fraction:
    total = Fraction(1)
    for unit, exponent in units:
        total *= UNITS[unit][1] ** exponent
    return total


def _dimension(units: Units) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((UNITS[unit][0], exponent) for unit, exponent in units))
