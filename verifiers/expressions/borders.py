"""Where a function may change its formula, and a point of every stretch between two such places.

sqrt(u^2) is u on one side of u = 0 and -u on the other, and analytic continuation says nothing across that border. A
random point may miss a stretch that is narrow or far away. So the zeros of all such arguments are enclosed along lines
through a random point, by cutting the line up until an argument or its slope is proved to have no zero on a piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from esreason.verifiers.expressions import ball
from esreason.verifiers.expressions.ball import Ball, Unclear
from esreason.verifiers.expressions.budget import Budget, Exhausted, OutOfRange, Undefined
from esreason.verifiers.expressions.derivative import derivative
from esreason.verifiers.expressions.exact import rational_value
from esreason.verifiers.expressions.numeric import Program
from esreason.verifiers.expressions.sampling import Sampler, Stretch
from esreason.verifiers.expressions.tree import (
    ONE,
    Call,
    Expression,
    ExpressionError,
    Name,
    Number,
    Power,
    Product,
    add,
    free_names,
    negate,
    number,
    power,
    walk,
)

_MAX_ARGUMENTS: Final = 24
_MAX_BORDERS: Final = 24  # of one argument on one line
_PIECES: Final = 400  # that one stretch of a line is cut into
_WORK: Final = 12_000  # on one argument along one line
_CUTS: Final = 160  # halvings after which a zero that cannot be told from none counts as a border
_APART: Final = 1_024  # bits, relative to their size, at which borders are taken for one
_PRECISION: Final = 64
_FINENESS: Final = 12
_ANGLES: Final = frozenset(["sin", "cos", "tan", "sec", "csc", "cot"])
_BOUNDED: Final = frozenset(["asin", "acos"])
_COMPOUND: Final = frozenset(["sqrt", "log"])


def arguments(*trees: Expression) -> list[Expression]:
    """Arguments of absolute values, inverse functions and, where they are compound, of roots and logarithms."""
    return [argument for tree in trees for node in walk(tree) for argument in _arguments_of(node)]


def _arguments_of(node: Expression) -> tuple[Expression, ...]:
    if isinstance(node, Call) and node.function in ("abs", "atan", *_BOUNDED):
        # asin(sin(u)) turns where cos(u) is zero, acos(cos(u)) where sin(u) is, asin(u) where u^2 is 1
        inner = [part.argument for part in walk(node.argument) if isinstance(part, Call) and part.function in _ANGLES]
        turns: list[Expression] = [Call(function, u) for u in inner for function in ("sin", "cos")]
        if node.function in _BOUNDED and not inner:
            turns.append(add(ONE, negate(power(node.argument, number(2)))))
        return (node.argument, *turns)
    if isinstance(node, Call) and node.function in _COMPOUND:
        argument = node.argument
    elif isinstance(node, Power):
        exponent = rational_value(node.exponent)
        if exponent is not None and exponent.denominator == 1:
            return ()
        argument = node.base
    else:
        return ()
    return () if isinstance(argument, Name | Number) else (argument,)


def stretches(trees: Sequence[Expression], sampler: Sampler) -> Iterator[dict[str, Fraction]]:
    """A point between any two neighbouring borders along each variable, and one beyond the first and the last."""
    watched = _watched(trees)
    for name in sorted(free_names(*watched)):
        base, line = sampler.point(0), sampler.line(name)
        found: list[_Border] = []
        for tree in watched:
            if name in free_names(tree):
                found.extend(_borders(_Watched(tree, name, base), line))
        for value in _between(_separated(found), line, sampler):
            yield {**base, name: value}


def _watched(trees: Sequence[Expression]) -> list[Expression]:
    """The arguments' factors, each once."""
    watched: dict[Expression, None] = {}
    for tree in arguments(*trees):
        for part in tree.factors if isinstance(tree, Product) else (tree,):
            watched.setdefault(part.base if isinstance(part, Power) else part)
    found = [tree for tree in watched if free_names(tree)]
    if len(found) > _MAX_ARGUMENTS:
        raise Exhausted("there are too many places where the formula may change")
    return found


class _Watched:
    """An argument and its slope along a line in one variable."""

    def __init__(self, tree: Expression, name: str, base: Mapping[str, Fraction]) -> None:
        self.name, self.base = name, base
        self.budget = Budget(_WORK)
        self.value = Program(tree, self.budget)
        try:
            self.slope: Program | None = Program(derivative(tree, name), self.budget)
        except ExpressionError:
            self.slope = None

    def over(self, program: Program, low: Fraction, high: Fraction) -> Ball | None:
        """All values between two places; None where they are not known. What has none there has no zero there."""
        precision = _PRECISION + 2 * _closeness(low, high)
        try:
            return program.value({**self.base, self.name: ball.between(low, high)}, precision)
        except Undefined:
            return ball.ONE
        except Unclear:
            return None

    def sign(self, place: Fraction) -> int:
        """The sign at a place, 0 where there is no value, it is zero or it cannot be told."""
        precision = _PRECISION
        while precision <= 8 * _APART:
            try:
                value = self.value.value({**self.base, self.name: place}, precision)
            except (Undefined, OutOfRange):
                return 0
            except Unclear:
                value = (0, 1, 0)
            if not ball.holds_zero(value):
                return 1 if value[0] > 0 else -1
            if value[:2] == (0, 0):
                return 0
            precision *= 4
        return 0

    def is_steep(self, low: Fraction, high: Fraction) -> bool:
        slope = self.over(self.slope, low, high) if self.slope else None
        return slope is not None and not ball.holds_zero(slope)


@dataclass(slots=True)
class _Border:
    """Two places between which an argument has its only zero; with the sign 0, where one may be."""

    low: Fraction
    high: Fraction
    of: _Watched
    sign: int

    def narrow(self) -> None:
        """Come closer to the zero: by Newton's step over the enclosed slope, at least by half."""
        width = self.high - self.low
        middle = (self.low + self.high) / 2
        with suppress(Unclear, Undefined, OutOfRange):
            self._newton(middle)
        if 2 * (self.high - self.low) > width:
            middle = (self.low + self.high) / 2
            sign = self.of.sign(middle)
            if sign == 0:
                self.sign = 0
            elif sign == self.sign:
                self.low = middle
            else:
                self.high = middle

    def _newton(self, middle: Fraction) -> None:
        of = self.of
        slope = of.over(of.slope, self.low, self.high) if of.slope else None
        if slope is None:
            return
        precision = _PRECISION + 4 * _closeness(self.low, self.high)
        value = of.value.value({**of.base, of.name: middle}, precision)
        step = ball.times(value, ball.inverse(slope, precision), precision)
        m, r, e = ball.minus(ball.from_fraction(middle, precision), step, precision)
        unit = Fraction(2) ** e
        self.low, self.high = max(self.low, (m - r) * unit), min(self.high, (m + r) * unit)


def _borders(watched: _Watched, line: Sequence[Stretch]) -> list[_Border]:
    """Where the argument has its zeros, those closest to the middle of the line first, as far as the work goes."""
    found: list[_Border] = []
    with suppress(Exhausted):
        for stretch in line:
            _search(watched, stretch, found)
    watched.budget.left = watched.budget.total  # as much again to tell these from others
    return found


def _search(watched: _Watched, stretch: Stretch, found: list[_Border]) -> None:
    waiting = [(*stretch, 0)]
    for _ in range(_PIECES):
        if not waiting or len(found) == _MAX_BORDERS:
            return
        low, high, cuts = waiting.pop()
        try:
            values = watched.over(watched.value, low, high)
            if values is not None and not ball.holds_zero(values):
                continue
            steep = watched.is_steep(low, high)
        except OutOfRange:
            if not (watched.sign(low) or watched.sign(high)):
                continue
            steep = False
        if steep:
            before, after = watched.sign(low), watched.sign(high)
            if before * after < 0:
                found.append(_Border(low, high, watched, before))
            if before * after:
                continue
        if cuts == _CUTS:
            found.append(_Border(low, high, watched, 0))
            continue
        middle, halved = _cut(low, high)
        pieces = [(low, middle, cuts + halved), (middle, high, cuts + halved)]
        waiting.extend(pieces if abs(high) < abs(low) else reversed(pieces))


def _cut(low: Fraction, high: Fraction) -> tuple[Fraction, int]:
    """A place between, and 1 if it halves the piece; pieces over many orders of magnitude are cut between those."""
    if low * high > 0:
        sign, small, large = (1, low, high) if low > 0 else (-1, -high, -low)
        if large > 16 * small:
            order = (_order(small) + _order(large)) // 2
            return sign * Fraction(2) ** order * Fraction(21, 16), 0
    return (low + high) / 2, 1


def _order(value: Fraction) -> int:
    """The binary order of magnitude."""
    return value.numerator.bit_length() - value.denominator.bit_length()


def _closeness(low: Fraction, high: Fraction) -> int:
    """How many bits two places have in common."""
    return max(0, _order(max(abs(low), abs(high)) / (high - low))) if high > low else _APART


def _separated(borders: list[_Border]) -> list[Stretch]:
    """The borders in ascending order as disjoint pieces; those that stay together are one."""
    while True:
        borders.sort(key=lambda border: (border.low, border.high))
        merged: list[_Border] = []
        close: dict[int, _Border] = {}
        reach: Fraction | None = None
        for border in borders:
            if reach is not None and border.low <= reach:
                for one in (merged[-1], border):
                    if one.sign and _closeness(one.low, one.high) < _APART:
                        close[id(one)] = one
            merged.append(border)
            reach = border.high if reach is None else max(reach, border.high)
        if not close:
            break
        for border in close.values():
            try:
                border.narrow()
            except Exhausted:
                border.sign = 0
    pieces: list[Stretch] = []
    for border in borders:
        if pieces and border.low <= pieces[-1][1]:
            pieces[-1] = pieces[-1][0], max(pieces[-1][1], border.high)
        else:
            pieces.append((border.low, border.high))
    return pieces


def _between(pieces: Sequence[Stretch], line: Sequence[Stretch], sampler: Sampler) -> Iterator[Fraction]:
    """A random place in every gap, and one beyond each end that stays on the line."""
    if not pieces:
        return
    start, end = min(low for low, _ in line), max(high for _, high in line)
    first, last = pieces[0][0], pieces[-1][1]
    before = max(start, first - max(Fraction(1), abs(first))), first
    after = last, min(end, last + max(Fraction(1), abs(last)))
    for low, high in (before, *((a[1], b[0]) for a, b in pairwise(pieces)), after):
        if low < high:
            unit = Fraction(2) ** (_order(high - low) - _FINENESS)
            yield ((low + (high - low) * sampler.share()) / unit).__floor__() * unit  # of few bits
