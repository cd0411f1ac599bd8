"""Differentiation, one marked part at a time.

An observation is `d/dx x^2*sin(3*x)`, `d/dx sin(3*x) = ?`; a right action is `3*cos(3*x)`.
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
from esreason.verifiers.expressions import (
    Call,
    Expression,
    ExpressionError,
    Name,
    Number,
    Power,
    Product,
    Sum,
    derivative,
    equal,
    free_names,
    parse,
    size,
    to_text,
)

# terms (fewest, most), functions nested so deep, factors of a term, largest number
LEVELS = {
    1: (2, 3, 0, 1, 9), 2: (2, 2, 1, 2, 9), 3: (2, 3, 1, 1, 9), 4: (2, 3, 1, 2, 9), 5: (2, 2, 2, 2, 9),
    6: (2, 3, 2, 2, 12), 7: (3, 3, 2, 2, 12), 8: (3, 3, 2, 3, 12), 9: (3, 4, 2, 3, 12), 10: (4, 4, 3, 3, 12),
}  # fmt: skip

_FUNCTIONS = ("sin", "cos", "exp", "log", "sqrt")
MAX_SIZE = 150
State = tuple[str, ...]
"""The derivatives found so far, in the order of the parts."""


@dataclass(frozen=True, slots=True)
class Question:
    """The function, its derivative, and the parts to differentiate on the way, the function itself last."""

    function: Expression
    slope: Expression
    parts: tuple[Expression, ...]
    slopes: tuple[Expression, ...]


class Differentiate(ReasoningEnv[Question, State]):
    """Differentiate polynomials of 2-3 terms (level 1) up to sums of products of nested functions (level 10).

    Step by step each composed part is differentiated before what contains it. Any way to write a derivative counts.
    """

    name = "differentiate"
    rules = "Find the derivative by x. The function may hold sin, cos, exp, log (natural), sqrt and powers (^)."
    action_rule = "Write the derivative of the part that stands before = ?."
    answer_rule = "Answer with the derivative of the whole function, for example 2*x*sin(x) + x^2*cos(x)."
    action_chars = 1_024
    task_space = {1: 40_000}
    answer_chars = 1_024

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        fewest, most, depth, factors, top = LEVELS[level]
        while True:
            terms = [_term(rng, depth, factors, top) for _ in range(rng.randint(fewest, most))]
            tree = parse(" + ".join(terms).replace("+ -", "- "))
            payload = {"function": to_text(tree)}
            if len({to_text(part) for part in _terms(tree)}) < len(terms) or size(tree) > MAX_SIZE:
                continue
            if "exp(exp(" in payload["function"]:  # cos(exp(exp(x^2 + 10))) cannot be evaluated anywhere
                try:
                    cls._parse(payload)
                except ValueError:
                    continue
            return payload

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "function")
        function = parse(text_field(payload, "function"))
        if size(function) > MAX_SIZE:
            raise ValueError(f"the function has more than {MAX_SIZE} parts")
        slope = derivative(function)
        if not equal(slope, slope, within=(function,)):
            raise ValueError("the function has no derivative that can be evaluated")
        parts = tuple(_parts(function))
        return Question(function, slope, parts, tuple(derivative(part) for part in parts))

    @classmethod
    def _start(cls, instance: Question) -> State:
        return ()

    @classmethod
    def _observe(cls, instance: Question, state: State) -> str:
        lines = [f"d/dx {to_text(instance.function)}"]
        lines += [f"d/dx {to_text(part)} = {slope}" for part, slope in zip(instance.parts, state, strict=False)]
        if len(state) < len(instance.parts) - 1:
            lines.append(f"d/dx {to_text(instance.parts[len(state)])} = ?")
        elif len(state) < len(instance.parts):
            lines[0] += " = ?"
        return "\n".join(lines)

    @classmethod
    def _apply(cls, instance: Question, state: State, action: str) -> State:
        if len(action) > cls.action_chars:
            raise IllegalAction(f"A derivative has at most {cls.action_chars:,} characters.")
        try:
            tree = parse(action)
        except ExpressionError as error:
            raise IllegalAction(str(error)) from None
        if not equal(tree, instance.slopes[len(state)]):
            raise IllegalAction("That is not the derivative of this part.")
        text = to_text(tree)
        if len(text) > cls.action_chars:
            raise IllegalAction("The derivative is too long.")
        return (*state, text)

    @classmethod
    def _done(cls, instance: Question, state: State) -> bool:
        return len(state) == len(instance.parts)

    @classmethod
    def _answer(cls, instance: Question, state: State, actions: Sequence[str]) -> str:
        return state[-1]

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        try:
            tree = parse(answer)
        except ExpressionError as error:
            return reject(str(error))
        verdict = equal(tree, instance.slope, within=(instance.function,))
        if verdict:
            return accept(to_text(tree))
        return reject(f"The derivative is another one: {verdict.how}.", to_text(tree))

    @classmethod
    def _solve(cls, instance: Question) -> Solution:
        actions = [to_text(slope) for slope in instance.slopes]
        return Solution(to_text(instance.slope), actions)

    @classmethod
    def _limit(cls, instance: Question) -> int:
        return 2 * len(instance.parts) + 2


def _terms(tree: Expression) -> tuple[Expression, ...]:
    return tree.terms if isinstance(tree, Sum) else (tree,)


def _parts(tree: Expression) -> list[Expression]:
    """The composed parts, each after those it holds, the tree itself last."""
    found: dict[Expression, None] = {}

    def visit(node: Expression) -> None:
        inner: tuple[Expression, ...] = ()
        if isinstance(node, Sum):
            inner = node.terms
        elif isinstance(node, Product):
            inner = node.factors
        elif isinstance(node, Power):
            inner = (node.base, node.exponent)
        elif isinstance(node, Call):
            inner = (node.argument,)
        for part in inner:
            if free_names(part) and not _plain(part):
                visit(part)
        found.setdefault(node)

    visit(tree)
    found.pop(tree)
    return [*found, tree]


def _plain(node: Expression) -> bool:
    """Whether the derivative can be read off: `x`, `x^2`, `3*x`, `2*x + 1`."""
    if isinstance(node, Power):
        return isinstance(node.base, Name) and isinstance(node.exponent, Number)
    if isinstance(node, Product):
        return sum(not isinstance(factor, Number) for factor in node.factors) == 1 and all(map(_plain, node.factors))
    if isinstance(node, Sum):
        return all(map(_plain, node.terms))
    return isinstance(node, Name | Number)


def _monomial(rng: random.Random, top: int) -> str:
    degree = rng.randint(1, 5)
    return f"{rng.choice([-1, 1, 1, 1]) * rng.randint(1, top)}*x" + (f"^{degree}" if degree > 1 else "")


def _inner(rng: random.Random, depth: int, top: int) -> str:
    if depth > 1 and rng.random() < 0.7:
        return _call(rng, depth - 1, top)
    kind = rng.randrange(4)
    if kind == 0:
        return f"{rng.randint(2, top)}*x"
    if kind == 1:
        return f"x^{rng.randint(2, 4)}"
    return f"{rng.randint(2, top)}*x + {rng.randint(1, top)}" if kind == 2 else f"x^2 + {rng.randint(1, top)}"


def _call(rng: random.Random, depth: int, top: int) -> str:
    function = rng.choice(_FUNCTIONS)
    inner = _inner(rng, depth, top)
    if function in ("log", "sqrt") and depth > 1:
        inner = f"{inner} + {rng.randint(2, top)}"
    if rng.random() < 0.2:
        return f"{rng.choice(['sin', 'cos'])}({inner})^{rng.randint(2, 4)}"
    return f"{function}({inner})"


def _term(rng: random.Random, depth: int, factors: int, top: int) -> str:
    if depth == 0:
        return _monomial(rng, top)
    parts = [_call(rng, rng.randint(1, depth), top) for _ in range(max(1, factors - 1))]
    if factors > 1:
        binomial = f"(x^{rng.randint(2, 3)} + {rng.randint(1, top)})"
        parts.insert(0, _monomial(rng, top) if rng.random() < 0.7 else binomial)
    elif rng.random() < 0.7:
        parts.insert(0, str(rng.randint(2, top)))
    return "*".join(parts)
