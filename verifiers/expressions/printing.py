"""Canonical text of an expression: parsing it gives the same tree back."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from esreason.verifiers.expressions.tree import (
    MINUS_ONE,
    ONE,
    Call,
    Constant,
    Expression,
    Name,
    Number,
    Power,
    Product,
    Sum,
    divisor_of,
)

# tuples, since a union such as Name | Constant is made anew whenever it is met
_NAMED: Final = (Name, Constant)
_BARE: Final = (Name, Constant, Call)


def to_text(expression: Expression) -> str:
    """The expression in the grammar of `parse`, with explicit products and as few parentheses as that needs."""
    if isinstance(expression, Sum):
        first, *rest = map(_term, expression.terms)
        return first + "".join([f" - {text[1:]}" if text[0] == "-" else f" + {text}" for text in rest])
    return _term(expression)


def _term(expression: Expression) -> str:
    if isinstance(expression, Product):
        return _product(expression.factors)
    if isinstance(expression, Power):
        return _power(expression)
    return _atom(expression)


def _product(factors: tuple[Expression, ...]) -> str:
    if factors[0] == MINUS_ONE and not isinstance(factors[1], Number):
        rest = factors[1:]
        # a sum or a product of its own needs no care here: neither can stand first in a flattened product
        return "-" + (_product(rest) if len(rest) > 1 else _first_factor(rest[0]))
    first, second = factors[:2]
    return _first_factor(first) + _later_factor(second, after=first) + "".join(map(_later_factor, factors[2:]))


def _first_factor(factor: Expression) -> str:
    if isinstance(factor, Power):
        return _power(factor)
    return _atom(factor)


def _later_factor(factor: Expression, after: Expression | None = None) -> str:
    """A factor with its operator; `after` is the factor before it when that is the first one."""
    if isinstance(factor, Number):
        value = factor.value
        # behind a lone number a division would be read as one fraction
        if value.numerator == 1 and value.denominator > 1 and not isinstance(after, Number):
            return f"/{value.denominator}"
        return f"*{_number(value)}" if _is_natural(value) else f"*({_number(value)})"
    if not isinstance(factor, Power):
        return f"*{_atom(factor)}"
    divisor = divisor_of(factor)
    return f"*{_plain_power(factor)}" if divisor is None or after == ONE else f"/{_divisor(divisor)}"


def _power(expression: Power) -> str:
    divisor = divisor_of(expression)
    return _plain_power(expression) if divisor is None else f"1/{_divisor(divisor)}"


def _divisor(divisor: Expression) -> str:
    if not isinstance(divisor, Power):
        return _atom(divisor)
    return _plain_power(divisor) if divisor_of(divisor) is None else f"({_power(divisor)})"


def _plain_power(expression: Power) -> str:
    base, exponent = expression.base, expression.exponent
    left = _atom(base) if _is_bare(base) else f"({to_text(base)})"
    right = _atom(exponent) if _is_bare(exponent) else f"({to_text(exponent)})"
    return f"{left}^{right}"


def _is_bare(node: Expression) -> bool:
    if isinstance(node, Number):
        return _is_natural(node.value)
    return isinstance(node, _BARE)


def _is_natural(value: Fraction) -> bool:
    return value.denominator == 1 and value.numerator >= 0


def _atom(expression: Expression) -> str:
    if isinstance(expression, Number):
        return _number(expression.value)
    if isinstance(expression, Call):
        return f"{expression.function}({to_text(expression.argument)})"
    return expression.name if isinstance(expression, _NAMED) else f"({to_text(expression)})"


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"
