"""Exact search for a way to combine numbers into a target, fewest operations first."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

Step = tuple[Fraction, str, Fraction]


def combine(a: Fraction, sign: str, b: Fraction) -> Fraction | None:
    """The exact result of one operation, None for a division by zero."""
    if sign == "+":
        return a + b
    if sign == "-":
        return a - b
    if sign == "*":
        return a * b
    return a / b if b else None


def search(numbers: tuple[int, ...], target: int, use_all: bool) -> list[Step] | None:
    """The shortest list of operations that makes `target`; with use_all every number is used. None if there is none.

    Whole non-negative results are tried first, then all rationals; without use_all, both by rising number of steps.
    """
    start = tuple(sorted(numbers))
    depths = [len(numbers) - 1] if use_all else range(len(numbers))
    for depth in depths:
        for moves in (_whole, _rational):
            steps = _deepen(start, target, depth, use_all, moves, set())
            if steps is not None:
                return [(Fraction(a), sign, Fraction(b)) for a, sign, b in steps]
    return None


def whole_way(numbers: list[int], target: int) -> bool:
    """Whether all numbers make `target` with whole non-negative results on the way."""
    return _deepen(tuple(sorted(numbers)), target, len(numbers) - 1, True, _whole, set()) is not None


Number = int | Fraction
Move = tuple[Number, str, Number, Number]


def _whole(a: Number, b: Number) -> Iterator[Move]:
    """Operations on a >= b with whole results (at least 0)."""
    yield a, "+", b, a + b
    yield a, "-", b, a - b
    yield a, "*", b, a * b
    if b and a % b == 0:
        yield a, "/", b, a // b


def _rational(a: Number, b: Number) -> Iterator[Move]:
    yield a, "+", b, a + b
    yield a, "-", b, a - b
    yield b, "-", a, b - a
    yield a, "*", b, a * b
    if b:
        yield a, "/", b, Fraction(a) / b
    if a:
        yield b, "/", a, Fraction(b) / a


def _deepen(
    values: tuple[Number, ...], target: int, depth: int, use_all: bool, moves: object, failed: set[object]
) -> list[tuple[Number, str, Number]] | None:
    """Depth-first over sorted tuples of values; a tuple that failed at this depth is not tried again."""
    if (values[0] == target and len(values) == 1) if use_all else target in values:
        return []
    if depth == 0 or values in failed:
        return None
    assert callable(moves)
    for i in range(len(values)):
        for j in range(i):
            rest = values[:j] + values[j + 1 : i] + values[i + 1 :]
            for a, sign, b, value in moves(values[i], values[j]):
                steps = _deepen(tuple(sorted((*rest, value))), target, depth - 1, use_all, moves, failed)
                if steps is not None:
                    return [(a, sign, b), *steps]
    failed.add(values)
    return None
