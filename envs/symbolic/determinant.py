"""Determinants by row operations that keep them.

An observation is `2 1`, `4 5`; a right action is `r2 - 2*r1`, and `6` is the answer.
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

# size, largest entry
LEVELS = {
    1: (2, 12), 2: (2, 30), 3: (3, 4), 4: (3, 9), 5: (3, 15), 6: (4, 4), 7: (4, 9), 8: (5, 4), 9: (5, 9), 10: (6, 9),
}  # fmt: skip

MAX_ENTRY = 10**12
_NUMBER = r"[0-9]{1,12}(?:/[0-9]{1,12})?"
_OPERATION = re.compile(rf"r([1-9])\s*([-+])\s*(?:({_NUMBER})\s*\*\s*)?r([1-9])")
_VALUE = re.compile(rf"-?{_NUMBER}")

Rows = tuple[tuple[str, ...], ...]
State = tuple[Rows, str]
"""The rows, and the value once it is given."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The rows and the determinant."""

    rows: tuple[tuple[int, ...], ...]
    value: Fraction


class Determinant(ReasoningEnv[Matrix, State]):
    """The determinant of a 2x2 (levels 1-2) up to a 6x6 matrix (level 10) of whole numbers.

    Adding a multiple of a row to another keeps it; the diagonal of a triangular matrix then gives it.
    """

    name = "determinant"
    rules = "Find the determinant of the matrix."
    action_rule = (
        "Write r2 - 3/2*r1 to subtract 3/2 times row 1 from row 2 (+ adds), or at last the determinant as a number."
    )
    answer_rule = "Answer with the determinant, for example -12."
    action_chars = 40
    answer_chars = 40

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        size, top = LEVELS[level]
        while True:
            rows = [[rng.randint(-top, top) for _ in range(size)] for _ in range(size)]
            if abs(determinant(rows)) > 1:
                return {"matrix": rows}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Matrix:
        exact_fields(payload, "matrix")
        rows = payload["matrix"]
        if not isinstance(rows, list | tuple) or not 2 <= len(rows) <= 8:
            raise ValueError("a matrix has two to eight rows")
        for row in rows:
            if not isinstance(row, list | tuple) or len(row) != len(rows):
                raise ValueError("a matrix is square")
            if any(type(x) is not int or abs(x) > 999 for x in row):
                raise ValueError("entries are whole numbers of at most three digits")
        return Matrix(tuple(map(tuple, rows)), determinant(rows))

    @classmethod
    def _start(cls, instance: Matrix) -> State:
        return tuple(tuple(map(str, row)) for row in instance.rows), ""

    @classmethod
    def _observe(cls, instance: Matrix, state: State) -> str:
        return "\n".join(" ".join(row) for row in state[0]) + (f"\ndet {state[1]}" if state[1] else "")

    @classmethod
    def _apply(cls, instance: Matrix, state: State, action: str) -> State:
        if _VALUE.fullmatch(action):
            return state[0], action
        match = _OPERATION.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is neither of the form r2 - 3/2*r1 nor a number.")
        target, source, size = int(match[1]) - 1, int(match[4]) - 1, len(instance.rows)
        if target == source or max(target, source) >= size:
            raise IllegalAction(f"Two different rows from 1 to {size} are needed.")
        factor = _fraction(match[3] or "1")
        if not factor:
            raise IllegalAction("A multiple of zero, or by zero, changes nothing.")
        factor = factor if match[2] == "+" else -factor
        made = [Fraction(a) + factor * Fraction(b) for a, b in zip(state[0][target], state[0][source], strict=True)]
        if any(max(abs(x.numerator), x.denominator) >= MAX_ENTRY for x in made):
            raise IllegalAction("An entry becomes too large.")
        rows = list(state[0])
        rows[target] = tuple(map(str, made))
        return tuple(rows), ""

    @classmethod
    def _done(cls, instance: Matrix, state: State) -> bool:
        return bool(state[1])

    @classmethod
    def _answer(cls, instance: Matrix, state: State, actions: Sequence[str]) -> str:
        return state[1]

    @classmethod
    def _verify(cls, instance: Matrix, answer: str) -> Verdict:
        if not _VALUE.fullmatch(answer):
            return reject("The answer is not a number.")
        value = _fraction(answer)
        if value is None:
            return reject("The answer divides by zero.")
        return accept(str(value)) if value == instance.value else reject("The determinant is another one.", str(value))

    @classmethod
    def _solve(cls, instance: Matrix) -> Solution:
        rows, actions = [[Fraction(x) for x in row] for row in instance.rows], []

        def combine(target: int, source: int, factor: Fraction) -> None:
            multiple = "" if abs(factor) == 1 else f"{abs(factor)}*"
            actions.append(f"r{target + 1} {'+' if factor > 0 else '-'} {multiple}r{source + 1}")
            rows[target] = [a + factor * b for a, b in zip(rows[target], rows[source], strict=True)]

        for column in range(len(rows)):
            if not rows[column][column]:
                below = [row for row in range(column + 1, len(rows)) if rows[row][column]]
                if not below:
                    break
                combine(column, below[0], Fraction(1))
            for row in range(column + 1, len(rows)):
                if rows[row][column]:
                    combine(row, column, -rows[row][column] / rows[column][column])
        if any(max(abs(x.numerator), x.denominator) >= 10**11 for row in rows for x in row):
            actions = []  # the number alone is a whole game where the operations outgrow what may stand there
        return Solution(str(instance.value), [*actions, str(instance.value)])

    @classmethod
    def _limit(cls, instance: Matrix) -> int:
        return len(instance.rows) * (len(instance.rows) + 3)


def _fraction(text: str) -> Fraction | None:
    top, _, bottom = text.partition("/")
    return Fraction(int(top), int(bottom or "1")) if not bottom or int(bottom) else None


def determinant(rows: Sequence[Sequence[int]]) -> Fraction:
    """The determinant by elimination in fractions."""
    left, total = [[Fraction(x) for x in row] for row in rows], Fraction(1)
    for column in range(len(left)):
        pivot = next((row for row in range(column, len(left)) if left[row][column]), None)
        if pivot is None:
            return Fraction(0)
        if pivot != column:
            left[pivot], left[column], total = left[column], left[pivot], -total
        total *= left[column][column]
        for row in range(column + 1, len(left)):
            factor = left[row][column] / left[column][column]
            left[row] = [a - factor * b for a, b in zip(left[row], left[column], strict=True)]
    return total
