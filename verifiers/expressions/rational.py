"""Normal forms of rational functions in numbered atoms: a polynomial over an integer times powers of factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Final, TypeAlias

from esreason.verifiers.expressions.budget import Budget, Undefined
from esreason.verifiers.expressions.polynomial import (
    UNIT,
    Arithmetic,
    Exponent,
    Monomial,
    Terms,
    accumulate,
    bits,
    content,
    divided,
    exact_quotient,
)

# What an atom stands for: its kind, then what it is made of; ("name", "x"), ("root", 2), ("exp", monomial, factors)...
Key: TypeAlias = tuple[object, ...]
# What has a sign or an absolute value: an atom, or a polynomial that was registered as a factor.
Item: TypeAlias = tuple[str, int]

MINUS_ONE_ROOT: Final = 0
_SETTLING_ROUNDS: Final = 8
_NO_FACTORS: Final[frozenset[tuple[int, int]]] = frozenset()


@dataclass(frozen=True, slots=True)
class Form:
    """`sum(terms) / scale * product(factor ** power)`; zero has no terms. Forms share their dicts: none is changed."""

    terms: Terms
    scale: int
    factors: dict[int, int]


ZERO: Final = Form({}, 1, {})
ONE: Final = Form({UNIT: 1}, 1, {})


@dataclass(frozen=True, slots=True)
class Parts:
    """A nonzero form as constant times monomial times powers of factors."""

    constant: Fraction
    monomial: Monomial
    factors: dict[int, int]


class Algebra(Arithmetic):
    """The field operations on forms, with the atoms, factors and signs known so far."""

    __slots__ = ("_factor_index", "_index", "complex_atoms", "factors", "keys", "signs")

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self.keys: list[Key] = []
        self._index: dict[Key, int] = {}
        self.factors: list[Terms] = []
        self._factor_index: dict[frozenset[tuple[Monomial, int]], int] = {}
        self.complex_atoms: set[int] = set()
        self.signs: dict[Item, int] = {}  # +1 or -1 where known on the common domain, up to isolated points
        self.root_atom(-1)
        self.complex_atoms.add(MINUS_ONE_ROOT)

    def atom(self, key: Key) -> int:
        """The number of the atom, new or known."""
        number = self._index.get(key)
        if number is None:
            number = self._index[key] = len(self.keys)
            self.keys.append(key)
        return number

    def root_atom(self, base: int) -> int:
        """The atom whose powers in [0, 1) are roots of an integer; one that is not -1 is positive."""
        number = self.atom(("root", base))
        self.roots[number] = base
        if base > 0:
            self.signs["atom", number] = 1
        return number

    def factor(self, terms: Terms) -> int:
        """The number of a primitive polynomial as a factor; one that shows its sign is marked positive."""
        key = frozenset(terms.items())
        number = self._factor_index.get(key)
        if number is None:
            number = self._factor_index[key] = len(self.factors)
            self.factors.append(terms)
            if self._visibly_positive(terms):
                self.signs["factor", number] = 1
        return number

    def _visibly_positive(self, terms: Terms) -> bool:
        return all(
            value > 0 and all(self._nonnegative(atom, exponent) for atom, exponent in monomial)
            for monomial, value in terms.items()
        )

    def _nonnegative(self, atom: int, exponent: Exponent) -> bool:
        if atom in self.complex_atoms:
            return False
        return self.signs.get(("atom", atom)) == 1 or (exponent.denominator == 1 and exponent % 2 == 0)

    # Field operations

    def constant(self, value: Fraction) -> Form:
        return Form({UNIT: value.numerator}, value.denominator, {}) if value else ZERO

    def atom_power(self, atom: int, exponent: Exponent) -> Form:
        """A power of an atom that is no root of an integer."""
        return Form({((atom, exponent),): 1}, 1, {}) if exponent else ONE

    def negative(self, a: Form) -> Form:
        return Form({monomial: -value for monomial, value in a.terms.items()}, a.scale, a.factors)

    def scaled(self, a: Form, by: Fraction) -> Form:
        return self.product(self.constant(by), a)

    def sum_of(self, forms: Sequence[Form]) -> Form:
        """The sum; terms over the same factors are gathered first, so that a long sum stays linear."""
        buckets: dict[frozenset[tuple[int, int]], list[Form]] = {}
        for form in forms:
            if form.terms:
                key = frozenset(form.factors.items()) if form.factors else _NO_FACTORS
                buckets.setdefault(key, []).append(form)
        gathered = [self._gather(bucket) for bucket in buckets.values()]
        gathered = [form for form in gathered if form.terms]
        if len(gathered) < 2:
            return gathered[0] if gathered else ZERO
        names = {name for form in gathered for name in form.factors}
        common = {name: min(form.factors.get(name, 0) for form in gathered) for name in sorted(names)}
        expanded = [self._over(form, common) for form in gathered]
        total = self._gather(expanded)
        return Form(total.terms, total.scale, {name: power for name, power in common.items() if power})

    def _gather(self, forms: Sequence[Form]) -> Form:
        if len(forms) == 1:
            return forms[0]
        scale = 1
        for form in forms:
            scale = lcm(scale, form.scale)
            self.check_size(scale.bit_length())
            self.budget.spend(1 + (scale.bit_length() ** 2 >> 20))
        terms: Terms = {}
        for form in forms:
            self.budget.spend(len(form.terms) * (1 + scale.bit_length() // 256))
            accumulate(terms, form.terms, scale // form.scale)
        return Form(terms, scale, forms[0].factors)

    def _over(self, form: Form, common: dict[int, int]) -> Form:
        """The form with its factors' powers beyond the common ones multiplied out."""
        terms = form.terms
        for name, power in common.items():
            extra = form.factors.get(name, 0) - power
            for _ in range(extra):
                terms = self.times(terms, self.factors[name])
        return Form(terms, form.scale, {})

    def product(self, a: Form, b: Form) -> Form:
        if not a.terms or not b.terms:
            return ZERO
        factors = a.factors or b.factors
        if a.factors and b.factors:
            factors = dict(a.factors)
            for name, power in b.factors.items():
                total = factors.get(name, 0) + power
                if total:
                    factors[name] = total
                else:
                    del factors[name]
        return self._lowest(self.times(a.terms, b.terms), a.scale * b.scale, factors)

    def _lowest(self, terms: Terms, scale: int, factors: dict[int, int]) -> Form:
        if not terms:
            return ZERO
        if scale != 1:
            size = max(bits(terms), scale.bit_length())
            self.check_size(size)
            self.budget.spend(1 + (len(terms) * size**2 >> 20))
            common = gcd(scale, *terms.values())
            terms, scale = divided(terms, common), scale // common
        return Form(terms, scale, factors)

    def parts(self, a: Form) -> Parts:
        """The form with its content taken out and the remaining polynomial registered as a factor."""
        a = self.settled(a)
        if not a.terms:
            raise Undefined("division by zero")
        if len(a.terms) == 1:
            ((monomial, value),) = a.terms.items()
            return Parts(Fraction(value, a.scale), monomial, a.factors)
        self.budget.spend(1 + (len(a.terms) * bits(a.terms) ** 2 >> 20))
        divisor = content(a.terms)
        shared = self._shared_monomial(a.terms)
        inverse = tuple((atom, -exponent) for atom, exponent in shared)
        self.budget.spend(2 * len(a.terms))
        primitive = {self.monomial_times(monomial, inverse)[0]: value // divisor for monomial, value in a.terms.items()}
        if primitive[max(primitive)] < 0:  # dividing by a monomial can change which term leads
            divisor, primitive = -divisor, {monomial: -value for monomial, value in primitive.items()}
        factors = dict(a.factors)
        name = self.factor(primitive)
        factors[name] = factors.get(name, 0) + 1
        return Parts(Fraction(divisor, a.scale), shared, {name: power for name, power in factors.items() if power})

    def _shared_monomial(self, terms: Terms) -> Monomial:
        """The largest monomial of real atoms other than roots that divides every term."""
        lowest: dict[int, Exponent] = {}
        for position, monomial in enumerate(terms):
            exponents = dict(monomial)
            if not position:
                lowest = dict(exponents)
                continue
            for atom in {*lowest, *exponents}:
                lowest[atom] = min(lowest.get(atom, 0), exponents.get(atom, 0))
        return tuple(
            (atom, exponent)
            for atom, exponent in sorted(lowest.items())
            if exponent and atom not in self.roots and atom not in self.complex_atoms
        )

    def inverse(self, a: Form) -> Form:
        """One over the form; `Undefined` when it is zero."""
        parts = self.parts(a)
        constant = 1 / parts.constant
        exponents: dict[int, Exponent] = {}
        for atom, exponent in parts.monomial:
            if atom in self.roots:  # 1 / b^e = b^(1 - e) / b
                exponents[atom] = 1 - exponent
                constant /= self.roots[atom]
            else:
                exponents[atom] = -exponent
        monomial = tuple(sorted(exponents.items()))
        factors = {name: -power for name, power in parts.factors.items()}
        return Form({monomial: constant.numerator}, constant.denominator, factors)

    def power(self, a: Form, exponent: int) -> Form:
        """A whole power; a power of a sum stays a power of a factor until something is added to it."""
        if exponent == 1:
            return a
        if exponent < 0:
            return self.power(self.inverse(a), -exponent)
        if not a.terms:
            if exponent == 0:
                raise Undefined("0^0 has no value")
            return ZERO
        if exponent == 0:
            return ONE
        if len(a.terms) > 1:
            parts = self.parts(a)
            head = Form({parts.monomial: parts.constant.numerator}, parts.constant.denominator, {})
            powered = self.power(head, exponent)
            return Form(powered.terms, powered.scale, {name: p * exponent for name, p in parts.factors.items()})
        factors = {name: power * exponent for name, power in a.factors.items()}
        self.check_size(a.scale.bit_length() * exponent if a.scale > 1 else 0)
        return self._lowest(self.to_power(a.terms, exponent), a.scale**exponent, factors)

    # Canonical forms

    def canonical(self, a: Form) -> Form:
        """The form to compare arguments by: multiplied out, with the divisors that divide it cancelled."""
        a = self.settled(a)
        terms, scale, factors = a.terms, a.scale, {}
        for name, power in sorted(a.factors.items()):
            for _ in range(power):
                terms = self.times(terms, self.factors[name])
        for name, power in sorted(a.factors.items()):
            while power < 0:
                quotient = exact_quotient(terms, self.factors[name], self.budget)
                if quotient is None:
                    break
                terms, extra = quotient
                scale *= extra
                power += 1
            if power < 0:
                factors[name] = power
        if scale < 0:
            terms, scale = {monomial: -value for monomial, value in terms.items()}, -scale
        return self._lowest(terms, scale, factors)

    def settled(self, a: Form) -> Form:
        """The form with whole powers of absolute values replaced by what they equal."""
        for _ in range(_SETTLING_ROUNDS):
            present = {atom for monomial in a.terms for atom, _ in monomial if self.keys[atom][0] == "abs"}
            changed = False
            for atom in sorted(present):
                settled = self._settled_atom(a, atom) if a.terms else None
                if settled is not None:
                    a, changed = settled, True
            if not changed:
                break
        return a

    def _settled_atom(self, a: Form, atom: int) -> Form | None:
        """|u|^2 is u^2, and |u| is u or -u where the sign is known; None when there is nothing to replace."""
        item = self.keys[atom][1]
        assert isinstance(item, tuple)
        sign = self.signs.get(item, 0)
        kind, number = item
        if sign > 0 and kind == "atom":
            return self._renamed(a, atom, number)
        step = 1 if sign else 2
        groups: dict[int, Terms] = {}
        for monomial, value in a.terms.items():
            exponents = dict(monomial)
            exponent = exponents.pop(atom, 0)
            whole = (exponent // step) * step
            if exponent != whole:
                exponents[atom] = exponent - whole
            groups.setdefault(int(whole), {})[tuple(sorted(exponents.items()))] = value
        if list(groups) == [0]:
            return None
        lowest = min(groups)
        base: Terms = {((number, 1),): 1} if kind == "atom" else self.factors[number]
        if sign < 0:
            base = {monomial: -value for monomial, value in base.items()}
        terms: Terms = {}
        for whole in sorted(groups):
            accumulate(terms, self.times(groups[whole], self.to_power(base, whole - lowest)), 1)
        outside = self._base_power(kind, number, sign, lowest)
        return self.product(Form(terms, a.scale, a.factors), outside)

    def _renamed(self, a: Form, old: int, new: int) -> Form:
        """The form with every power of one atom as the same power of another."""
        total: Terms = {}
        for monomial, value in a.terms.items():
            exponents = dict(monomial)
            moved: Monomial = ((new, exponents.pop(old)),) if old in exponents else ()
            rest, factor = self.monomial_times(tuple(sorted(exponents.items())), moved)
            accumulate(total, {rest: value}, factor)
        return self._lowest(total, a.scale, a.factors)

    def _base_power(self, kind: str, number: int, sign: int, exponent: int) -> Form:
        head = -1 if sign < 0 and exponent % 2 else 1
        if kind == "atom":
            return self.product(self.constant(Fraction(head)), self.atom_power(number, exponent))
        return Form({UNIT: head}, 1, {number: exponent} if exponent else {})
