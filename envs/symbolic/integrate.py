"""Indefinite integration, a part of the antiderivative at a time.

An observation is `integrate 2*x*cos(x^2) + 3*x^2`; a right action is `sin(x^2) ; 3*x^2`: a part found, and what is
left to integrate after it.
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
from esreason.envs.derivation import exact_fields, text_field
from esreason.envs.symbolic.rules_of_integration import antiderivative
from esreason.verifiers.expressions import (
    Expression,
    ExpressionError,
    Number,
    Sum,
    add,
    antiderivative_of,
    equal,
    parse,
    size,
    to_text,
)

# kinds of term, how many terms, largest number
LEVELS = {
    1: ("power", 2, 9), 2: ("power", 3, 12), 3: ("power simple", 2, 9), 4: ("simple", 2, 9), 5: ("linear", 2, 9),
    6: ("inner", 1, 9), 7: ("inner linear", 2, 9), 8: ("parts", 1, 6), 9: ("parts inner", 3, 6),
    10: ("parts inner linear", 4, 9),
}  # fmt: skip

NAMES = ("x", "C", "c")
MAX_SIZE = 150
State = tuple[str, str]
"""The part found, and what is left to integrate."""


@dataclass(frozen=True, slots=True)
class Question:
    """The integrand."""

    integrand: Expression


class Integrate(ReasoningEnv[Question, State]):
    """Integrate powers (levels 1-2), elementary functions (3-5), by substitution (6-7) and by parts (8-10).

    Any antiderivative counts, also one on a smaller domain. The solver knows the rules that generated tasks need;
    custom integrands beyond them are judged, not solved.
    """

    name = "integrate"
    rules = (
        "Find an antiderivative of the function of x. It may hold sin, cos, exp, log (natural), sqrt and powers (^)."
    )
    action_rule = (
        "Write a part of the antiderivative, a semicolon, and what is left to integrate, "
        "for example sin(x^2) ; 3*x^2; the part's derivative and the rest must add up to what stood there. "
        "At the end 0 is left."
    )
    answer_rule = "Answer with the antiderivative, for example sin(x^2) + x^3; + C may be added."
    task_space = {1: 8_670, 3: 17_400, 4: 8_790, 6: 1_050}
    action_chars = 600
    answer_chars = 600

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        kinds, count, top = LEVELS[level]
        names = kinds.split()
        while True:
            texts = [_term(rng, rng.choice(names) if k else names[0], top) for k in range(count)]
            tree = parse(" + ".join(texts).replace("+ -", "- "))
            if len(set(texts)) == count:
                return {"integrand": to_text(tree)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "integrand")
        tree = parse(text_field(payload, "integrand"))
        if size(tree) > MAX_SIZE:
            raise ValueError(f"the integrand has more than {MAX_SIZE} parts")
        if not equal(tree, tree):
            raise ValueError("the integrand has no value that can be followed")
        return Question(tree)

    @classmethod
    def _start(cls, instance: Question) -> State:
        return "0", to_text(instance.integrand)

    @classmethod
    def _observe(cls, instance: Question, state: State) -> str:
        return f"integrate {state[1]}" + ("" if state[0] == "0" else f"\nfound {state[0]}")

    @classmethod
    def _apply(cls, instance: Question, state: State, action: str) -> State:
        part, sign, left = action.partition(";")
        if not sign or len(action) > 1_000:
            raise IllegalAction("An action is a part of the antiderivative, a semicolon, and what is left.")
        try:
            found, rest = parse(part), parse(left)
        except ExpressionError as error:
            raise IllegalAction(str(error)) from None
        integrand = parse(state[1])
        missing = integrand if _is_zero(rest) else add(integrand, parse(f"-({to_text(rest)})"))
        if _is_zero(found) or not antiderivative_of(found, missing):
            raise IllegalAction("The derivative of the part and what is left do not add up to what stood there.")
        total = to_text(found) if state[0] == "0" else to_text(add(parse(state[0]), found))
        if len(total) + len(left) > 2_000:
            raise IllegalAction("The antiderivative is too long.")
        return total, to_text(rest)

    @classmethod
    def _done(cls, instance: Question, state: State) -> bool:
        return state[1] == "0"

    @classmethod
    def _answer(cls, instance: Question, state: State, actions: Sequence[str]) -> str:
        return state[0]

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        try:
            tree = parse(answer, NAMES)
        except ExpressionError as error:
            return reject(str(error))
        verdict = antiderivative_of(tree, instance.integrand)
        if verdict:
            return accept(to_text(tree))
        return reject(f"It is no antiderivative: {verdict.how}.", to_text(tree))

    @classmethod
    def _solve(cls, instance: Question) -> Solution:
        tree = instance.integrand
        terms = list(tree.terms) if isinstance(tree, Sum) else [tree]
        found = [antiderivative(term) for term in terms]
        rests = [to_text(add(*terms[k:])) if terms[k:] else "0" for k in range(1, len(terms) + 1)]
        actions = [f"{to_text(part)} ; {rest}" for part, rest in zip(found, rests, strict=True)]
        return Solution(to_text(add(*found)), actions)

    @classmethod
    def _limit(cls, instance: Question) -> int:
        return 16


def _is_zero(tree: Expression) -> bool:
    return isinstance(tree, Number) and tree.value == Fraction(0)


def _term(rng: random.Random, kind: str, top: int) -> str:
    c = rng.choice([-1, 1]) * rng.randint(2, top)
    a = rng.randint(2, 5)
    if kind == "power":
        return f"{c}*x^{rng.randint(2, 7)}" if rng.random() < 0.7 else f"{c}*x"
    if kind == "simple":
        return rng.choice([f"{c}*sin(x)", f"{c}*cos(x)", f"{c}*exp(x)", f"{c}/x", f"{c}*x^(-{a})"])
    inner = f"{a}*x" + (f" + {rng.randint(1, top)}" if rng.random() < 0.6 else "")
    if kind == "linear":
        forms = ("sin({})", "cos({})", "exp({})", "({})^" + str(rng.randint(2, 6)), "({})^(-1)")
        return f"{c}*" + rng.choice(forms).format(inner)
    if kind == "inner":
        n = rng.randint(2, 4)
        inner = f"x^{n} + {rng.randint(1, top)}"
        form = rng.choice(["sin({})", "cos({})", "exp({})", "({})^" + str(rng.randint(2, 5)), "({})^(-1)"]).format(
            inner
        )
        power = "x" if n == 2 else f"x^{n - 1}"
        outer = rng.choice([f"{c}*{power}*{form}", f"{c}*sin(x)^{n}*cos(x)", f"{c}*cos(x)^{n}*sin(x)"])
        return outer if rng.random() < 0.4 else f"{c}*{power}*{form}"
    power = "x" if rng.random() < 0.6 else "x^2"
    return f"{c}*{power}*" + rng.choice([f"sin({a}*x)", f"cos({a}*x)", f"exp({a}*x)", "log(x)"])
