"""Exact arithmetic of planning tasks: rational numbers of bounded size."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

Number = int | Fraction
"""Exact; a whole one is an int."""

Value = int | tuple[int, int] | None
"""A number in a state, which is JSON: an int, a numerator with its denominator, or None where there is none."""

Arithmetic = Number | tuple[Any, ...]
"""Ground: a number, ("number", its place in a state, its name), or ("+" | "-" | "*" | "/", parts)."""

MAX_BITS = 128
"""Of a numerator or a denominator; an action that would make a larger one is not possible."""

NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")


class Undefined(ValueError):
    """An expression has no value; the sentence says why."""


def read_number(text: str) -> Number:
    """The number that a text matching NUMBER writes."""
    return bounded(Fraction(text))


def bounded(value: Number) -> Number:
    """The number itself; Undefined if it is too large."""
    if isinstance(value, Fraction):
        if value.denominator != 1:
            if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
                raise Undefined(f"a number would have more than {MAX_BITS} bits")
            return value
        value = value.numerator
    if value.bit_length() > MAX_BITS:
        raise Undefined(f"a number would have more than {MAX_BITS} bits")
    return value


def stored(value: Number) -> Value:
    """A number as it stands in a state."""
    return value if isinstance(value, int) else (value.numerator, value.denominator)


def evaluated(item: Arithmetic, values: Sequence[Value]) -> Number:
    """The value of an expression in a state; Undefined if it has none."""
    if not isinstance(item, tuple):
        return item
    if item[0] == "number":
        value = values[item[1]]
        if value is None:
            raise Undefined(f"{item[2]} has no value")
        return Fraction(*value) if isinstance(value, tuple) else value
    return applied(item[0], [evaluated(part, values) for part in item[1]])


def applied(sign: str, parts: Sequence[Number]) -> Number:
    """An operation on numbers; Undefined where it has no value or too large a one."""
    found = parts[0]
    for part in parts[1:]:
        if sign == "+":
            found = bounded(found + part)
        elif sign == "-":
            found = bounded(found - part)
        elif sign == "*":
            found = bounded(found * part)
        elif part:
            found = bounded(Fraction(found) / part)
        else:
            raise Undefined("a number would be divided by 0")
    return found


def compares(sign: str, left: Arithmetic, right: Arithmetic, values: Sequence[Value]) -> bool:
    """Whether a comparison holds in a state; one with an undefined side does not."""
    try:
        a, b = evaluated(left, values), evaluated(right, values)
    except Undefined:
        return False
    if sign in ("=", "!="):
        return (a == b) == (sign == "=")
    if sign in ("<", ">="):
        return (a < b) == (sign == "<")
    return (a > b) == (sign == ">")


def size(item: Arithmetic) -> int:
    """The numbers and operations of an expression."""
    if not isinstance(item, tuple) or item[0] == "number":
        return 1
    return 1 + sum(size(part) for part in item[1])


def places(item: Arithmetic) -> set[int]:
    """The places of the changing numbers that an expression looks at."""
    if not isinstance(item, tuple):
        return set()
    if item[0] == "number":
        return {item[1]}
    return set().union(*(places(part) for part in item[1]))


def number_text(value: Value | Number) -> str:
    """A number as PDDL writes it where it is a short decimal, else as a fraction."""
    number = Fraction(*value) if isinstance(value, tuple) else Fraction(value or 0)
    if number.denominator == 1:
        return str(number.numerator)
    scaled = number * 10**9
    if scaled.denominator != 1:
        return f"{number.numerator}/{number.denominator}"
    digits = f"{abs(scaled.numerator):010d}"
    return f"{'-' if number < 0 else ''}{digits[:-9]}.{digits[-9:].rstrip('0')}"


def arithmetic_text(item: Arithmetic) -> str:
    """An expression as PDDL."""
    if not isinstance(item, tuple):
        return number_text(item)
    if item[0] == "number":
        return str(item[2])
    return f"({item[0]} {' '.join(arithmetic_text(part) for part in item[1])})"
