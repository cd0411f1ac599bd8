"""Properties over random trees: printing, rewriting, perturbation, derivatives, and total parsing."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esreason.verifiers.expressions import (
    Call,
    Constant,
    Expression,
    ExpressionError,
    Name,
    Number,
    Power,
    Product,
    Sum,
    add,
    derivative,
    divide,
    enclosure,
    equal,
    free_names,
    multiply,
    negate,
    number,
    parse,
    parse_complex,
    parse_equation,
    parse_list,
    parse_matrix,
    parse_solutions,
    power,
    size,
    substitute,
    to_text,
    walk,
)
from esreason.verifiers.expressions.tree import FUNCTIONS

NAMES = ("x", "y")
QUICK = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])

numbers = st.fractions(min_value=-9, max_value=9, max_denominator=7).map(number)
leaves = st.one_of(numbers, st.sampled_from([Name("x"), Name("y"), Constant("pi"), Constant("e")]))


def compound(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        st.lists(parts, min_size=2, max_size=4).map(lambda terms: add(*terms)),
        st.lists(parts, min_size=2, max_size=4).map(lambda factors: multiply(*factors)),
        st.tuples(parts, parts).map(lambda pair: divide(*pair)),
        parts.map(negate),
        st.tuples(parts, st.one_of(parts, numbers)).map(lambda pair: power(*pair)),
        st.tuples(st.sampled_from(FUNCTIONS), parts).map(lambda pair: Call(*pair)),
    )


trees = st.recursive(leaves, compound, max_leaves=12)
polynomials = st.recursive(
    st.one_of(st.integers(-9, 9).map(number), st.sampled_from([Name("x"), Name("y")])),
    lambda parts: st.one_of(
        st.lists(parts, min_size=2, max_size=3).map(lambda terms: add(*terms)),
        st.lists(parts, min_size=2, max_size=3).map(lambda factors: multiply(*factors)),
        st.tuples(parts, st.integers(1, 4).map(number)).map(lambda pair: power(*pair)),
    ),
    max_leaves=10,
)


def value(tree: Expression, point: dict[str, mpmath.mpf]) -> mpmath.mpf | None:
    """The real value in mpmath, written apart from the package; None where some part has none."""
    if isinstance(tree, Number):
        return mpmath.mpf(tree.value.numerator) / tree.value.denominator
    if isinstance(tree, Constant):
        return {"pi": +mpmath.pi, "e": +mpmath.e}[tree.name]
    if isinstance(tree, Name):
        return point[tree.name]
    parts = tree.terms if isinstance(tree, Sum) else tree.factors if isinstance(tree, Product) else None
    if parts is not None:
        values = [value(part, point) for part in parts]
        if any(v is None for v in values):
            return None
        return mpmath.fsum(values) if isinstance(tree, Sum) else mpmath.fprod(values)
    if isinstance(tree, Power):
        base, exponent = value(tree.base, point), value(tree.exponent, point)
        if base is None or exponent is None or (base == 0 and exponent <= 0):
            return None
        if base < 0 and exponent != mpmath.floor(exponent):
            return None
        return mpmath.power(base, exponent)
    assert isinstance(tree, Call)
    argument = value(tree.argument, point)
    if argument is None:
        return None
    name = {"abs": "fabs"}.get(tree.function, tree.function)
    try:
        found = getattr(mpmath, name)(argument)
    except (ValueError, ZeroDivisionError):
        return None
    return None if isinstance(found, mpmath.mpc) or not mpmath.isfinite(found) else found


def followable(tree: Expression, point: dict[str, mpmath.mpf]) -> bool:
    """Whether every part has a value of moderate size, away from the borders of its domain."""
    for node in walk(tree):
        found = value(node, point)
        if found is None or not abs(found) < 1e6 or (found != 0 and abs(found) < 1e-6):
            return False
        if isinstance(node, Power) and isinstance(node.exponent, Number) and node.exponent.value.denominator == 1:
            continue
        if isinstance(node, Power) and (value(node.base, point) or 0) < 0:
            return False  # a whole exponent that is not written as one
    return True


@QUICK
@given(trees)
def test_printing_and_parsing_are_inverse(tree: Expression) -> None:
    text = to_text(tree)
    assert parse(text, NAMES) == tree
    assert to_text(parse(text, NAMES)) == text


@QUICK
@given(trees)
def test_size_counts_every_symbol_of_the_text_once(tree: Expression) -> None:
    assert 1 <= size(tree) <= 2 * len(to_text(tree))
    if not any(isinstance(node, Number) and (node.value < 0 or node.value.denominator > 1) for node in walk(tree)):
        text = to_text(tree).replace("(-1)", "")
        assert size(tree) >= sum(text.count(sign) for sign in "+*/^")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_parses_or_is_refused_in_one_sentence(text: str) -> None:
    for read in (parse, parse_equation, parse_list, parse_matrix, parse_solutions):
        try:
            read(text)
        except ExpressionError as error:
            assert "\n" not in str(error) and str(error).endswith((".", ")."))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="xyei0129.+-*/^()[]{}|\\ =,;!$sincoqrtlgfa_", max_size=40))
def test_any_text_of_the_grammars_letters_parses_or_is_refused(text: str) -> None:
    for read in (lambda t: to_text(parse(t, NAMES)), parse_equation, parse_list, parse_matrix, parse_complex):
        try:
            read(text)
        except ExpressionError:
            continue
    try:
        parse_solutions(text)
    except ExpressionError:
        return


@QUICK
@given(trees, st.integers(0, 10**6))
def test_enclosures_hold_the_value_of_mpmath(tree: Expression, seed: int) -> None:
    point = {"x": Fraction(seed % 1009 + 1, 512), "y": Fraction(seed % 997 + 1, -256)}
    with mpmath.workprec(400):
        reals = {name: mpmath.mpf(v.numerator) / v.denominator for name, v in point.items()}
        found = enclosure(tree, point, 100)
        if not followable(tree, reals):
            return
        expected = value(tree, reals)
        if found is None:  # a border of a domain that is touched exactly
            assert any(value(node, reals) in (0, 1, -1) for node in walk(tree))
            return
        low, high = (mpmath.mpf(bound.numerator) / bound.denominator for bound in found)
        slack = mpmath.mpf(2) ** -380 * (1 + abs(expected)) * 1e12
        assert low - slack <= expected <= high + slack


def rewritings(tree: Expression) -> list[Expression]:
    """Trees that are equal wherever the given one has a value."""
    x = Name("x")
    one = add(power(Call("sin", x), number(2)), power(Call("cos", x), number(2)))
    return [
        add(tree, x, negate(x)),
        multiply(one, tree),
        negate(negate(tree)),
        divide(multiply(tree, add(power(x, number(2)), number(1))), add(number(1), multiply(x, x))),
        add(multiply(number(Fraction(1, 3)), tree), multiply(number(Fraction(2, 3)), tree)),
        multiply(Call("exp", x), tree, Call("exp", negate(x))),
    ]


@QUICK
@given(trees, st.integers(0, 5))
def test_a_rewritten_tree_is_equal(tree: Expression, which: int) -> None:
    """Unless it has no value or cannot be followed, which is then the reason given."""
    verdict = equal(rewritings(tree)[which], tree)
    if not verdict:
        assert not verdict.certain or verdict.how.startswith("no real value anywhere")
        assert "different" not in verdict.how


@QUICK
@given(trees, st.sampled_from(["1/1000", "x", "10^(-40)", "sin(x)/7", "exp(-x^2)"]))
def test_a_perturbed_tree_is_never_equal(tree: Expression, change: str) -> None:
    assert not equal(add(tree, parse(change)), tree)


@QUICK
@given(trees, trees)
def test_equality_agrees_with_mpmath(a: Expression, b: Expression) -> None:
    verdict = equal(a, b)
    assert equal(b, a).result == verdict.result
    if not verdict:
        return
    with mpmath.workprec(200):
        for step in range(20):
            point = {"x": mpmath.mpf(2 * step - 19) / 7, "y": mpmath.mpf(17 - 3 * step) / 11}
            if followable(a, point) and followable(b, point):
                assert mpmath.almosteq(value(a, point), value(b, point), rel_eps=1e-30, abs_eps=1e-30)


def bent(tree: Expression, choice: int) -> Expression:
    """The tree under an identity that holds on a part of the plane at most."""
    u = tree
    two, half = number(2), number(Fraction(1, 2))
    v = add(Name("x"), number(choice % 5 - 2))
    return [
        Call("sqrt", power(u, two)),
        power(power(u, two), half),
        power(Call("sqrt", u), two),
        Call("abs", u),
        Call("exp", Call("log", u)),
        multiply(half, Call("log", power(Call("exp", u), two))),
        Call("asin", Call("sin", u)),
        Call("atan", Call("tan", u)),
        divide(multiply(Call("sqrt", multiply(u, v)), Call("sqrt", u)), Call("sqrt", v)),
        add(u, Call("log", multiply(u, v)), negate(Call("log", u)), negate(Call("log", v))),
        multiply(Call("abs", v), divide(u, v)),
        add(multiply(number(0), Call("log", v)), Call("abs", u)),
    ][choice // 5]


@QUICK
@given(trees, st.integers(0, 59), st.booleans())
def test_identities_that_hold_in_part_are_accepted_only_there(tree: Expression, choice: int, outside: bool) -> None:
    other = bent(tree, choice)
    a, b = (Call("sin", tree), Call("sin", other)) if outside else (tree, other)
    if not equal(a, b):
        return
    with mpmath.workprec(200):
        for step in range(60):
            point = {"x": mpmath.mpf(2 * step - 59) / 7, "y": mpmath.mpf(37 - 3 * step) / 11}
            if followable(a, point) and followable(b, point):
                assert mpmath.almosteq(value(a, point), value(b, point), rel_eps=1e-30, abs_eps=1e-30)


@QUICK
@given(polynomials, polynomials)
def test_polynomial_equality_is_decided_exactly(a: Expression, b: Expression) -> None:
    assert equal(a, b).certain
    assert equal(multiply(a, b), multiply(b, a)).result
    assert equal(power(add(a, b), number(2)), parse("u^2 + 2*u*v + v^2", ("u", "v")), domain={}).certain
    expanded = substitute(parse("u^2 + 2*u*v + v^2", ("u", "v")), {"u": a, "v": b})
    assert equal(power(add(a, b), number(2)), expanded) == equal(expanded, power(add(a, b), number(2)))
    assert equal(add(expanded, number(1)), expanded).result is False


@QUICK
@given(trees, st.integers(1, 400))
def test_derivatives_agree_with_differences(tree: Expression, step: int) -> None:
    """Against central differences in mpmath, where the function is smooth enough to tell."""
    slope = derivative(tree, "x")
    assert free_names(slope) <= free_names(tree)
    with mpmath.workprec(300):
        h = mpmath.mpf(2) ** -60
        at = {"x": mpmath.mpf(step) / 97, "y": mpmath.mpf(5) / 7}
        points = [dict(at, x=at["x"] + shift) for shift in (-h, 0, h)]
        if not all(followable(tree, point) for point in points) or not followable(slope, at):
            return
        below, _, above = (value(tree, point) for point in points)
        expected, found = (above - below) / (2 * h), value(slope, at)
        assert abs(expected - found) <= 1e-6 * (1 + abs(found))


@pytest.mark.parametrize("text", ["x + y", "x*(x + y)", "sin(x)^y", "exp(x)/y"])
def test_substitution_replaces_all_at_once(text: str) -> None:
    swapped = substitute(parse(text, NAMES), {"x": Name("y"), "y": Name("x")})
    assert to_text(swapped) == text.translate(str.maketrans("xy", "yx")).replace("eyp", "exp")
