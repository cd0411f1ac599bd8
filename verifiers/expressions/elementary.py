"""exp, log, sin, cos and atan of balls, from power series in integers with guard bits."""

from __future__ import annotations

from functools import lru_cache
from math import isqrt
from typing import Final

from esreason.verifiers.expressions.ball import (
    ONE,
    ZERO,
    Ball,
    Unclear,
    inverse,
    is_positive,
    magnitude,
    minus,
    negative,
    plus,
    root,
    rounded,
    times,
)
from esreason.verifiers.expressions.budget import OutOfRange, Undefined

_GUARD: Final = 32
_MAX_ANGLE: Final = 256  # sin and cos of arguments beyond 2^256 are not followed
_MAX_EXPONENT: Final = 24  # exp of arguments beyond 2^24 is not followed


def _inverse_series(n: int, bits: int, sign: int) -> int:
    """atanh(1/n) for the sign 1 and atan(1/n) for -1, times 2**bits."""
    power = (1 << bits) // n
    total, k = power, 1
    while power:
        power //= n * n
        total += sign**k * (power // (2 * k + 1))
        k += 1
    return total


@lru_cache(maxsize=64)
def _log_two(bits: int) -> int:
    """log(2) * 2**bits within one unit (Machin-like: 18 atanh(1/26) - 2 atanh(1/4801) + 8 atanh(1/8749))."""
    work = bits + 24
    total = 18 * _inverse_series(26, work, 1) - 2 * _inverse_series(4801, work, 1) + 8 * _inverse_series(8749, work, 1)
    return total >> 24


@lru_cache(maxsize=64)
def _pi(bits: int) -> int:
    """pi * 2**bits within one unit (Machin: 16 atan(1/5) - 4 atan(1/239))."""
    work = bits + 24
    return (16 * _inverse_series(5, work, -1) - 4 * _inverse_series(239, work, -1)) >> 24


def pi(precision: int) -> Ball:
    return rounded(_pi(precision + 8), 1, -precision - 8, precision)


def _fixed(m: int, e: int, bits: int) -> int:
    """m * 2**e in units of 2**-bits, rounded down."""
    shift = e + bits
    return m << shift if shift >= 0 else m >> -shift


def _spread(r: int, e: int, bits: int) -> int:
    """A radius in units of 2**-bits, rounded up."""
    shift = e + bits
    return r << shift if shift >= 0 else (r >> -shift) + 1


def _exp_series(t: int, bits: int) -> int:
    """exp(t) in fixed point for 0 <= t < 1."""
    halvings = isqrt(bits) // 2 + 1
    work = bits + 2 * halvings + 8
    t = t << (work - bits) >> halvings
    total = term = 1 << work
    k = 1
    while term:
        term = (term * t >> work) // k
        total += term
        k += 1
    for _ in range(halvings):
        total = total * total >> work
    return total >> (work - bits)


def exp(a: Ball, precision: int) -> Ball:
    m, r, e = a
    if not (m or r):
        return ONE
    size = magnitude(a)
    if size > _MAX_EXPONENT:
        raise OutOfRange("an exponential is too large or too small to follow")
    if r and r.bit_length() + e > 0:
        raise Unclear
    bits = precision + _GUARD + max(size, 0)
    x = _fixed(m, e, bits)
    log_two = _log_two(bits)
    turns = x // log_two
    y = _exp_series(x - turns * log_two, bits)
    own = (y >> (precision + 8)) + 1
    inherited = _spread(y * r, e, 0) * 2 if r else 0  # exp(d) - 1 <= 2 d for 0 <= d <= 1
    return rounded(y, own + inherited, turns - bits, precision)


def log(a: Ball, precision: int) -> Ball:
    """The natural logarithm; `Undefined` below zero, `Unclear` across it."""
    is_positive(a)
    m, r, e = a
    if not r and e <= 0 and m == 1 << -e:
        return ZERO
    length = m.bit_length()
    exponent = e + length
    closeness = 0
    if exponent in (0, 1):  # near 1 the logarithm is small: more bits keep its relative accuracy
        off = abs(m - (1 << -e)) if e <= 0 else 0
        closeness = min(max(0, length - off.bit_length()), 4 * precision) if off else 0
    bits = precision + _GUARD + closeness + abs(exponent).bit_length()
    f = _fixed(m, -length, bits)  # in [1/2, 1)
    if f < 3 << (bits - 2) and exponent == 1:
        f, exponent = f << 1, 0  # in [1, 3/2): keeps the logarithm of 1 + d from cancelling
    y = _log_series(f, bits) + exponent * _log_two(bits)
    own = 1 << (_GUARD // 2 + abs(exponent).bit_length())
    inherited = (r << bits) // (m - r) + 1 if r else 0
    return rounded(y, own + inherited, -bits, precision)


def _log_series(f: int, bits: int) -> int:
    """log(f) in fixed point for 1/2 <= f < 2: square roots, then atanh."""
    roots = isqrt(bits) // 2 + 2
    work = bits + roots + 8
    f <<= work - bits
    for _ in range(roots):
        f = isqrt(f << work)
    one = 1 << work
    y = ((f - one) << work) // (f + one)
    square = y * y >> work
    total, term, k = y, y, 1
    while term not in (0, -1):
        term = term * square >> work
        total += term // (2 * k + 1)
        k += 1
    total <<= roots + 1
    return total >> (work - bits)


def sin_cos(a: Ball, precision: int) -> tuple[Ball, Ball]:
    m, r, e = a
    if not (m or r):
        return ZERO, ONE
    size = magnitude(a)
    if size > _MAX_ANGLE:
        raise OutOfRange("an angle is too large to follow")
    if r and r.bit_length() + e > 1:
        return (0, 1, 0), (0, 1, 0)
    tiny = -size if size < 0 else 0
    if tiny > precision:  # sin x = x up to x^3/6, cos x = 1 up to x^2/2
        sine = rounded(m << precision, (r << precision) + abs(m) + r, e - precision, precision)
        return sine, rounded(1 << precision, 1, -precision, precision)
    bits = precision + _GUARD + max(size, 0) + tiny
    x = _fixed(m, e, bits)
    quarter = _pi(bits + 1) >> 2  # pi/2 in units of 2**-bits
    turns = x // quarter
    s, c = _angle_series(x - turns * quarter, bits)
    for _ in range(turns % 4):
        s, c = c, -s
    error = (1 << (_GUARD // 2 + max(size, 0))) + (_spread(r, e, bits) if r else 0)
    return rounded(s, error, -bits, precision), rounded(c, error, -bits, precision)


def _angle_series(t: int, bits: int) -> tuple[int, int]:
    """sin(t) and cos(t) in fixed point for 0 <= t < 2: series of t / 2^k, then doublings."""
    halvings = isqrt(bits) // 2 + 2
    work = bits + 2 * halvings + 8
    t = t << (work - bits) >> halvings
    square = t * t >> work
    s = term = t
    k = 2
    while term:
        term = -(term * square >> work) // (k * (k + 1))
        s += term
        k += 2
        if -2 <= term <= 1:
            break
    c = term = 1 << work
    k = 1
    while term:
        term = -(term * square >> work) // (k * (k + 1))
        c += term
        k += 2
        if -2 <= term <= 1:
            break
    for _ in range(halvings):
        s, c = s * c >> (work - 1), (c * c - s * s) >> work
    return s >> (work - bits), c >> (work - bits)


def atan(a: Ball, precision: int) -> Ball:
    m, r, e = a
    if not (m or r):
        return ZERO
    if magnitude(a) > 1 and abs(m) > r:
        half = rounded(_pi(precision + 8), 1, -precision - 9, precision)
        inner = atan(inverse(a, precision + 8), precision)
        return minus(half if m > 0 else negative(half), inner, precision)
    if magnitude(a) > 2:
        raise Unclear
    tiny = max(0, -magnitude(a))
    if tiny > precision:
        return rounded(m << precision, (r << precision) + abs(m) + r, e - precision, precision)
    bits = precision + _GUARD + tiny
    y = _atan_series(_fixed(m, e, bits), bits)
    error = (1 << (_GUARD // 2)) + (_spread(r, e, bits) if r else 0)
    return rounded(y, error, -bits, precision)


def _atan_series(t: int, bits: int) -> int:
    """atan(t) in fixed point for |t| <= 4: t / (1 + sqrt(1 + t^2)) halves the angle."""
    halvings = isqrt(bits) // 2 + 3
    work = bits + halvings + 8
    one = 1 << work
    t <<= work - bits
    for _ in range(halvings):
        t = (t << work) // (one + isqrt((one << work) + t * t))
    square = t * t >> work
    total, term, k = t, t, 1
    while not -2 <= term <= 1:
        term = -(term * square >> work)
        total += term // (2 * k + 1)
        k += 1
    return total << halvings >> (work - bits)


def asin(a: Ball, precision: int) -> Ball:
    """atan(x / sqrt(1 - x^2)); `Undefined` beyond 1, `Unclear` at it."""
    work = precision + 8
    if a[1] == 0 and abs(a[0]).bit_length() + a[2] == 1 and abs(a[0]).bit_count() == 1:  # exactly 1 or -1
        half = rounded(_pi(work), 1, -work - 1, precision)
        return half if a[0] > 0 else negative(half)
    rest = minus(ONE, times(a, a, work), work)
    try:
        side = root(rest, work)
    except Undefined:
        raise Undefined("an inverse sine or cosine of a number beyond 1") from None
    if side[:2] == (0, 0):
        raise Unclear
    return atan(times(a, inverse(side, work), work), precision)


def acos(a: Ball, precision: int) -> Ball:
    half = rounded(_pi(precision + 8), 1, -precision - 9, precision)
    return minus(half, asin(a, precision), precision)


def sinh_cosh(a: Ball, precision: int) -> tuple[Ball, Ball]:
    work = precision + max(0, min(precision, -magnitude(a))) + 4
    up = exp(a, work)
    down = inverse(up, work)
    sine, cosine = minus(up, down, work), plus(up, down, work)
    return (
        rounded(sine[0], sine[1], sine[2] - 1, precision),
        rounded(cosine[0], cosine[1], cosine[2] - 1, precision),
    )
