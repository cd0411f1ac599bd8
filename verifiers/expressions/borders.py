"""Where a function may change its formula, and points on both sides of it.

sqrt(u^2) is u on one side of u = 0 and -u on the other, and analytic continuation says nothing across that border. A
random point may miss a narrow side; walking along a line and watching the signs of such arguments does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, pairwise
from typing import Final

from esreason.verifiers.expressions.ball import Unclear
from esreason.verifiers.expressions.budget import Budget, OutOfRange, Undefined
from esreason.verifiers.expressions.exact import rational_value
from esreason.verifiers.expressions.numeric import Program
from esreason.verifiers.expressions.sampling import Point, Sampler
from esreason.verifiers.expressions.tree import Call, Expression, Name, Number, Power, Product, free_names, walk

_MAX_ARGUMENTS: Final = 8
_MAX_POINTS: Final = 48
_PRECISION: Final = 64
_ALWAYS: Final = frozenset(["abs", "asin", "acos", "atan"])
_ANGLES: Final = frozenset(["sin", "cos", "tan", "sec", "csc", "cot"])
_COMPOUND: Final = frozenset(["sqrt", "log"])


def arguments(*trees: Expression) -> list[Expression]:
    """Arguments of absolute values, inverse functions and, where they are compound, of roots and logarithms."""
    return [argument for tree in trees for node in walk(tree) for argument in _arguments_of(node)]


def _arguments_of(node: Expression) -> tuple[Expression, ...]:
    if isinstance(node, Call) and node.function in _ALWAYS:
        # asin(sin(u)) turns where cos(u) is zero, acos(cos(u)) where sin(u) is
        inner = [part.argument for part in walk(node.argument) if isinstance(part, Call) and part.function in _ANGLES]
        return (node.argument, *(Call(function, u) for u in inner for function in ("sin", "cos")))
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


def both_sides(trees: Sequence[Expression], sampler: Sampler, budget: Budget) -> Iterator[Point]:
    """Pairs of neighbouring points between which an argument, a part of it or a whole tree changes its sign."""
    watched: dict[Expression, None] = {}
    for tree in (*arguments(*trees), *trees):
        parts = tree.factors if isinstance(tree, Product) else (tree,)
        for part in parts:
            watched.setdefault(part.base if isinstance(part, Power) else part)
    found = (
        point
        for tree in islice((tree for tree in watched if free_names(tree)), _MAX_ARGUMENTS)
        for name in sorted(free_names(tree))
        for point in _changes(Program(tree, budget), sampler.line(name))
    )
    return islice(found, _MAX_POINTS)


def _changes(program: Program, line: Sequence[Point]) -> Iterator[Point]:
    signs = [_sign(program, point) for point in line]
    for (before, left), (after, right) in pairwise(zip(signs, line, strict=True)):
        if before * after < 0:
            yield left
            yield right


def _sign(program: Program, point: Mapping[str, Fraction]) -> int:
    """The sign of a value, 0 where it has none or it is not clear."""
    try:
        middle, radius, _ = program.value(point, _PRECISION)
    except (Undefined, Unclear, OutOfRange):
        return 0
    return 0 if abs(middle) <= radius else 1 if middle > 0 else -1
