"""Systems of linear equations, an equation replaced at a time.

An observation is `1: x + y = 5`, `2: 2*x - y = 1`; a right action is `2: 3*x = 6`, and `x = 2, y = 3` is the answer.
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
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.derivation import exact_fields
from esreason.verifiers.expressions import (
    ExpressionError,
    coefficients,
    from_coefficients,
    number,
    parse,
    parse_equation,
    rational_value,
    to_text,
)

NAMES = ("x", "y", "z", "u", "v")

# unknowns, largest coefficient, largest value of an unknown, fractions as values
LEVELS = {
    1: (2, 5, 9, False), 2: (2, 9, 12, False), 3: (2, 9, 9, True), 4: (3, 3, 6, False), 5: (3, 5, 9, False),
    6: (3, 9, 12, False), 7: (3, 6, 9, True), 8: (4, 4, 6, False), 9: (4, 7, 9, False), 10: (5, 6, 9, False),
}  # fmt: skip

Row = tuple[Fraction, ...]
"""Coefficients of the unknowns, then the right side."""
State = tuple[str, ...]
_ACTION = re.compile(r"([1-5])\s*:\s*(.*)")


@dataclass(frozen=True, slots=True)
class System:
    """The equations, the names of the unknowns and their values."""

    rows: tuple[Row, ...]
    names: tuple[str, ...]
    values: tuple[Fraction, ...]


class SolveSystem(ReasoningEnv[System, State]):
    """Solve a linear system of 2 unknowns (levels 1-3) up to 5 (level 10) with exactly one solution.

    An equation may be replaced by any linear one such that the solution stays the only one.
    """

    name = "solve_system"
    rules = "Find the unknowns: all equations hold for exactly one set of values."
    action_rule = (
        "Write the number of an equation and the equation that takes its place, for example 2: 3*x = 6; "
        "the system must keep its one solution. The end is one equation x = 2 for each unknown."
    )
    answer_rule = "Answer with the values of all unknowns, for example x = 2, y = -1/3."
    action_chars = 120
    answer_chars = 120

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, top, most, fractions = LEVELS[level]
        values = [Fraction(rng.randint(-most, most), rng.randint(1, 4) if fractions else 1) for _ in range(count)]
        while True:
            rows = [[Fraction(rng.randint(-top, top)) for _ in range(count)] for _ in range(count)]
            if rank(rows) == count and all(sum(map(bool, row)) > 1 for row in rows):
                break
        texts = []
        for row in rows:
            right = sum((a * v for a, v in zip(row, values, strict=True)), Fraction(0))
            texts.append(_text((*(right.denominator * a for a in row), right.denominator * right), NAMES[:count]))
        return {"equations": texts, "variables": list(NAMES[:count])}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> System:
        exact_fields(payload, "equations", "variables")
        texts, names = payload["equations"], payload["variables"]
        if not isinstance(texts, list | tuple) or not isinstance(names, list | tuple) or not 2 <= len(names) <= 5:
            raise ValueError("there are two to five equations and unknowns")
        if len(texts) != len(names) or not all(isinstance(t, str) and len(t) <= 200 for t in texts):
            raise ValueError("there are as many equations as unknowns, each a text of at most 200 characters")
        if any(not isinstance(n, str) or n not in NAMES for n in names) or len(set(names)) != len(names):
            raise ValueError(f"unknowns are different letters of {', '.join(NAMES)}")
        rows = tuple(_row(text, tuple(names)) for text in texts)
        if rank([row[:-1] for row in rows]) != len(names):
            raise ValueError("the system does not have exactly one solution")
        values = _values(rows)
        return System(rows, tuple(names), values)

    @classmethod
    def _start(cls, instance: System) -> State:
        return tuple(_text(row, instance.names) for row in instance.rows)

    @classmethod
    def _observe(cls, instance: System, state: State) -> str:
        return "\n".join(f"{k}: {text}" for k, text in enumerate(state, 1))

    @classmethod
    def _apply(cls, instance: System, state: State, action: str) -> State:
        match = _ACTION.fullmatch(action)
        if not match or int(match[1]) > len(state) or len(action) > 200:
            raise IllegalAction(f"{shown(action)} is not of the form 2: 3*x = 6.")
        try:
            row = _row(match[2], instance.names)
        except ValueError as error:
            raise IllegalAction(str(error)) from None
        if sum((a * v for a, v in zip(row, instance.values, strict=False)), Fraction(0)) != row[-1]:
            raise IllegalAction("The equation does not follow from the system.")
        texts = list(state)
        texts[int(match[1]) - 1] = _text(row, instance.names)
        if rank([_row(text, instance.names)[:-1] for text in texts]) != len(texts):
            raise IllegalAction("The system would have more than one solution.")
        return tuple(texts)

    @classmethod
    def _done(cls, instance: System, state: State) -> bool:
        return sorted(state) == sorted(f"{n} = {v}" for n, v in zip(instance.names, instance.values, strict=True))

    @classmethod
    def _answer(cls, instance: System, state: State, actions: Sequence[str]) -> str:
        return ", ".join(state)

    @classmethod
    def _verify(cls, instance: System, answer: str) -> Verdict:
        found: dict[str, str] = {}
        if len(answer) > 500:
            return reject("The answer is longer than 500 characters.")
        for part in re.split(r"\s*[,;\n]\s*", answer):
            name, sign, text = part.replace("==", "=").partition("=")
            name = name.strip()
            if not sign or name not in instance.names or name in found:
                return reject(f"{shown(part)} is not the value of an unknown, or a second one.")
            try:
                value = rational_value(parse(text, ()))
            except ExpressionError as error:
                return reject(str(error))
            if value != instance.values[instance.names.index(name)]:
                return reject(f"{name} has another value.", found)
            found[name] = str(value)
        return accept(found) if len(found) == len(instance.names) else reject("An unknown is missing.", found)

    @classmethod
    def _solve(cls, instance: System) -> Solution:
        rows, actions = [list(row) for row in instance.rows], list[str]()
        for column in range(len(rows)):
            pivot = next(row for row in range(column, len(rows)) if rows[row][column])
            if pivot != column:  # add it, so that the unknown occurs in this equation too
                rows[column] = [a + b for a, b in zip(rows[column], rows[pivot], strict=True)]
            rows[column] = [x / rows[column][column] for x in rows[column]]
            _note(actions, column, rows[column], instance)
            for row in range(len(rows)):
                if row != column and rows[row][column]:
                    rows[row] = [a - rows[row][column] * b for a, b in zip(rows[row], rows[column], strict=True)]
                    _note(actions, row, rows[row], instance)
        state, played = cls._start(instance), list[str]()
        for action in actions:
            after = cls._apply(instance, state, action)
            if after != state:
                state, played = after, [*played, action]
        answer = ", ".join(f"{n} = {v}" for n, v in zip(instance.names, instance.values, strict=True))
        return Solution(answer, played)

    @classmethod
    def _limit(cls, instance: System) -> int:
        return 3 * len(instance.names) ** 2 + 4


def _note(actions: list[str], place: int, row: Sequence[Fraction], instance: System) -> None:
    actions.append(f"{place + 1}: {_text(row, instance.names)}")


def _text(row: Sequence[Fraction], names: Sequence[str]) -> str:
    shapes = {tuple(int(i == k) for i in range(len(names))): row[k] for k in range(len(names)) if row[k]}
    left = to_text(from_coefficients(shapes, names)) if shapes else "0"
    return f"{left} = {to_text(number(row[-1]))}"


def _row(text: str, names: tuple[str, ...]) -> Row:
    """The coefficients of a linear equation; ValueError where it is none."""
    left, right = parse_equation(text, names)
    row = [Fraction(0)] * (len(names) + 1)
    for side, sign in ((left, 1), (right, -1)):
        for exponents, value in coefficients(side, names).items():
            if sum(exponents) > 1:
                raise ValueError("The equation is not linear.")
            row[exponents.index(1) if sum(exponents) else -1] += value * (sign if sum(exponents) else -sign)
    if max(len(str(x)) for x in row) > 24:
        raise ValueError("A number has more than 24 characters.")
    return tuple(row)


def rank(rows: Sequence[Sequence[Fraction]]) -> int:
    """The rank of a matrix."""
    left, found = [list(row) for row in rows], 0
    for column in range(len(left[0])):
        pivot = next((row for row in left[found:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left.insert(found, pivot)
        found += 1
        for row in left[found:]:
            factor = row[column] / pivot[column]
            row[:] = [a - factor * b for a, b in zip(row, pivot, strict=True)]
    return found


def _values(rows: Sequence[Row]) -> tuple[Fraction, ...]:
    """The solution of a regular system."""
    left = [list(row) for row in rows]
    for column in range(len(left)):
        pivot = next(row for row in left[column:] if row[column])
        left.remove(pivot)
        left.insert(column, [x / pivot[column] for x in pivot])
        for place, row in enumerate(left):
            if place != column:
                factor = row[column]
                left[place] = [a - factor * b for a, b in zip(row, left[column], strict=True)]
    return tuple(row[-1] for row in left)
