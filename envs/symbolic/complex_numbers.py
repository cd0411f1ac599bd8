"""Arithmetic of complex numbers, one simplification at a time.

An observation is `(2 + 3*i)*(1 - i)/(1 + i)`; a right action is `(5 + i)/(1 + i)`, and `3 - 2*i` is the answer.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from esreason.core.verdict import Verdict, accept, reject
from esreason.envs.derivation import DerivationEnv, exact_fields, text_field
from esreason.verifiers.expressions import (
    Constant,
    Expression,
    ExpressionError,
    Number,
    Power,
    Product,
    Sum,
    divide,
    gaussian,
    multiply,
    number,
    parse,
    to_text,
)
from esreason.verifiers.expressions import add as plus

# numbers that are multiplied, largest part, divisions, a power, summands
LEVELS = {
    1: (2, 9, 0, 1, 1), 2: (2, 15, 0, 1, 1), 3: (2, 9, 1, 1, 1), 4: (3, 9, 0, 1, 1), 5: (2, 9, 1, 2, 1),
    6: (3, 9, 1, 2, 1), 7: (3, 9, 0, 2, 2), 8: (3, 9, 1, 3, 2), 9: (4, 9, 1, 2, 2), 10: (4, 12, 2, 3, 3),
}  # fmt: skip

Gaussian = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Question:
    """The expression and its value."""

    tree: Expression
    value: Gaussian


class ComplexNumbers(DerivationEnv[Question]):
    """Bring a product of two complex numbers (level 1) to sums of products, powers and quotients (10) to a + b*i.

    A line is legal if it has the same value; the end is a + b*i with exact fractions.
    """

    name = "complex_numbers"
    rules = "Compute with complex numbers: i is the imaginary unit. The result is written a + b*i with exact fractions."
    action_rule = "Write an expression with the same value and nearer to the form a + b*i."
    answer_rule = "Answer with the value in the form a + b*i, for example 3/2 - 2*i."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, top, quotients, power, summands = LEVELS[level]
        while True:
            terms = []
            for _ in range(summands):
                factors = [_random(rng, top) for _ in range(count)]
                if power > 1:
                    factors[0] = Power(factors[0], number(power))
                tree = multiply(*factors)
                for _ in range(quotients):
                    tree = divide(tree, _random(rng, 4))
                terms.append(tree)
            payload = {"expression": to_text(plus(*terms))}
            if all(gaussian(plus(*terms))):
                return payload

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "expression")
        tree = parse(text_field(payload, "expression"), (), imaginary=True)
        value = gaussian(tree)
        if _plain(tree):
            raise ValueError("the expression is computed already")
        if max(len(str(part)) for part in value) > 100:
            raise ValueError("the value has more than 100 digits")
        return Question(tree, value)

    @classmethod
    def _first(cls, instance: Question) -> str:
        return to_text(instance.tree)

    @classmethod
    def _next(cls, instance: Question, line: str, action: str) -> str:
        tree = parse(action, (), imaginary=True)
        if gaussian(tree) != instance.value:
            raise ValueError("The expression has another value.")
        return to_text(tree)

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        try:
            tree = parse(answer, (), imaginary=True)
            value = gaussian(tree)
        except ExpressionError as error:
            return reject(str(error))
        if value != instance.value:
            return reject("The value is another one.", to_text(tree))
        if not _plain(tree):
            return reject("The value is not written in the form a + b*i.", to_text(tree))
        return accept(to_text(tree))

    @classmethod
    def _lines(cls, instance: Question) -> list[str]:
        terms, lines = list(instance.tree.terms if isinstance(instance.tree, Sum) else (instance.tree,)), []
        for place, term in enumerate(terms):
            factors = list(term.factors if isinstance(term, Product) else (term,))
            while factors:
                both = written(gaussian(multiply(*factors[:2])))
                factors = [both, *factors[2:]]
                terms[place] = multiply(*factors)
                lines.append(to_text(plus(*terms)))
                if len(factors) == 1:
                    break
        final = to_text(written(instance.value))
        return [*dict.fromkeys(line for line in lines if line not in (final, cls._first(instance))), final]


def written(value: Gaussian) -> Expression:
    """The number as a + b*i."""
    real, unreal = value
    i = Constant("i")
    part = i if unreal == 1 else multiply(number(unreal), i)
    if not unreal:
        return number(real)
    return plus(number(real), part) if real else part


def _plain(tree: Expression) -> bool:
    """Whether it is a + b*i, a part of it, or b*i + a."""
    terms = tree.terms if isinstance(tree, Sum) else (tree,)
    kinds = [_kind(term) for term in terms]
    return None not in kinds and len(set(kinds)) == len(kinds)


def _kind(term: Expression) -> str | None:
    if isinstance(term, Number):
        return "real"
    factors = term.factors if isinstance(term, Product) else (term,)
    units = [factor for factor in factors if isinstance(factor, Constant)]
    numbers = [factor for factor in factors if isinstance(factor, Number)]
    if len(units) != 1 or len(units) + len(numbers) != len(factors) or len(numbers) > 2:
        return None
    return "unreal" if len(numbers) < 2 or numbers[1].value.numerator == 1 else None


def _random(rng: random.Random, top: int) -> Expression:
    real, unreal = (Fraction(rng.choice([-1, 1]) * rng.randint(1, top)) for _ in range(2))
    return written((real, unreal))
