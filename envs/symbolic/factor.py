"""Factoring polynomials over the rationals, one factor at a time.

An observation is `x^3 - 7*x - 6`; a right action is `(x - 3)*(x^2 + 3*x + 2)`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.verdict import Verdict, accept, reject
from esreason.envs.derivation import DerivationEnv, exact_fields, text_field
from esreason.envs.symbolic.polynomials import (
    Polynomial,
    factors,
    of_expression,
    poly,
    product,
    scale,
    text_of,
    tree_of,
    whole,
)
from esreason.verifiers.expressions import (
    Expression,
    ExpressionError,
    Number,
    Power,
    Product,
    multiply,
    number,
    parse,
    to_text,
)

# linear factors, largest leading coefficient, largest constant, an irreducible quadratic, largest content
LEVELS = {
    1: (2, 1, 60, False, 1), 2: (2, 1, 40, False, 3), 3: (2, 3, 30, False, 1), 4: (3, 1, 20, False, 1),
    5: (2, 2, 7, True, 1), 6: (3, 2, 7, False, 2), 7: (3, 2, 7, True, 1), 8: (4, 2, 6, False, 2),
    9: (4, 2, 6, True, 1), 10: (5, 2, 6, True, 2),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """The polynomial, its content and its irreducible factors."""

    polynomial: Polynomial
    content: Any
    factors: tuple[Polynomial, ...]


class Factor(DerivationEnv[Question]):
    """Factor a quadratic (level 1) up to a polynomial of degree 7 with an irreducible quadratic in it (level 10).

    A line is legal if it is equal to the one before; the end is a product of factors that are irreducible over the
    rationals, scaled in any way, in any order.
    """

    name = "factor"
    rules = "Factor the polynomial into factors that are irreducible over the rationals."
    action_rule = "Write an equal expression in which more is factored."
    answer_rule = "Answer with the product, for example 2*(x - 3)*(x + 1)^2*(x^2 + 2)."
    action_chars = 256
    answer_chars = 256
    task_space = {1: 7_230, 2: 9_660, 3: 14_800, 4: 11_100, 5: 15_900, 6: 4_140}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        linear, lead, last, quadratic, content = LEVELS[level]
        while True:
            parts = [poly([rng.choice([-1, 1]) * rng.randint(1, last), rng.randint(1, lead)]) for _ in range(linear)]
            if quadratic:
                parts.append(poly([rng.randint(1, 9), rng.randint(-2, 2), 1]))
            whole_polynomial = scale(product(parts), rng.randint(1, content))
            constant = factors(whole_polynomial)[1]
            if len(constant) == len(parts) and max(map(abs, whole_polynomial)) < 100_000:
                return {"polynomial": text_of(whole_polynomial)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "polynomial")
        polynomial = of_expression(parse(text_field(payload, "polynomial")))
        if not 3 <= len(polynomial) <= 13:
            raise ValueError("the polynomial has degree 2 to 12")
        content, found = factors(polynomial)
        return Question(polynomial, content, tuple(found))

    @classmethod
    def _first(cls, instance: Question) -> str:
        return text_of(instance.polynomial)

    @classmethod
    def _next(cls, instance: Question, line: str, action: str) -> str:
        tree = parse(action)
        if of_expression(tree) != instance.polynomial:
            raise ValueError("The expression is not equal to the one before.")
        return to_text(tree)

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        try:
            tree = parse(answer)
            if of_expression(tree) != instance.polynomial:
                return reject("The product is not equal to the polynomial.", to_text(tree))
            found = _factors(tree)
        except ExpressionError as error:
            return reject(str(error))
        if found != Counter(instance.factors):
            return reject("A factor is not irreducible.", to_text(tree))
        return accept(to_text(tree))

    @classmethod
    def _lines(cls, instance: Question) -> list[str]:
        head = [] if instance.content == 1 else [number(instance.content)]
        lines = []
        for count in range(0 if head else 1, len(instance.factors)):
            rest = product(instance.factors[count:])
            lines.append(to_text(multiply(*head, *map(tree_of, instance.factors[:count]), tree_of(rest))))
        return lines or [cls._first(instance)]


def _factors(tree: Expression) -> Counter[Polynomial]:
    """The primitive parts of the factors written, with multiplicities; constants dropped."""
    found: Counter[Polynomial] = Counter()
    for factor in tree.factors if isinstance(tree, Product) else (tree,):
        times = 1
        while isinstance(factor, Power) and isinstance(factor.exponent, Number):
            if factor.exponent.value.denominator != 1 or not 0 < factor.exponent.value <= 12:
                break
            times *= int(factor.exponent.value)
            factor = factor.base
        if isinstance(factor, Product):
            for part, inner in _factors(factor).items():
                found[part] += inner * times
            continue
        polynomial = of_expression(factor)
        if len(polynomial) > 1:
            found[whole(polynomial)[1]] += times
    return found
