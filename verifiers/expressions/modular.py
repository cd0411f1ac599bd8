"""Identity of rational expressions modulo random primes (Schwartz-Zippel)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final, NamedTuple

from esreason.verifiers.expressions.exact import rational_value
from esreason.verifiers.expressions.primes import is_prime
from esreason.verifiers.expressions.sampling import Stream
from esreason.verifiers.expressions.tree import Call, Constant, Expression, Name, Number, Power, Product, Sum, walk

MERSENNE: Final = (1 << 61) - 1
_PRIME_BITS: Final = 61
_ROUNDS: Final = 12
_ERROR_BITS: Final = 100
_FUNCTIONS: Final = (Call, Constant)


def is_rational(expression: Expression) -> bool:
    """Whether the expression is built from names and numbers by + - * / and whole powers alone."""
    for node in walk(expression):
        if isinstance(node, Power):
            exponent = rational_value(node.exponent)
            if exponent is None or exponent.denominator != 1:
                return False
        elif isinstance(node, _FUNCTIONS):
            return False
    return True


def residue(expression: Expression, values: Mapping[str, int], prime: int) -> int | None:
    """The value modulo a prime, or None where a division by zero occurs."""
    if isinstance(expression, Number):
        value = expression.value
        if value.denominator == 1:
            return value.numerator % prime
        return value.numerator * pow(value.denominator, -1, prime) % prime if value.denominator % prime else None
    if isinstance(expression, Name):
        return values[expression.name]
    if isinstance(expression, Power):
        base = residue(expression.base, values, prime)
        exponent = rational_value(expression.exponent)
        if base is None or exponent is None or (base == 0 and exponent <= 0):
            return None
        return pow(base, int(exponent), prime)
    assert isinstance(expression, Sum | Product)
    return _fold(expression, values, prime)


def _fold(expression: Sum | Product, values: Mapping[str, int], prime: int) -> int | None:
    adding = isinstance(expression, Sum)
    total = 0 if adding else 1
    for part in expression.terms if isinstance(expression, Sum) else expression.factors:
        value = residue(part, values, prime)
        if value is None:
            return None
        total = (total + value if adding else total * value) % prime
    return total


class Bounds(NamedTuple):
    """Upper bounds of a quotient of integer polynomials: degrees, and bits of the sum of absolute coefficients."""

    numerator: int
    denominator: int
    bits: int


def bounds(expression: Expression) -> Bounds:
    """Bounds of the expression brought to one fraction without cancelling."""
    if isinstance(expression, Number):
        value = expression.value
        return Bounds(0, 0, max(value.numerator.bit_length(), value.denominator.bit_length()))
    if isinstance(expression, Name):
        return Bounds(1, 0, 1)
    if isinstance(expression, Power):
        base = bounds(expression.base)
        exponent = int(rational_value(expression.exponent) or Fraction(0))
        if exponent < 0:
            base, exponent = Bounds(base.denominator, base.numerator, base.bits), -exponent
        return Bounds(base.numerator * exponent, base.denominator * exponent, base.bits * exponent)
    if isinstance(expression, Product):
        parts = [bounds(factor) for factor in expression.factors]
        return Bounds(*(sum(values) for values in zip(*parts, strict=True)))
    assert isinstance(expression, Sum)
    return _sum_bounds([bounds(term) for term in expression.terms])


def _sum_bounds(parts: list[Bounds]) -> Bounds:
    below = sum(part.denominator for part in parts)
    above = max(part.numerator + below - part.denominator for part in parts)
    return Bounds(above, below, sum(part.bits for part in parts) + len(parts).bit_length())


def differ(a: Expression, b: Expression, names: list[str], stream: Stream) -> bool:
    """Whether the two differ at a random point modulo a fixed prime, which proves them different."""
    values = {name: stream.bits(60) for name in names}
    left, right = residue(a, values, MERSENNE), residue(b, values, MERSENNE)
    return left is not None and right is not None and left != right


def agree(a: Expression, b: Expression, names: list[str], stream: Stream) -> bool | None:
    """Whether the two are equal, wrongly True with probability below 2^-100; None when that cannot be reached.

    Each round draws a prime of 61 bits and a point. A nonzero difference of degree d, whose integer coefficients have
    h bits, vanishes with probability below (h/60) / 2^54 + 2 d / 2^60: the first is the share of primes that divide
    every coefficient (there are more than 2^54 such primes), the second the Schwartz-Zippel bound.
    """
    total = _sum_bounds([bounds(a), bounds(b)])
    degree = max(total.numerator, total.denominator)
    risk = Fraction(total.bits, 60 << 54) + Fraction(2 * degree, 1 << 60)
    rounds, remaining = 0, Fraction(1)
    while remaining > Fraction(1, 1 << _ERROR_BITS) and rounds < _ROUNDS:
        remaining *= risk
        rounds += 1
    if remaining > Fraction(1, 1 << _ERROR_BITS):
        return None
    done = 0
    for _ in range(2 * rounds + 2):
        prime = _draw_prime(stream)
        values = {name: stream.bits(2 * _PRIME_BITS) % prime for name in names}
        left, right = residue(a, values, prime), residue(b, values, prime)
        if left is None or right is None:
            continue
        if left != right:
            return False
        done += 1
        if done == rounds:
            return True
    return None


def _draw_prime(stream: Stream) -> int:
    while True:
        candidate = stream.bits(_PRIME_BITS - 1) | 1 << (_PRIME_BITS - 1) | 1
        if is_prime(candidate):
            return candidate
