"""Equations, solutions, lists, matrices, complex numbers, antiderivatives and exact values."""

from __future__ import annotations

import doctest
from fractions import Fraction
from pathlib import Path

import pytest

from esreason.verifiers.expressions import (
    ExpressionError,
    Name,
    antiderivative_of,
    coefficients,
    derivative,
    enclosure,
    from_coefficients,
    parse,
    parse_complex,
    parse_equation,
    parse_list,
    parse_matrix,
    parse_solutions,
    rational_value,
    to_text,
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x = 2 or x = -3", ["2", "-3"]),
        ("x=2, x=-3", ["2", "-3"]),
        ("x = 2 and x = -3", ["2", "-3"]),
        ("x = 2; -3", ["2", "-3"]),
        ("2, -3", ["2", "-3"]),
        ("{2, -3}", ["2", "-3"]),
        (r"x \in \{2, -3\}", ["2", "-3"]),
        ("x in {1/2}", ["1/2"]),
        ("x = {2, -3}", ["2", "-3"]),
        ("x_1 = 2, x_2 = 3", ["2", "3"]),
        ("x == 2 or x == -3", ["2", "-3"]),
        ("x = ±2", ["2", "-2"]),
        (r"$x = 1 \pm \sqrt{2}$", ["1 + sqrt(2)", "1 - sqrt(2)"]),
        (r"$x = 2$ or $x = -3$", ["2", "-3"]),
        (r"\boxed{2}, \boxed{-3}", ["2", "-3"]),
        ("x = (1+sqrt(5))/2 or x = (1-sqrt(5))/2", ["(1 + sqrt(5))/2", "(1 - sqrt(5))/2"]),
        ("x = a/2", ["a/2"]),
        ("no solution", []),
        ("No real solutions.", []),
        ("{}", []),
    ],
)
def test_solutions(text: str, values: list[str]) -> None:
    assert [to_text(value) for value in parse_solutions(text, names=("a",))] == values


@pytest.mark.parametrize(
    "text",
    ["", "x", "x =", "x = x", "x = 2 or", "or x = 2", "x = 2, 2", "x = 1/2 or x = 0.5", "x = 2 or y = 3", "2 = x",
     "x = sqrt(4) or x = 2", "x = ±0", "x = ±1 ± 2", "x != 2", "x = 1,,2", "x = 2 nor 3", "x = 1 or x = 2 = 3",
     ",".join(map(str, range(30))), "x = 9^9^9^9 or x = 9^9^9^9 + 1", "{2", "x = [2", "x === 2", "x = = 2",
     "x == 2 = 2", "== 2", "x == 2 == 2", "2 == x", "x == 2 or x != 2", "x == 2 == True"],
)  # fmt: skip
def test_solutions_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"\.$"):
        parse_solutions(text)


def test_equations() -> None:
    left, right = parse_equation("x^2 = 2x + 1")
    assert (to_text(left), to_text(right)) == ("x^2", "2*x + 1")
    for text in ("x", "x = 1 = 2", "x <= 1", "x >= 1", "x != 1", "x := 1", "= 1", "x ="):
        with pytest.raises(ExpressionError):
            parse_equation(text)


def test_lists_and_matrices() -> None:
    assert [to_text(part) for part in parse_list("[1, x^2, 2(x+1)]")] == ["1", "x^2", "2*(x + 1)"]
    assert [to_text(part) for part in parse_list("1; 2")] == ["1", "2"]
    assert [to_text(part) for part in parse_list(r"$x$, $2$")] == ["x", "2"]
    assert [to_text(part) for part in parse_list(r"\boxed{x}, \boxed{2}")] == ["x", "2"]
    assert [to_text(part) for part in parse_list("(x+1)*(x+2)")] == ["(x + 1)*(x + 2)"]
    expected = [["1", "1/2"], ["-3", "4"]]
    for text in (
        "[[1, 1/2], [-3, 4]]", "((1, 1/2), (-3, 4))", "1, 1/2; -3, 4", "[1, 1/2; -3, 4]",
        r"\begin{pmatrix} 1 & \frac{1}{2} \\ -3 & 4 \end{pmatrix}", "[[1,0.5],[-3,4]]",
    ):  # fmt: skip
        assert [[to_text(entry) for entry in row] for row in parse_matrix(text)] == expected, text
    assert [[to_text(entry) for entry in row] for row in parse_matrix("[[7]]")] == [["7"]]
    for text in ("[[1, 2], [3]]", "[[1, 2], ]", "[]", "[[1, 2] [3, 4]]", "[[1, 2], [3, 4]"):
        with pytest.raises(ExpressionError):
            parse_matrix(text)


@pytest.mark.parametrize(
    ("text", "real", "imaginary"),
    [("3 + 4i", "3", "4"), ("i^2", "-1", "0"), ("(1+i)^10", "0", "32"), ("1/(1+i)", "1/2", "-1/2"), ("-i", "0", "-1"),
     ("(3+4i)(3-4i)", "25", "0"), ("2i/3", "0", "2/3"), ("(2+i)/(1-i)", "1/2", "3/2"), ("i^-3", "0", "1")],
)  # fmt: skip
def test_complex_numbers(text: str, real: str, imaginary: str) -> None:
    assert parse_complex(text) == (Fraction(real), Fraction(imaginary))


@pytest.mark.parametrize("text", ["x", "sqrt(2)", "1/0", "1/(i^2+1)", "i^i", "(1+i)^9999^9999", "pi i"])
def test_complex_numbers_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_complex(text)


@pytest.mark.parametrize(
    ("answer", "integrand", "accepted"),
    [
        ("x^2", "2x", True),
        ("x^2 + C", "2x", True),
        ("x^2 - 3C", "2x", True),
        ("C + x^2 + 7", "2x", True),
        ("x^2 + c", "2x", True),
        ("C*x^2", "2x", False),
        ("x^2 + C*x", "2x", False),
        ("x^2 + sin(C)", "2x", True),
        ("(2x^2 + C)/2", "2x", True),
        ("x^2 + C/2 + c", "2x", True),
        ("x^2*C", "2x", False),
        ("x^(2 + 0*C)", "2x", True),
        ("log(C*x)", "1/x", True),
        ("C", "0", True),
        ("C", "x", False),
        ("2x", "2x", False),
        ("log(x)", "1/x", True),
        ("log(|x|)", "1/x", True),
        ("ln|x| + C", "1/x", True),
        ("log(-x)", "1/x", True),
        ("log(3x)", "1/x", True),
        ("log(x^2)/2", "1/x", True),
        ("log(x)", "1/x^2", False),
        ("log(-1-x^2)", "2x/(1+x^2)", False),
        ("log(1+x^2)", "2x/(1+x^2)", True),
        ("x^2/2 + 1/0", "x", False),
        ("x^2/2 + log(-1)", "x", False),
        ("x^2/2 + 0^0", "x", False),
        ("x*exp(x) - exp(x)", "x e^x", True),
        ("-cos(x)^2/2", "sin(x)cos(x)", True),
        ("sin(x)^2/2", "sin(x)cos(x)", True),
        ("-cos(2x)/4", "sin(x)cos(x)", True),
        ("atan(x)", "1/(1+x^2)", True),
        ("-log(|cos(x)|)", "tan(x)", True),
        ("log(|sec(x)|)", "tan(x)", True),
        ("2/3*x^(3/2)", "sqrt(x)", True),
        ("x^3/3 + 10^-9*x", "x^2", False),
        ("asin(x)", "1/sqrt(1-x^2)", True),
        ("x*|x|/2", "|x|", True),
        ("2^x/log(2)", "2^x", True),
    ],
)
def test_antiderivatives(answer: str, integrand: str, accepted: bool) -> None:
    verdict = antiderivative_of(parse(answer, ("x", "C", "c")), parse(integrand))
    assert verdict.result is accepted, verdict.how


def test_a_parameter_of_the_integrand_is_no_constant_of_integration() -> None:
    names = ("x", "c")
    assert antiderivative_of(parse("c*x^2/2", names), parse("c*x", names)).result
    assert antiderivative_of(parse("c*x^2/2 + c", names), parse("c*x", names)).result
    assert not antiderivative_of(parse("x^2/2 + c", names), parse("c*x", names)).result


def test_coefficients() -> None:
    assert coefficients(parse("(x+1)^3 - x^3")) == {(0,): 1, (1,): 3, (2,): 3}
    assert coefficients(parse("(x^2-1)/(x-1)")) == {(0,): 1, (1,): 1}
    assert coefficients(parse("x - x")) == {}
    assert to_text(from_coefficients({(2,): Fraction(1, 2), (0,): -3, (1,): 1})) == "1/2*x^2 + x - 3"
    for text in ("1/x", "sqrt(x)", "sin(x)", "y", "sqrt(2)*x", "x^(1/2)*x^(1/2)*pi", "1/0", "|x|", "10^5000*x"):
        with pytest.raises(ExpressionError):
            coefficients(parse(text, ("x", "y")))


def test_exact_values_and_enclosures() -> None:
    assert rational_value(parse("(1/3 + 1/6)^2")) == Fraction(1, 4)
    assert rational_value(parse("x^2/2"), {"x": Fraction(3)}) == Fraction(9, 2)
    assert len(str(rational_value(parse("2^6999")))) == 2_107  # whatever has a value can be written out
    for text in ("x", "sqrt(4)", "1/0", "0^0", "9^9^9^9", "pi", "10^4300", "1/10^5000"):
        assert rational_value(parse(text)) is None
    found = enclosure(parse("sqrt(x)"), {"x": Fraction(2)}, 200)
    assert found is not None
    low, high = found
    assert low**2 < 2 < high**2 and high - low < Fraction(1, 2**190)
    assert enclosure(parse("log(x)"), {"x": Fraction(-1)}) is None
    assert enclosure(parse("x")) is None


def test_derivatives_are_written_plainly() -> None:
    shown = {text: to_text(derivative(parse(text, "xy"))) for text in ("x^3", "3*x^2 + y", "sin(2*x)", "x*exp(x)", "y")}
    assert shown == {
        "x^3": "3*x^2",
        "3*x^2 + y": "6*x",
        "sin(2*x)": "2*cos(2*x)",
        "x*exp(x)": "exp(x) + x*exp(x)",
        "y": "0",
    }
    assert derivative(parse("x^2/2")) == Name("x") or to_text(derivative(parse("x^2/2"))) == "x"
    with pytest.raises(ExpressionError, match="parts"):
        derivative(parse("*".join("x" * 400)))


def test_the_examples_of_the_guide() -> None:
    guide = Path(__file__).resolve().parents[3] / "docs" / "expressions.md"
    failed, tried = doctest.testfile(str(guide), module_relative=False)
    assert tried >= 4 and failed == 0
