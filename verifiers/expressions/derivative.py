"""Symbolic derivatives by our own rules."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from math import prod
from typing import Final

from esreason.verifiers.expressions.tree import (
    MINUS_ONE,
    ONE,
    ZERO,
    Call,
    Constant,
    Expression,
    ExpressionError,
    Name,
    Number,
    Power,
    Product,
    Sum,
    add,
    invert,
    multiply,
    negate,
    number,
    power,
    walk,
)

MAX_NODES: Final = 20_000

_TWO: Final = number(2)


def derivative(expression: Expression, name: str = "x") -> Expression:
    """The derivative by the named variable, with zeros and ones dropped and nothing else simplified."""
    # what is zero is the one object ZERO, as `number` makes it
    result = _derive(expression, name)
    if next(islice(walk(result), MAX_NODES, None), None) is not None:
        raise ExpressionError(f"The derivative has more than {MAX_NODES} parts.")
    return result


def _derive(expression: Expression, name: str) -> Expression:
    if isinstance(expression, Number):
        return ZERO
    if isinstance(expression, Name):
        return ONE if expression.name == name else ZERO
    if isinstance(expression, Sum):
        return _plus(*(_derive(term, name) for term in expression.terms))
    if isinstance(expression, Product):
        return _product(expression.factors, name)
    if isinstance(expression, Power):
        return _power(expression, name)
    if isinstance(expression, Constant):
        return ZERO
    argument = expression.argument
    if expression.function == "log" and isinstance(argument, Call) and argument.function == "abs":
        argument = argument.argument  # the slope of log|u| is u'/u on both sides of 0
    inner = _derive(argument, name)
    return ZERO if inner is ZERO else _times(_OUTER[expression.function](argument), inner)


def _product(factors: tuple[Expression, ...], name: str) -> Expression:
    terms = []
    for position, factor in enumerate(factors):
        inner = _derive(factor, name)
        if inner is not ZERO:
            terms.append(_times(*factors[:position], inner, *factors[position + 1 :]))
    return _plus(*terms)


def _power(expression: Power, name: str) -> Expression:
    base, exponent = expression.base, expression.exponent
    inner, outer = _derive(base, name), _derive(exponent, name)
    if outer is ZERO:
        if inner is ZERO or exponent == ZERO:
            return ZERO
        lower = number(exponent.value - 1) if isinstance(exponent, Number) else add(exponent, MINUS_ONE)
        return _times(exponent, base if lower == ONE else power(base, lower), inner)
    growth = _times(Call("log", base), outer)
    if inner is not ZERO:
        growth = _plus(growth, _times(exponent, inner, invert(base)))
    return _times(expression, growth)


def _plus(*terms: Expression) -> Expression:
    return add(*[term for term in terms if term is not ZERO])


def _times(*factors: Expression) -> Expression:
    """The product with its plain numbers gathered in front."""
    flat = multiply(*factors)
    parts = flat.factors if isinstance(flat, Product) else (flat,)
    numbers = [part.value for part in parts if isinstance(part, Number)]
    if not numbers:
        return flat
    others = [part for part in parts if not isinstance(part, Number)]
    coefficient = prod(numbers[1:], start=numbers[0])
    if not coefficient:
        return ZERO
    head = () if coefficient == 1 and others else (number(coefficient),)
    return multiply(*head, *others)


def _square(expression: Expression) -> Expression:
    return power(expression, _TWO)


_OUTER: Final[dict[str, Callable[[Expression], Expression]]] = {
    "sin": lambda u: Call("cos", u),
    "cos": lambda u: negate(Call("sin", u)),
    "tan": lambda u: invert(_square(Call("cos", u))),
    "sec": lambda u: multiply(Call("sec", u), Call("tan", u)),
    "csc": lambda u: negate(multiply(Call("csc", u), Call("cot", u))),
    "cot": lambda u: negate(_square(Call("csc", u))),
    "exp": lambda u: Call("exp", u),
    "log": invert,
    "sqrt": lambda u: invert(multiply(_TWO, Call("sqrt", u))),
    "abs": lambda u: multiply(u, invert(Call("abs", u))),
    "asin": lambda u: invert(Call("sqrt", add(ONE, negate(_square(u))))),
    "acos": lambda u: negate(invert(Call("sqrt", add(ONE, negate(_square(u)))))),
    "atan": lambda u: invert(add(ONE, _square(u))),
    "sinh": lambda u: Call("cosh", u),
    "cosh": lambda u: Call("sinh", u),
    "tanh": lambda u: invert(_square(Call("cosh", u))),
}
