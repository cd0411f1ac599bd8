"""Rigorous evaluation: a tree as a list of steps over balls, run at a point to a precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final, NamedTuple

from esreason.verifiers.expressions import ball, elementary
from esreason.verifiers.expressions.ball import Ball
from esreason.verifiers.expressions.budget import Budget, Exhausted, Undefined
from esreason.verifiers.expressions.exact import rational_value
from esreason.verifiers.expressions.tree import Call, Expression, Name, Number, Power, Product, Sum

_NUMBER, _NAME, _SUM, _PRODUCT, _WHOLE, _POWER, _CALL, _PI, _E = range(9)


def _sine(a: Ball, precision: int) -> Ball:
    return elementary.sin_cos(a, precision)[0]


def _cosine(a: Ball, precision: int) -> Ball:
    return elementary.sin_cos(a, precision)[1]


def _tangent(a: Ball, precision: int) -> Ball:
    sine, cosine = elementary.sin_cos(a, precision + 4)
    return ball.times(sine, ball.inverse(cosine, precision + 4), precision)


def _cotangent(a: Ball, precision: int) -> Ball:
    sine, cosine = elementary.sin_cos(a, precision + 4)
    return ball.times(cosine, ball.inverse(sine, precision + 4), precision)


def _hyperbolic_tangent(a: Ball, precision: int) -> Ball:
    sine, cosine = elementary.sinh_cosh(a, precision + 4)
    return ball.times(sine, ball.inverse(cosine, precision + 4), precision)


_FUNCTIONS: Final[dict[str, Callable[[Ball, int], Ball]]] = {
    "sin": _sine,
    "cos": _cosine,
    "tan": _tangent,
    "sec": lambda a, precision: ball.inverse(_cosine(a, precision), precision),
    "csc": lambda a, precision: ball.inverse(_sine(a, precision), precision),
    "cot": _cotangent,
    "exp": elementary.exp,
    "log": elementary.log,
    "sqrt": ball.root,
    "abs": lambda a, _: ball.absolute(a),
    "asin": elementary.asin,
    "acos": elementary.acos,
    "atan": elementary.atan,
    "sinh": lambda a, precision: elementary.sinh_cosh(a, precision)[0],
    "cosh": lambda a, precision: elementary.sinh_cosh(a, precision)[1],
    "tanh": _hyperbolic_tangent,
}
_ENCLOSURE_WORK: Final = 100_000
_MAX_FRACTION_BITS: Final = 100_000


class _Step(NamedTuple):
    """One operation: its code, the registers it reads, and the number or word that belongs to it."""

    code: int
    places: tuple[int, ...] = ()
    number: Fraction = Fraction(0)
    whole: int = 0
    word: str = ""


class Program:
    """A tree as steps, each of which fills the next register; the last one is the value."""

    __slots__ = ("_places", "_steps", "budget", "spread")

    def __init__(self, expression: Expression, budget: Budget) -> None:
        self.budget = budget
        self.spread = 0
        self._steps: list[_Step] = []
        self._places: dict[int, int] = {}
        self._compile(expression)

    def _compile(self, node: Expression) -> int:
        place = self._places.get(id(node))
        if place is None:
            step = self._step(node)
            place = self._places[id(node)] = self._append(step)
        return place

    def _append(self, step: _Step) -> int:
        self._steps.append(step)
        return len(self._steps) - 1

    def _step(self, node: Expression) -> _Step:
        if isinstance(node, Number):
            return _Step(_NUMBER, number=node.value)
        if isinstance(node, Name):
            return _Step(_NAME, word=node.name)
        if isinstance(node, Sum):
            return _Step(_SUM, tuple(self._compile(term) for term in node.terms))
        if isinstance(node, Product):
            return _Step(_PRODUCT, tuple(self._compile(factor) for factor in node.factors))
        if isinstance(node, Call):
            return _Step(_CALL, (self._compile(node.argument),), word=node.function)
        if isinstance(node, Power):
            return self._power_step(node)
        if node.name == "i":
            raise Exhausted("the imaginary unit has no place in an equality over the reals")
        return _Step(_PI if node.name == "pi" else _E)

    def _power_step(self, node: Power) -> _Step:
        exponent = rational_value(node.exponent)
        base = self._compile(node.base)
        if exponent is None:
            return _Step(_POWER, (base, self._compile(node.exponent)))
        if exponent.denominator == 1:
            return _Step(_WHOLE, (base,), whole=int(exponent))
        if exponent.denominator == 2:
            root = self._append(_Step(_CALL, (base,), word="sqrt"))
            return _Step(_WHOLE, (root,), whole=exponent.numerator)
        return _Step(_POWER, (base, self._append(_Step(_NUMBER, number=exponent))))

    def value(self, point: Mapping[str, Fraction], precision: int) -> Ball:
        """The value at a point; raises `Undefined`, `Unclear`, `OutOfRange`, or `Exhausted` with the budget.

        Afterwards `spread` is by how many bits the parts of the widest sum differ, or an argument differs from 1:
        a precision well above it is needed to see every part.
        """
        self.spread = 0
        registers: list[Ball] = []
        spend = self.budget.spend
        call_cost = 4 + precision * precision // 16_000
        cost = 1 + precision * precision // 2_000_000
        for code, places, number, whole, word in self._steps:
            if code == _NUMBER:
                value = ball.from_fraction(number, precision)
            elif code == _NAME:
                value = ball.from_fraction(point[word], precision)
            elif code == _SUM:
                spend(cost * len(places))
                value = self._sum([registers[place] for place in places], precision)
            elif code == _PRODUCT:
                spend(cost * len(places))
                value = registers[places[0]]
                for place in places[1:]:
                    value = ball.times(value, registers[place], precision)
            elif code == _WHOLE:
                spend(cost * whole.bit_length())
                value = ball.whole_power(registers[places[0]], whole, precision)
            elif code == _CALL:
                spend(call_cost)
                argument = registers[places[0]]
                value = _FUNCTIONS[word](argument, precision)
                self._note(word, argument)
            elif code == _POWER:
                spend(2 * call_cost)
                value = self._power(registers[places[0]], registers[places[1]], precision)
            else:
                spend(call_cost)
                value = elementary.pi(precision) if code == _PI else elementary.exp(ball.ONE, precision)
            registers.append(value)
        return registers[-1]

    def _sum(self, terms: list[Ball], precision: int) -> Ball:
        """The sum, with the distance between its largest and smallest term noted."""
        total = terms[0]
        sizes = []
        for position, term in enumerate(terms):
            if position:
                total = ball.plus(total, term, precision)
            if abs(term[0]) > term[1]:
                sizes.append(term[0].bit_length() + term[2])
        if sizes:
            self.spread = max(self.spread, max(sizes) - min(sizes))
        return total

    def _power(self, base: Ball, exponent: Ball, precision: int) -> Ball:
        if base[:2] == (0, 0) and ball.is_positive(exponent):
            return ball.ZERO
        argument = ball.times(exponent, elementary.log(base, precision), precision)
        self._note("exp", argument)
        return elementary.exp(argument, precision)

    def _note(self, function: str, argument: Ball) -> None:
        """Arguments that are tiny or huge hide in values such as cos(10^-50) or atan(10^50)."""
        if ball.holds_zero(argument) or function in ("sqrt", "abs", "log"):
            return
        size = ball.magnitude(argument)
        if function == "exp":
            size = min(size, 0)
        elif function == "tanh" and size > 0:
            size = 1 << min(size, 30)
        self.spread = max(self.spread, 2 * abs(size))


def enclosure(
    expression: Expression, values: Mapping[str, Fraction] | None = None, precision: int = 128
) -> tuple[Fraction, Fraction] | None:
    """Rationals below and above the value at a point, or None where it has none or it could not be followed."""
    try:
        m, r, e = Program(expression, Budget(_ENCLOSURE_WORK)).value(values or {}, precision)
    except (ball.Unclear, Exhausted, Undefined, KeyError):
        return None
    if abs(e) > _MAX_FRACTION_BITS:
        return None
    unit = Fraction(2) ** e
    return (m - r) * unit, (m + r) * unit
