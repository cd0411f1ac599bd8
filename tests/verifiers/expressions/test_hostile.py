"""Hostile texts end, without a recursion error, and are never accepted for what they are not."""

from __future__ import annotations

import contextlib
import sys
import time

import pytest

from esreason.verifiers.expressions import (
    Expression,
    ExpressionError,
    antiderivative_of,
    coefficients,
    enclosure,
    equal,
    parse,
    parse_complex,
    parse_equation,
    parse_list,
    parse_matrix,
    parse_solutions,
    rational_value,
)
from esreason.verifiers.expressions.budget import Budget, Exhausted
from esreason.verifiers.expressions.equality import EXACT_WORK, NUMERIC_WORK, _Judge
from tests.bounds import LONG

NAMES = ("x", "y", "z")


def nested(function: str, depth: int, core: str = "x") -> str:
    return f"{function}(" * depth + core + ")" * depth


# Neither equal to x nor, where they have no value anywhere, to themselves.
HOSTILE = {
    "tower of nines": "9^9^9^9",
    "tall tower": "^".join("9" * 40),
    "tower of names": "x^x^x^x^x^x^x^x",
    "power of a power": "((9^9999)^9999)^9999",
    "power of x": "x^9999^9999",
    "huge exponent": "x^(9^9^9)",
    "tiny exponent": "x^(1/9^9^9)",
    "negative tower": "9^-9^9^9",
    "tower below": "1/9^9^9^9",
    "exponentials": "exp(exp(exp(100)))",
    "many exponentials": nested("exp", 60),
    "exponential of a tower": "exp(9^9^9)",
    "negative exponentials": "exp(-exp(exp(exp(9))))",
    "huge angle": "sin(9^9999)",
    "huger angle": "sin(exp(exp(9)))",
    "huge tangent": "tan(10^400)",
    "logarithms": nested("log", 60),
    "sines": nested("sin", 60),
    "roots": nested("sqrt", 60, "x + 1"),
    "nested radicals": "sqrt(x + " * 50 + "x" + ")" * 50,
    "nested angles": "sin(x + cos(" * 25 + "x" + "))" * 25,
    "continued fraction": "1/(x + " * 60 + "1" + ")" * 60,
    "hyperbolic tower": nested("cosh", 60),
    "inverse sines": nested("asin", 60),
    "one over zero": "1/0",
    "zero over zero": "0/0",
    "zero to zero": "0^0",
    "zero to a negative": "0^(-5)",
    "hidden zero": "(x-x)^-1",
    "hidden zero of functions": "1/(log(x^2-1) - log(x-1) - log(x+1))",
    "root of a hidden zero": "sqrt((x-1)^2 - x^2 + 2x - 2)",
    "logarithm of zero": "log(0)",
    "logarithm of a hidden zero": "log(x - x)",
    "empty domain": "log(x) + log(-x)",
    "narrow domain": "sqrt(-(x - 355/113)^2)",
    "one over infinity": "1/exp(exp(exp(9)))",
    "thousand factors": "*".join(["(x+1)"] * 600),
    "product of sums": "(x+y+z+1)^999*(x-y+z-1)^999",
    "product of many sums": "".join(f"(x+{k})(y-{k})" for k in range(200)),
    "power of a wide sum": "(" + "+".join(f"{k}*x^{k}*y^{k}" for k in range(1, 99)) + ")^99",
    "sum of fractions": "+".join(f"1/(x+{k})" for k in range(1, 300)),
    "sum of mixed fractions": "+".join(f"y/(x^{k}+{k}*z)" for k in range(1, 150)),
    "sum of sines": "+".join(f"sin({k}x)" for k in range(1, 250)),
    "product of sines": "*".join(f"sin({k}x)" for k in range(1, 200)),
    "power of a sine": "sin(x)^9999",
    "power of angles": "(sin(x) + cos(y) + tan(z))^99",
    "angle of many parts": "sin(" + "+".join(f"{k}x^{k}" for k in range(1, 300)) + ")",
    "sine of fractions": "sin(" + "+".join(f"1/(x+{k})" for k in range(1, 200)) + ")",
    "sum of roots": "+".join(f"sqrt({k})" for k in range(2, 400)),
    "product of roots": "*".join(f"sqrt(x+{k})" for k in range(2, 200)),
    "root of a large number": "sqrt(" + "7" * 399 + ")",
    "roots of large numbers": "+".join("(" + "9" * 390 + f"{k})^(1/7)" for k in range(9)),
    "large root index": "2^(1/9999)*3^(1/9998)",
    "sum of logarithms": "+".join(f"log(x+{k})" for k in range(1, 250)),
    "logarithm of a large number": "log(" + "8" * 400 + ")",
    "powers of everything": "(x^y)^(y^x)^(x^x)",
    "absolute values": "|" * 50 + "x" + "|" * 50,
    "many absolute values": "+".join(f"|x-{k}|" for k in range(300)),
    "digits": "1" * 400 + "/" + "3" * 400 + "x",
    "decimals": "0." + "3" * 380,
    "hidden difference": "x + 10^-9999",
    "hidden difference in a sine": "x + sin(10^-9999)",
    "large cancelling": "x + (10^9999 + 1) - 10^9999",
    "cancelling exponentials": "x + exp(1000) + 1 - exp(1000)",
    "sum of unlike fractions": "+".join(f"1/{k}^(9999)" for k in range(2, 250)),
    "exponent of unlike fractions": "x^(" + "+".join(f"1/{k}^(999)" for k in range(2, 250)) + ")",
    "exponent of long numbers": "x^(" + "+".join("1/" + "7" * 390 + f"{k}" for k in range(9)) + ")",
    "sine of unlike fractions": "sin(x*(" + "+".join(f"1/{k}^(999)" for k in range(2, 250)) + "))",
    "exponential of unlike fractions": "exp(" + "+".join(f"x^{k}/{k}^(999)" for k in range(2, 220)) + ")",
    "quotient of long powers": "(7^9999*x + 11^9999*y)/(13^9999*x + 17^9999*y)",
    "far border": "|x - " + "9" * 400 + "|",
    "alternating": "-" * 3000 + "x*y",
    "spaces": " " * 3990 + "2x",
}  # fmt: skip


def spent(a: Expression, b: Expression) -> tuple[int, int]:
    """Units of exact and numeric work that one decision takes."""
    judge = _Judge(a, b, {}, False, ())
    with contextlib.suppress(Exhausted):
        judge.decide()
    return judge.exact_budget.spent, judge.numeric_budget.spent


# Refused by every reader, at once.
REFUSED = {
    "deep parentheses": "(" * 100_000 + "x" + ")" * 100_000,
    "deep parentheses that fit": "(" * 1900 + "x" + ")" * 1900,
    "open parentheses": "(" * 3999,
    "closed parentheses": ")" * 3999,
    "deep bars": "|" * 3999,
    "deep braces": "{" * 1999 + "x" + "}" * 1999,
    "deep fractions": r"\frac{" * 600,
    "deep powers": "x^" * 1500 + "x",
    "deep signs in powers": "x^-" * 1000 + "x",
    "deep functions": nested("sin", 900),
    "bare functions": "sin " * 900 + "x",
    "many digits": "1" * 4000,
    "400 digits and one": "1" * 401,
    "many decimals": "0." + "1" * 401,
    "four hundred thousand digits": "9" * 400_000,
    "floating exponent": "1e400",
    "large literal exponent": "x^99999",
    "unicode digits": "١٢٣",
    "full-width digits": "３+４",
    "superscripts": "xⁿ⁻¹",
    "null": "x\x00",
    "surrogate": "\udcff",
    "right-to-left": "x\u202e+1",
    "newline injection": "x\n; import os",
    "dunder": "__class__",
    "attribute": "x.__class__.__mro__",
    "call": "exec(1)",
    "evaluation": "eval('1')",
    "comprehension": "[x for x in ()]",
    "format": "{0.__class__}",
    "unevaluated integral": "Integral(x, x)",
    "unevaluated derivative": "diff(x)",
    "long word": "x" * 3999,
    "words": "the answer is obviously x squared",
    "comparison": "x >= 1",
    "assignment": "x := 1",
    "factorials": "9!!!!!!!",
    "infinity": "inf",
    "not a number": "nan",
    "complex infinity": "zoo",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_expressions_end_within_their_work_and_are_not_accepted(name: str) -> None:
    started = time.process_time()
    tree = parse(HOSTILE[name], NAMES)
    assert not equal(tree, parse("x")).result
    assert time.process_time() - started < LONG
    exact, numeric = spent(tree, parse("x"))
    assert exact <= EXACT_WORK
    assert numeric <= NUMERIC_WORK
    equal(tree, tree)
    antiderivative_of(tree, parse("1"))
    rational_value(tree)
    enclosure(tree)
    with pytest.raises(ExpressionError):
        coefficients(parse(f"sin(x)*({HOSTILE[name]})", NAMES) if len(HOSTILE[name]) < 3000 else parse("sin(x)"))
    assert time.process_time() - started < LONG


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_integrands_and_answers_end(name: str) -> None:
    tree = parse(HOSTILE[name], NAMES)
    started = time.process_time()
    antiderivative_of(tree, tree)
    assert time.process_time() - started < LONG


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("read", [parse, parse_equation, parse_list, parse_matrix, parse_solutions, parse_complex])
def test_refused_at_once(name: str, read: object) -> None:
    assert callable(read)
    started = time.process_time()
    with pytest.raises(ExpressionError):
        read(REFUSED[name])
    assert time.process_time() - started < LONG


def test_no_recursion_error_under_a_deep_stack() -> None:
    """The deepest tree that parses is handled with 400 frames left of Python's usual thousand."""
    deepest = "sin(x^-(" * 21 + "x" + "))" * 21

    def at(depth: int) -> None:
        if depth:
            at(depth - 1)
        else:
            tree = parse(deepest)
            assert equal(tree, tree).certain is not None
            antiderivative_of(tree, tree)

    assert sys.getrecursionlimit() >= 1000
    at(500)


def test_the_budget_stops_at_the_same_place_each_time() -> None:
    for name in ("sum of sines", "nested radicals", "sum of mixed fractions"):
        tree = parse(HOSTILE[name], NAMES)
        assert spent(tree, parse("x")) == spent(tree, parse("x"))
    budget = Budget(10)
    budget.spend(10)
    assert budget.spent == 10
