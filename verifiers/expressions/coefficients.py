"""Polynomials as coefficients, for verifiers of factoring, expanding, division and series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from esreason.verifiers.expressions.budget import Budget, Exhausted, Undefined
from esreason.verifiers.expressions.normal import Normalizer
from esreason.verifiers.expressions.tree import Expression, ExpressionError, Name, add, multiply, number, power

Coefficients = dict[tuple[int, ...], Fraction]

WORK = 60_000


def coefficients(expression: Expression, names: Sequence[str] = ("x",)) -> Coefficients:
    """Nonzero rational coefficients by exponents of the names; `ExpressionError` when it is no such polynomial."""
    normalizer = Normalizer(Budget(WORK))
    try:
        form = normalizer.canonical(normalizer.form(expression))
    except (Exhausted, Undefined) as reason:
        raise ExpressionError(f"The expression has no polynomial form: {reason}.") from None
    if form.factors:
        raise ExpressionError("The expression is not a polynomial.")
    result: Coefficients = {}
    for monomial, value in form.terms.items():
        exponents = dict.fromkeys(names, 0)
        for atom, exponent in monomial:
            kind, *of = normalizer.keys[atom]
            if kind != "name" or of[0] not in exponents or exponent.denominator != 1 or exponent < 0:
                raise ExpressionError(f"The expression is not a polynomial in {', '.join(names)}.")
            exponents[str(of[0])] = int(exponent)
        result[tuple(exponents.values())] = Fraction(value, form.scale)
    return result


def from_coefficients(values: Mapping[tuple[int, ...], Fraction | int], names: Sequence[str] = ("x",)) -> Expression:
    """The polynomial as a sum of terms, highest exponents first."""
    terms = []
    for exponents, value in sorted(values.items(), reverse=True):
        factors: list[Expression] = [
            Name(name) if exponent == 1 else power(Name(name), number(exponent))
            for name, exponent in zip(names, exponents, strict=True)
            if exponent
        ]
        if value and (value != 1 or not factors):
            factors.insert(0, number(value))
        if value:
            terms.append(multiply(*factors))
    return add(*terms)
