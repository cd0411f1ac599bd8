"""Balls against mpmath: every enclosure holds, and exact operands give nearly all the bits asked for."""

from __future__ import annotations

import random
from collections.abc import Callable

import mpmath
import pytest

from esreason.verifiers.expressions import ball, elementary
from esreason.verifiers.expressions.ball import Ball, Unclear
from esreason.verifiers.expressions.budget import OutOfRange, Undefined

UNARY: dict[str, tuple[Callable[[Ball, int], Ball], Callable[[mpmath.mpf], mpmath.mpf]]] = {
    "exp": (elementary.exp, mpmath.exp),
    "log": (elementary.log, mpmath.log),
    "sin": (lambda a, p: elementary.sin_cos(a, p)[0], mpmath.sin),
    "cos": (lambda a, p: elementary.sin_cos(a, p)[1], mpmath.cos),
    "atan": (elementary.atan, mpmath.atan),
    "asin": (elementary.asin, mpmath.asin),
    "acos": (elementary.acos, mpmath.acos),
    "sinh": (lambda a, p: elementary.sinh_cosh(a, p)[0], mpmath.sinh),
    "cosh": (lambda a, p: elementary.sinh_cosh(a, p)[1], mpmath.cosh),
    "sqrt": (ball.root, mpmath.sqrt),
    "inverse": (ball.inverse, lambda x: 1 / x),
    "abs": (lambda a, p: ball.absolute(a), abs),
    "cube": (lambda a, p: ball.whole_power(a, 3, p), lambda x: x**3),
}
PRECISIONS = (64, 128, 333, 600)


def random_ball(rng: random.Random, precision: int) -> Ball:
    length = rng.choice([1, 3, 30, precision])
    m = rng.randrange(-(2**length), 2**length)
    if rng.random() < 0.15:
        m = 2**length + rng.choice([-1, 0, 1])  # next to one
    e = -length + rng.choice([0, 0, 1, 2, 5, 20, -3, -10, -40, -300])
    r = rng.choice([0, 0, 1, 3, rng.randrange(2**10)])
    return m, r if 4 * r < abs(m) else 0, e


def inside(a: Ball, share: float) -> mpmath.mpf:
    return mpmath.ldexp(mpmath.mpf(a[0]) + mpmath.mpf(a[1]) * share, a[2])


@pytest.mark.parametrize("name", UNARY)
def test_functions_enclose(name: str) -> None:
    function, oracle = UNARY[name]
    rng = random.Random(name)
    tried = 0
    with mpmath.workprec(1600):
        for _ in range(100):
            precision = rng.choice(PRECISIONS)
            a = random_ball(rng, precision)
            try:
                found = function(a, precision)
            except (Undefined, Unclear, OutOfRange):
                continue
            tried += 1
            for share in (-1.0, -0.5, 0.0, 0.25, 1.0):
                value = oracle(inside(a, share))
                assert inside(found, -1) <= value <= inside(found, 1), (a, precision)
            if a[1] == 0 and name in ("exp", "sin", "cos", "atan", "sqrt", "inverse", "cosh"):
                assert ball.accuracy(found) >= precision - 4
    assert tried > 20


def test_sums_and_products_enclose() -> None:
    rng = random.Random(5)
    with mpmath.workprec(1600):
        for _ in range(300):
            precision = rng.choice(PRECISIONS)
            a, b = random_ball(rng, precision), random_ball(rng, precision)
            for share in (-1.0, 0.0, 1.0):
                for other in (-1.0, 1.0):
                    x, y = inside(a, share), inside(b, other)
                    total, product = ball.plus(a, b, precision), ball.times(a, b, precision)
                    assert inside(total, -1) <= x + y <= inside(total, 1)
                    assert inside(product, -1) <= x * y <= inside(product, 1)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_pi(precision: int) -> None:
    with mpmath.workprec(precision + 50):
        found = elementary.pi(precision)
        assert inside(found, -1) <= +mpmath.pi <= inside(found, 1)


@pytest.mark.parametrize(
    ("function", "a", "error"),
    [
        (elementary.log, (-1, 0, 0), Undefined),
        (elementary.log, (0, 0, 0), Undefined),
        (elementary.log, (1, 2, 0), Unclear),
        (ball.root, (-1, 0, 0), Undefined),
        (ball.root, (0, 1, 0), Unclear),
        (ball.inverse, (0, 0, 0), Undefined),
        (ball.inverse, (1, 1, 0), Unclear),
        (elementary.asin, (3, 0, -1), Undefined),
        (elementary.exp, (1, 0, 60), OutOfRange),
        (elementary.sin_cos, (1, 0, 400), OutOfRange),
    ],
)
def test_borders(function: Callable[[Ball, int], object], a: Ball, error: type[Exception]) -> None:
    with pytest.raises(error):
        function(a, 128)
