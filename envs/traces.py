"""Environments in which a run of a program is foretold line by line."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol, TypeVar

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution


class Run(Protocol):
    """What a parsed payload of a TraceEnv has: every line that is to be foretold, in order."""

    @property
    def lines(self) -> tuple[str, ...]: ...


R = TypeVar("R", bound=Run)


class TraceEnv(ReasoningEnv[R, int]):
    """A program whose run is foretold: an action is the next line of the run, a wrong one is illegal.

    The state is how many lines are known; the episode ends with the last one. Subclasses fill `_observe`, `_final`
    (the answer) and where lines can be written in several ways `_normal`. Legal actions are not listed: there is
    one.
    """

    @classmethod
    @abstractmethod
    def _final(cls, instance: R) -> str:
        """The right answer."""

    @classmethod
    def _normal(cls, line: str) -> str:
        """A line as it stands in `lines`."""
        return " ".join(line.split())

    @classmethod
    def _start(cls, instance: R) -> int:
        return 0

    @classmethod
    def _apply(cls, instance: R, state: int, action: str) -> int:
        if cls._normal(action) != instance.lines[state]:
            raise IllegalAction(f"{shown(action)} is not what comes next.")
        return state + 1

    @classmethod
    def _done(cls, instance: R, state: int) -> bool:
        return state == len(instance.lines)

    @classmethod
    def _answer(cls, instance: R, state: int, actions: Sequence[str]) -> str:
        return cls._final(instance)

    @classmethod
    def _solve(cls, instance: R) -> Solution:
        return Solution(cls._final(instance), list(instance.lines), optimal=True)

    @classmethod
    def _limit(cls, instance: R) -> int:
        return len(instance.lines) + cls.max_illegal
