"""Equality whatever the functions mean: sums of products in which every call is a variable of its own.

Much cheaper than normal forms, and enough for most right answers: two expressions that agree so are equal wherever both
have a value. That they do not agree so proves nothing.
"""

from __future__ import annotations

from math import gcd
from typing import Final, TypeAlias

from esreason.verifiers.expressions.budget import Budget, Exhausted
from esreason.verifiers.expressions.tree import Call, Expression, Name, Number, Power, Product, Sum

_WORK: Final = 20_000
_MAX_EXPONENT: Final = 10_000
_MAX_BITS: Final = 1_024
_ATOMS: Final = (Name, Call, Sum)

Monomial: TypeAlias = tuple[tuple[int, int], ...]
# a numerator, a denominator, and the exponents of atoms
Term: TypeAlias = tuple[int, int, Monomial]


def agree(a: Expression, b: Expression) -> bool:
    """Whether a - b is zero for all values that its functions could have."""
    opaque = _Opaque()
    try:
        left, right = opaque.expanded(a), opaque.expanded(b)
        return not _collected(left + [(-numerator, denominator, atoms) for numerator, denominator, atoms in right])
    except Exhausted:
        return False


def _collected(terms: list[Term]) -> dict[Monomial, tuple[int, int]]:
    """The coefficients that are not zero, in lowest terms."""
    sums: dict[Monomial, tuple[int, int]] = {}
    for numerator, denominator, atoms in terms:
        known = sums.get(atoms)
        if known is not None:
            above, below = known
            numerator, denominator = above * denominator + numerator * below, below * denominator
        _check_size(numerator, denominator)
        common = gcd(numerator, denominator) if denominator > 0 else -gcd(numerator, denominator)
        sums[atoms] = numerator // common, denominator // common
    return {atoms: value for atoms, value in sums.items() if value[0]}


def _check_size(numerator: int, denominator: int) -> None:
    if max(numerator.bit_length(), denominator.bit_length()) > _MAX_BITS:
        raise Exhausted("the numbers in it become too long")


class _Opaque:
    """Expanded expressions, and the atoms found so far: names, calls, and what a power or a quotient is of."""

    __slots__ = ("atoms", "budget", "calls")

    def __init__(self) -> None:
        self.budget = Budget(_WORK)
        self.atoms: dict[object, int] = {}
        self.calls: dict[int, int] = {}  # by the id of a call, which lives as long as the expressions

    def expanded(self, node: Expression) -> list[Term]:
        """The terms of the expression multiplied out, not gathered."""
        if isinstance(node, Sum):
            return [term for part in node.terms for term in self.expanded(part)]
        product = _Factors()
        self.multiply(product, node, 1)
        atoms = tuple(sorted([item for item in product.exponents.items() if item[1]]))
        terms: list[Term] = [(product.numerator, product.denominator, atoms)]
        for factor in product.sums:
            terms = self.products(terms, self.expanded(factor))
        return terms

    def products(self, a: list[Term], b: list[Term]) -> list[Term]:
        weight = max(len(term[2]) for term in a) + max(len(term[2]) for term in b)
        self.budget.spend(len(a) * len(b) * (2 + weight))
        found: list[Term] = []
        for above, below, atoms in a:
            for numerator, denominator, others in b:
                exponents = dict(atoms)
                for atom, exponent in others:
                    exponents[atom] = exponents.get(atom, 0) + exponent
                together = tuple(sorted([item for item in exponents.items() if item[1]]))
                found.append((above * numerator, below * denominator, together))
        return found

    def multiply(self, product: _Factors, node: Expression, exponent: int) -> None:
        """Take a whole power of an expression into the product; a power of a sum is an atom of its own."""
        self.budget.spend(1)
        if isinstance(node, Number):
            product.scale(node.value.numerator, node.value.denominator, exponent)
        elif isinstance(node, Product):
            for factor in node.factors:
                self.multiply(product, factor, exponent)
        elif isinstance(node, Sum) and exponent == 1:
            product.sums.append(node)
        else:
            base: Expression = node
            whole = exponent
            if isinstance(node, Power) and isinstance(node.exponent, Number) and node.exponent.value.denominator == 1:
                base, whole = node.base, exponent * node.exponent.value.numerator
                if not 0 < abs(whole) <= _MAX_EXPONENT:
                    raise Exhausted("a power without a meaning of its own")
            if base is not node and not isinstance(base, _ATOMS):
                self.multiply(product, base, whole)
                return
            atom = self.atom(base)
            product.exponents[atom] = product.exponents.get(atom, 0) + whole

    def atom(self, node: Expression) -> int:
        if isinstance(node, Call):
            known = self.calls.get(id(node))
            if known is None:
                known = self.calls[id(node)] = self.number((node.function, self.key(node.argument)))
            return known
        if isinstance(node, Sum):
            return self.number(self.key(node))
        if isinstance(node, Power):
            return self.number((self.key(node.base), self.key(node.exponent)))
        return self.number(node)

    def key(self, node: Expression) -> object:
        return frozenset(_collected(self.expanded(node)).items())

    def number(self, key: object) -> int:
        return self.atoms.setdefault(key, len(self.atoms))


class _Factors:
    """A product under construction: a fraction, powers of atoms, and sums yet to be multiplied out."""

    __slots__ = ("denominator", "exponents", "numerator", "sums")

    def __init__(self) -> None:
        self.numerator = self.denominator = 1
        self.exponents: dict[int, int] = {}
        self.sums: list[Sum] = []

    def scale(self, numerator: int, denominator: int, exponent: int) -> None:
        if exponent < 0:
            numerator, denominator, exponent = denominator, numerator, -exponent
        if not denominator or exponent * max(numerator.bit_length(), denominator.bit_length()) > _MAX_BITS:
            raise Exhausted("a number that is too long, or none")
        self.numerator *= numerator**exponent
        self.denominator *= denominator**exponent
        _check_size(self.numerator, self.denominator)
