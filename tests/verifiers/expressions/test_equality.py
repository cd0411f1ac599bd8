"""Equality by example: the classic false accepts and rejects, domains, and how each decision is reached."""

from __future__ import annotations

import subprocess
import sys

import pytest

from esreason.verifiers.expressions import POSITIVE, Interval, equal, parse

NAMES = ("x", "y", "z")

EXACTLY_EQUAL = [
    ("2x", "x + x"),
    ("1/2x", "x/2"),
    ("(x+1)(x-1)", "x^2 - 1"),
    ("(x^2-1)/(x-1)", "x + 1"),
    ("1/x + 1/y", "(x+y)/(x y)"),
    ("0.25", "1/4"),
    ("(x+y)^5", "x^5+5x^4*y+10x^3y^2+10x^2y^3+5x*y^4+y^5"),
    ("x^1000*x^-999", "x"),
    ("(x+1)^1000/(x+1)^999", "x + 1"),
    ("tan(x)", "sin(x)/cos(x)"),
    ("sin(x)^2 + cos(x)^2", "1"),
    ("sec(x)^2", "1 + tan(x)^2"),
    ("csc(x)^2 - cot(x)^2", "1"),
    ("sin(2x)", "2 sin(x) cos(x)"),
    ("cos(3x)", "4cos(x)^3 - 3cos(x)"),
    ("sin(x+y)", "sin(x)cos(y) + cos(x)sin(y)"),
    ("sin(-x)", "-sin(x)"),
    ("cos(x - pi/2)", "sin(x)"),
    ("sin(x + 2pi)", "sin(x)"),
    ("cos(pi/3)", "1/2"),
    ("sin(pi/12)", "(sqrt(6) - sqrt(2))/4"),
    ("sin(x^2+2x+1)", "sin((x+1)^2)"),
    ("sin((x^2-1)/(x-1))", "sin(x+1)"),
    ("exp(x+y)", "exp(x)exp(y)"),
    ("exp(0)", "1"),
    ("exp(2x)", "exp(x)^2"),
    ("exp(x)exp(-x)", "1"),
    ("sqrt(exp(x))", "exp(x/2)"),
    ("2^x*2^x", "4^x"),
    ("x^x", "exp(x log(x))"),
    ("sinh(x)", "(e^x - e^-x)/2"),
    ("cosh(x)^2 - sinh(x)^2", "1"),
    ("tanh(x)", "sinh(x)/cosh(x)"),
    ("log(1)", "0"),
    ("log(6)", "log(2) + log(3)"),
    ("log(100)/log(10)", "2"),
    ("log(e)", "1"),
    ("log(e^x)", "x"),
    ("log(x^2)", "2 log(x)"),
    ("log(x y)", "log(x) + log(y)"),
    ("log(sqrt(x))", "log(x)/2"),
    ("log(|x|)", "log(x)"),
    ("exp(log(x))", "x"),
    ("exp(2log(x))", "x^2"),
    ("sqrt(x)^2", "x"),
    ("sqrt(x^2)", "|x|"),
    ("|x|^2", "x^2"),
    ("|x y|", "|x||y|"),
    ("sqrt(12)", "2sqrt(3)"),
    ("1/sqrt(2)", "sqrt(2)/2"),
    ("sqrt(2)sqrt(3)", "sqrt(6)"),
    ("(1+sqrt(2))^2", "3 + 2sqrt(2)"),
    ("1/(1+sqrt(2))", "sqrt(2) - 1"),
    ("8^(1/3)", "2"),
    ("2^(1/2)*2^(1/3)", "2^(5/6)"),
    ("x/sqrt(x)", "sqrt(x)"),
    ("x^(1/3)x^(2/3)", "x"),
    ("1/(1+sqrt(x))", "(1-sqrt(x))/(1-x)"),
    ("asin(x) + acos(x)", "pi/2"),
    ("atan(-x)", "-atan(x)"),
    ("4atan(1)", "pi"),
    ("sqrt(1-x^2)*sqrt(1-x^2)", "1-x^2"),
    ("(x^2+1)^(3/2)", "(x^2+1)sqrt(x^2+1)"),
]

EQUAL_BY_POINTS = [
    ("cos(pi/5)", "(1+sqrt(5))/4"),
    ("sqrt(2)+sqrt(3)", "sqrt(5+2sqrt(6))"),
    ("(2+sqrt(5))^(1/3)", "(1+sqrt(5))/2"),
    ("log(x^2-1)", "log(x-1) + log(x+1)"),
    ("sqrt((1+x)/(1-x))", "sqrt(1-x^2)/(1-x)"),
    ("cos(acos(x))", "x"),
    ("sin(acos(x))", "sqrt(1-x^2)"),
    ("atan(x)", "asin(x/sqrt(1+x^2))"),
    ("sqrt(x^2+2x+1)", "|x+1|"),
    ("(x+1)^1000", "(x^2+2x+1)^500"),
]

UNEQUAL = [
    ("x^2", "2x"),
    ("1/2x", "1/(2x)"),
    ("sqrt(x^2)", "x"),
    ("|x|", "x"),
    ("sqrt(x+y)", "sqrt(x)+sqrt(y)"),
    ("sin(x)", "x"),
    ("sin(x)", "cos(x)"),
    ("sin(x^2)", "sin(x)^2"),
    ("e^(x^2)", "(e^x)^2"),
    ("log(x+y)", "log(x)+log(y)"),
    ("log(x)^2", "log(x^2)"),
    ("pi", "355/113"),
    ("pi", "3.14159265358979"),
    ("0.333", "1/3"),
    ("0.3333333333333333", "1/3"),
    ("sqrt(2)", "1.41421356237309504880168872420969807856967187537694"),
    ("x + 10^-30", "x"),
    ("x + 10^-300", "x"),
    ("sin(x) + 10^-300", "sin(x)"),
    ("sin(x + 10^-300)", "sin(x)"),
    ("sin(x)*(1 + 10^-100)", "sin(x)"),
    ("sin((1 + 10^-60)x)", "sin(x)"),
    ("exp(pi*sqrt(163))", "262537412640768744"),
    ("cos(10^-50)", "1"),
    ("tanh(1000)", "1"),
    ("atan(10^50)", "pi/2"),
    ("exp(-exp(9)) + x", "x"),
    ("sin(x + exp(-exp(9)))", "sin(x)"),
    ("(1 + 10^-200)^pi", "1"),
    ("123456789123456789x", "123456789123456788x"),
    ("x + 2305843009213693951", "x"),
    ("2305843009213693951 sin(x)", "0"),
    ("(x+1)^1000", "(x^2+2x+1)^500 + 1"),
    ("(x+1)^1000", "(x+1)^999"),
    ("x^1000 + x", "x^1000"),
    ("atan(x) + atan(1/x)", "pi/2"),
    ("|x+1000|", "x+1000"),
    ("sqrt((x-900)^2)", "x - 900"),
    ("sqrt((-25/(3x) + e + pi^pi)^2)", "-25/(3x) + e + pi^pi"),  # negative for 0 < x < 0.21 only
    ("sqrt((x-3.001)^2*(x-3)^2)", "(x-3)(x-3.001)"),
    ("sqrt((x^3-20x+1)^2) + x", "x^3 - 19x + 1"),
    ("sqrt(x^4+4x^3+4x^2)", "x^2 + 2x"),
    ("|x^2+y^2-1000|", "1000-x^2-y^2"),
    ("asin(sin(x))", "x"),
    ("asin(sin(x/100000))", "x/100000"),
    ("acos(cos(x/50))", "x/50"),
    ("atan(tan(x+7))", "x+7"),
    ("x", "y"),
    ("x + z", "x + y"),
    ("2", "3"),
    ("e", "2.718281828459045"),
    ("log(2)", "0.6931471805599453"),
    ("x^(1/3)", "x^(1/2)"),
    ("sin(x)", "sin(x + 1/10^20)"),
]

NOWHERE = [
    ("1/0", "1/0"),
    ("(x-x)^-1", "1"),
    ("0^0", "1"),
    ("x + 0/0", "x"),
    ("0*log(-1)", "0"),
    ("sqrt(-1)^2", "-1"),
    ("0*log(x-x)", "0"),
    ("log(-1-x^2)", "log(-1-x^2)"),
    ("sqrt(-x^2-1)", "sqrt(-x^2-1)"),
    ("asin(2)", "asin(2)"),
    ("log(x) + log(-x)", "log(x) + log(-x)"),
    ("1/(sin(x)^2 + cos(x)^2 - 1)", "1"),
    ("tan(pi/2)", "tan(pi/2)"),
    ("0/(x - x)", "0"),
]


@pytest.mark.parametrize(("a", "b"), EXACTLY_EQUAL)
def test_equal_by_normal_form(a: str, b: str) -> None:
    verdict = equal(parse(a, NAMES), parse(b, NAMES))
    assert verdict.result and verdict.certain, verdict.how
    assert equal(parse(b, NAMES), parse(a, NAMES)).result


@pytest.mark.parametrize(("a", "b"), EQUAL_BY_POINTS)
def test_equal_by_evaluation(a: str, b: str) -> None:
    verdict = equal(parse(a, NAMES), parse(b, NAMES))
    assert verdict.result and not verdict.certain, verdict.how


@pytest.mark.parametrize(("a", "b"), UNEQUAL)
def test_unequal(a: str, b: str) -> None:
    for left, right in ((a, b), (b, a)):
        verdict = equal(parse(left, NAMES), parse(right, NAMES))
        assert not verdict.result, verdict.how
        assert verdict.certain or verdict.how.startswith("could not be decided")


@pytest.mark.parametrize(("a", "b"), NOWHERE)
def test_an_expression_without_a_value_equals_nothing(a: str, b: str) -> None:
    verdict = equal(parse(a, NAMES), parse(b, NAMES))
    assert not verdict.result
    assert verdict.how.startswith(("no real value anywhere", "no point was found", "could not be decided"))


@pytest.mark.parametrize(
    ("a", "b", "domain", "expected"),
    [
        ("sqrt(x^2)", "x", POSITIVE, True),
        ("sqrt(x^2)", "x", (None, 0), False),
        ("sqrt(x^2)", "-x", (None, 0), True),
        ("|x - 1|", "1 - x", (-1, 1), True),
        ("|x - 1|", "1 - x", (-1, 2), False),
        ("atan(x) + atan(1/x)", "pi/2", POSITIVE, True),
        ("asin(sin(x))", "x", (-1, 1), True),
        ("log(x)", "log(x)", (None, 0), False),
    ],
)
def test_domain(a: str, b: str, domain: Interval, expected: bool) -> None:
    assert equal(parse(a), parse(b), domain={"x": domain}).result is expected


@pytest.mark.parametrize(
    ("answer", "reference", "loose", "covering"),
    [
        ("2log(x)", "log(x^2)", True, False),
        ("log(x^2)", "2log(x)", True, True),
        ("exp(log(x))", "x", True, False),
        ("x + 0*log(x)", "x", True, False),
        ("(x^2-1)/(x-1)", "x+1", True, True),
        ("sin(x)/cos(x)", "tan(x)", True, True),
        ("sqrt(x)^2", "|x|", True, False),
        ("2log(|x|)", "log(x^2)", True, True),
    ],
)
def test_covering_wants_a_value_wherever_the_reference_has_one(
    answer: str, reference: str, loose: bool, covering: bool
) -> None:
    assert equal(parse(answer), parse(reference)).result is loose
    assert equal(parse(answer), parse(reference), covering=True).result is covering


def test_the_imaginary_unit_is_not_compared() -> None:
    tree = parse("i^2", imaginary=True)
    assert not equal(tree, parse("-1")).result


def test_a_verdict_is_the_same_in_every_process() -> None:
    code = (
        "from esreason.verifiers.expressions import equal, parse\n"
        "for a, b in [('sqrt(x^2+2x+1)', 'abs(x+1)'), ('(x+1)^900', '(x^2+2x+1)^450'), ('sin(x+y)', 'sin(x)+y')]:\n"
        "    print(equal(parse(a, 'xy'), parse(b, 'xy')))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(outputs) == 1
