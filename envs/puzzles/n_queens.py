"""N queens: complete a board so that no queen attacks another.

A board is shown as `8 queens: 0 . 7 . 2 6 1 3`, the column of each row's queen; a right action is `1=4`, and
`0 4 7 5 2 6 1 3` is a right answer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.puzzles.n_queens_solver import complete
from esreason.verifiers.parsing import integers

# size, blank rows (fewest, most)
LEVELS = {
    1: (8, 2, 4), 2: (8, 4, 5), 3: (9, 5, 6), 4: (10, 6, 7), 5: (11, 7, 9),
    6: (12, 9, 10), 7: (14, 10, 12), 8: (16, 13, 14), 9: (20, 16, 18), 10: (24, 20, 22),
}  # fmt: skip
MAX_SIZE = 32
_ACTION = re.compile(r"([0-9]{1,2})\s*[=:]\s*([0-9]{1,2}|\.)")

State = tuple[int, ...]
"""The column of each row's queen, -1 where there is none."""


@dataclass(frozen=True, slots=True)
class Board:
    """The fixed queens, as a state."""

    queens: State


class NQueens(ReasoningEnv[Board, State]):
    """Every row, column and diagonal holds at most one queen; any completion is right.

    Levels go from 8 queens with 2-4 missing to 24 with 20-22 missing. After Max Bezzel (Schachzeitung, 1848).
    """

    name = "n_queens"
    rules = (
        "N queens: place one queen in every row so that no two share a column or a diagonal. The line lists the column "
        "of each row's queen from row 0 on, a dot where it is missing; rows and columns are counted from 0."
    )
    action_rule = (
        "Write <row>=<column>, for example 1=4, to place the queen of a row whose queen is not given, or 1=. to take "
        "it away; when every row has a queen, the board is judged."
    )
    answer_rule = "Answer with the columns of all queens, row by row, separated by spaces."
    task_space = {1: 10_500, 2: 8_100, 3: 36_000, 5: 40_000, 6: 28_000, 7: 64_000}
    action_chars = 6
    answer_chars = 96

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        size, fewest, most = LEVELS[level]
        columns = complete(size, {rng.randrange(size): rng.randrange(size)}, rng)
        while columns is None:
            columns = complete(size, {rng.randrange(size): rng.randrange(size)}, rng)
        rows = sorted(rng.sample(range(size), size - rng.randint(fewest, most)))
        return {"size": size, "queens": [[row, columns[row]] for row in rows]}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        size, queens = payload.get("size"), payload.get("queens")
        if set(payload) != {"size", "queens"} or type(size) is not int or not 1 <= size <= MAX_SIZE:
            raise ValueError(f'an n_queens payload is {{"size": 1 to {MAX_SIZE}, "queens": [[row, column], ...]}}')
        if not isinstance(queens, list | tuple) or len(queens) > size:
            raise ValueError("queens is a list of at most as many pairs as there are rows")
        fixed: dict[int, int] = {}
        for pair in queens:
            if not isinstance(pair, list | tuple) or len(pair) != 2 or any(type(n) is not int for n in pair):
                raise ValueError("a queen is a pair [row, column] of whole numbers")
            if not all(0 <= n < size for n in pair) or pair[0] in fixed:
                raise ValueError(f"rows and columns are counted from 0 to {size - 1}, and no row has two queens")
            fixed[pair[0]] = pair[1]
        if complete(size, fixed) is None:
            raise ValueError("these queens cannot be completed")
        return Board(tuple(fixed.get(row, -1) for row in range(size)))

    @classmethod
    def _start(cls, instance: Board) -> State:
        return instance.queens

    @classmethod
    def _observe(cls, instance: Board, state: State) -> str:
        return f"{len(state)} queens: {' '.join(['.' if column < 0 else str(column) for column in state])}"

    @classmethod
    def _apply(cls, instance: Board, state: State, action: str) -> State:
        match = _ACTION.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form 1=4.")
        row, column = int(match[1]), -1 if match[2] == "." else int(match[2])
        if row >= len(state) or column >= len(state):
            raise IllegalAction(f"Rows and columns end at {len(state) - 1}.")
        if instance.queens[row] >= 0:
            raise IllegalAction(f"The queen of row {row} is given.")
        if state[row] == column:
            raise IllegalAction(f"Row {row} stands so already.")
        return (*state[:row], column, *state[row + 1 :])

    @classmethod
    def _done(cls, instance: Board, state: State) -> bool:
        return -1 not in state

    @classmethod
    def _answer(cls, instance: Board, state: State, actions: Sequence[str]) -> str:
        return " ".join(map(str, state))

    @classmethod
    def _verify(cls, instance: Board, answer: str) -> Verdict:
        size = len(instance.queens)
        try:
            columns = integers(answer)
        except ValueError as error:
            return reject(f"The answer is no list of columns: {error}.")
        if len(columns) != size:
            return reject(f"There are {len(columns)} columns instead of {size}.", columns)
        for row, (given, column) in enumerate(zip(instance.queens, columns, strict=True)):
            if not 0 <= column < size:
                return reject(f"There is no column {column}.", columns)
            if given not in (-1, column):
                return reject(f"The queen of row {row} is given in column {given}.", columns)
        problem = _attack(columns)
        return reject(problem, columns) if problem else accept(columns)

    @classmethod
    def _solve(cls, instance: Board) -> Solution:
        columns = complete(len(instance.queens), {r: c for r, c in enumerate(instance.queens) if c >= 0}) or []
        actions = [f"{row}={column}" for row, column in enumerate(columns) if instance.queens[row] < 0]
        return Solution(" ".join(map(str, columns)), actions, optimal=True)

    @classmethod
    def _legal(cls, instance: Board, state: State) -> list[str]:
        size = len(state)
        blanks = [row for row, given in enumerate(instance.queens) if given < 0]
        return [
            f"{row}={'.' if column < 0 else column}"
            for row in blanks
            for column in range(-1, size)
            if column != state[row]
        ]

    @classmethod
    def _limit(cls, instance: Board) -> int:
        return max(1, 2 * instance.queens.count(-1))


def _attack(columns: list[int]) -> str | None:
    """One sentence on two queens that attack each other, None if none do."""
    if len(set(columns)) < len(columns):
        return "Two queens share a column."
    if len({column - row for row, column in enumerate(columns)}) < len(columns):
        return "Two queens share a diagonal that falls to the right."
    if len({column + row for row, column in enumerate(columns)}) < len(columns):
        return "Two queens share a diagonal that rises to the right."
    return None
