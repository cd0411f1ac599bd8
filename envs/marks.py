"""Environments in which cells of a grid are marked until the marks are right."""

from __future__ import annotations

import re
from typing import Protocol, TypeVar

from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.grid import GridEnv, GridInstance
from esreason.verifiers.grids import cell_name, rows_of


class MarkInstance(GridInstance, Protocol):
    """What a parsed payload of a MarkEnv has: `.` in the givens is a cell to decide, `symbols` is the mark.

    `solution` is the only right grid; it marks at least one cell.
    """

    @property
    def solution(self) -> str: ...


M = TypeVar("M", bound=MarkInstance)

FORM = re.compile(r"r[0-9]{1,2}c[0-9]{1,2}\s*=\s*\S{1,3}")
"""An action on a cell; what is refused for its form is told one that the grid takes, as r1c2=3 is none of theirs."""


class MarkEnv(GridEnv[M]):
    """A grid puzzle with one solution: an action `r1c2=#` marks a cell, `r1c2=.` takes the mark away.

    The episode ends when the marks are right (the solution is the only one, so this is all rules at once); a wrong
    mark can be taken back while steps last. An answer is the whole grid, `.` where no mark is.
    Subclasses fill `_violation`, which judges answers by the rules and not by the solution.
    """

    @classmethod
    def _apply(cls, instance: M, state: str, action: str) -> str:
        if not FORM.fullmatch(action):
            raise IllegalAction(f"{shown(action)} is not of the form r1c2={instance.symbols}.")
        return super()._apply(instance, state, action)

    @classmethod
    def _symbol(cls, instance: M, text: str) -> str:
        if text != instance.symbols:
            raise IllegalAction(f"{shown(text)} is neither {instance.symbols} nor a dot.")
        return text

    @classmethod
    def _filled(cls, instance: M) -> str:
        return instance.solution

    @classmethod
    def _done(cls, instance: M, state: str) -> bool:
        return state == instance.solution

    @classmethod
    def _signs(cls, instance: M) -> str:
        return instance.symbols + "."

    @classmethod
    def _solve(cls, instance: M) -> Solution:
        width, marked = instance.width, instance.solution
        cells = [i for i, c in enumerate(marked) if c != instance.givens[i]]
        actions = [f"{cell_name(i, width)}={instance.symbols}" for i in cells]
        return Solution(" ".join(rows_of(marked, width)), actions, optimal=True)

    @classmethod
    def _limit(cls, instance: M) -> int:
        return 2 * instance.solution.count(instance.symbols) + 4
