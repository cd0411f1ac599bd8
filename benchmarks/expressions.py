"""How fast and how rightly equality of expressions is decided, with sympy's `simplify(a - b) == 0` beside it.

Writes the table in docs/expressions.md.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import sympy
from _tables import ROOT, machine, table, write_between

from esreason.verifiers.expressions import (
    Call,
    Constant,
    Equality,
    Expression,
    ExpressionError,
    Name,
    Number,
    Power,
    Product,
    Sum,
    antiderivative_of,
    derivative,
    equal,
    parse,
    to_text,
)
from tests.verifiers.expressions.test_hostile import HOSTILE, REFUSED

REPEATS = 5
NAMES = ("x", "y", "C")

# Kind -> (reference, answers that are equal, answers that are not).
SAMPLES: dict[str, list[tuple[str, list[str], list[str]]]] = {
    "polynomials": [
        ("(x+1)*(x-2)*(2x+3)", ["2x^3+x^2-7x-6", "(x-2)(2x^2+5x+3)"], ["2x^3+x^2-7x+6", "2x^3-x^2-7x-6"]),
        ("(x+y)^4", ["x^4+4x^3*y+6x^2*y^2+4x*y^3+y^4"], ["x^4+y^4", "x^4+4x^3*y+6x^2*y^2+4x*y^3+2y^4"]),
    ],
    "rational functions": [
        ("1/(x-1) - 1/(x+1)", ["2/(x^2-1)", "2/((x-1)(x+1))"], ["2/(x^2+1)", "2x/(x^2-1)"]),
        ("(x^3-1)/(x-1)", ["x^2+x+1"], ["x^2+x-1", "x^2-x+1"]),
    ],
    "derivatives": [
        ("2x*sin(3x) + 3x^2*cos(3x)", ["x*(2sin(3x)+3x*cos(3x))"], ["2x*sin(3x)+x^2*cos(3x)", "6x*cos(3x)"]),
        ("exp(x^2)*(2x*log(x) + 1/x)", ["2x*e^(x^2)*ln(x) + e^(x^2)/x"], ["2x*e^(x^2)*ln(x)", "e^(x^2)/x"]),
        ("-2x*sin(x^2)/(x+1) - cos(x^2)/(x+1)^2", ["-(2x(x+1)sin(x^2)+cos(x^2))/(x+1)^2"], ["-2x*sin(x^2)/(x+1)"]),
    ],
    "trigonometry": [
        ("sin(x)^2*cos(x)^2", ["sin(2x)^2/4", "(1-cos(4x))/8"], ["sin(2x)^2/2", "(1-cos(2x))/8"]),
        ("tan(x) + 1/tan(x)", ["1/(sin(x)*cos(x))", "2/sin(2x)"], ["1/sin(2x)", "tan(2x)"]),
    ],
    "radicals and logarithms": [
        ("1/(sqrt(x+1) - sqrt(x))", ["sqrt(x+1)+sqrt(x)"], ["sqrt(x+1)-sqrt(x)", "sqrt(2x+1)"]),
        ("log(x^3*sqrt(y))", ["3log(x)+log(y)/2"], ["3log(x)*log(y)/2", "log(x)+log(y)"]),
        ("sqrt(8)+sqrt(18)", ["5sqrt(2)"], ["sqrt(26)", "7.0710678"]),
    ],
}  # fmt: skip
ANTIDERIVATIVES: list[tuple[str, list[str], list[str]]] = [
    ("x*exp(2x)", ["x*e^(2x)/2 - e^(2x)/4 + C", "(2x-1)e^(2x)/4"], ["x*e^(2x)/2 + C", "x^2*e^(2x)/4"]),
    ("1/(x^2-1)", ["ln|x-1|/2 - ln|x+1|/2 + C"], ["ln|x^2-1| + C", "ln|x-1| - ln|x+1|"]),
    ("x^2*cos(x)", ["x^2*sin(x)+2x*cos(x)-2sin(x)"], ["x^2*sin(x)-2x*cos(x)-2sin(x)"]),
    ("sin(x)^3", ["cos(x)^3/3 - cos(x) + C"], ["sin(x)^4/4", "-cos(x)^4/4"]),
]


def to_sympy(tree: Expression) -> sympy.Expr:
    if isinstance(tree, Number):
        return sympy.Rational(tree.value.numerator, tree.value.denominator)
    if isinstance(tree, Constant):
        return {"pi": sympy.pi, "e": sympy.E}[tree.name]
    if isinstance(tree, Name):
        return sympy.Symbol(tree.name, positive=True)
    if isinstance(tree, Sum):
        return sympy.Add(*map(to_sympy, tree.terms))
    if isinstance(tree, Product):
        return sympy.Mul(*map(to_sympy, tree.factors))
    if isinstance(tree, Power):
        return sympy.Pow(to_sympy(tree.base), to_sympy(tree.exponent))
    assert isinstance(tree, Call)
    return getattr(sympy, {"abs": "Abs"}.get(tree.function, tree.function))(to_sympy(tree.argument))


def ours(answer: str, reference: str) -> bool:
    return equal(parse(answer, NAMES), parse(reference, NAMES)).result


def ours_antiderivative(answer: str, integrand: str) -> bool:
    verdict: Equality = antiderivative_of(parse(answer, NAMES), parse(integrand, NAMES))
    return verdict.result


def theirs(answer: str, reference: str) -> bool:
    difference = to_sympy(parse(answer, NAMES)) - to_sympy(parse(reference, NAMES))
    return bool(sympy.simplify(difference) == 0)


def theirs_antiderivative(answer: str, integrand: str) -> bool:
    slope = derivative(parse(answer, NAMES), "x")
    return theirs(to_text(slope), integrand)


def rate(decide: Callable[[str, str], bool], pairs: list[tuple[str, str, bool]], seconds: float) -> tuple[str, int]:
    """Decisions a CPU second with their spread, and the number of wrong ones."""
    wrong = sum(decide(answer, reference) is not right for answer, reference, right in pairs)
    rates = []
    for _ in range(REPEATS):
        done, begun = 0, time.process_time()
        while time.process_time() - begun < seconds:
            for answer, reference, _right in pairs:
                decide(answer, reference)
            done += len(pairs)
        rates.append(done / (time.process_time() - begun))
    middle = statistics.median(rates)
    spread = (max(rates) - min(rates)) / 2 / middle
    return f"{middle:,.0f} ±{spread:.0%}", wrong


def slowest() -> tuple[int, float]:
    """How many hostile texts the tests have, and the CPU milliseconds that the slowest takes, parsed and compared."""
    texts, spent = [*HOSTILE.values(), *REFUSED.values()], []
    for text in texts:
        begun = time.process_time()
        with suppress(ExpressionError):
            equal(parse(text, NAMES), parse("x"))
        spent.append(1000 * (time.process_time() - begun))
    return len(texts), max(spent)


def main() -> int:
    samples = {**SAMPLES, "antiderivatives": ANTIDERIVATIVES}
    rows = []
    for kind, entries in samples.items():
        pairs = [
            (answer, reference, right)
            for reference, equals, others in entries
            for answers, right in ((equals, True), (others, False))
            for answer in answers
        ]
        integrals = kind == "antiderivatives"
        mine, my_errors = rate(ours_antiderivative if integrals else ours, pairs, 0.3)
        peer, peer_errors = rate(theirs_antiderivative if integrals else theirs, pairs, 0.3)
        rows.append([kind, str(len(pairs)), mine, str(my_errors), peer, str(peer_errors)])
    text = (
        f"`benchmarks/expressions.py`, {date.today().isoformat()}; {machine()}; one core, CPU seconds, both texts "
        f"parsed each time, median of {REPEATS} repeats ± half their range. Sympy {sympy.__version__} decides by "
        "`simplify(a - b) == 0` over positive symbols, on trees translated from the same parser.\n\n"
        + table(["answers", "pairs", "decisions/s", "wrong", "sympy/s", "sympy wrong"], rows)
    )
    count, most = slowest()
    text += f"\n\nOf the {count} hostile texts of the tests the slowest takes {most:.0f} ms, parsed and compared."
    write_between(ROOT / "docs" / "expressions.md", "speed", text, "Expressions")
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
