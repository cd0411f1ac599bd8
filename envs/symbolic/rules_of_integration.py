"""Antiderivatives of single terms: powers, functions of an inner function times its derivative, and by parts."""

from __future__ import annotations

from fractions import Fraction

from esreason.verifiers.expressions import (
    Call,
    Expression,
    ExpressionError,
    Name,
    Number,
    Power,
    Product,
    add,
    coefficients,
    derivative,
    free_names,
    from_coefficients,
    multiply,
    number,
    power,
    to_text,
)

_X = Name("x")
Parts = tuple[Fraction, list[Expression]]
"""A number and the other factors."""


def antiderivative(term: Expression) -> Expression:
    """An antiderivative of a term that is no sum; ValueError where no rule fits."""
    factor, rest = _split(term)
    if not rest:
        return _times(factor, _X)
    if len(rest) == 1 and _exponent(rest[0]) is not None:
        return _power_rule(factor, _X, _exponent(rest[0]) or Fraction(0))
    for place, outer in enumerate(rest):
        others = rest[:place] + rest[place + 1 :]
        found = _substituted(factor, outer, others) or _by_parts(factor, outer, others)
        if found is not None:
            return found
    raise ValueError("the solver knows no rule for this integral")


def _split(term: Expression) -> Parts:
    factor, rest = Fraction(1), list[Expression]()
    for part in term.factors if isinstance(term, Product) else (term,):
        if isinstance(part, Number):
            factor *= part.value
        else:
            rest.append(part)
    return factor, rest


def _times(factor: Fraction, tree: Expression) -> Expression:
    return tree if factor == 1 else multiply(number(factor), tree)


def _exponent(tree: Expression) -> Fraction | None:
    """n where the tree is x^n."""
    if tree == _X:
        return Fraction(1)
    if isinstance(tree, Power) and tree.base == _X and isinstance(tree.exponent, Number):
        return tree.exponent.value
    return None


def _power_rule(factor: Fraction, base: Expression, exponent: Fraction) -> Expression:
    if exponent == -1:
        return _times(factor, Call("log", Call("abs", base)))
    raised = base if exponent == 0 else power(base, number(exponent + 1))
    return _times(factor / (exponent + 1), raised)


def _substituted(factor: Fraction, outer: Expression, others: list[Expression]) -> Expression | None:
    """By substitution: the other factors are a multiple of the derivative of what stands inside."""
    if isinstance(outer, Power) and isinstance(outer.exponent, Number):
        inner = outer.base
    elif isinstance(outer, Call):
        inner = outer.argument
    else:
        return None
    ratio = _ratio(multiply(*others), derivative(inner))
    if ratio is None:
        return None
    if isinstance(outer, Power) and isinstance(outer.exponent, Number):
        return _power_rule(factor * ratio, inner, outer.exponent.value)
    function = outer.function if isinstance(outer, Call) else ""
    whole = {"sin": ("cos", -1), "cos": ("sin", 1), "exp": ("exp", 1)}.get(function)
    return _times(factor * ratio * whole[1], Call(whole[0], inner)) if whole else None


def _ratio(a: Expression, b: Expression) -> Fraction | None:
    """The number that a is times b, where both are polynomials or the same but for a number."""
    try:
        first, second = coefficients(a), coefficients(b)
        ratios = {first.get(key, Fraction(0)) / value for key, value in second.items()}
        return ratios.pop() if len(ratios) == 1 and set(first) == set(second) else None
    except ExpressionError:
        (c, left), (d, right) = _split(a), _split(b)
        same = sorted(map(to_text, left)) == sorted(map(to_text, right))
        return c / d if same and d else None


def _by_parts(factor: Fraction, outer: Expression, others: list[Expression]) -> Expression | None:
    """A polynomial times sin, cos or exp of a multiple of x, or a power of x times log(x)."""
    if not isinstance(outer, Call):
        return None
    try:
        polynomial = coefficients(multiply(number(factor), *others))
    except ExpressionError:
        return None
    if outer == Call("log", _X) and len(polynomial) == 1:
        [((n,), c)] = polynomial.items()
        raised = power(_X, number(n + 1))
        first = multiply(number(c / (n + 1)), raised, outer)
        return add(first, multiply(number(-c / (n + 1) ** 2), raised))
    slope = derivative(outer.argument)
    if outer.function not in ("sin", "cos", "exp") or not isinstance(slope, Number) or not free_names(outer):
        return None
    return _tabulated(polynomial, outer, slope.value)


def _tabulated(polynomial: dict[tuple[int, ...], Fraction], outer: Call, slope: Fraction) -> Expression:
    """Parts again and again: the polynomial is differentiated, the function integrated, the signs alternate."""
    terms, function, sign = list[Expression](), outer.function, Fraction(1)
    while polynomial:
        function, turn = {"sin": ("cos", -1), "cos": ("sin", 1), "exp": ("exp", 1)}[function]
        sign = sign * turn / slope
        scaled = from_coefficients({key: value * sign for key, value in polynomial.items()})
        terms.append(multiply(scaled, Call(function, outer.argument)))
        sign = -sign
        polynomial = {(n - 1,): c * n for (n,), c in polynomial.items() if n}
    return add(*terms)
