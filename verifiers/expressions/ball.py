"""Real numbers as balls of integers: every operation encloses every value that its operands may have.

A ball `(m, r, e)` holds the reals from `(m - r) * 2**e` to `(m + r) * 2**e`. Midpoints are cut to the working
precision, radii to 30 bits, both outward. (The arithmetic of Arb: F. Johansson, IEEE Trans. Comput. 66, 2017.)
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import Final, TypeAlias

from esreason.verifiers.expressions.budget import OutOfRange, Undefined

Ball: TypeAlias = tuple[int, int, int]

_RADIUS_BITS: Final = 30
MAX_MAGNITUDE: Final = 1 << 24

ZERO: Final[Ball] = (0, 0, 0)
ONE: Final[Ball] = (1, 0, 0)


class Unclear(Exception):
    """The ball holds values on both sides of a border of the domain; more precision may tell."""


def rounded(m: int, r: int, e: int, precision: int) -> Ball:
    """The ball with its midpoint cut to the precision; `OutOfRange` beyond magnitudes of 2^(2^24)."""
    excess = m.bit_length() - precision
    if r and r.bit_length() - _RADIUS_BITS > excess:
        excess = r.bit_length() - _RADIUS_BITS
    if excess > 0:
        m >>= excess
        r = (r >> excess) + 2  # one for what the midpoint loses, one for the radius
        e += excess
    if not -MAX_MAGNITUDE < e < MAX_MAGNITUDE and (m or r):
        raise OutOfRange("a value is too large or too small to follow")
    return m, r, e


def magnitude(a: Ball) -> int:
    """An exponent k with every value of the ball below 2^k in absolute value."""
    return (abs(a[0]) + a[1]).bit_length() + a[2]


def from_fraction(value: Fraction, precision: int) -> Ball:
    numerator, denominator = value.numerator, value.denominator
    if denominator & (denominator - 1) == 0:
        return rounded(numerator, 0, 1 - denominator.bit_length(), precision)
    shift = max(0, precision + denominator.bit_length() - numerator.bit_length() + 2)
    return rounded((numerator << shift) // denominator, 1, -shift, precision)


def between(low: Fraction, high: Fraction) -> Ball:
    """All reals from one number to another."""
    width = high - low
    if not width:
        return from_fraction(low, 1 << 20)
    e = width.numerator.bit_length() - width.denominator.bit_length() - _RADIUS_BITS
    m = (low + high) / 2 / Fraction(2) ** e
    return m.__floor__(), (width / 2 / Fraction(2) ** e).__floor__() + 2, e


def negative(a: Ball) -> Ball:
    return -a[0], a[1], a[2]


def plus(a: Ball, b: Ball, precision: int) -> Ball:
    ma, ra, ea = a
    mb, rb, eb = b
    if ea < eb:
        ma, ra, ea, mb, rb, eb = mb, rb, eb, ma, ra, ea
    if not (ma or ra):
        return mb, rb, eb
    gap = ea - eb
    if gap > 2 * precision + 64:
        if not (mb or rb):
            return ma, ra, ea
        shift = min(precision, ea - magnitude((mb, rb, eb)))  # b as a whole is below one unit after the shift
        return rounded(ma << shift, (ra << shift) + 1, ea - shift, precision)
    return rounded((ma << gap) + mb, (ra << gap) + rb, eb, precision)


def minus(a: Ball, b: Ball, precision: int) -> Ball:
    return plus(a, negative(b), precision)


def times(a: Ball, b: Ball, precision: int) -> Ball:
    ma, ra, ea = a
    mb, rb, eb = b
    if rb:
        return rounded(ma * mb, abs(ma) * rb + abs(mb) * ra + ra * rb, ea + eb, precision)
    return rounded(ma * mb, abs(mb) * ra if ra else 0, ea + eb, precision)


def inverse(a: Ball, precision: int) -> Ball:
    m, r, e = a
    size = abs(m)
    if size <= r:
        if not r:
            raise Undefined("division by zero")
        raise Unclear
    shift = precision + size.bit_length() + 2
    spread = ((r << shift) // (size * (size - r)) + 1) if r else 0
    return rounded((1 << shift) // m, spread + 1, -shift - e, precision)


def absolute(a: Ball) -> Ball:
    m, r, e = a
    if abs(m) >= r:
        return abs(m), r, e
    top = abs(m) + r  # from 0 to top
    return top, top, e - 1


def root(a: Ball, precision: int) -> Ball:
    """The square root; `Undefined` below zero, `Unclear` across it."""
    m, r, e = a
    if not (m or r):
        return ZERO
    if m - r < 0:
        if m + r < 0:
            raise Undefined("a root of a negative number")
        raise Unclear
    shift = max(0, 2 * precision + 2 - m.bit_length())
    shift += (e - shift) & 1
    middle = isqrt(m << shift)
    spread = (r << shift) // middle + 1 if r else 0
    return rounded(middle, spread + 1, (e - shift) // 2, precision)


def whole_power(a: Ball, exponent: int, precision: int) -> Ball:
    """A power with a whole exponent; `Undefined` for 0 to a power that is not positive."""
    if exponent <= 0:
        if a[:2] == (0, 0):
            raise Undefined("0^0 has no value" if exponent == 0 else "division by zero")
        if exponent == 0:
            if abs(a[0]) <= a[1]:
                raise Unclear
            return ONE
        return inverse(whole_power(a, -exponent, precision), precision)
    result: Ball | None = None
    while True:
        if exponent & 1:
            result = a if result is None else times(result, a, precision)
        exponent >>= 1
        if not exponent:
            assert result is not None
            return result
        a = times(a, a, precision)


def holds_zero(a: Ball) -> bool:
    return abs(a[0]) <= a[1]


def is_positive(a: Ball) -> bool:
    """Whether every value is above zero; `Undefined` when none is, `Unclear` when it depends."""
    m, r, _ = a
    if m > r:
        return True
    if m + r < 0 or not (m or r):
        raise Undefined("the argument is not positive")
    raise Unclear


def accuracy(a: Ball) -> int:
    """Correct bits of the midpoint relative to its size; a large number for an exact ball."""
    return a[0].bit_length() - a[1].bit_length() if a[1] else 1 << 30
