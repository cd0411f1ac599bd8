"""Environments in which a grid is filled cell by cell."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol, TypeVar

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.verifiers.grids import cell_name, changed_given, read_cells, rows_of

_ACTION = re.compile(r"r([0-9]{1,2})c([0-9]{1,2})\s*=\s*(\S{1,3})")


class GridInstance(Protocol):
    """What a parsed payload of a GridEnv has: the givens row by row (`.` blank), the width, the symbols."""

    @property
    def givens(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def symbols(self) -> str: ...


G = TypeVar("G", bound=GridInstance)


class GridEnv(ReasoningEnv[G, str]):
    """A grid puzzle: an action `r1c2=3` writes a symbol into a cell that is not given, `r1c2=.` empties it.

    The state is the cells row by row; the episode ends when no cell is blank; an answer is the whole grid.
    Subclasses fill `_violation` (what is wrong with a full grid), `_filled` (the solver), and where a
    placement can be refused at once `_conflict`; `_clues` is text shown above the rows.
    """

    action_rule = (
        "Write r<row>c<column>=<symbol>, for example r1c2=3, to fill one cell; rows and columns are counted from 1, "
        "and r1c2=. empties a cell that you filled."
    )
    answer_rule = "Answer with the whole grid, row by row."
    action_chars = 8
    answer_chars = 1024

    @classmethod
    @abstractmethod
    def _violation(cls, instance: G, cells: str) -> str | None:
        """One sentence on what is wrong with a full grid, None if nothing is."""

    @classmethod
    @abstractmethod
    def _filled(cls, instance: G) -> str:
        """A right grid."""

    @classmethod
    def _conflict(cls, instance: G, cells: str, index: int, symbol: str) -> str | None:
        """One sentence on why `symbol` may not be written at `index`, where it does not stand, None if it may."""
        return None

    @classmethod
    def _clues(cls, instance: G) -> str:
        """What is shown above the rows, each line ended by a newline; nothing by default."""
        return ""

    @classmethod
    def _symbol(cls, instance: G, text: str) -> str:
        """The symbol that a written text stands for; IllegalAction with one sentence if it is none."""
        if len(text) != 1 or text not in instance.symbols:
            raise IllegalAction(f"{shown(text)} is not one of {instance.symbols}.")
        return text

    @classmethod
    def _text(cls, symbol: str) -> str:
        """How a symbol is written."""
        return symbol

    @classmethod
    def _signs(cls, instance: G) -> str:
        """What may stand in the cells of an answer that are not given."""
        return instance.symbols

    @classmethod
    def _read(cls, instance: G, answer: str) -> str:
        """The cells of an answer; ValueError with one sentence where one holds what cannot stand there."""
        givens, signs = instance.givens, cls._signs(instance)
        fixed = set(givens).difference(signs, ".")
        if not fixed:
            return read_cells(answer, len(givens), signs)
        cells = read_cells(answer, len(givens), signs + "".join(sorted(fixed)))
        for index, cell in enumerate(cells):
            if cell in fixed and givens[index] == ".":
                raise ValueError(f"{cell} does not belong in {cell_name(index, instance.width)}.")
        return cells

    @classmethod
    def _start(cls, instance: G) -> str:
        return instance.givens

    @classmethod
    def _observe(cls, instance: G, state: str) -> str:
        return cls._clues(instance) + "\n".join(rows_of(state, instance.width))

    @classmethod
    def _apply(cls, instance: G, state: str, action: str) -> str:
        match = _ACTION.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form r1c2=3.")
        width = instance.width
        row, column = int(match[1]) - 1, int(match[2]) - 1
        index = row * width + column
        if row < 0 or not 0 <= column < width or index >= len(state):
            raise IllegalAction(f"There is no cell r{row + 1}c{column + 1}.")
        if instance.givens[index] != ".":
            raise IllegalAction(f"r{row + 1}c{column + 1} is given.")
        symbol = match[3] if match[3] == "." else cls._symbol(instance, match[3])
        if symbol == ".":
            if state[index] == ".":
                raise IllegalAction(f"r{row + 1}c{column + 1} is blank already.")
        else:
            if state[index] == symbol:
                raise IllegalAction(f"{match[3]} stands there already.")
            problem = cls._conflict(instance, state, index, symbol)
            if problem:
                raise IllegalAction(problem)
        return state[:index] + symbol + state[index + 1 :]

    @classmethod
    def _done(cls, instance: G, state: str) -> bool:
        return "." not in state

    @classmethod
    def _answer(cls, instance: G, state: str, actions: Sequence[str]) -> str:
        return " ".join(rows_of(state, instance.width))

    @classmethod
    def _verify(cls, instance: G, answer: str) -> Verdict:
        try:
            cells = cls._read(instance, answer)
        except ValueError as error:
            return reject(str(error))
        problem = changed_given(instance.givens, cells, instance.width) or cls._violation(instance, cells)
        return reject(problem, cells) if problem else accept(cells)

    @classmethod
    def _solve(cls, instance: G) -> Solution:
        cells = cls._filled(instance)
        width, givens = instance.width, instance.givens
        actions = [f"{cell_name(i, width)}={cls._text(c)}" for i, c in enumerate(cells) if givens[i] == "."]
        return Solution(cls._answer(instance, cells, actions), actions, optimal=True)

    @classmethod
    def _legal(cls, instance: G, state: str) -> list[str]:
        found = []
        for index, given in enumerate(instance.givens):
            if given == ".":
                name, old = cell_name(index, instance.width), state[index]
                for symbol in instance.symbols:
                    if symbol != old and not cls._conflict(instance, state, index, symbol):
                        found.append(f"{name}={cls._text(symbol)}")
                if old != ".":
                    found.append(f"{name}=.")
        return found

    @classmethod
    def _limit(cls, instance: G) -> int:
        return 2 * instance.givens.count(".")
