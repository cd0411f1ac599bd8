"""Exact values of expressions without functions: rationals, and Gaussian rationals where `i` occurs."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final, TypeAlias, TypeVar

from esreason.verifiers.expressions.budget import Exhausted, Undefined
from esreason.verifiers.expressions.tree import (
    Constant,
    Expression,
    ExpressionError,
    Name,
    Number,
    Power,
    Product,
    Sum,
)

MAX_BITS: Final = 14_000  # Python writes integers of up to 4,300 digits, which is 14,284 bits

Gaussian = tuple[Fraction, Fraction]
Rational: TypeAlias = int | Fraction  # whole numbers as int, which are several times as fast
_T = TypeVar("_T", int, Fraction, int | Fraction)
_ZERO: Final = Fraction(0)
_ONE: Final = Fraction(1)


def rational_value(expression: Expression, values: Mapping[str, Fraction] | None = None) -> Fraction | None:
    """The rational value, with names as given; None where it is not rational, undefined or beyond 14,000 bits."""
    if isinstance(expression, Number):
        return expression.value
    try:
        return Fraction(_rational(expression, values or {}))
    except (Exhausted, Undefined):
        return None


def _rational(expression: Expression, values: Mapping[str, Fraction]) -> Rational:
    if isinstance(expression, Number):
        return _plain(expression.value)
    if isinstance(expression, Name) and expression.name in values:
        return _plain(values[expression.name])
    if isinstance(expression, Sum):
        total: Rational = 0
        for term in expression.terms:
            total = _bounded(total + _rational(term, values))
        return total
    if isinstance(expression, Product):
        product: Rational = 1
        for factor in expression.factors:
            product = _bounded(product * _rational(factor, values))
        return product
    if isinstance(expression, Power):
        return rational_power(_rational(expression.base, values), _rational(expression.exponent, values))
    raise Exhausted("not a rational expression")


def _plain(value: Fraction) -> Rational:
    return value.numerator if value.denominator == 1 else value


def rational_power(base: Rational, exponent: Rational) -> Rational:
    """A whole power of a rational; `Undefined` for 0 to a power that is not positive."""
    if exponent.denominator != 1:
        raise Exhausted("not a rational power")
    whole = int(exponent)
    if base == 0 and whole <= 0:
        raise Undefined("0^0 has no value" if whole == 0 else "division by zero")
    size = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(base) != 1 and base != 0 and size * abs(whole) > MAX_BITS:
        raise Exhausted("the number is too large")
    if abs(base) == 1:
        whole %= 2
    if not base:
        return base
    return base**whole if whole >= 0 else _plain(Fraction(base) ** whole)


def _bounded(value: _T) -> _T:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise Exhausted("the number is too large")
    return value


def gaussian(expression: Expression) -> Gaussian:
    """Real and imaginary part of an arithmetic expression of rationals and `i`; `ExpressionError` where it has none."""
    try:
        return _gaussian(expression)
    except (Exhausted, Undefined) as reason:
        raise ExpressionError(f"The expression is not a number a + b*i with rational parts: {reason}.") from None


def _gaussian(expression: Expression) -> Gaussian:
    if isinstance(expression, Number):
        return expression.value, _ZERO
    if isinstance(expression, Constant) and expression.name == "i":
        return _ZERO, _ONE
    if isinstance(expression, Sum):
        total: Gaussian = (_ZERO, _ZERO)
        for term in expression.terms:
            real, unreal = _gaussian(term)
            total = _bounded(total[0] + real), _bounded(total[1] + unreal)
        return total
    if isinstance(expression, Product):
        product: Gaussian = (_ONE, _ZERO)
        for factor in expression.factors:
            product = _times(product, _gaussian(factor))
        return product
    if isinstance(expression, Power):
        exponent, imaginary = _gaussian(expression.exponent)
        if imaginary or exponent.denominator != 1 or abs(exponent) > MAX_BITS:
            raise Exhausted("not a whole power")
        return _gaussian_power(_gaussian(expression.base), int(exponent))
    raise Exhausted("it holds something else than rational arithmetic")


def _times(a: Gaussian, b: Gaussian) -> Gaussian:
    return _bounded(a[0] * b[0] - a[1] * b[1]), _bounded(a[0] * b[1] + a[1] * b[0])


def _gaussian_power(base: Gaussian, exponent: int) -> Gaussian:
    if not any(base) and exponent <= 0:
        raise Undefined("0^0 has no value" if exponent == 0 else "division by zero")
    if exponent < 0:
        norm = base[0] ** 2 + base[1] ** 2
        base, exponent = (base[0] / norm, -base[1] / norm), -exponent
    result: Gaussian = (_ONE, _ZERO)
    while exponent:
        if exponent & 1:
            result = _times(result, base)
        exponent >>= 1
        if exponent:
            base = _times(base, base)
    return result
