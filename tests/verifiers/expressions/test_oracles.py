"""Decisions against sympy and math-verify; sympy objects are built from our trees node by node, never from text."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import reduce
from operator import add as plus
from operator import mul as times

import pytest
import sympy

from esreason.verifiers.expressions import (
    Call,
    Constant,
    Expression,
    Name,
    Number,
    Power,
    Product,
    Sum,
    add,
    antiderivative_of,
    coefficients,
    derivative,
    divide,
    equal,
    from_coefficients,
    multiply,
    number,
    parse,
    power,
    to_text,
    walk,
)

SYMBOLS = {name: sympy.Symbol(name, real=True) for name in "xyz"}
RENAMED = {"abs": sympy.Abs}


def to_sympy(tree: Expression) -> sympy.Expr:
    if isinstance(tree, Number):
        return sympy.Rational(tree.value.numerator, tree.value.denominator)
    if isinstance(tree, Constant):
        return {"pi": sympy.pi, "e": sympy.E}[tree.name]
    if isinstance(tree, Name):
        return SYMBOLS[tree.name]
    if isinstance(tree, Sum):
        return reduce(plus, map(to_sympy, tree.terms))
    if isinstance(tree, Product):
        return reduce(times, map(to_sympy, tree.factors))
    if isinstance(tree, Power):
        return to_sympy(tree.base) ** to_sympy(tree.exponent)
    assert isinstance(tree, Call)
    function = RENAMED.get(tree.function) or getattr(sympy, tree.function)
    return function(to_sympy(tree.argument))


def from_sympy(expression: sympy.Expr) -> Expression:
    if isinstance(expression, sympy.Rational):
        return number(Fraction(int(expression.p), int(expression.q)))
    if isinstance(expression, sympy.Symbol):
        return Name(expression.name)
    if expression in (sympy.pi, sympy.E):
        return Constant("pi" if expression == sympy.pi else "e")
    if isinstance(expression, sympy.Add):
        return add(*map(from_sympy, expression.args))
    if isinstance(expression, sympy.Mul):
        return multiply(*map(from_sympy, expression.args))
    if isinstance(expression, sympy.Pow):
        return power(*map(from_sympy, expression.args))
    name = {"Abs": "abs"}.get(type(expression).__name__, type(expression).__name__)
    return Call(name, from_sympy(expression.args[0]))


def rational_tree(rng: random.Random, depth: int) -> Expression:
    if depth == 0:
        return rng.choice([Name("x"), Name("y"), number(rng.randint(-5, 5))])
    left, right = rational_tree(rng, depth - 1), rational_tree(rng, rng.randint(0, depth - 1))
    kind = rng.randrange(5)
    if kind < 2:
        return add(left, right)
    if kind == 2:
        return multiply(left, right)
    return divide(left, right) if kind == 3 else power(left, number(rng.choice([2, 3])))


def smooth_tree(rng: random.Random, depth: int) -> Expression:
    """Trees that sympy differentiates and rewrites quickly."""
    if depth == 0:
        return rng.choice([Name("x"), number(rng.randint(1, 5)), Name("x")])
    kind = rng.randrange(6)
    inner = smooth_tree(rng, depth - 1)
    if kind == 0:
        return Call(rng.choice(["sin", "cos", "exp", "atan"]), inner)
    if kind == 1:
        return Call(rng.choice(["log", "sqrt"]), add(power(inner, number(2)), number(rng.randint(1, 3))))
    other = smooth_tree(rng, rng.randint(0, depth - 1))
    if kind == 2:
        return multiply(inner, other)
    if kind == 3:
        return divide(inner, add(power(other, number(2)), number(1)))
    return add(inner, other) if kind == 4 else power(inner, number(rng.randint(2, 3)))


@pytest.mark.parametrize("seed", range(60))
def test_rational_functions_are_equal_exactly_when_sympy_cancels_their_difference(seed: int) -> None:
    rng = random.Random(seed)
    a, b = rational_tree(rng, 3), rational_tree(rng, 3)
    left, right = to_sympy(a), to_sympy(b)
    for tree in (a, b):
        if any(to_sympy(node).has(sympy.zoo, sympy.nan) for node in walk(tree)):
            assert not equal(tree, tree).result
            return
    assert equal(a, b).result is (sympy.cancel(left - right) == 0)
    for rewrite in (sympy.expand, sympy.factor, sympy.together):
        same = from_sympy(rewrite(left))
        verdict = equal(same, a)
        assert verdict.certain and verdict.result, (to_text(a), to_text(same), verdict.how)
        assert not equal(add(same, number(Fraction(1, 10**9))), a).result


@pytest.mark.parametrize("seed", range(60))
def test_derivatives_equal_those_of_sympy(seed: int) -> None:
    tree = smooth_tree(random.Random(seed), 3)
    expected = from_sympy(sympy.diff(to_sympy(tree), SYMBOLS["x"]))
    verdict = equal(derivative(tree), expected)
    assert verdict.result, (to_text(tree), to_text(expected), verdict.how)
    wrong = add(expected, divide(Name("x"), number(10**6)))
    assert not equal(derivative(tree), wrong).result
    assert antiderivative_of(tree, expected).result
    assert not antiderivative_of(add(tree, Name("x")), expected).result


@pytest.mark.parametrize(
    "text",
    [
        "sin(x)^5*cos(x)^3", "sin(x+y)*cos(x-y)", "tan(x)^2 + sin(2x)", "sin(3x)*cos(2x)/sin(x)", "cos(x)^4 - sin(x)^4",
        "exp(x)*sin(x)^2", "(sin(x)+cos(y))^4",
    ],
)  # fmt: skip
def test_sympys_trigonometric_rewritings_have_the_same_normal_form(text: str) -> None:
    tree = parse(text, "xy")
    for rewrite in (sympy.expand_trig, sympy.expand, lambda e: sympy.fu(e), sympy.trigsimp):
        same = from_sympy(rewrite(to_sympy(tree)))
        verdict = equal(same, tree)
        assert verdict.result and verdict.certain, (to_text(same), verdict.how)


@pytest.mark.parametrize(
    "text", ["x^2*exp(x)", "x*sin(x)", "log(x)", "1/(x^2-1)", "x/(x^2+1)", "exp(x)*cos(x)", "sqrt(x)", "1/(x*log(x))",
             "sin(x)^3", "(2x+1)/(x^2+x+1)", "x*log(x)^2", "1/(1+x^2)", "tan(x)", "x^3/(x+2)", "1/sqrt(1-x^2)"]
)  # fmt: skip
def test_sympys_antiderivatives_are_accepted(text: str) -> None:
    integrand = parse(text)
    answer = from_sympy(sympy.integrate(to_sympy(integrand), SYMBOLS["x"]))
    assert antiderivative_of(answer, integrand).result
    assert antiderivative_of(add(answer, Name("C")), integrand).result
    assert not antiderivative_of(multiply(number(2), answer), integrand).result
    assert not antiderivative_of(integrand, integrand).result


@pytest.mark.parametrize("seed", range(20))
def test_coefficients_equal_those_of_sympy(seed: int) -> None:
    rng = random.Random(seed)
    factors = [
        from_coefficients({(rng.randint(0, 3), rng.randint(0, 2)): Fraction(rng.randint(-9, 9), rng.randint(1, 4))
                           for _ in range(3)}, "xy")
        for _ in range(3)
    ]  # fmt: skip
    tree = add(multiply(*factors), power(factors[0], number(3)))
    expected = sympy.Poly(sympy.expand(to_sympy(tree)), SYMBOLS["x"], SYMBOLS["y"]).as_dict()
    found = coefficients(tree, ("x", "y"))
    assert found == {key: Fraction(int(v.p), int(v.q)) for key, v in expected.items() if v}
    assert equal(from_coefficients(found, "xy"), tree).certain


def test_math_verify_agrees_on_plain_answers() -> None:
    math_verify = pytest.importorskip("math_verify")
    pairs = [
        ("x^2 - 1", "(x-1)*(x+1)", True), ("x^2", "2*x", False), ("1/2", "0.5", True), ("1/3", "0.34", False),
        ("sqrt(8)", "2*sqrt(2)", True), ("sin(x)^2 + cos(x)^2", "1", True), ("2*x + 2", "2*(x+1)", True),
        ("(x+1)^2", "x^2 + 1", False), ("x/2", "x*1/2", True), ("exp(x)", "exp(2*x)", False),
    ]  # fmt: skip
    for a, b, expected in pairs:
        theirs = math_verify.verify([to_sympy(parse(a))], [to_sympy(parse(b))], timeout_seconds=None)
        assert equal(parse(a), parse(b)).result is expected is theirs, (a, b)
