"""Environments in which whole programs are tried, and each try is told what it did."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from esreason.core.env import I, ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import CHARSET
from esreason.core.verdict import Solution

State = tuple[int, bool, str, str]
"""How many attempts were made; of the last one whether it did all that is shown, its text, what was told of it."""

TOLD = 1_000
"""Longest feedback on an attempt, in characters."""

_WRITABLE = {*CHARSET, "\t"}
"""What an attempt may hold. Tabs are kept for the program and shown as blanks."""


class AttemptEnv(ReasoningEnv[I, State]):
    """A program is sought: an action is a whole one, run on what is shown, and what it did wrong is told.

    The episode ends with the first attempt that does all that is shown, or the last attempt; the verifier judges that
    one. A text that is no program is illegal and no attempt. Subclasses fill `_task` (what is shown), `_tried` (an
    attempt's faults) and `_reference` (a right program).
    """

    attempts: ClassVar[int] = 5
    action_chars = 512
    answer_chars = 512

    @classmethod
    @abstractmethod
    def _task(cls, instance: I) -> str:
        """The task as text."""

    @classmethod
    @abstractmethod
    def _tried(cls, instance: I, program: str) -> str | None:
        """What a program does wrong on what is shown, in lines; None if nothing. ValueError if it is no program."""

    @classmethod
    @abstractmethod
    def _reference(cls, instance: I) -> str:
        """A right program."""

    @classmethod
    def _start(cls, instance: I) -> State:
        return 0, False, "", ""

    @classmethod
    def _observe(cls, instance: I, state: State) -> str:
        made, _, text, told = state
        if not made:
            return cls._task(instance)
        shown = text.expandtabs()
        between = "\n" if "\n" in shown else " "
        return f"{cls._task(instance)}\nattempt {made} of {cls.attempts}:{between}{shown}\n{told or 'right'}"

    @classmethod
    def _apply(cls, instance: I, state: State, action: str) -> State:
        if len(action) > cls.action_chars:
            raise IllegalAction(f"An attempt has at most {cls.action_chars:,} characters.")
        if not set(action) <= _WRITABLE:
            raise IllegalAction("An attempt is printable ASCII.")
        try:
            told = cls._tried(instance, action)
        except ValueError as error:
            raise IllegalAction(str(error)) from None
        return state[0] + 1, told is None, action, told[:TOLD] if told else ""

    @classmethod
    def _done(cls, instance: I, state: State) -> bool:
        return state[1] or state[0] >= cls.attempts

    @classmethod
    def _answer(cls, instance: I, state: State, actions: Sequence[str]) -> str:
        return state[2]

    @classmethod
    def _solve(cls, instance: I) -> Solution:
        program = cls._reference(instance)
        return Solution(program, [program], optimal=True)

    @classmethod
    def _limit(cls, instance: I) -> int:
        return cls.attempts + cls.max_illegal
