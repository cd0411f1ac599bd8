"""Equations in one unknown, transformed without losing or gaining a solution.

An observation is `2*x^2 - 6 = 4*x`; a right action is `(x - 3)*(x + 1) = 0`, and `x = 3 or x = -1` is the answer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from esreason.core.verdict import Verdict, accept, reject
from esreason.envs.derivation import DerivationEnv, exact_fields, text_field
from esreason.envs.symbolic import polynomials as p
from esreason.envs.symbolic.polynomials import Polynomial, poly
from esreason.verifiers.expressions import (
    Expression,
    ExpressionError,
    add,
    divide,
    equal,
    is_root,
    multiply,
    negate,
    number,
    parse,
    parse_equation,
    parse_solutions,
    power,
    rational_value,
    surd_value,
    to_text,
)

# kind of equation, largest number
LEVELS = {
    1: ("linear", 12), 2: ("linear both", 20), 3: ("quadratic", 60), 4: ("quadratic both", 9), 5: ("quotient", 9),
    6: ("radical", 9), 7: ("cubic", 6), 8: ("quotients", 6), 9: ("quartic", 6), 10: ("biquadratic", 9),
}  # fmt: skip

_VARIABLE = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class Question:
    """The equation, its unknown, and the polynomial whose different real roots are the solutions."""

    sides: tuple[Expression, Expression]
    variable: str
    polynomial: Polynomial
    count: int


class SolveEquation(DerivationEnv[Question]):
    """Find all real solutions: linear (levels 1-2), quadratic (3-4, 6), rational (5, 8), of degree 3 and 4 (7, 9, 10).

    A line is legal if its equation has the same real solutions. Custom equations are rational functions of the
    unknown on both sides. The number of solutions is known by Sturm's theorem, so none can be missed or invented.
    """

    name = "solve_equation"
    rules = "Find all real solutions of the equation."
    action_rule = "Write an equation with the same solutions that is nearer to them, or at last all solutions."
    answer_rule = "Answer with all solutions, for example x = 2 or x = -1/3, or no solution."
    action_chars = 256
    answer_chars = 256
    task_space = {1: 6_336, 3: 7_230, 4: 54_000, 5: 15_980, 6: 886}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        kind, top = LEVELS[level]
        while True:
            left, right = _sides(rng, kind, top)
            payload = {"equation": f"{to_text(left)} = {to_text(right)}", "variable": "x"}
            try:
                instance = cls._parse(payload)
            except ValueError:
                continue
            if instance.count and _roots(instance.polynomial) is not None:
                return payload

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "equation", "variable")
        variable = payload["variable"]
        if not isinstance(variable, str) or not _VARIABLE.fullmatch(variable) or variable in "ei":
            raise ValueError("the variable is a small letter, not e or i")
        sides = parse_equation(text_field(payload, "equation"), (variable,))
        polynomial = _polynomial(sides, variable)
        if not polynomial:
            raise ValueError("every number solves the equation")
        if len(polynomial) > 13 or max(len(str(x)) for x in polynomial) > 40:
            raise ValueError("the equation amounts to a polynomial of degree up to 12 with numbers up to 40 digits")
        return Question(sides, variable, polynomial, p.real_roots(polynomial))

    @classmethod
    def _first(cls, instance: Question) -> str:
        return f"{to_text(instance.sides[0])} = {to_text(instance.sides[1])}"

    @classmethod
    def _next(cls, instance: Question, line: str, action: str) -> str:
        verdict = cls._verify(instance, action)
        if verdict.passed:
            return action.replace("==", "=")
        sides = parse_equation(action, (instance.variable,))
        other = _polynomial(sides, instance.variable)
        shared = p.common(other, instance.polynomial)
        if not other or not p.real_roots(other) == p.real_roots(shared) == instance.count:
            raise ValueError("The equation has other solutions.")
        return f"{to_text(sides[0])} = {to_text(sides[1])}"

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        try:
            values = parse_solutions(answer, instance.variable)
        except ExpressionError as error:
            return reject(str(error))
        shown = [to_text(value) for value in values]
        for value, text in zip(values, shown, strict=True):
            if not _solves(value, instance):
                return reject(f"{text[:60]} is no solution.", shown)
        if len(values) < instance.count:
            return reject("A solution is missing.", shown)
        return accept(shown)

    @classmethod
    def _lines(cls, instance: Question) -> list[str]:
        roots = _roots(instance.polynomial)
        if roots is None:
            raise ValueError("the solutions are no roots of quadratics")
        name, square = instance.variable, p.squarefree(instance.polynomial)
        texts = [f"{name} = {to_text(root)}" for root in roots]
        lines = [f"{p.text_of(p.whole(square)[1], name)} = 0"]
        linear = [poly([-root.numerator, root.denominator]) for root in p.rational_roots(square)]
        for count in range(1, len(linear) + (1 if len(linear) < len(square) - 1 else 0)):
            rest = p.whole(p.divide(square, p.product(linear[:count]))[0])[1]
            lines.append(f"{to_text(multiply(*(p.tree_of(part, name) for part in [*linear[:count], rest])))} = 0")
        final = " or ".join(texts) if texts else "no solution"
        return [*dict.fromkeys(line for line in lines if line not in (final, cls._first(instance))), final]


def _solves(value: Expression, instance: Question) -> bool:
    exact = rational_value(value)
    if exact is not None:
        return len(str(exact)) < 100 and not p.value(instance.polynomial, exact)
    surd = surd_value(value)
    if surd is not None:
        return is_root(surd, instance.polynomial)
    *rest, lead = instance.polynomial
    tree: Expression = number(lead)
    for coefficient in reversed(rest):  # Horner's scheme: fewer and smaller products than powers
        tree = multiply(tree, value)
        if coefficient:
            tree = add(tree, number(coefficient))
    return equal(tree, number(0)).result


def _polynomial(sides: tuple[Expression, Expression], variable: str) -> Polynomial:
    """The polynomial whose real roots are the solutions of the equation."""
    top, _, poles = p.fraction_of(add(sides[0], negate(sides[1])), variable)
    return p.without(top, poles) if top else top


def _roots(polynomial: Polynomial) -> list[Expression] | None:
    """The different real roots where they are rational or roots of quadratics, also in x^2; None where they are not."""
    square = p.squarefree(polynomial)
    rational = p.rational_roots(square)
    rest = p.divide(square, p.product([poly([-root, 1]) for root in rational]))[0]
    found: list[Expression] = [number(root) for root in rational]
    if p.real_roots(rest) == 0:
        return found
    if len(rest) == 3:
        return found + _quadratic(rest)
    if len(rest) == 5 and not rest[1] and not rest[3]:
        squares = p.rational_roots(poly(rest[::2]))
        if len(squares) != 2:
            return None
        return found + [root for value in squares for root in _quadratic(poly([-value, 0, 1]))]
    return None


def _quadratic(a: Polynomial) -> list[Expression]:
    """Both roots of a quadratic without rational ones; none where they are not real."""
    c, b, lead = p.whole(a)[1]
    square = b * b - 4 * lead * c
    if square < 0:
        return []
    outside, inside = 1, int(square)
    for k in range(2, 200):
        while inside % (k * k) == 0:
            outside, inside = outside * k, inside // (k * k)
    radical = power(number(inside), number(Fraction(1, 2)))
    radical = parse(to_text(radical).replace(f"{inside}^(1/2)", f"sqrt({inside})"))
    part = Fraction(outside, int(2 * lead))
    term = radical if part == 1 else multiply(number(part), radical)
    middle = -b / (2 * lead)
    return [add(number(middle), t) if middle else t for t in (term, negate(term))]


def _sides(rng: random.Random, kind: str, top: int) -> tuple[Expression, Expression]:
    def n() -> int:
        return rng.choice([-1, 1]) * rng.randint(1, top)

    if kind == "linear":
        a, root, b = rng.randint(2, top), n(), n()
        return p.tree_of(poly([b, a])), number(a * root + b)
    if kind == "linear both":
        return p.tree_of(poly([n(), n()])), p.tree_of(poly([n(), n()]))
    if kind == "quotient":
        return divide(p.tree_of(poly([n(), rng.randint(1, 3)])), p.tree_of(poly([n(), 1]))), number(n())
    if kind == "quotients":
        first, second = (divide(number(n()), p.tree_of(poly([n(), 1]))) for _ in range(2))
        return add(first, second), number(n())
    if kind == "radical":
        return p.tree_of(poly([n(), n(), rng.randint(1, 4)])), number(0)
    if kind == "biquadratic":
        squares = [poly([-rng.randint(2, 3 * top), 0, 1]) for _ in range(2)]
        return p.tree_of(p.product([*squares, poly([-n(), 1])])), number(0)
    degree = {"quadratic": 2, "quadratic both": 2, "cubic": 3, "quartic": 4}[kind]
    whole = p.product([poly([n(), 1 if kind != "quartic" else rng.randint(1, 2)]) for _ in range(degree)])
    if kind != "quadratic":
        moved = poly([n() for _ in range(degree)])
        return p.tree_of(p.add(whole, moved)), p.tree_of(moved)
    return p.tree_of(whole), number(0)
