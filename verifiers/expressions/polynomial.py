"""Sparse polynomials with integer coefficients in numbered atoms, whose exponents may be any rationals.

Some atoms are roots of integers (see `Atoms.roots`): their exponents stay in [0, 1) and whole powers become integers,
so `sqrt(2)*sqrt(2)` is 2 and `i*i` is -1 wherever two monomials meet.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from typing import TypeAlias

from esreason.verifiers.expressions.budget import Budget, Exhausted
from esreason.verifiers.expressions.exact import MAX_BITS

Exponent: TypeAlias = int | Fraction
Monomial: TypeAlias = tuple[tuple[int, Exponent], ...]
Terms: TypeAlias = dict[Monomial, int]
UNIT: Monomial = ()


class Arithmetic:
    """Products and powers of sparse polynomials under one budget."""

    __slots__ = ("budget", "roots")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.roots: dict[int, int] = {}  # atom -> the integer whose root it is

    def monomial_times(self, a: Monomial, b: Monomial) -> tuple[Monomial, int]:
        """The product of two monomials and the integer that whole powers of roots leave."""
        if not a:
            return b, 1
        if not b:
            return a, 1
        exponents = dict(a)
        for atom, exponent in b:
            total = exponents.get(atom, 0) + exponent
            if total:
                exponents[atom] = total
            else:
                del exponents[atom]
        return self.settle_roots(exponents) if self.roots else (tuple(sorted(exponents.items())), 1)

    def settle_roots(self, exponents: dict[int, Exponent]) -> tuple[Monomial, int]:
        """The monomial with every root's exponent in [0, 1); exponents must not be negative there."""
        factor = 1
        for atom in [atom for atom in exponents if atom in self.roots]:
            exponent = exponents[atom]
            whole = exponent.__floor__()
            if whole:
                factor *= self.roots[atom] ** whole
                if exponent == whole:
                    del exponents[atom]
                else:
                    exponents[atom] = exponent - whole
        return tuple(sorted(exponents.items())), factor

    def times(self, a: Terms, b: Terms) -> Terms:
        """The product of two polynomials."""
        if len(a) == 1 and len(b) == 1:
            ((ma, ca),), ((mb, cb),) = a.items(), b.items()
            size = ca.bit_length() + cb.bit_length()
            self.check_size(size)
            self.budget.spend(1 + len(ma) + len(mb) + size // 256)
            monomial, factor = self.monomial_times(ma, mb)
            return {monomial: ca * cb * factor}
        size = bits(a) + bits(b)
        self.check_size(size)
        weight = 1 + max(map(len, a), default=0) + max(map(len, b), default=0) + size // 256
        self.budget.spend(len(a) * len(b) * weight)
        if len(a) == 1 and UNIT in a:
            return {monomial: a[UNIT] * value for monomial, value in b.items()}
        product: Terms = {}
        for ma, ca in a.items():
            for mb, cb in b.items():
                monomial, factor = self.monomial_times(ma, mb)
                product[monomial] = product.get(monomial, 0) + ca * cb * factor
        return {monomial: value for monomial, value in product.items() if value}

    def check_size(self, size: int) -> None:
        """Refuse integers so long that dividing them would cost more than is counted."""
        if size > MAX_BITS:
            raise Exhausted("the numbers in it become too long")

    def to_power(self, a: Terms, exponent: int) -> Terms:
        """A polynomial to a whole power from 0, by repeated multiplication (cheaper than squaring when sparse)."""
        if len(a) == 1:
            ((monomial, value),) = a.items()
            size = value.bit_length() if abs(value) > 1 else 0
            size += sum(self.roots[atom].bit_length() for atom, _ in monomial if abs(self.roots.get(atom, 1)) > 1)
            self.check_size(size * exponent)
            self.budget.spend(1 + len(monomial) + size * exponent // 64)
            if not exponent:
                return {UNIT: 1}
            powered, factor = self.settle_roots({atom: e * exponent for atom, e in monomial})
            return {powered: value**exponent * factor}
        result: Terms = {UNIT: 1}
        for _ in range(exponent):
            result = self.times(result, a)
        return result


def plain(exponent: Exponent) -> Exponent:
    """The exponent, as an int where it is whole: those are much faster to compare and to hash."""
    return exponent.numerator if exponent.denominator == 1 else exponent


def bits(a: Terms) -> int:
    """The bit length of the largest coefficient."""
    return max((value.bit_length() for value in a.values()), default=0)


def accumulate(into: Terms, terms: Terms, factor: int) -> None:
    """Add a multiple of the terms in place, dropping what cancels."""
    for monomial, value in terms.items():
        total = into.get(monomial, 0) + factor * value
        if total:
            into[monomial] = total
        else:
            into.pop(monomial, None)


def content(a: Terms) -> int:
    """The greatest common divisor of the coefficients, with the sign of the leading one."""
    divisor = gcd(*a.values())
    return divisor if a[max(a)] > 0 else -divisor


def divided(a: Terms, divisor: int) -> Terms:
    """The polynomial over an integer that divides every coefficient."""
    return a if divisor == 1 else {monomial: value // divisor for monomial, value in a.items()}


def exact_quotient(a: Terms, b: Terms, budget: Budget) -> tuple[Terms, int] | None:
    """Terms q and an integer s with a*s = q*b, or None when b does not divide a or exponents are not whole."""
    atoms = sorted({atom for terms in (a, b) for monomial in terms for atom, _ in monomial})
    left, right = _dense(a, atoms), _dense(b, atoms)
    if left is None or right is None:
        return None
    lead = max(right)
    quotient: dict[tuple[int, ...], int] = {}
    scale = 1
    while left:
        budget.spend(len(left) + 2 * len(right))
        top = max(left)
        shift = tuple(x - y for x, y in zip(top, lead, strict=True))
        if min(shift, default=0) < 0:
            return None
        needed = right[lead] // gcd(left[top], right[lead])
        if needed != 1:
            left = {key: value * needed for key, value in left.items()}
            quotient = {key: value * needed for key, value in quotient.items()}
            scale *= needed
        ratio = left[top] // right[lead]
        quotient[shift] = ratio
        for key, value in right.items():
            place = tuple(x + y for x, y in zip(key, shift, strict=True))
            total = left.get(place, 0) - ratio * value
            if total:
                left[place] = total
            else:
                left.pop(place, None)
    return {_sparse(key, atoms): value for key, value in quotient.items()}, scale


def _dense(a: Terms, atoms: list[int]) -> dict[tuple[int, ...], int] | None:
    """Exponent vectors over the atoms, or None where an exponent is negative or a fraction."""
    dense: dict[tuple[int, ...], int] = {}
    for monomial, value in a.items():
        exponents = dict(monomial)
        vector = [exponents.get(atom, 0) for atom in atoms]
        if any(e.denominator != 1 or e < 0 for e in vector):
            return None
        dense[tuple(int(e) for e in vector)] = value
    return dense


def _sparse(vector: tuple[int, ...], atoms: list[int]) -> Monomial:
    return tuple((atom, exponent) for atom, exponent in zip(atoms, vector, strict=True) if exponent)
