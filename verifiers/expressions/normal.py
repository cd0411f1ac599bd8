"""Normal form of an expression: one pass from the tree to a rational function in atoms."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from esreason.verifiers.expressions.budget import Exhausted
from esreason.verifiers.expressions.exact import rational_value
from esreason.verifiers.expressions.kernels import Kernels
from esreason.verifiers.expressions.rational import MINUS_ONE_ROOT, Form
from esreason.verifiers.expressions.tree import Call, Constant, Expression, Name, Number, Power, Product, Sum

_RECIPROCALS: Final = {"sec": "cos", "csc": "sin"}
_HALF: Final = Fraction(1, 2)


class Normalizer(Kernels):
    """Forms of trees; shared subtrees are worked out once."""

    __slots__ = ("_known",)

    _known: dict[int, tuple[Expression, Form]]

    def form(self, expression: Expression) -> Form:
        """The normal form; `Undefined` when the expression has no value anywhere, `Exhausted` when it is given up."""
        if isinstance(expression, Number):
            return self.constant(expression.value)
        if isinstance(expression, Name):
            return self.atom_power(self.atom(("name", expression.name)), 1)
        if not hasattr(self, "_known"):
            self._known = {}
        known = self._known.get(id(expression))
        if known is None:
            # the tree is kept beside its form, so that its id stays its own
            known = self._known[id(expression)] = (expression, self._compound(expression))
        return known[1]

    def _compound(self, expression: Expression) -> Form:
        self.budget.spend(4)
        if isinstance(expression, Sum):
            return self.sum_of([self.form(term) for term in expression.terms])
        if isinstance(expression, Product):
            product = self.form(expression.factors[0])
            for factor in expression.factors[1:]:
                product = self.product(product, self.form(factor))
            return product
        if isinstance(expression, Power):
            return self._power(expression)
        if isinstance(expression, Call):
            return self._call(expression.function, self.form(expression.argument))
        assert isinstance(expression, Constant)
        return self._constant(expression.name)

    def _constant(self, name: str) -> Form:
        if name == "pi":
            return self.atom_power(self.pi, 1)
        if name == "e":
            return self.exponential(self.constant(Fraction(1)))
        raise Exhausted("the imaginary unit has no place in an equality over the reals")

    def _power(self, expression: Power) -> Form:
        base = self.form(expression.base)
        exponent = rational_value(expression.exponent)
        if exponent is None:
            return self.exponential(self.product(self.form(expression.exponent), self.logarithm(base)))
        if exponent.denominator != 1:
            return self.root(base, exponent)
        return self.power(base, int(exponent))

    def _call(self, function: str, argument: Form) -> Form:
        if function == "sqrt":
            return self.root(argument, _HALF)
        if function == "abs":
            return self.absolute(argument)
        if function == "log":
            return self.logarithm(argument)
        if function == "exp":
            return self.exponential(argument)
        if function in ("sinh", "cosh", "tanh"):
            return self._hyperbolic(function, argument)
        if function == "acos":
            quarter = self.scaled(self.atom_power(self.pi, 1), _HALF)
            return self.sum_of([quarter, self.negative(self.inverse_angle("asin", argument))])
        if function in ("asin", "atan"):
            return self.inverse_angle(function, argument)
        return self._angle(function, argument)

    def _hyperbolic(self, function: str, argument: Form) -> Form:
        if function != "tanh":
            return self.hyperbolic(argument, 1 if function == "cosh" else -1)
        return self.product(self.hyperbolic(argument, -1), self.inverse(self.hyperbolic(argument, 1)))

    def _angle(self, function: str, argument: Form) -> Form:
        if function == "sin":
            return self.sine(argument)
        if function == "cos":
            return self.cosine(argument)
        if function in _RECIPROCALS:
            return self.inverse(self._angle(_RECIPROCALS[function], argument))
        sine, cosine = self.sine(argument), self.cosine(argument)
        if function == "tan":
            return self.product(sine, self.inverse(cosine))
        return self.product(cosine, self.inverse(sine))

    def difference(self, a: Expression, b: Expression) -> Form:
        """The normal form of a - b; without terms the two are equal wherever both have a value."""
        return self.settled(self.sum_of([self.form(a), self.negative(self.form(b))]))

    def proves_nonzero(self, form: Form) -> bool:
        """Whether terms that remain cannot cancel: only variables, pi, roots of primes and the imaginary unit occur.

        Distinct products of powers in [0, 1) of distinct primes are linearly independent over the rationals
        (Besicovitch 1940) and pi is transcendental, so such a form is zero only without terms.
        """
        if self.unsure or not form.terms:
            return False
        for monomial in form.terms:
            for atom, exponent in monomial:
                kind = self.keys[atom][0]
                if kind not in ("name", "pi", "root") or (atom == MINUS_ONE_ROOT and exponent != _HALF):
                    return False
        return True
