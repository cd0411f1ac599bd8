"""Polynomials in one variable over the rationals: division, roots, factors, and fractions of them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, zip_longest
from math import gcd, isqrt, lcm

from esreason.verifiers.expressions import (
    Expression,
    ExpressionError,
    Name,
    Number,
    Power,
    Product,
    Sum,
    coefficients,
    from_coefficients,
    number,
    to_text,
)

Polynomial = tuple[Fraction, ...]
"""Coefficients from the constant one on, the last of them not zero; empty for zero."""

MAX_DEGREE = 24
_ONE = (Fraction(1),)


def poly(values: Sequence[Fraction | int]) -> Polynomial:
    """The polynomial of these coefficients, constant first."""
    row = [Fraction(value) for value in values]
    while row and not row[-1]:
        row.pop()
    return tuple(row)


def add(a: Polynomial, b: Polynomial) -> Polynomial:
    """The sum."""
    return poly([x + y for x, y in zip_longest(a, b, fillvalue=Fraction(0))])


def scale(a: Polynomial, factor: Fraction | int) -> Polynomial:
    """The polynomial times a number."""
    return poly([x * factor for x in a])


def multiply(a: Polynomial, b: Polynomial) -> Polynomial:
    """The product; ExpressionError beyond MAX_DEGREE."""
    if len(a) + len(b) > MAX_DEGREE + 2:
        raise ExpressionError(f"The polynomial has a degree over {MAX_DEGREE}.")
    row = [Fraction(0)] * max(len(a) + len(b) - 1, 0)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            row[i + j] += x * y
    return poly(row)


def product(factors: Sequence[Polynomial]) -> Polynomial:
    """The product of all."""
    total: Polynomial = _ONE
    for factor in factors:
        total = multiply(total, factor)
    return total


def divide(a: Polynomial, b: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Quotient and remainder."""
    rest, quotient = list(a), [Fraction(0)] * max(len(a) - len(b) + 1, 0)
    for place in reversed(range(len(quotient))):
        factor = rest[place + len(b) - 1] / b[-1]
        quotient[place] = factor
        for i, y in enumerate(b):
            rest[place + i] -= factor * y
    return poly(quotient), poly(rest[: len(b) - 1] if quotient else rest)


def common(a: Polynomial, b: Polynomial) -> Polynomial:
    """The monic greatest common divisor."""
    while b:
        a, b = b, divide(a, b)[1]
    return scale(a, 1 / a[-1]) if a else a


def slope(a: Polynomial) -> Polynomial:
    """The derivative."""
    return poly([x * k for k, x in enumerate(a)][1:])


def value(a: Polynomial, x: Fraction) -> Fraction:
    """The value at a point."""
    total = Fraction(0)
    for coefficient in reversed(a):
        total = total * x + coefficient
    return total


def squarefree(a: Polynomial) -> Polynomial:
    """The polynomial with each root once."""
    return divide(a, common(a, slope(a)))[0] if len(a) > 1 else a


def without(a: Polynomial, b: Polynomial) -> Polynomial:
    """The polynomial freed from every root it shares with the other."""
    shared = common(a, b)
    while len(shared) > 1:
        a = divide(a, shared)[0]
        shared = common(a, b)
    return a


def real_roots(a: Polynomial) -> int:
    """How many different real roots there are, by Sturm's theorem."""
    chain = [squarefree(a)]
    if len(chain[0]) < 2:
        return 0
    chain.append(slope(chain[0]))
    while len(chain[-1]) > 1:
        rest = scale(divide(chain[-2], chain[-1])[1], -1)
        if not rest:
            break
        chain.append(scale(rest, 1 / abs(rest[-1])))
    high = [p[-1] for p in chain]
    low = [p[-1] if len(p) % 2 else -p[-1] for p in chain]
    return _changes(low) - _changes(high)


def _changes(signs: Sequence[Fraction]) -> int:
    return sum((a < 0) != (b < 0) for a, b in pairwise(signs))


def whole(a: Polynomial) -> tuple[Fraction, Polynomial]:
    """Content and primitive part, whose coefficients are whole, coprime, and lead with a positive one."""
    bottom = lcm(*(x.denominator for x in a))
    top = gcd(*(int(x * bottom) for x in a))
    content = Fraction(top, bottom) * (1 if a[-1] > 0 else -1)
    return content, scale(a, 1 / content)


def rational_roots(a: Polynomial) -> list[Fraction]:
    """The rational roots with their multiplicity, ascending."""
    found, rest = [], a
    while len(rest) > 1 and not rest[0]:
        found.append(Fraction(0))
        rest = rest[1:]
    if len(rest) > 1:
        _, primitive = whole(rest)
        for candidate in _candidates(int(primitive[0]), int(primitive[-1])):
            while len(rest) > 1 and not value(rest, candidate):
                found.append(candidate)
                rest = divide(rest, poly([-candidate, 1]))[0]
    return sorted(found)


def _candidates(last: int, first: int) -> list[Fraction]:
    tops, bottoms = _divisors(abs(last)), _divisors(abs(first))
    return sorted({Fraction(sign * p, q) for p in tops for q in bottoms for sign in (1, -1)})


def _divisors(n: int) -> list[int]:
    if n > 10**8:
        raise ExpressionError("A coefficient is too large.")
    small = [d for d in range(1, isqrt(n) + 1) if n % d == 0]
    return sorted({*small, *(n // d for d in small)})


def factors(a: Polynomial) -> tuple[Fraction, list[Polynomial]]:
    """Content and irreducible primitive factors; ExpressionError where what has no rational root exceeds degree 3."""
    content, rest = whole(a)
    found = []
    for root in rational_roots(a):
        linear = poly([-root.numerator, root.denominator])
        found.append(linear)
        rest = divide(rest, linear)[0]
    if len(rest) > 4:
        raise ExpressionError("A factor of degree over 3 has no rational root.")
    return content, found + ([rest] if len(rest) > 1 else [])


def of_expression(tree: Expression, name: str = "x") -> Polynomial:
    """The polynomial that an expression is; ExpressionError where it is none."""
    found = coefficients(tree, (name,))
    degree = max((exponents[0] for exponents in found), default=0)
    if degree > MAX_DEGREE:
        raise ExpressionError(f"The polynomial has a degree over {MAX_DEGREE}.")
    return poly([found.get((k,), Fraction(0)) for k in range(degree + 1)])


def tree_of(a: Polynomial, name: str = "x") -> Expression:
    """The polynomial as an expression, highest power first."""
    return from_coefficients({(k,): x for k, x in enumerate(a)}, (name,)) if a else number(0)


def text_of(a: Polynomial, name: str = "x") -> str:
    """The polynomial as text."""
    return to_text(tree_of(a, name))


def fraction_of(tree: Expression, name: str = "x") -> tuple[Polynomial, Polynomial, Polynomial]:
    """Numerator, denominator, and a polynomial whose roots are where a divisor vanishes, of a rational function."""
    if isinstance(tree, Number):
        return poly([tree.value]), _ONE, _ONE
    if isinstance(tree, Name) and tree.name == name:
        return poly([0, 1]), _ONE, _ONE
    if isinstance(tree, Sum | Product):
        parts = tree.terms if isinstance(tree, Sum) else tree.factors
        top, bottom, poles = fraction_of(parts[0], name)
        for part in parts[1:]:
            above, below, more = fraction_of(part, name)
            poles = multiply(poles, without(more, poles))
            summed = isinstance(tree, Sum)
            top = add(multiply(top, below), multiply(above, bottom)) if summed else multiply(top, above)
            bottom = multiply(bottom, below)
        return top, bottom, poles
    if isinstance(tree, Power) and isinstance(tree.exponent, Number) and tree.exponent.value.denominator == 1:
        return _power(tree.base, int(tree.exponent.value), name)
    raise ExpressionError(f"It is not a rational function of {name}.")


def _power(base: Expression, exponent: int, name: str) -> tuple[Polynomial, Polynomial, Polynomial]:
    top, bottom, poles = fraction_of(base, name)
    if abs(exponent) > MAX_DEGREE:
        raise ExpressionError(f"An exponent is over {MAX_DEGREE}.")
    if exponent <= 0:
        if not top:
            raise ExpressionError("It divides by zero.")
        poles = multiply(poles, without(squarefree(top), poles))
        top, bottom, exponent = bottom, top, -exponent
    return product([top] * exponent), product([bottom] * exponent), poles
