"""Inequalities between a rational function and zero: critical points, signs, intervals.

An observation is `(x - 2)*(x + 3) <= 0`; right actions are `-3`, `2`, then `+ - +`, then `[-3, 2]`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.derivation import exact_fields, text_field
from esreason.envs.symbolic import polynomials as p
from esreason.envs.symbolic.polynomials import Polynomial, poly
from esreason.verifiers.expressions import Expression, divide, multiply, parse, to_text

# factors above, below the line; expanded; largest number; leading coefficients over 1; a double factor
LEVELS = {
    1: (2, 0, False, 25, False, False), 2: (2, 0, True, 25, False, False), 3: (1, 1, False, 12, True, False),
    4: (2, 0, True, 9, True, False), 5: (3, 0, False, 12, False, False), 6: (2, 1, False, 12, False, False),
    7: (3, 0, True, 9, False, False), 8: (2, 2, False, 9, True, False), 9: (3, 1, False, 9, True, True),
    10: (3, 2, False, 9, True, True),
}  # fmt: skip

_RELATION = re.compile(r"([^<>=]+?)\s*(<=|>=|<|>)\s*0")
_NUMBER = r"-?[0-9]{1,9}(?:/[0-9]{1,9})?"
_INTERVAL = re.compile(rf"([\[(])\s*(-inf|{_NUMBER})\s*,\s*(inf|{_NUMBER})\s*([\])])")
_POINT = re.compile(rf"\{{\s*({_NUMBER})\s*\}}")
_JOINT = re.compile(r"\s*(?:\bor\b|\bU\b|;)\s*")

Piece = tuple[Fraction | None, Fraction | None, bool, bool]
"""Lower and upper end (None: infinite) and whether each belongs to it."""
State = tuple[str, ...]
"""The lines so far: each critical point, the signs, the intervals."""


@dataclass(frozen=True, slots=True)
class Question:
    """The inequality as text, the critical points, the signs between them and the solution."""

    text: str
    points: tuple[Fraction, ...]
    signs: str
    pieces: tuple[Piece, ...]


class Inequality(ReasoningEnv[Question, State]):
    """Solve inequalities of products of two factors (level 1) up to quotients with double factors (level 10).

    All zeros and poles are rational. The solution is a union of intervals, written in order of size.
    """

    name = "inequality"
    rules = "Find all real x that satisfy the inequality."
    action_rule = (
        "First write the zeros and poles in ascending order, one a line, for example -3; then the signs of the left "
        "side between them from left to right, for example + - +; then the solution as intervals."
    )
    answer_rule = (
        "Answer with disjoint intervals in ascending order, for example (-inf, -3] or (1/2, inf); "
        "a single point is {2}, and if there are none write none."
    )
    action_chars = 160
    answer_chars = 160
    task_space = {1: 10_200, 2: 5_100, 3: 21_950, 4: 5_724, 5: 55_200, 6: 55_200}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        above, below, expanded, top, leads, double = LEVELS[level]
        while True:
            roots = [poly([rng.randint(-top, top), rng.randint(1, 3) if leads else 1]) for _ in range(above + below)]
            if len({-root[0] / root[-1] for root in roots}) == len(roots):
                break
        trees = [p.tree_of(p.product(roots))] if expanded else [p.tree_of(root) for root in roots]
        if double:
            trees[0] = parse(f"({to_text(trees[0])})^2")
        tree: Expression = multiply(*trees[: above if not expanded else 1])
        if below:
            tree = divide(tree, multiply(*trees[above:]))
        return {"inequality": f"{to_text(tree)} {rng.choice(['<', '<=', '>', '>='])} 0"}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "inequality")
        match = _RELATION.fullmatch(text_field(payload, "inequality"))
        if not match:
            raise ValueError("an inequality compares an expression with 0 by <, <=, > or >=")
        tree = parse(match[1])
        top, bottom, poles = p.fraction_of(tree)
        if not top or len(top) < 2:
            raise ValueError("the left side is a constant or its numerator is")
        zeros, holes = p.rational_roots(p.squarefree(p.without(top, poles))), p.rational_roots(p.squarefree(poles))
        for polynomial, rational in ((p.without(top, poles), zeros), (poles, holes)):
            if p.real_roots(polynomial) != len(rational):
                raise ValueError("the zeros and poles are rational")
        points = tuple(sorted({*zeros, *holes}))
        if not 1 <= len(points) <= 8:
            raise ValueError("there are one to eight zeros and poles")
        signs = _signs(top, bottom, points)
        return Question(f"{to_text(tree)} {match[2]} 0", points, signs, _pieces(points, signs, set(zeros), match[2]))

    @classmethod
    def _start(cls, instance: Question) -> State:
        return ()

    @classmethod
    def _observe(cls, instance: Question, state: State) -> str:
        count = len(instance.points)
        asked = "next zero or pole?" if len(state) < count else ("signs?", "solution?", "")[len(state) - count]
        return (
            "\n".join([instance.text, ", ".join(state[:count]), *state[count:], asked]).rstrip().replace("\n\n", "\n")
        )

    @classmethod
    def _apply(cls, instance: Question, state: State, action: str) -> State:
        if len(action) > cls.action_chars or not action.isascii() or not action.isprintable():
            raise IllegalAction(f"A line has at most {cls.action_chars} printable ASCII characters.")
        count = len(instance.points)
        if len(state) < count:
            if action != str(instance.points[len(state)]):
                raise IllegalAction("That is not the next zero or pole.")
            return (*state, action)
        if len(state) == count:
            if re.sub(r"[\s,]", "", action) != instance.signs:
                raise IllegalAction("Those are not the signs.")
            return (*state, " ".join(instance.signs))
        try:
            pieces = _read(action)
        except ValueError as error:
            raise IllegalAction(str(error)) from None
        return (*state, _written(pieces))

    @classmethod
    def _done(cls, instance: Question, state: State) -> bool:
        return len(state) == len(instance.points) + 2

    @classmethod
    def _answer(cls, instance: Question, state: State, actions: Sequence[str]) -> str:
        return state[-1]

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        try:
            pieces = _read(answer)
        except ValueError as error:
            return reject(str(error))
        if pieces == instance.pieces:
            return accept(_written(pieces))
        return reject("The solution is another set.", _written(pieces))

    @classmethod
    def _solve(cls, instance: Question) -> Solution:
        answer = _written(instance.pieces)
        return Solution(answer, [*map(str, instance.points), " ".join(instance.signs), answer], optimal=True)

    @classmethod
    def _limit(cls, instance: Question) -> int:
        return 2 * len(instance.points) + 4


def _signs(top: Polynomial, bottom: Polynomial, points: Sequence[Fraction]) -> str:
    probes = [points[0] - 1, *((a + b) / 2 for a, b in pairwise(points)), points[-1] + 1]
    return "".join("+" if p.value(top, x) * p.value(bottom, x) > 0 else "-" for x in probes)


def _pieces(points: Sequence[Fraction], signs: str, zeros: set[Fraction], relation: str) -> tuple[Piece, ...]:
    """The solution as maximal intervals, ascending."""
    wanted = "+" if relation[0] == ">" else "-"
    held = [relation[1:] == "=" and point in zeros for point in points]
    found: list[Piece] = []
    for place, sign in enumerate(signs):
        low, high = (points[place - 1] if place else None), (points[place] if place < len(points) else None)
        if sign == wanted:
            closed = bool(place) and held[place - 1], place < len(points) and held[place]
            if found and found[-1][3] and closed[0] and found[-1][1] == low:
                found[-1] = found[-1][0], high, found[-1][2], closed[1]
            else:
                found.append((low, high, *closed))
        elif place < len(points) and held[place] and signs[place + 1] != wanted and high is not None:
            found.append((high, high, True, True))
    return tuple(found)


def _read(text: str) -> tuple[Piece, ...]:
    """The intervals of a text; ValueError unless they are disjoint, maximal and ascending."""
    if len(text) > 400:
        raise ValueError("The solution is too long.")
    if text.strip() == "none":
        return ()
    found: list[Piece] = []
    for part in _JOINT.split(text.strip()):
        point, interval = _POINT.fullmatch(part), _INTERVAL.fullmatch(part)
        if point:
            value = _fraction(point[1])
            found.append((value, value, True, True))
        elif interval:
            found.append(_interval(*interval.groups()))
        else:
            raise ValueError("The solution is not written as intervals, for example (-inf, -3] or (1/2, inf).")
    for (_, high, _, closed), (low, _, held, _) in pairwise(found):
        if high is None or low is None or low < high or (low == high and (closed or held)):
            raise ValueError("The intervals are not disjoint and ascending.")
    return tuple(found)


def _interval(left: str, low: str, high: str, right: str) -> Piece:
    a, b = (None if low == "-inf" else _fraction(low)), (None if high == "inf" else _fraction(high))
    if (a is None and left == "[") or (b is None and right == "]"):
        raise ValueError("Infinity does not belong to an interval.")
    if a is not None and b is not None and not (a < b or (a == b and (left, right) == ("[", "]"))):
        raise ValueError("An interval is empty.")
    return a, b, left == "[", right == "]"


def _fraction(text: str) -> Fraction:
    top, _, bottom = text.partition("/")
    if bottom and not int(bottom):
        raise ValueError("It divides by zero.")
    return Fraction(int(top), int(bottom or "1"))


def _written(pieces: Sequence[Piece]) -> str:
    texts = []
    for low, high, left, right in pieces:
        if low is not None and low == high:
            texts.append(f"{{{low}}}")
        else:
            ends = ("-inf" if low is None else str(low)), ("inf" if high is None else str(high))
            texts.append(f"{'[' if left else '('}{ends[0]}, {ends[1]}{']' if right else ')'}")
    return " or ".join(texts) or "none"
