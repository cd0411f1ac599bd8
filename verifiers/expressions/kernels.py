"""Roots, absolute values, logarithms, exponentials and angles as atoms of the normal form, with their exact relations.

On the common domain of two expressions `sqrt(u)` is |u|^(1/2) and `log(u)` is log|u|, and both go over products of
their arguments; `exp(u)` is a product of rational powers of exp(monomial), and so are `sin(u)` and `cos(u)` through
exp(i u), which brings the addition theorems and sin^2 + cos^2 = 1 with it.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import Final

from esreason.verifiers.expressions.budget import Budget, Exhausted, Undefined
from esreason.verifiers.expressions.polynomial import UNIT, Exponent, Monomial, Terms, plain
from esreason.verifiers.expressions.primes import SMALL_PRIMES, is_prime
from esreason.verifiers.expressions.rational import MINUS_ONE_ROOT, ONE, ZERO, Algebra, Form, Item, Key

_MAX_ROOT_BITS: Final = 10_000
_HALF: Final = Fraction(1, 2)


class Kernels(Algebra):
    """Forms of functions; `unsure` is set once an integer could not be split into proven primes."""

    __slots__ = ("_turns", "pi", "unsure")

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self.pi = self.atom(("pi",))
        self.signs["atom", self.pi] = 1
        self.unsure = False
        self._turns: dict[Key, tuple[Form, Form]] = {}

    # Roots and absolute values

    def root(self, a: Form, exponent: Fraction) -> Form:
        """A power that is not whole, of an argument that is not negative."""
        if not a.terms:
            if exponent < 0:
                raise Undefined("division by zero")
            return ZERO
        pieces, constant = self._pieces(a)
        self._assume_positive(pieces, constant, "a root of a negative number")
        return self._absolute_power(pieces, constant, exponent)

    def absolute(self, a: Form) -> Form:
        if not a.terms:
            return ZERO
        pieces, constant = self._pieces(a)
        return self._absolute_power(pieces, constant, Fraction(1))

    def _pieces(self, a: Form) -> tuple[list[tuple[Item, Exponent]], Fraction]:
        """What the form is a product of, and the constant before it."""
        parts = self.parts(a)
        if any(atom in self.complex_atoms for atom, _ in parts.monomial):
            raise Exhausted("a root of a product of angles is not covered")
        pieces: list[tuple[Item, Exponent]] = [(("atom", atom), exponent) for atom, exponent in parts.monomial]
        pieces.extend((("factor", name), power) for name, power in sorted(parts.factors.items()))
        return pieces, parts.constant

    def _assume_positive(self, pieces: list[tuple[Item, Exponent]], constant: Fraction, otherwise: str) -> None:
        """Note the sign that a positive product gives to its one factor of unknown sign."""
        sign = 1 if constant > 0 else -1
        unknown: list[Item] = []
        for item, exponent in pieces:
            known = self.signs.get(item, 0)
            if exponent.denominator == 1 and exponent % 2 == 0:
                continue
            if known:
                sign *= known
            else:
                unknown.append(item)
        if not unknown and sign < 0:
            raise Undefined(otherwise)
        if len(unknown) == 1:
            self.signs[unknown[0]] = sign

    def _absolute_power(self, pieces: list[tuple[Item, Exponent]], constant: Fraction, exponent: Fraction) -> Form:
        form = self.integer_power(abs(constant.numerator), exponent)
        form = self.product(form, self.integer_power(constant.denominator, -exponent))
        for item, power in pieces:
            form = self.product(form, self.item_power(item, power * exponent))
        return form

    def item_power(self, item: Item, exponent: Exponent) -> Form:
        """|item| to a power."""
        kind, number = item
        if kind == "integer":
            return self.integer_power(number, Fraction(exponent))
        if kind == "atom":
            if number in self.roots:
                return self.integer_power(self.roots[number], Fraction(exponent))
            if self.signs.get(item) == 1:
                return self.atom_power(number, plain(exponent))
        atom = self.atom(("abs", item))
        self.signs["atom", atom] = 1
        return self.atom_power(atom, plain(exponent))

    def integer_power(self, base: int, exponent: Fraction) -> Form:
        """A rational power of a positive integer, with powers of its primes in [0, 1)."""
        form = ONE
        for prime, count in self.split_integer(base).items():
            total = count * exponent
            whole = total.__floor__()
            if prime.bit_length() * abs(whole) > _MAX_ROOT_BITS:
                raise Exhausted("the number is too large")
            form = self.product(form, self.constant(Fraction(prime) ** whole))
            if total != whole:
                root = Form({((self.root_atom(prime), total - whole),): 1}, 1, {})
                form = self.product(form, root)
        return form

    def split_integer(self, value: int) -> dict[int, int]:
        """Prime factors with their powers; a large cofactor that is not proven prime sets `unsure`."""
        found: dict[int, int] = {}
        self.budget.spend(value.bit_length() // 8)
        for prime in SMALL_PRIMES:
            if prime * prime > value:
                break
            while value % prime == 0:
                found[prime] = found.get(prime, 0) + 1
                value //= prime
                self.budget.spend(1 + value.bit_length() // 256)
        if value == 1:
            return found
        count = 1
        while (side := isqrt(value)) ** 2 == value:
            value, count = side, 2 * count
        if not is_prime(value):
            self.unsure = True
        found[value] = found.get(value, 0) + count
        return found

    # Logarithms and exponentials

    def logarithm(self, a: Form) -> Form:
        if not a.terms:
            raise Undefined("the logarithm of zero")
        pieces, constant = self._pieces(a)
        self._assume_positive(pieces, constant, "the logarithm of a negative number")
        forms = []
        for value, sign in ((abs(constant.numerator), 1), (constant.denominator, -1)):
            for prime, count in self.split_integer(value).items():
                forms.append(self.scaled(self._log_item(("integer", prime)), Fraction(sign * count)))
        forms.extend(self.scaled(self._log_item(item), Fraction(power)) for item, power in pieces)
        return self.sum_of(forms)

    def _log_item(self, item: Item) -> Form:
        kind, number = item
        if kind == "atom":
            key = self.keys[number]
            if key[0] == "exp":
                return _argument(key)
            if key[0] == "abs":
                return self._log_item(_item(key))
            if key[0] == "root":
                return self._log_item(("integer", self.roots[number]))
        return self.atom_power(self.atom(("log", item)), 1)

    def exponential(self, a: Form) -> Form:
        a = self.canonical(a)
        factors = frozenset(a.factors.items())
        form = ONE
        for monomial, value in sorted(a.terms.items()):
            coefficient = Fraction(value, a.scale)
            logged = self._logged(monomial) if not factors else None
            if logged is not None:
                form = self.product(form, self.item_power(logged, coefficient))
                continue
            atom = self.atom(("exp", monomial, factors))
            if any(inner in self.complex_atoms for inner, _ in monomial):
                self.complex_atoms.add(atom)
            else:
                self.signs["atom", atom] = 1
            form = self.product(form, self.atom_power(atom, plain(coefficient)))
        return form

    def _logged(self, monomial: Monomial) -> Item | None:
        """What the monomial is the logarithm of, when it is one logarithm alone."""
        if len(monomial) == 1 and monomial[0][1] == 1:
            key = self.keys[monomial[0][0]]
            if key[0] == "log":
                return _item(key)
        return None

    # Angles

    def turn(self, a: Form) -> Form:
        """exp(i u) for a canonical argument u."""
        factors = frozenset(a.factors.items())
        form = ONE
        for monomial, value in sorted(a.terms.items()):
            coefficient = Fraction(value, a.scale)
            if not factors and monomial == ((self.pi, 1),):
                form = self.product(form, self._half_turns(coefficient))
                continue
            atom = self.atom(("turn", monomial, factors))
            self.complex_atoms.add(atom)
            form = self.product(form, self.atom_power(atom, plain(coefficient)))
        return form

    def _half_turns(self, count: Fraction) -> Form:
        """exp(i pi count); multiples of a twelfth through sqrt(2) and sqrt(3), others as a root of -1."""
        count %= 2
        twelfths = 12 * count
        if twelfths.denominator != 1 or count.denominator <= 2:
            whole = count.__floor__()
            head = Form({UNIT: -1 if whole else 1}, 1, {})
            rest = count - whole
            return self.product(head, self.atom_power(MINUS_ONE_ROOT, rest)) if rest else head
        thirds = int(twelfths) % 3  # 12 count = 3 quarters + 4 thirds
        quarters = (int(twelfths) - 4 * thirds) // 3 % 8
        i = ((MINUS_ONE_ROOT, _HALF),)
        two, three = self.root_atom(2), self.root_atom(3)
        quarter = Form({((two, _HALF),): 1, (i[0], (two, _HALF)): 1}, 2, {})
        third = Form({UNIT: 1, (i[0], (three, _HALF)): 1}, 2, {})
        form = ONE
        for _ in range(quarters):
            form = self.product(form, quarter)
        for _ in range(thirds):
            form = self.product(form, third)
        return form

    def _both_turns(self, a: Form) -> tuple[Form, Form]:
        """exp(i u) and exp(-i u); sine and cosine of an angle often come together."""
        a = self.canonical(a)
        key = frozenset(a.terms.items()), a.scale, frozenset(a.factors.items())
        known = self._turns.get(key)
        if known is None:
            known = self._turns[key] = self.turn(a), self.turn(self.negative(a))
        return known

    def sine(self, a: Form) -> Form:
        there, back = self._both_turns(a)
        return self.product(Form({((MINUS_ONE_ROOT, _HALF),): -1}, 2, {}), self.sum_of([there, self.negative(back)]))

    def cosine(self, a: Form) -> Form:
        return self.scaled(self.sum_of(self._both_turns(a)), _HALF)

    def hyperbolic(self, a: Form, sign: int) -> Form:
        """cosh for the sign 1, sinh for -1."""
        minus = self.exponential(self.negative(a))
        return self.scaled(self.sum_of([self.exponential(a), self.scaled(minus, Fraction(sign))]), _HALF)

    def inverse_angle(self, function: str, a: Form) -> Form:
        """asin or atan as an atom of its canonical argument; both are odd."""
        a = self.canonical(a)
        if not a.terms:
            return ZERO
        constant = Fraction(a.terms[UNIT], a.scale) if list(a.terms) == [UNIT] and not a.factors else None
        if constant is not None and function == "asin" and abs(constant) > 1:
            raise Undefined(f"{function} of a number beyond 1")
        if a.terms[max(a.terms)] < 0:
            return self.negative(self.inverse_angle(function, self.negative(a)))
        known = {("asin", Fraction(1)): _HALF, ("asin", _HALF): Fraction(1, 6), ("atan", Fraction(1)): Fraction(1, 4)}
        if constant is not None and (function, constant) in known:
            return self.scaled(self.atom_power(self.pi, 1), known[function, constant])
        key = (function, frozenset(a.terms.items()), a.scale, frozenset(a.factors.items()))
        return self.atom_power(self.atom(key), 1)


def _item(key: Key) -> Item:
    """What an absolute value or a logarithm is of."""
    item = key[1]
    assert isinstance(item, tuple)
    return item


def _argument(key: Key) -> Form:
    """The argument of an exponential atom."""
    _, monomial, factors = key
    assert isinstance(monomial, tuple) and isinstance(factors, frozenset)
    terms: Terms = {monomial: 1}
    return Form(terms, 1, dict(sorted(factors)))
