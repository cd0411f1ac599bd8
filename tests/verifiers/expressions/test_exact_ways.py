"""The two cheap exact ways, calls as variables and surds, against sympy."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import sympy

from esreason.verifiers.expressions import (
    Call,
    Expression,
    Name,
    Number,
    Power,
    Product,
    Sum,
    derivative,
    equal,
    is_root,
    parse,
    surd_value,
    to_text,
)
from esreason.verifiers.expressions.opaque import agree

X = sympy.Symbol("x", real=True)


def unknown(tree: Expression, roots: bool = False) -> sympy.Expr:
    """The expression with a function of which nothing is known in place of every call, or with its square roots."""
    if isinstance(tree, Number):
        return sympy.Rational(tree.value.numerator, tree.value.denominator)
    if isinstance(tree, Name):
        return X
    if isinstance(tree, Sum):
        return sympy.Add(*(unknown(term, roots) for term in tree.terms))
    if isinstance(tree, Product):
        return sympy.Mul(*(unknown(factor, roots) for factor in tree.factors))
    if isinstance(tree, Power):
        return unknown(tree.base, roots) ** unknown(tree.exponent, roots)
    assert isinstance(tree, Call)
    if roots:
        return sympy.sqrt(unknown(tree.argument, roots))
    return sympy.Function(f"any_{tree.function}")(sympy.expand(unknown(tree.argument)))


def factor_of(rng: random.Random) -> str:
    inner = rng.choice(["x", "2*x", "x^2 + 1", "1 + x*x", "3*x - 1", "-(1 - 3*x)", "x*2"])
    kind = rng.randrange(6)
    if kind == 0:
        return str(rng.randint(1, 4))
    if kind == 1:
        return rng.choice(["x", "x^2", "x^(-1)", "x^3/2"])
    if kind == 2:
        return f"({inner})^({rng.choice([-2, -1, 1, 2])})"
    call = f"{rng.choice(['sin', 'cos', 'exp'])}({inner})"
    return call if kind < 5 else f"{call}^{rng.randint(2, 3)}"


def sum_of(rng: random.Random) -> list[list[str]]:
    return [[factor_of(rng) for _ in range(rng.randint(1, 4))] for _ in range(rng.randint(1, 4))]


def written(terms: list[list[str]], rng: random.Random) -> str:
    rows = ["*".join(rng.sample(factors, len(factors))) for factors in rng.sample(terms, len(terms))]
    return " + ".join(rows)


@pytest.mark.parametrize("seed", range(60))
def test_calls_as_variables(seed: int) -> None:
    rng = random.Random(seed)
    terms = sum_of(rng)
    tree = parse(written(terms, rng))
    assert agree(tree, parse(written(terms, rng)))
    assert agree(parse(f"2*({written(terms, rng)})"), parse(f"({written(terms, rng)})*4/2"))
    for _ in range(4):
        changed = [list(factors) for factors in terms]
        row = rng.choice(changed)
        row[rng.randrange(len(row))] = factor_of(rng)
        other = parse(written(changed, rng))
        difference = sympy.expand(unknown(tree) - unknown(other))
        if agree(tree, other):
            assert difference == 0 or sympy.simplify(difference) == 0, f"{to_text(tree)} is not {to_text(other)}"
        else:  # not more than that: some equalities need the normal form
            assert difference != 0, f"{to_text(tree)} is {to_text(other)}"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sin(x)^2 + cos(x)^2", "1"),
        ("exp(2*x)", "exp(x)^2"),
        ("x^0", "1"),
        ("(x - x)^0*sin(x)", "sin(x)"),
        ("sin(x)/0", "cos(x)/0"),
        ("2^9999*sin(x)", "2^9999*sin(x)"),
        ("sin(x) + 10^(-400)", "sin(x)"),
    ],
)
def test_calls_as_variables_prove_nothing_more(left: str, right: str) -> None:
    assert not agree(parse(left), parse(right))


def test_an_expression_without_a_value_equals_nothing_though_its_terms_cancel() -> None:
    assert not equal(parse("sqrt(-1 - x^2) + sin(x)"), parse("sin(x) + sqrt(-1 - x^2)"))
    assert not equal(parse("sin(x) + log(-x^2)*0"), parse("sin(x)"))


@pytest.mark.parametrize("seed", range(80))
def test_surds(seed: int) -> None:
    rng = random.Random(seed)
    of = rng.choice([2, 3, 5, 8, 12, 45, 50, Fraction(2, 3), 98, 7921 * 2])

    def part(depth: int) -> str:
        if not depth:
            numbers = [str(rng.randint(-6, 6)), f"{rng.randint(1, 9)}/4", "sqrt(9)"]
            return rng.choice([f"sqrt({of})", f"({of})^(1/2)", *numbers])
        sign = rng.choice("+-*/")
        return f"({part(depth - 1)}){sign}({part(rng.randrange(depth))})" + ("^2" if sign != "/" and depth == 1 else "")

    text = part(rng.randint(0, 3))
    found = surd_value(parse(text))
    value = unknown(parse(text), roots=True)
    if not value.is_finite:
        assert found is None
        return
    assert found is not None, text
    shown = sympy.Rational(str(found.a)) + sympy.Rational(str(found.b)) * sympy.sqrt(found.of)
    assert sympy.radsimp(value - shown).expand() == 0, text
    minimal = sympy.Poly(sympy.minimal_polynomial(value, X), X).all_coeffs()[::-1]
    row = [Fraction(int(coefficient)) for coefficient in minimal]
    assert is_root(found, row)
    assert not is_root(found, [row[0] + Fraction(1, 10**30), *row[1:]])


@pytest.mark.parametrize(
    "text",
    ["sqrt(2) + sqrt(3)", "sqrt(-4)", "sqrt(sqrt(2))", "1/(sqrt(4) - 2)", "0^0", "pi", "2^(1/3)", "9^9^9", "x", "0/0"],
)
def test_no_surds(text: str) -> None:
    assert surd_value(parse(text)) is None


def test_the_slope_of_the_logarithm_of_an_absolute_value() -> None:
    assert to_text(derivative(parse("log(abs(3*x + 1))"))) == "3/(3*x + 1)"
    assert not equal(derivative(parse("log(abs(sin(x)))")), parse("tan(x)"))
