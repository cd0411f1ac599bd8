"""The grammar by example: what is read how, what is refused, and where the limits are."""

from __future__ import annotations

import pytest

from esreason.verifiers.expressions import ExpressionError, Name, Number, parse, size, to_text
from esreason.verifiers.expressions.grammar import MAX_DEPTH, MAX_EXPONENT, MAX_NODES
from esreason.verifiers.expressions.tokens import MAX_DIGITS, MAX_LENGTH

READ = [
    ("2x", "2*x"),
    ("2(x+1)", "2*(x + 1)"),
    ("x sin(x)", "x*sin(x)"),
    ("xsin(x)", "x*sin(x)"),
    ("xe^x", "x*exp(x)"),
    ("(x+1)(x-1)", "(x + 1)*(x - 1)"),
    ("x(x+1)", "x*(x + 1)"),
    ("x^2y", "x^2*y"),
    ("x^2(x+1)", "x^2*(x + 1)"),
    ("1/2x", "1/2*x"),  # a product without a sign binds as * does: (1/2)*x
    ("1/(2x)", "1/(2*x)"),
    ("x/y z", "x/y*z"),
    ("x^1/2", "x^1/2"),
    ("x^(1/2)", "x^(1/2)"),
    ("-x^2", "-x^2"),
    ("(-x)^2", "(-x)^2"),
    ("2^-3", "2^(-3)"),
    ("2^3^2", "2^(3^2)"),
    ("x**2", "x^2"),
    ("--x", "x"),
    ("x - -y", "x + y"),
    ("x--3", "x + 3"),
    ("a/b/c", "a/b/c"),
    ("a/(b/c)", "a/(b/c)"),
    ("6/4", "3/2"),
    ("0.125", "1/8"),
    (".5x", "1/2*x"),
    ("e^x", "exp(x)"),
    ("e", "e"),
    ("2e^(2x)", "2*exp(2*x)"),
    ("pi r^2", "pi*r^2"),
    ("ln(x)", "log(x)"),
    ("ln x", "log(x)"),
    ("ln|x|", "log(abs(x))"),
    ("|x - |y||", "abs(x - abs(y))"),
    ("2|x|y", "2*abs(x)*y"),
    ("arctan(x)", "atan(x)"),
    ("sin^2(x)", "sin(x)^2"),
    ("sin^2 x + cos^2 x", "sin(x)^2 + cos(x)^2"),
    ("sin x cos x", "sin(x)*cos(x)"),
    ("sin(x)^2", "sin(x)^2"),
    ("sin(x)(x+1)", "sin(x)*(x + 1)"),
    (r"\frac{1}{2}x^{2}", "1/2*x^2"),
    (r"\dfrac{x+1}{\sqrt{x}}", "(x + 1)/sqrt(x)"),
    (r"\sqrt[3]{x}", "x^(1/3)"),
    (r"\left(x+1\right)^{2}", "(x + 1)^2"),
    (r"2 \cdot x \times y", "2*x*y"),
    (r"\sin(x)\,\ln{x}", "sin(x)*log(x)"),
    (r"$\boxed{x^2}$", "x^2"),
    (r"\(x+1\)", "x + 1"),
    (r"$$x$$", "x"),
    ("x − y · z", "x - y*z"),
    ("x^2 + 1.", "x^2 + 1"),
    ("x²y + x¹⁰", "x^2*y + x^10"),
    ("sin²(x)", "sin(x)^2"),
    ("2√3 + √(x + 1)", "2*sqrt(3) + sqrt(x + 1)"),
    (r"\frac12x", "1/2*x"),
    (r"\frac1x + \dfrac{1}2 + \frac x y", "1/x + 1/2 + x/y"),
    (r"\sqrt2x + \sqrt x + \sqrt[3]2", "sqrt(2)*x + sqrt(x) + 2^(1/3)"),
    ("  x\n+\t1 ", "x + 1"),
    ("x +\r\n 1", "x + 1"),
    ("(\nx\n)\n", "x"),
]

REFUSED = [
    "", " ", ".", "()", "(", ")", "x)", "(x", "|x", "x|", "{x)", "[x]", "x +", "* x", "x ** ", "x^", "/2",
    "1 2", "x 2", "2 3x", "x2", "(x)2", "1e5", "1.2.3", "1,000", "x!", "5!", "x = 2", "x == 2", "x < 2", "x := 3",
    "sin", "sin + 1", "sin 2x", "log x^2", "sin^-1(x)", "sin^(1/2)(x)", "sin^x(x)", "f(x)", "w", "nan", "inf", "oo",
    "Integral(x)", "integrate(x, x)", "diff(x^2)", "limit(x)", "d/dx", "log(x, 2)", "log_2(x)", "max(1, 2)",
    "x if x else 1", "lambda x: x", "__import__('os')", "x.real", "x[0]", "'x'", '"x"', "x;y", "x#1", "x%2", "x//2",
    "x & y", "~x", "x⁻¹", "√2x", "√", "½", "٣", "３", "x∞", r"\int x", r"\sum{x}", r"\input{x}", "∫x", "x'",
    "C", "True", "None", "i", "x\x00", "\ud800", r"\sqrt[x]{2}", r"\sqrt[0]{2}", "x_1", "X", "Sin(x)", "x\\",
    r"\x", r"2\e", "$x$ $y$", r"\sqrt[", r"\sqrt[2", r"\sqrt[2]", r"\sqrt", r"\frac", r"\frac{1}",
    r"\frac123", r"\frac{1}23", r"\frac1.5", r"\sqrt23", r"\sqrt\frac12",
    "x\ny", "1\nx", "x\n-1", "x\r2",
]  # fmt: skip


@pytest.mark.parametrize(("text", "printed"), READ)
def test_reads(text: str, printed: str) -> None:
    assert to_text(parse(text, "abcrxyz")) == printed


@pytest.mark.parametrize("text", REFUSED)
def test_refuses(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"^[^\n]+\.$"):
        parse(text, ("x", "y"))


def test_an_allowed_name_wins_over_a_constant_and_functions_win_over_names() -> None:
    assert parse("e", ("e",)) == Name("e")
    assert to_text(parse("sin(x)", ("x", "sin"))) == "sin(x)"
    assert parse("x_1", ("x_1",)) == Name("x_1")


def test_a_word_with_two_readings_is_refused() -> None:
    with pytest.raises(ExpressionError, match="more than one way"):
        parse("asinx", ("a", "x"))
    with pytest.raises(ExpressionError, match="more than one way"):
        parse("abab", ("a", "b", "ab"))


@pytest.mark.parametrize(
    ("inside", "outside", "reason"),
    [
        ("1" * MAX_DIGITS, "1" * (MAX_DIGITS + 1), "digits"),
        ("(" * (MAX_DEPTH - 1) + "x" + ")" * (MAX_DEPTH - 1), "(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH, "nested"),
        ("x^" * (MAX_DEPTH - 1) + "x", "x^" * MAX_DEPTH + "x", "nested"),
        (f"x^{MAX_EXPONENT}", f"x^{MAX_EXPONENT + 1}", "exponent"),
        (f"x^(-{MAX_EXPONENT})", f"x^(1/{MAX_EXPONENT + 1})", "exponent"),
        ("x" + " " * (MAX_LENGTH - 1), "x" + " " * MAX_LENGTH, "longer"),
        ("+".join("x" * (MAX_NODES - 1)), "x" + "*x" * (MAX_NODES - 1) + "x", "parts"),
    ],
)
def test_limits(inside: str, outside: str, reason: str) -> None:
    parse(inside)
    with pytest.raises(ExpressionError, match=reason):
        parse(outside)


def test_signs_in_any_number_need_no_depth() -> None:
    assert parse("-" * 3000 + "x") == Name("x")
    assert to_text(parse("-" * 3001 + "x")) == "-x"


@pytest.mark.parametrize(
    ("text", "nodes"),
    [("x", 1), ("-3/4", 1), ("-x", 2), ("x - 1", 3), ("x - 2*y", 5), ("x/y", 3), ("1/x", 3), ("x^2", 3), ("sin(x)", 2),
     ("sqrt(x)", 2), ("e^x", 2), ("2*(x + 1)", 5), ("x*(x + 1)/2", 7), ("1/x^2", 5), ("x - y/x", 5), ("e", 1)],
)  # fmt: skip
def test_size(text: str, nodes: int) -> None:
    assert size(parse(text, ("x", "y"))) == nodes


def test_decimals_are_exact() -> None:
    tree = parse("0.1")
    assert isinstance(tree, Number)
    assert (tree.value.numerator, tree.value.denominator) == (1, 10)
