"""Rigorous evaluation: a tree as a list of steps over balls, run at a point to a precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from operator import is_
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
    places: tuple[int, ...]
    number: Fraction
    whole: int
    word: str


_NONE: Final = Fraction(0)


class _Compiler:
    """Trees as steps, each of which fills the next register; equal parts are one step."""

    __slots__ = ("known", "names", "numbers", "places", "steps")

    def __init__(self) -> None:
        self.steps: list[_Step] = []
        self.known: dict[tuple[object, ...], int] = {}
        self.places: dict[int, int] = {}
        self.names: set[str] = set()
        self.numbers: set[Fraction] = set()

    def place(self, node: Expression) -> int:
        place = self.places.get(id(node))
        if place is None:
            place = self.places[id(node)] = self.append(self.step(node))
        return place

    def append(self, step: _Step) -> int:
        number = step.number  # whose own hash costs more than those of its parts
        key = (step.code, step.places, number.numerator, number.denominator, step.whole, step.word)
        place = self.known.setdefault(key, len(self.steps))
        if place == len(self.steps):
            self.steps.append(step)
        return place

    def step(self, node: Expression) -> _Step:
        if isinstance(node, Number):
            self.numbers.add(node.value)
            return _Step(_NUMBER, (), node.value, 0, "")
        if isinstance(node, Name):
            self.names.add(node.name)
            return _Step(_NAME, (), _NONE, 0, node.name)
        if isinstance(node, Sum):
            return _Step(_SUM, tuple(map(self.place, node.terms)), _NONE, 0, "")
        if isinstance(node, Product):
            return _Step(_PRODUCT, tuple(map(self.place, node.factors)), _NONE, 0, "")
        if isinstance(node, Call):
            return _Step(_CALL, (self.place(node.argument),), _NONE, 0, node.function)
        if isinstance(node, Power):
            return self.power(node)
        if node.name == "i":
            raise Exhausted("the imaginary unit has no place in an equality over the reals")
        return _Step(_PI if node.name == "pi" else _E, (), _NONE, 0, "")

    def power(self, node: Power) -> _Step:
        exponent = rational_value(node.exponent)
        base = self.place(node.base)
        if isinstance(node.exponent, Number):
            self.numbers.add(node.exponent.value)
        if exponent is None:
            return _Step(_POWER, (base, self.place(node.exponent)), _NONE, 0, "")
        if exponent.denominator == 1:
            return _Step(_WHOLE, (base,), _NONE, int(exponent), "")
        if exponent.denominator == 2:
            root = self.append(_Step(_CALL, (base,), _NONE, 0, "sqrt"))
            return _Step(_WHOLE, (root,), _NONE, exponent.numerator, "")
        return _Step(_POWER, (base, self.append(_Step(_NUMBER, (), exponent, 0, ""))), _NONE, 0, "")


class _Same(tuple[Expression, ...]):
    """Trees as a key: the same objects, not equal ones, so that a look-up costs no walk through them."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(tuple(map(id, self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and len(self) == len(other) and all(map(is_, self, other))


@lru_cache(maxsize=256)
def _compiled(trees: _Same) -> tuple[_Compiler, int]:
    """All of them, and the register of the last. Kept, since many answers are compared with one reference."""
    compiler = _Compiler()
    places = list(map(compiler.place, trees))
    return compiler, places[-1]


class Program:
    """A tree as steps, run at a point; it has a value only where the trees in `within` have one too.

    `names` and `numbers` are the variables and the written numbers of all of them.
    """

    __slots__ = ("_place", "_steps", "budget", "names", "numbers", "spread")

    def __init__(self, expression: Expression, budget: Budget, within: Sequence[Expression] = ()) -> None:
        compiled, self._place = _compiled(_Same((*within, expression)))
        self._steps, self.names, self.numbers = compiled.steps, compiled.names, compiled.numbers
        self.budget = budget
        self.spread = 0

    def value(self, point: Mapping[str, Fraction] | Mapping[str, Fraction | Ball], precision: int) -> Ball:
        """The value at a point, or all values where a coordinate is a ball.

        Raises `Undefined`, `Unclear`, `OutOfRange`, or `Exhausted` with the budget. Afterwards `spread` is by how many
        bits the parts of the widest sum differ, or an argument differs from 1: a precision well above it is needed to
        see every part.
        """
        self.spread = 0
        registers: list[Ball] = []
        angles: dict[int, tuple[Ball, Ball]] = {}  # sine and cosine of a register, which come at the price of one
        spend = self.budget.spend
        call_cost = 4 + precision * precision // 16_000
        cost = 1 + precision * precision // 2_000_000
        for code, places, number, whole, word in self._steps:
            if code == _NUMBER:
                value = ball.from_fraction(number, precision)
            elif code == _NAME:
                given = point[word]
                value = given if isinstance(given, tuple) else ball.from_fraction(given, precision)
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
                if word == "sin" or word == "cos":
                    pair = angles.get(places[0])
                    if pair is None:
                        pair = angles[places[0]] = elementary.sin_cos(argument, precision)
                    value = pair[word == "cos"]
                else:
                    value = _FUNCTIONS[word](argument, precision)
                self._note(word, argument)
            elif code == _POWER:
                spend(2 * call_cost)
                value = self._power(registers[places[0]], registers[places[1]], precision)
            else:
                spend(call_cost)
                value = elementary.pi(precision) if code == _PI else elementary.exp(ball.ONE, precision)
            registers.append(value)
        return registers[self._place]

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
