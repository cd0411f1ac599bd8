"""Equality of expressions as real functions: exact where a normal form decides, else by rigorous evaluation.

The rule: `a` equals `b` when they have the same value at every real point of the domain where both have one. An
inequality found by evaluation is proved, since the values are enclosed. An acceptance that rests on evaluation is
not a proof; docs/expressions.md states what it rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from itertools import islice
from typing import Final

from esreason.verifiers.expressions import ball, opaque
from esreason.verifiers.expressions.ball import Unclear
from esreason.verifiers.expressions.borders import arguments, stretches
from esreason.verifiers.expressions.budget import Budget, Exhausted, OutOfRange, Undefined
from esreason.verifiers.expressions.modular import MERSENNE, agree, differ, is_rational, residue
from esreason.verifiers.expressions.normal import Normalizer
from esreason.verifiers.expressions.numeric import Program
from esreason.verifiers.expressions.printing import to_text
from esreason.verifiers.expressions.sampling import Interval, Point, Sampler, Stream
from esreason.verifiers.expressions.tree import Expression, Number, defined_everywhere, free_names, walk

EXACT_WORK: Final = 60_000
NUMERIC_WORK: Final = 200_000

_FIRST_TRIES: Final = 12
_TRIES: Final = 240
_POINTS: Final = 12
_PIECEWISE_POINTS: Final = 36  # where the two could agree on one side of a border only
_CLOSE_POINTS: Final = 3
_PRECISION: Final = 128
_MAX_PRECISION: Final = 4096
_AGREEMENT_BITS: Final = 64
_MARGIN: Final = 192


@dataclass(frozen=True, slots=True)
class Equality:
    """A decision: its result, one sentence on how it was reached, and whether that is a proof."""

    result: bool
    how: str
    certain: bool

    def __bool__(self) -> bool:
        return self.result


def equal(
    a: Expression,
    b: Expression,
    *,
    domain: Mapping[str, Interval] | None = None,
    covering: bool = False,
    within: Sequence[Expression] = (),
) -> Equality:
    """Whether an answer `a` equals a reference `b` wherever both have a real value; never raises.

    `domain` restricts variables to open intervals. With `covering` the answer must have a value wherever the
    reference has one (isolated points aside). Points count only where the expressions in `within` have a value too.
    What cannot be decided within the counted work is unequal, and `how` says so.
    """
    judge = _Judge(a, b, domain or {}, covering, within)
    try:
        return judge.decide()
    except Exhausted as reason:
        return _undecided(str(reason))


_SAME_TERMS: Final = Equality(True, "equal normal forms", True)


def _undecided(reason: str) -> Equality:
    return Equality(False, f"could not be decided: {reason}", False)


class _At(Enum):
    """What one point shows."""

    APART = "the values differ"
    CLOSE = "the enclosures overlap and are narrow"
    UNCLEAR = "more precision is needed"
    OUTSIDE = "one of the two has no value here"
    BEYOND = "a value is too large or too small to follow"
    UNCOVERED = "the reference has a value here and the answer has none"


class _Judge:
    """One decision: the two expressions, what is known of their domain and the work left."""

    def __init__(
        self,
        a: Expression,
        b: Expression,
        domain: Mapping[str, Interval],
        covering: bool,
        within: Sequence[Expression],
    ) -> None:
        self.a, self.b, self.domain, self.covering, self.within = a, b, domain, covering, within
        self.exact_budget = Budget(EXACT_WORK)
        self.numeric_budget = Budget(NUMERIC_WORK)

    def decide(self) -> Equality:
        trees = self.a, self.b, *self.within
        if all(map(is_rational, trees)):
            self.names = sorted(free_names(*trees))
            self.stream = Stream(f"{to_text(self.a)} = {to_text(self.b)}")
            return self._rational()
        # compiling shares its walk through the trees: what is compared is drawn from their variables and numbers
        right = Program(self.b, self.numeric_budget, self.within)
        if self.a == self.b:
            self.a = self.b  # as one object they are compared at no cost from here on
        left = right if self.a is self.b else Program(self.a, self.numeric_budget)
        self.names = sorted(left.names | right.names)
        if self.names:
            numbers = sorted(left.numbers | right.numbers, key=lambda v: (v.denominator, abs(v.numerator), v.numerator))
            stream = Stream(f"{self.names} {list(map(str, numbers))}")
            pivots = [value for number in numbers for value in (number, -number)]
            self.sampler = Sampler(stream, self.names, self.domain, pivots)
        return self._real(_Survey(left, right, self.covering))

    # Rational functions: exact, or modulo primes

    def _rational(self) -> Equality:
        if differ(self.a, self.b, self.names, self.stream):
            return Equality(False, "different modulo a prime at a random point", True)
        try:
            exact = self._exact()
        except Exhausted:
            return self._modular()
        if exact is None:
            return self._modular()
        return exact if not exact.result or self._within_is_defined() else _undecided("the answer has no value")

    def _modular(self) -> Equality:
        same = agree(self.a, self.b, self.names, self.stream)
        if same is None or (same and not self._within_is_defined()):
            return _undecided("the polynomials are too large")
        if same:
            return Equality(True, "equal modulo random primes at random points (error below 2^-100)", False)
        return Equality(False, "different modulo a prime at a random point", True)

    def _within_is_defined(self) -> bool:
        return all(self._has_residue(tree) for tree in self.within)

    def _has_residue(self, tree: Expression) -> bool:
        for _ in range(4):
            values = {name: self.stream.bits(60) for name in self.names}
            if residue(tree, values, MERSENNE) is not None:
                return True
        return False

    # The normal form

    def _exact(self) -> Equality | None:
        """What the normal form of the difference proves, or None."""
        if self.a is self.b and not is_rational(self.a):
            return Equality(True, "identical", True)
        normalizer = Normalizer(self.exact_budget)
        try:
            difference = normalizer.difference(self.a, self.b)
        except Undefined as reason:
            return Equality(False, f"no real value anywhere: {reason}", True)
        if not difference.terms:
            return Equality(True, "equal normal forms", True)
        if normalizer.proves_nonzero(difference):
            return Equality(False, "different normal forms", True)
        return None

    # Functions: points, the normal form, more points

    def _real(self, survey: _Survey) -> Equality:
        points = (self.sampler.point(index) for index in range(_TRIES)) if self.names else iter([Point()])
        for point in islice(points, _FIRST_TRIES):
            verdict = survey.visit(point)
            if verdict is not None:
                return verdict
            if survey.close:
                break
        exact = self._exact_over_functions()
        if exact is not None and not exact.result:
            return exact
        verdict = self._by_points(survey, points, exact)
        if not verdict.result or (verdict.certain and not self._may_lack_a_value()):
            return verdict
        opposed = self._at_borders(survey)
        return verdict if opposed is None else opposed

    def _exact_over_functions(self) -> Equality | None:
        """What the cheap way or else the normal form proves of expressions that have a value somewhere, or None."""
        try:
            same = self.a is not self.b and opaque.agree(self.a, self.b)
            return _SAME_TERMS if same else self._exact()
        except Exhausted:
            return None

    def _by_points(self, survey: _Survey, points: Iterator[Point], exact: Equality | None) -> Equality:
        """Enough points: one with a value where the normal forms are equal, else many that agree."""
        needed = self._needed(exact)
        while len(survey.close) < needed:
            point = next(points, None)
            if point is None:
                return self._too_few(survey)
            verdict = survey.visit(point)
            if verdict is not None:
                return verdict
        if exact is not None:
            return exact
        verdict = survey.look_closer(2 * _literal_bits(self.a, self.b), 1 if not self.names else _CLOSE_POINTS)
        if verdict is not None:
            return verdict
        where = f"at {needed} random points" if self.names else "as constants"
        return Equality(True, f"equal to high precision {where}", False)

    def _at_borders(self, survey: _Survey) -> Equality | None:
        """A difference on the other side of a border, or None."""
        if not self.names or not arguments(self.a, self.b):
            return None
        bits = _MARGIN + 2 * _literal_bits(self.a, self.b)
        found = (survey.at_border(point, bits) for point in stretches((self.a, self.b), self.sampler))
        return next((verdict for verdict in found if verdict is not None), None)

    def _may_lack_a_value(self) -> bool:
        """Whether the answer must cover the reference and has roots, logarithms or others that it does not have."""
        return self.covering and not set(arguments(self.a)) <= set(arguments(self.b))

    def _needed(self, exact: Equality | None) -> int:
        if not self.names:
            return 1
        if exact is not None:
            return _POINTS if self.covering and not defined_everywhere(self.a) else 1
        return _PIECEWISE_POINTS if arguments(self.a, self.b) else _POINTS

    def _too_few(self, survey: _Survey) -> Equality:
        if survey.close or survey.unclear:
            return _undecided(f"only {len(survey.close)} points could be compared")
        return Equality(False, "no point was found where both have a real value", False)


class _Survey:
    """The points visited so far, and what they show."""

    def __init__(self, left: Program, right: Program, covering: bool) -> None:
        self.left, self.right, self.covering = left, right, covering
        self.close: list[Point] = []
        self.unclear = 0

    def visit(self, point: Point) -> Equality | None:
        """Compare at a point; a verdict when it proves a difference."""
        precision = _PRECISION // 2 if self.left is self.right else _PRECISION
        found = self.compare(point, precision)
        while found is _At.UNCLEAR and precision < 8 * _PRECISION:
            precision *= 2
            found = self.compare(point, precision)
        if found is _At.CLOSE:
            self.close.append(point)
        self.unclear += found in (_At.UNCLEAR, _At.BEYOND)
        return _proof(found, point)

    def compare(self, point: Point, precision: int) -> _At:
        try:
            right = self.right.value(point, precision)
        except Undefined:
            return _At.OUTSIDE
        except OutOfRange:
            return _At.BEYOND
        except Unclear:
            return _At.UNCLEAR
        if self.left is self.right:
            return _At.CLOSE
        try:
            left = self.left.value(point, precision)
        except Undefined:
            return _At.UNCOVERED if self.covering else _At.OUTSIDE
        except OutOfRange:
            return _At.BEYOND
        except Unclear:
            return _At.UNCLEAR
        difference = ball.minus(left, right, precision)
        if not ball.holds_zero(difference):
            return _At.APART
        if difference[:2] == (0, 0):
            return _At.CLOSE
        size = ball.magnitude(difference)
        wanted = max(ball.magnitude(left), ball.magnitude(right)) - _AGREEMENT_BITS
        return _At.CLOSE if size <= wanted or size <= -precision // 2 else _At.UNCLEAR

    def at_border(self, point: Point, precision: int) -> Equality | None:
        """Compare at a point that may lie very close to a border."""
        verdict = _proof(self.compare(point, _PRECISION), point)
        if verdict is not None:
            return verdict
        bits = max(value.numerator.bit_length() + value.denominator.bit_length() for value in point.values())
        return _proof(self._closer(point, precision + bits), point)

    def look_closer(self, extra: int, count: int) -> Equality | None:
        """Compare again at so high a precision that no written number and no term of a sum can hide."""
        passed = 0
        for point in self.close:
            found = self._closer(point, _MARGIN + extra)
            verdict = _proof(found, point)
            if verdict is not None:
                return verdict
            passed += found is _At.CLOSE
            if passed == count:
                return None
        return _undecided("the precision needed is too high")

    def _closer(self, point: Point, precision: int) -> _At:
        base = precision
        while precision <= _MAX_PRECISION:
            found = self.compare(point, precision)
            wanted = base + 4 * max(self.left.spread, self.right.spread)
            if found is not _At.CLOSE or wanted <= precision:
                return found
            precision = wanted
        return _At.UNCLEAR


def _proof(found: _At, point: Point) -> Equality | None:
    if found is _At.APART:
        return Equality(False, f"different at {_place(point)}", True)
    if found is _At.UNCOVERED:
        return Equality(False, f"the answer has no real value at {_place(point)}", True)
    return None


def _place(point: Point) -> str:
    return ", ".join(f"{name} = {_decimal(value)}" for name, value in point.items()) or "high precision"


def _decimal(value: Fraction) -> str:
    if abs(value) < 10**15:
        return f"{float(value):.6g}"
    return f"about {'-' if value < 0 else ''}10^{len(str(abs(int(value)))) - 1}"


def _literal_bits(*trees: Expression) -> int:
    """The bits of all written numbers that are not small."""
    sizes = (
        node.value.numerator.bit_length() + node.value.denominator.bit_length()
        for tree in trees
        for node in walk(tree)
        if isinstance(node, Number)
    )
    return sum(size for size in sizes if size > 12)
