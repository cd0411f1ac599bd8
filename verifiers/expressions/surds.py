"""Exact values a + b*sqrt(d) with rational a and b: roots of quadratics, and what is computed from one of them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt
from typing import Final, NamedTuple

from esreason.verifiers.expressions.exact import Rational
from esreason.verifiers.expressions.tree import Call, Expression, Number, Power, Product, Sum

_MAX_BITS: Final = 2_048
_MAX_POWER: Final = 64
_PRIMES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)


class Surd(NamedTuple):
    """a + b*sqrt(of): where b is not 0, `of` is a positive integer that is no square, so that both parts are unique."""

    a: Rational
    b: Rational
    of: int


class _Beyond(Exception):
    """The value is not of this kind, has too many digits, or does not exist."""


def surd_value(expression: Expression) -> Surd | None:
    """The value of an expression without names; None where it is none of these numbers or is not known to be one."""
    try:
        return _value(expression)
    except _Beyond:
        return None


def is_root(value: Surd, coefficients: Sequence[Fraction]) -> bool:
    """Whether the polynomial, lowest coefficient first, is zero there: exact, since 1 and sqrt(d) are independent."""
    total = Surd(0, 0, 1)
    for coefficient in reversed(coefficients):
        total = _plus(_times(total, value), Surd(_plain(coefficient), 0, 1))
    return not (total.a or total.b)


def _value(node: Expression) -> Surd:
    if isinstance(node, Number):
        return Surd(_plain(node.value), 0, 1)
    if isinstance(node, Sum):
        total = Surd(0, 0, 1)
        for term in node.terms:
            total = _bounded(_plus(total, _value(term)))
        return total
    if isinstance(node, Product):
        product = Surd(1, 0, 1)
        for factor in node.factors:
            product = _bounded(_times(product, _value(factor)))
        return product
    if isinstance(node, Call) and node.function == "sqrt":
        return _root(_value(node.argument))
    if isinstance(node, Power) and isinstance(node.exponent, Number):
        exponent = node.exponent.value
        if exponent.denominator <= 2 and abs(exponent.numerator) <= _MAX_POWER:
            base = _value(node.base)
            return _power(_root(base) if exponent.denominator == 2 else base, exponent.numerator)
    raise _Beyond


def _plain(value: Rational) -> Rational:
    return value.numerator if value.denominator == 1 else value


def _bounded(value: Surd) -> Surd:
    for part in value[:2]:
        if part.numerator.bit_length() + part.denominator.bit_length() > _MAX_BITS:
            raise _Beyond
    return value


def _together(x: Surd, y: Surd) -> int:
    if x.b and y.b and x.of != y.of:
        raise _Beyond
    return x.of if x.b else y.of


def _plus(x: Surd, y: Surd) -> Surd:
    return Surd(x.a + y.a, x.b + y.b, _together(x, y))


def _times(x: Surd, y: Surd) -> Surd:
    of = _together(x, y)
    return Surd(x.a * y.a + x.b * y.b * of, x.a * y.b + x.b * y.a, of)


def _power(base: Surd, exponent: int) -> Surd:
    if exponent <= 0 and not (base.a or base.b):
        raise _Beyond
    if exponent < 0:
        norm = Fraction(base.a * base.a - base.b * base.b * base.of)  # not zero: sqrt(of) is no fraction
        base, exponent = Surd(_plain(base.a / norm), _plain(-base.b / norm), base.of), -exponent
    result = Surd(1, 0, 1)
    for _ in range(exponent):
        result = _bounded(_times(result, base))
    return result


def _root(of: Surd) -> Surd:
    """The square root of a rational that is not negative."""
    if of.b or of.a < 0:
        raise _Beyond
    inside, outside = of.a.numerator * of.a.denominator, 1
    for prime in _PRIMES:
        while inside and inside % (prime * prime) == 0:
            inside, outside = inside // (prime * prime), outside * prime
    whole = isqrt(inside)
    share = _plain(Fraction(outside, of.a.denominator))
    return Surd(share * whole, 0, 1) if whole * whole == inside else Surd(0, share, inside)
