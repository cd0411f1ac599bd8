"""Long division of polynomials, a term of the quotient and the new remainder at a time.

An observation is `(x^3 + 2*x - 1) / (x - 2)`, `quotient 0, remainder x^3 + 2*x - 1`; a right action is
`x^2, 2*x^2 + 2*x - 1`, and `x^2 + 2*x + 6, 11` is the answer.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.derivation import exact_fields, text_field
from esreason.envs.symbolic import polynomials as p
from esreason.envs.symbolic.polynomials import Polynomial, of_expression, poly, text_of
from esreason.verifiers.expressions import ExpressionError, parse, parse_list

# degrees of quotient, divisor; largest coefficient of the quotient, the divisor
LEVELS = {
    1: (1, 1, 9, 5), 2: (2, 1, 9, 5), 3: (2, 2, 9, 5), 4: (3, 1, 9, 5), 5: (3, 2, 9, 5),
    6: (4, 2, 6, 6), 7: (4, 3, 6, 6), 8: (5, 3, 6, 6), 9: (6, 3, 9, 9), 10: (7, 4, 9, 9),
}  # fmt: skip

State = tuple[str, str]
"""Quotient and remainder so far."""


@dataclass(frozen=True, slots=True)
class Question:
    """Dividend, divisor, quotient, remainder."""

    dividend: Polynomial
    divisor: Polynomial
    quotient: Polynomial
    remainder: Polynomial


class PolynomialDivision(ReasoningEnv[Question, State]):
    """Divide a quadratic by a linear polynomial (level 1) up to degree 11 by degree 4 (level 10), with remainder."""

    name = "polynomial_division"
    rules = "Divide the first polynomial by the second with remainder."
    action_rule = (
        "Write the next term of the quotient and the remainder that is left after it, separated by a comma, "
        "for example 3*x, 5*x - 2."
    )
    answer_rule = "Answer with quotient and remainder separated by a comma, for example x^2 + 3*x, 5*x - 2."
    action_chars = 256
    task_space = {1: 17_000}
    answer_chars = 256

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        high, low, top, small = LEVELS[level]
        quotient = poly([*(rng.randint(-top, top) for _ in range(high)), rng.choice([1, 1, 2, 3])])
        divisor = poly([*(rng.randint(-small, small) for _ in range(low)), rng.choice([1, 1, 2])])
        remainder = poly([rng.randint(-top, top) for _ in range(low)])
        dividend = p.add(p.multiply(quotient, divisor), remainder)
        return {"dividend": text_of(dividend), "divisor": text_of(divisor)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "dividend", "divisor")
        dividend, divisor = (of_expression(parse(text_field(payload, key))) for key in ("dividend", "divisor"))
        if not 2 <= len(divisor) <= len(dividend) <= 17:
            raise ValueError("the divisor has degree 1 or more, the dividend at least that and up to 16")
        if max(len(str(x)) for x in (*dividend, *divisor)) > 8:
            raise ValueError("a coefficient has more than 8 characters")
        return Question(dividend, divisor, *p.divide(dividend, divisor))

    @classmethod
    def _start(cls, instance: Question) -> State:
        return "0", text_of(instance.dividend)

    @classmethod
    def _observe(cls, instance: Question, state: State) -> str:
        head = f"({text_of(instance.dividend)}) / ({text_of(instance.divisor)})"
        return f"{head}\nquotient {state[0]}, remainder {state[1]}"

    @classmethod
    def _apply(cls, instance: Question, state: State, action: str) -> State:
        try:
            term, rest = _pair(action)
        except ExpressionError as error:
            raise IllegalAction(str(error)) from None
        quotient, remainder = (of_expression(parse(text)) for text in state)
        place = len(remainder) - len(instance.divisor)
        right = poly([*[0] * place, remainder[-1] / instance.divisor[-1]])
        if term != right:
            raise IllegalAction("That is not the next term of the quotient.")
        left = p.add(remainder, p.scale(p.multiply(right, instance.divisor), -1))
        if rest != left:
            raise IllegalAction("That is not the remainder after this term.")
        return text_of(p.add(quotient, right)), text_of(left)

    @classmethod
    def _done(cls, instance: Question, state: State) -> bool:
        return len(of_expression(parse(state[1]))) < len(instance.divisor)

    @classmethod
    def _answer(cls, instance: Question, state: State, actions: Sequence[str]) -> str:
        return f"{state[0]}, {state[1]}"

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        try:
            quotient, remainder = _pair(answer)
        except ExpressionError as error:
            return reject(str(error))
        shown = [text_of(quotient), text_of(remainder)]
        if quotient != instance.quotient:
            return reject("The quotient is another one.", shown)
        return accept(shown) if remainder == instance.remainder else reject("The remainder is another one.", shown)

    @classmethod
    def _solve(cls, instance: Question) -> Solution:
        rest, actions = instance.dividend, []
        while len(rest) >= len(instance.divisor):
            term = poly([*[0] * (len(rest) - len(instance.divisor)), rest[-1] / instance.divisor[-1]])
            rest = p.add(rest, p.scale(p.multiply(term, instance.divisor), -1))
            actions.append(f"{text_of(term)}, {text_of(rest)}")
        return Solution(f"{text_of(instance.quotient)}, {text_of(instance.remainder)}", actions, optimal=True)

    @classmethod
    def _limit(cls, instance: Question) -> int:
        return 2 * len(instance.quotient) + 2


def _pair(text: str) -> tuple[Polynomial, Polynomial]:
    trees = parse_list(text)
    if len(trees) != 2:
        raise ExpressionError("Two polynomials are needed, separated by a comma.")
    return of_expression(trees[0]), of_expression(trees[1])
