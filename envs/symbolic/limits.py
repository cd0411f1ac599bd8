"""Limits of quotients of products, a leading term at a time.

An observation is `limit x -> 0 of (sin(3*x) - 3*x)/(x^2*log(1 + x))`, `h = x`, `sin(3*x) - 3*x ~ ?`; right actions
are `-9/2*h^3`, `h^2`, `h`, and `-9/2` is the answer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.derivation import exact_fields
from esreason.envs.symbolic import polynomials as p
from esreason.envs.symbolic.laurent import TERMS, Series, of_expression
from esreason.envs.symbolic.polynomials import poly, text_of
from esreason.verifiers.expressions import (
    Expression,
    ExpressionError,
    coefficients,
    parse,
    rational_value,
    size,
    to_text,
)

# factors above, below; functions too; largest number
LEVELS = {
    1: (1, 1, False, 9), 2: (1, 1, False, 12), 3: (1, 1, True, 9), 4: (2, 1, False, 9), 5: (2, 1, True, 9),
    6: (2, 2, False, 9), 7: (2, 2, True, 6), 8: (3, 2, True, 6), 9: (3, 3, True, 6), 10: (4, 4, True, 6),
}  # fmt: skip

_POINT = re.compile(r"inf|-?[0-9]{1,3}")
Leading = tuple[Fraction, int]
State = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """The factors, the point, their leading terms in h, and the limit."""

    above: tuple[Expression, ...]
    below: tuple[Expression, ...]
    point: str
    leading: tuple[Leading, ...]
    value: Fraction

    @property
    def factors(self) -> tuple[Expression, ...]:
        """All factors in order."""
        return self.above + self.below


class Limits(ReasoningEnv[Question, State]):
    """Limits at a number or at infinity of a quotient of polynomials (level 1) up to eight factors with functions (10).

    Every limit is finite and rational; each factor's leading term in h = x - a, or 1/x at infinity, is a step.
    """

    name = "limits"
    rules = "Find the limit, which is a rational number. h is small: h = x - a at a point a, h = 1/x at infinity."
    action_rule = (
        "Write the leading term in h of the factor before the question mark, for example -9/2*h^3 or h^(-2); "
        "after the last one, the limit."
    )
    answer_rule = "Answer with the limit, for example -9/2."
    action_chars = 60
    answer_chars = 40
    task_space = {1: 12_000}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        above, below, functions, top = LEVELS[level]
        while True:
            point = "0" if functions else rng.choice(["inf", *map(str, range(-5, 6))])
            texts = [_factor(rng, point, functions, top) for _ in range(above + below)]
            payload = {"above": texts[:above], "below": texts[above:], "point": point}
            try:
                instance = cls._parse(payload)
            except ValueError:
                continue
            if instance.value not in (0, 1) and any(order for _, order in instance.leading[above:]):
                return payload

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "above", "below", "point")
        point = payload["point"]
        if not isinstance(point, str) or not _POINT.fullmatch(point):
            raise ValueError("the point is inf or a whole number of at most three digits, as a text")
        rows = []
        for key in ("above", "below"):
            texts = payload[key]
            if not isinstance(texts, list | tuple) or not 1 <= len(texts) <= 4:
                raise ValueError(f"{key} holds one to four factors")
            if not all(isinstance(text, str) and len(text) <= 100 for text in texts):
                raise ValueError("a factor is a text of at most 100 characters")
            rows.append(tuple(_read(text, point) for text in texts))
        above, below = (tuple(tree for tree, _ in row) for row in rows)
        leading = [found for row in rows for _, found in row]
        value, order = Fraction(1), 0
        for place, (c, k) in enumerate(leading):
            value, order = (value * c, order + k) if place < len(above) else (value / c, order - k)
        if order < 0:
            raise ValueError("the limit is not finite")
        return Question(above, below, point, tuple(leading), value if order == 0 else Fraction(0))

    @classmethod
    def _start(cls, instance: Question) -> State:
        return ()

    @classmethod
    def _observe(cls, instance: Question, state: State) -> str:
        above, below = ("*".join(_bracketed(f) for f in row) for row in (instance.above, instance.below))
        lines = [f"limit x -> {instance.point} of {above}/{below if len(instance.below) == 1 else f'({below})'}"]
        lines += [f"{to_text(f)} ~ {t}" for f, t in zip(instance.factors, [*state, "?"], strict=False)]
        return "\n".join(lines) + ("\nlimit?" if len(state) == len(instance.factors) else "")

    @classmethod
    def _apply(cls, instance: Question, state: State, action: str) -> State:
        try:
            if len(state) == len(instance.factors):
                return (*state, to_text(parse(action, ())))
            if _leading(action) != instance.leading[len(state)]:
                raise IllegalAction("That is not the leading term of this factor.")
        except ExpressionError as error:
            raise IllegalAction(str(error)) from None
        return (*state, _term(instance.leading[len(state)]))

    @classmethod
    def _done(cls, instance: Question, state: State) -> bool:
        return len(state) > len(instance.factors)

    @classmethod
    def _answer(cls, instance: Question, state: State, actions: Sequence[str]) -> str:
        return state[-1]

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        try:
            value = rational_value(parse(answer, ()))
        except ExpressionError as error:
            return reject(str(error))
        if value is None:
            return reject("The answer is not a rational number.")
        text = str(value)[:100]
        return accept(text) if value == instance.value else reject("The limit is another number.", text)

    @classmethod
    def _solve(cls, instance: Question) -> Solution:
        return Solution(str(instance.value), [*map(_term, instance.leading), str(instance.value)], optimal=True)

    @classmethod
    def _limit(cls, instance: Question) -> int:
        return 2 * len(instance.factors) + 4


@lru_cache(maxsize=4096)
def _read(text: str, point: str) -> tuple[Expression, Leading]:
    """A factor and its leading term in h; the generator's factors are few and come again."""
    tree = parse(text)
    if size(tree) > 30:
        raise ValueError("a factor has at most 30 parts")
    zeros = [Fraction(0)] * (TERMS - 1)
    x = Series(-1 if point == "inf" else 1, (Fraction(1), *zeros))
    if point not in ("inf", "0"):
        x = Series(0, (Fraction(int(point)), Fraction(1), *zeros[1:]))
    series = of_expression(tree, x)
    if not series.terms:
        raise ValueError("a factor vanishes to a high order")
    return tree, (series.terms[0], series.start)


def _term(leading: Leading) -> str:
    c, k = leading
    if not k:
        return str(c)
    power = "h" if k == 1 else f"h^{k}" if k > 0 else f"h^({k})"
    return power if c == 1 else f"{c}*{power}"


def _leading(text: str) -> Leading:
    """Coefficient and exponent of a monomial in h."""
    tree = parse(text, ("h",))
    for shift in range(31):
        try:
            found = coefficients(parse(f"({to_text(tree)})*h^{shift}", ("h",)), ("h",))
        except ExpressionError:
            continue
        if len(found) != 1:
            break
        [((exponent,), c)] = found.items()
        return c, exponent - shift
    raise ExpressionError("A leading term is a number times a power of h.")


def _bracketed(factor: Expression) -> str:
    return f"({to_text(factor)})"


def _factor(rng: random.Random, point: str, functions: bool, top: int) -> str:
    def n() -> int:
        return rng.choice([-1, 1]) * rng.randint(1, top)

    if point == "inf":
        return text_of(poly([n(), n(), *([n()] if rng.random() < 0.7 else [])]))
    if not functions:
        root = poly([-int(point), 1])
        return text_of(p.multiply(root, poly([n(), rng.randint(1, 3)])))
    a, k = n(), rng.randint(1, 3)
    kinds = (
        f"sin({a}*x)", f"exp({a}*x) - 1", f"cos({a}*x) - 1", f"log(1 + {a}*x)", f"sqrt(1 + {a}*x) - 1", f"{a}*x^{k}",
        f"sin({a}*x) - {a}*x", f"exp({a}*x) - {a}*x - 1", f"cos({a}*x) + {abs(a)}",
    )  # fmt: skip
    return to_text(parse(rng.choice(kinds).replace("+ -", "- ").replace("- -", "+ ")))
