"""Linear recurrences: characteristic roots, then the closed form.

An observation is `a(n) = 5*a(n-1) - 6*a(n-2), a(0) = 1, a(1) = 4`; right actions are `2`, `3`, `2*3^n - 2^n`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.derivation import exact_fields
from esreason.envs.symbolic import polynomials as p
from esreason.envs.symbolic.polynomials import poly
from esreason.verifiers.expressions import (
    Expression,
    ExpressionError,
    Name,
    Power,
    add,
    free_names,
    multiply,
    number,
    parse,
    power,
    rational_value,
    to_text,
    walk,
)

# order, largest root, largest coefficient of the closed form, a double root
LEVELS = {
    1: (1, 9, 9, False), 2: (2, 4, 9, False), 3: (2, 6, 9, False), 4: (2, 5, 6, True), 5: (2, 9, 12, False),
    6: (3, 4, 5, False), 7: (3, 4, 5, True), 8: (3, 6, 9, False), 9: (4, 4, 4, False), 10: (4, 4, 5, True),
}  # fmt: skip

POINTS = 60
"""So many terms are compared: far more than an exponential polynomial of 200 characters can match by chance."""
_ROOT = re.compile(r"-?[0-9]{1,3}")
State = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """Coefficients of a(n-1), a(n-2), ...; first terms; roots of the characteristic polynomial; terms to compare."""

    coefficients: tuple[int, ...]
    start: tuple[int, ...]
    roots: tuple[int, ...]
    terms: tuple[int, ...]


class Recurrence(ReasoningEnv[Question, State]):
    """The closed form of a recurrence of order 1 (level 1) up to 4 with a double root (level 10).

    The characteristic roots are whole numbers. Any arithmetic expression (+ - * / ^) with the right values counts;
    compared are the first 60, more than one of 200 characters without powers of 0 can match without being equal.
    """

    name = "recurrence"
    rules = "Find a closed form for a(n), an expression in n that is right for n = 0, 1, 2, ..."
    action_rule = (
        "First write the roots of the characteristic polynomial in ascending order, one a line and as often as their "
        "multiplicity; then the closed form."
    )
    answer_rule = "Answer with an expression in n, for example 2*3^n - (-1)^n or (n + 2)*5^n."
    action_chars = 200
    answer_chars = 200
    task_space = {1: 5_000, 2: 9_000, 3: 25_000}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        order, top, most, double = LEVELS[level]
        values = [k for k in range(-top, top + 1) if k]
        roots = rng.sample(values, order)
        if double:
            roots[0] = roots[1]
        weights = [rng.choice([-1, 1]) * rng.randint(1, most) for _ in roots]
        offset = [rng.randint(-most, most) for _ in roots] if order == 1 else []
        if offset:  # an inhomogeneous one: the root 1 comes with it
            roots, weights = [rng.choice([k for k in values if k != 1]), 1], [weights[0], offset[0] or 1]
        characteristic = p.product([poly([-root, 1]) for root in roots])
        start = [sum(w * _base(roots, i, n) for i, w in enumerate(weights)) for n in range(len(roots))]
        return {"coefficients": [int(-x) for x in reversed(characteristic[:-1])], "start": start}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "coefficients", "start")
        for key in ("coefficients", "start"):
            row = payload[key]
            if not isinstance(row, list | tuple) or not 1 <= len(row) <= 5:
                raise ValueError(f"{key} is a list of one to five whole numbers")
            if any(type(x) is not int or abs(x) > 10**6 for x in row):
                raise ValueError(f"{key} holds whole numbers of at most six digits")
        coefficients, start = tuple(payload["coefficients"]), tuple(payload["start"])
        if len(coefficients) != len(start) or not coefficients[-1]:
            raise ValueError("there are as many first terms as coefficients, the last of which is not 0")
        roots = p.rational_roots(poly([*(-c for c in reversed(coefficients)), 1]))
        if len(roots) != len(coefficients) or max(map(abs, roots)) > 999:
            raise ValueError("the roots of the characteristic polynomial are whole numbers of at most three digits")
        terms = list(start)
        while len(terms) < POINTS:
            terms.append(sum(c * x for c, x in zip(coefficients, reversed(terms), strict=False)))
        return Question(coefficients, start, tuple(map(int, roots)), tuple(terms))

    @classmethod
    def _start(cls, instance: Question) -> State:
        return ()

    @classmethod
    def _observe(cls, instance: Question, state: State) -> str:
        terms = [f"{c}*a(n-{k})" for k, c in enumerate(instance.coefficients, 1) if c]
        given = ", ".join(f"a({n}) = {value}" for n, value in enumerate(instance.start))
        text = f"a(n) = {' + '.join(terms)}, {given}".replace("+ -", "- ")
        return "\n".join(
            [text, "roots: " + " ".join(state), "closed form?" * (len(state) == len(instance.roots))]
        ).strip()

    @classmethod
    def _apply(cls, instance: Question, state: State, action: str) -> State:
        if len(state) < len(instance.roots):
            if action != str(instance.roots[len(state)]):
                raise IllegalAction("That is not the next root of the characteristic polynomial.")
            return (*state, action)
        try:
            tree = _expression(action)
        except ExpressionError as error:
            raise IllegalAction(str(error)) from None
        return (*state, to_text(tree))

    @classmethod
    def _done(cls, instance: Question, state: State) -> bool:
        return len(state) > len(instance.roots)

    @classmethod
    def _answer(cls, instance: Question, state: State, actions: Sequence[str]) -> str:
        return actions[-1]

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        try:
            tree = _expression(answer)
        except ExpressionError as error:
            return reject(str(error))
        if any(_is_switch(node) for node in walk(tree)):
            return reject("A power of 0 with n in its exponent says nothing about later terms.", to_text(tree))
        for n, term in enumerate(instance.terms):
            value = rational_value(tree, {"n": Fraction(n)})
            if value != term:
                return reject(f"It is not right for n = {n}.", to_text(tree))
        return accept(to_text(tree))

    @classmethod
    def _solve(cls, instance: Question) -> Solution:
        weights = _weights(instance)
        terms: list[Expression] = []
        for i, weight in enumerate(weights):
            if weight:
                base: list[Expression] = [] if instance.roots[i] == 1 else [power(number(instance.roots[i]), Name("n"))]
                repeat = instance.roots[:i].count(instance.roots[i])
                polynomial = [Name("n") if repeat == 1 else power(Name("n"), number(repeat))] if repeat else []
                factors: list[Expression] = [*polynomial, *base]
                terms.append(multiply(*([number(weight)] if weight != 1 or not factors else []), *factors))
        answer = to_text(add(*terms)) if terms else "0"
        return Solution(answer, [*map(str, instance.roots), answer], optimal=True)

    @classmethod
    def _limit(cls, instance: Question) -> int:
        return 2 * len(instance.roots) + 4


def _expression(text: str) -> Expression:
    if len(text) > 200:
        raise ExpressionError("A closed form has at most 200 characters.")
    return parse(text, ("n",))


def _is_switch(node: Expression) -> bool:
    """Whether it is a power such as `0^(60 - n)`, which no number of terms compared would find out."""
    if not isinstance(node, Power) or not free_names(node.exponent):
        return False
    points = range(POINTS) if free_names(node.base) else range(1)
    return any(rational_value(node.base, {"n": Fraction(n)}) == 0 for n in points)


def _base(roots: Sequence[int], i: int, n: int) -> int:
    """The i-th basic solution at n: a power of the root, times n for each earlier root equal to it."""
    return int(n ** roots[:i].count(roots[i])) * int(roots[i] ** n)


def _weights(instance: Question) -> list[Fraction]:
    """The coefficients of the basic solutions, by elimination."""
    size = len(instance.roots)
    rows = [
        [Fraction(_base(instance.roots, i, n)) for i in range(size)] + [Fraction(instance.start[n])]
        for n in range(size)
    ]
    for column in range(size):
        pivot = next(row for row in range(column, size) if rows[row][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [x / rows[column][column] for x in rows[column]]
        for row in range(size):
            if row != column:
                rows[row] = [a - rows[row][column] * b for a, b in zip(rows[row], rows[column], strict=True)]
    return [row[-1] for row in rows]
