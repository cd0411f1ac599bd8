"""Expanding products, one multiplication at a time.

An observation is `(x + 2)*(x - 3)*(2*x + 1)`; a right action is `(x^2 - x - 6)*(2*x + 1)`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.verdict import Verdict, accept, reject
from esreason.envs.derivation import DerivationEnv, exact_fields, text_field
from esreason.verifiers.expressions import (
    Expression,
    ExpressionError,
    Name,
    Number,
    Power,
    Product,
    Sum,
    add,
    coefficients,
    from_coefficients,
    multiply,
    parse,
    to_text,
)

NAMES = ("x", "y")

# factors, largest number, two variables, terms of a factor, a second product subtracted
LEVELS = {
    1: (2, 9, False, 2, False), 2: (2, 15, False, 2, False), 3: (2, 9, True, 2, False), 4: (3, 9, False, 2, False),
    5: (3, 6, True, 2, False), 6: (3, 9, False, 3, False), 7: (4, 6, False, 2, False), 8: (4, 5, True, 2, False),
    9: (3, 6, False, 2, True), 10: (4, 5, False, 3, True),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """The expression and its coefficients."""

    tree: Expression
    wanted: dict[tuple[int, ...], Any]


class Expand(DerivationEnv[Question]):
    """Multiply out two binomials (level 1) up to two products of four trinomials (level 10) in x, or x and y.

    A line is legal if it is equal to the one before; the end is a sum of different monomials.
    """

    name = "expand"
    rules = "Multiply out: write the expression as a sum of monomials with all like terms combined."
    action_rule = "Write an expression that is equal to the one that stands there and nearer to the end."
    answer_rule = "Answer with the expanded expression, for example x^2 + 3*x*y - 10."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, top, two, terms, second = LEVELS[level]
        names = NAMES if two else NAMES[:1]
        tree = multiply(*(_factor(rng, names, top, terms) for _ in range(count)))
        if second:
            tree = add(tree, multiply(*(_factor(rng, names, top, 2) for _ in range(count - 1))))
        return {"expression": to_text(tree)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "expression")
        tree = parse(text_field(payload, "expression"), NAMES)
        wanted = coefficients(tree, NAMES)
        if not wanted or len(wanted) > 40 or _expanded(tree):
            raise ValueError("the expression expands to 1 to 40 monomials and is not expanded yet")
        return Question(tree, wanted)

    @classmethod
    def _first(cls, instance: Question) -> str:
        return to_text(instance.tree)

    @classmethod
    def _next(cls, instance: Question, line: str, action: str) -> str:
        tree = parse(action, NAMES)
        if coefficients(tree, NAMES) != instance.wanted:
            raise ValueError("The expression is not equal to the one before.")
        return to_text(tree)

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        try:
            tree = parse(answer, NAMES)
            if coefficients(tree, NAMES) != instance.wanted:
                return reject("The expression is not equal to the given one.", to_text(tree))
        except ExpressionError as error:
            return reject(str(error))
        if not _expanded(tree):
            return reject("It is not a sum of different monomials.", to_text(tree))
        return accept(to_text(tree))

    @classmethod
    def _lines(cls, instance: Question) -> list[str]:
        trees, lines = list(instance.tree.terms if isinstance(instance.tree, Sum) else (instance.tree,)), []
        for place, tree in enumerate(trees):
            factors = _unfolded(tree)
            while len(factors) > 1:
                both = from_coefficients(coefficients(multiply(*factors[:2]), NAMES), NAMES)
                factors = [both, *factors[2:]]
                trees[place] = multiply(*factors)
                lines.append(to_text(add(*trees)))
        final = to_text(from_coefficients(instance.wanted, NAMES))
        return [*dict.fromkeys(line for line in lines if line != final and line != cls._first(instance)), final]


def _unfolded(tree: Expression) -> list[Expression]:
    """The factors, whole powers of sums written out."""
    found: list[Expression] = []
    for factor in tree.factors if isinstance(tree, Product) else (tree,):
        if isinstance(factor, Power) and isinstance(factor.base, Sum) and isinstance(factor.exponent, Number):
            found += [factor.base] * int(factor.exponent.value)
        else:
            found.append(factor)
    return found


def _expanded(tree: Expression) -> bool:
    """Whether it is a sum of monomials, no two of them alike."""
    seen = set()
    for term in tree.terms if isinstance(tree, Sum) else (tree,):
        shape: dict[str, Any] = {}
        for factor in term.factors if isinstance(term, Product) else (term,):
            base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, None)
            if isinstance(base, Number):
                if exponent is not None or "1" in shape:
                    return False
                shape["1"] = True
            elif isinstance(base, Name) and base.name not in shape:
                if exponent is not None and not (isinstance(exponent, Number) and exponent.value > 0):
                    return False
                shape[base.name] = 1 if exponent is None else exponent.value
            else:
                return False
        key = tuple(sorted((name, power) for name, power in shape.items() if name != "1"))
        if key in seen:
            return False
        seen.add(key)
    return True


def _factor(rng: random.Random, names: tuple[str, ...], top: int, terms: int) -> Expression:
    """A sum of so many terms, a constant and powers of the variables."""
    shapes = [(1, 0), (0, 1), (0, 0)] if len(names) == 2 else [(2,), (1,), (0,)]
    chosen = sorted(rng.sample(shapes, terms), reverse=True)
    if sum(map(sum, chosen)) == 0:
        chosen[0] = shapes[0]
    values = {shape: rng.choice([-1, 1]) * rng.randint(1, top) for shape in chosen}
    values[chosen[0]] = abs(values[chosen[0]])
    return from_coefficients(values, names)
