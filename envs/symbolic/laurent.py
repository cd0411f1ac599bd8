"""Truncated Laurent series with rational coefficients: the machinery of limits and series."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from esreason.verifiers.expressions import Call, Expression, ExpressionError, Name, Number, Power, Product, Sum

TERMS = 10
"""So many coefficients are kept, from the first that is not zero on."""
MAX_DIGITS = 60


class Series(NamedTuple):
    """t^start * (c0 + c1*t + ...) up to the terms kept; no coefficients: zero as far as it is known."""

    start: int
    terms: tuple[Fraction, ...]


def constant(value: Fraction | int) -> Series:
    """A number as a series."""
    return _series(0, [Fraction(value), *[Fraction(0)] * (TERMS - 1)])


def _series(start: int, terms: list[Fraction]) -> Series:
    first = next((k for k, c in enumerate(terms) if c), len(terms))
    kept = terms[first : first + TERMS]
    if any(len(str(c)) > MAX_DIGITS for c in kept):
        raise ExpressionError("A coefficient of the series is too long.")
    return Series(start + first, tuple(kept))


def plus(a: Series, b: Series) -> Series:
    """The sum; as far as both are known. An exact zero has many terms and hides nothing."""
    start = min(a.start, b.start)
    end = min(s.start + max(len(s.terms), 1 if s.terms else 0) for s in (a, b))
    return _series(start, [_at(a, k) + _at(b, k) for k in range(start, max(end, start))])


def times(a: Series, b: Series) -> Series:
    """The product."""
    size = min(len(a.terms), len(b.terms))
    terms = [Fraction(0)] * size
    for i, x in enumerate(a.terms[:size]):
        for j, y in enumerate(b.terms[: size - i] if x else ()):
            if y:  # most series here have few terms that are not zero
                terms[i + j] += x * y
    return _series(a.start + b.start, terms)


def inverse(a: Series) -> Series:
    """One over the series."""
    if not a.terms:
        raise ExpressionError("It divides by zero.")
    terms = [1 / a.terms[0]]
    for k in range(1, len(a.terms)):
        terms.append(-sum((a.terms[i] * terms[k - i] for i in range(1, k + 1)), Fraction(0)) / a.terms[0])
    return _series(-a.start, terms)


def _at(a: Series, k: int) -> Fraction:
    return a.terms[k - a.start] if 0 <= k - a.start < len(a.terms) else Fraction(0)


def of_expression(tree: Expression, point: Series) -> Series:
    """The series of an expression in x where x is the given series; ExpressionError where it has no rational one."""
    if isinstance(tree, Number):
        return constant(tree.value)
    if isinstance(tree, Name):
        return point
    if isinstance(tree, Sum | Product):
        parts = [of_expression(part, point) for part in (tree.terms if isinstance(tree, Sum) else tree.factors)]
        total = parts[0]
        for part in parts[1:]:
            total = plus(total, part) if isinstance(tree, Sum) else times(total, part)
        return total
    if isinstance(tree, Power) and isinstance(tree.exponent, Number):
        return _power(of_expression(tree.base, point), tree.exponent.value)
    if isinstance(tree, Call):
        return _call(tree.function, of_expression(tree.argument, point))
    raise ExpressionError("The expression has no series with rational coefficients here.")


def _power(base: Series, exponent: Fraction) -> Series:
    if exponent.denominator == 1:
        if abs(exponent) > 30:
            raise ExpressionError("An exponent is over 30.")
        total, factor = constant(1), inverse(base) if exponent < 0 else base
        for _ in range(abs(int(exponent))):
            total = times(total, factor)
        return total
    if base.start != 0 or not base.terms or base.terms[0] != 1:
        raise ExpressionError("A root of a series is taken where that series is 1.")
    return _binomial(plus(base, constant(-1)), exponent)


def _binomial(u: Series, exponent: Fraction) -> Series:
    """(1 + u)^exponent for a series u that vanishes."""
    coefficients = [Fraction(1)]
    for k in range(1, TERMS):
        coefficients.append(coefficients[-1] * (exponent - k + 1) / k)
    return _composed(coefficients, u)


def _composed(coefficients: list[Fraction], u: Series) -> Series:
    """The power series with these coefficients at a series that vanishes."""
    if u.terms and u.start < 1:
        raise ExpressionError("A function is taken where its series has irrational coefficients.")
    total = constant(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = plus(_shifted(times(total, u), u), constant(coefficient))
    return total


def _shifted(product: Series, u: Series) -> Series:
    return product if product.terms else Series(max(u.start, TERMS), ())


def _call(function: str, u: Series) -> Series:
    one = Fraction(1)
    factorials = [one]
    for k in range(1, TERMS):
        factorials.append(factorials[-1] / k)
    if function == "exp":
        return _composed(factorials, u)
    if function in ("sin", "cos"):
        odd = function == "sin"
        return _composed([c * (-1) ** (k // 2) if k % 2 == odd else 0 * one for k, c in enumerate(factorials)], u)
    if function == "log":
        logs = [0 * one, *(Fraction((-1) ** (k + 1), k) for k in range(1, TERMS))]
        return _composed(logs, plus(u, constant(-1)))
    if function == "atan":
        return _composed([Fraction((-1) ** (k // 2), k) if k % 2 else 0 * one for k in range(TERMS)], u)
    if function == "sqrt":
        return _power(u, Fraction(1, 2))
    raise ExpressionError(f"The series of {function} is not known here.")
