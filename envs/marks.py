"""Environments in which cells of a grid are marked until the marks are right."""

from __future__ import annotations

from typing import Protocol, TypeVar

from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.grid import GridEnv, GridInstance
from esreason.verifiers.grids import cell_name, changed_given, read_cells, rows_of


class MarkInstance(GridInstance, Protocol):
    """What a parsed payload of a MarkEnv has: `.` in the givens is a cell to decide, `symbols` is the mark.

    `solution` is the only right grid; it marks at least one cell.
    """

    @property
    def solution(self) -> str: ...


M = TypeVar("M", bound=MarkInstance)


class MarkEnv(GridEnv[M]):
    """A grid puzzle with one solution: an action `r1c2=#` marks a cell, `r1c2=.` takes the mark away.

    The episode ends when the marks are right (the solution is the only one, so this is all rules at once); a wrong
    mark can be taken back while steps last. An answer is the whole grid, `.` where no mark is.
    Subclasses fill `_violation`, which judges answers by the rules and not by the solution.
    """

    @classmethod
    def _filled(cls, instance: M) -> str:
        return instance.solution

    @classmethod
    def _done(cls, instance: M, state: str) -> bool:
        return state == instance.solution

    @classmethod
    def _verify(cls, instance: M, answer: str) -> Verdict:
        givens, mark = instance.givens, instance.symbols
        try:
            cells = read_cells(answer, len(givens), "".join(sorted({*givens, ".", mark})))
        except ValueError as error:
            return reject(str(error))
        problem = changed_given(givens, cells, instance.width) or _misplaced(givens, cells, mark, instance.width)
        problem = problem or cls._violation(instance, cells)
        return reject(problem, cells) if problem else accept(cells)

    @classmethod
    def _solve(cls, instance: M) -> Solution:
        width, marked = instance.width, instance.solution
        cells = [i for i, c in enumerate(marked) if c != instance.givens[i]]
        actions = [f"{cell_name(i, width)}={instance.symbols}" for i in cells]
        return Solution(" ".join(rows_of(marked, width)), actions, optimal=True)

    @classmethod
    def _limit(cls, instance: M) -> int:
        return 2 * instance.solution.count(instance.symbols) + 4


def _misplaced(givens: str, cells: str, mark: str, width: int) -> str | None:
    """One sentence on the first cell to decide that holds another cell's sign."""
    for index, given in enumerate(givens):
        if given == "." and cells[index] not in (".", mark):
            return f"{cell_name(index, width)} holds {cells[index]} instead of {mark} or a dot."
    return None
