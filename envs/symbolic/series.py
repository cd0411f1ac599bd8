"""Taylor polynomials about 0, a coefficient at a time.

An observation is `exp(2*x) up to x^3`, `x^0: ?`; a right action is `1`, and `1 + 2*x + 2*x^2 + 4/3*x^3` is the answer.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.derivation import exact_fields, text_field, whole_field
from esreason.envs.symbolic.laurent import TERMS, of_expression
from esreason.envs.symbolic.laurent import Series as Laurent
from esreason.envs.symbolic.polynomials import Polynomial, poly, text_of
from esreason.envs.symbolic.polynomials import of_expression as polynomial_of
from esreason.verifiers.expressions import Expression, ExpressionError, parse, rational_value, size, to_text

# order, functions multiplied, polynomials before them, largest number, functions of polynomials
LEVELS = {
    1: (2, 1, False, 12, False), 2: (2, 1, True, 9, False), 3: (3, 1, True, 9, False), 4: (3, 2, False, 6, False),
    5: (3, 1, True, 6, True), 6: (4, 2, False, 6, False), 7: (4, 2, True, 5, False), 8: (4, 2, True, 5, True),
    9: (5, 2, True, 5, True), 10: (6, 3, False, 4, True),
}  # fmt: skip

X = Laurent(1, (Fraction(1), *[Fraction(0)] * (TERMS - 1)))
State = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """The function, the order, and the Taylor polynomial."""

    function: Expression
    order: int
    polynomial: Polynomial


class Series(ReasoningEnv[Question, State]):
    """Taylor polynomials of degree 2 of one function (level 1) up to degree 6 of products of three (level 10)."""

    name = "series"
    rules = "Find the Taylor polynomial of the function about x = 0 up to the given power of x."
    action_rule = "Write the coefficient of the power that stands before the question mark, for example -1/6."
    answer_rule = "Answer with the polynomial, for example x - 1/6*x^3."
    action_chars = 40
    answer_chars = 240
    task_space = {1: 3_000}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        while True:
            payload = _random(rng, level)
            if level > 1:  # from level 2 on the polynomial cannot vanish
                return payload
            try:
                cls._parse(payload)
            except ValueError:
                continue
            return payload

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "function", "order")
        function, order = parse(text_field(payload, "function")), whole_field(payload, "order", 1, 8)
        if size(function) > 60:
            raise ValueError("the function has at most 60 parts")
        series = of_expression(function, X)
        if series.start < 0 or not series.terms or series.start + len(series.terms) <= order:
            raise ValueError("the function has no Taylor polynomial of this order about 0")
        row = [series.terms[k - series.start] if k >= series.start else Fraction(0) for k in range(order + 1)]
        if not any(row):
            raise ValueError("the Taylor polynomial is 0")
        return Question(function, order, poly(row))

    @classmethod
    def _start(cls, instance: Question) -> State:
        return ()

    @classmethod
    def _observe(cls, instance: Question, state: State) -> str:
        lines = [f"{to_text(instance.function)} up to x^{instance.order}"]
        lines += [f"x^{k}: {c}" for k, c in enumerate([*state, "?"]) if k <= instance.order]
        return "\n".join(lines)

    @classmethod
    def _apply(cls, instance: Question, state: State, action: str) -> State:
        try:
            value = rational_value(parse(action, ()))
        except ExpressionError as error:
            raise IllegalAction(str(error)) from None
        k = len(state)
        if value != (instance.polynomial[k] if k < len(instance.polynomial) else 0):
            raise IllegalAction(f"That is not the coefficient of x^{k}.")
        return (*state, str(value))

    @classmethod
    def _done(cls, instance: Question, state: State) -> bool:
        return len(state) > instance.order

    @classmethod
    def _answer(cls, instance: Question, state: State, actions: Sequence[str]) -> str:
        return text_of(poly([Fraction(c) for c in state]))

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        try:
            polynomial = polynomial_of(parse(answer))
        except ExpressionError as error:
            return reject(str(error))
        text = text_of(polynomial)
        return accept(text) if polynomial == instance.polynomial else reject("The polynomial is another one.", text)

    @classmethod
    def _solve(cls, instance: Question) -> Solution:
        row = [*instance.polynomial, *[Fraction(0)] * (instance.order + 1 - len(instance.polynomial))]
        return Solution(text_of(instance.polynomial), [str(c) for c in row], optimal=True)

    @classmethod
    def _limit(cls, instance: Question) -> int:
        return 2 * instance.order + 4


def _function(rng: random.Random, top: int, composed: bool) -> str:
    a = rng.choice([-1, 1]) * rng.randint(1, top)
    inner = f"{a}*x" + (f" + {rng.choice([-1, 1]) * rng.randint(1, top)}*x^2" if composed else "")
    kind = rng.choice(["exp", "sin", "cos", "log", "inverse", "sqrt"])
    if kind == "inverse":
        return f"(1 + {inner})^(-{rng.randint(1, 2)})".replace("+ -", "- ")
    one = "1 + " if kind in ("log", "sqrt") else ""
    return f"{kind}({one}{inner})".replace("+ -", "- ")


def _random(rng: random.Random, level: int) -> dict[str, Any]:
    order, count, before, top, composed = LEVELS[level]
    parts = [_function(rng, top, composed) for _ in range(count)]
    if before or level == 1:
        terms = rng.sample(["", "*x", "*x^2"], 2 if before else 1)
        sums = " + ".join(f"{rng.choice([-1, 1, 1]) * rng.randint(2, top)}{power}" for power in sorted(terms)[:2])
        parts.insert(0, f"({sums})".replace("+ -", "- ") if before else sums)
    return {"function": to_text(parse("*".join(parts))), "order": order}
