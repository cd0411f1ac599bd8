"""Environments in which a line is changed step by step, and each new line is checked against the one before."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from esreason.core.env import I, ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import CHARSET
from esreason.core.verdict import Solution

_PRINTABLE = set(CHARSET) - {"\n"}
MAX_TEXT = 400
"""Longest expression that a payload may hold, in characters."""


def text_field(payload: Mapping[str, Any], name: str, limit: int = MAX_TEXT) -> str:
    """A short text of printable ASCII in a payload; ValueError where it is none."""
    text = payload.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= limit or not set(text) <= _PRINTABLE:
        raise ValueError(f"{name} is a text of 1 to {limit} printable ASCII characters")
    return text


def exact_fields(payload: Mapping[str, Any], *names: str) -> None:
    """Refuse a payload whose fields are not exactly these."""
    if set(payload) != set(names):
        raise ValueError(f"the payload has exactly the fields {', '.join(names)}")


def whole_field(payload: Mapping[str, Any], name: str, low: int, high: int) -> int:
    """A whole number of a payload within bounds; ValueError where it is none."""
    number = payload.get(name)
    if type(number) is not int or not low <= number <= high:
        raise ValueError(f"{name} is a whole number from {low} to {high}")
    return number


class DerivationEnv(ReasoningEnv[I, str]):
    """The state is a line; an action is the next line, legal where it follows from the line before.

    Subclasses fill `_first`, `_next` (the new line in one canonical form; ValueError with a sentence where it does
    not follow) and `_lines` (those of a solution). The episode ends when a line passes as an answer.
    """

    action_chars = 512
    answer_chars = 512
    max_line: ClassVar[int] = 1_500

    @classmethod
    @abstractmethod
    def _first(cls, instance: I) -> str:
        """The line that is given."""

    @classmethod
    @abstractmethod
    def _next(cls, instance: I, line: str, action: str) -> str:
        """The line that an action makes of this one."""

    @classmethod
    @abstractmethod
    def _lines(cls, instance: I) -> list[str]:
        """Actions that lead to the answer; the last one is the answer."""

    @classmethod
    def _start(cls, instance: I) -> str:
        return cls._first(instance)

    @classmethod
    def _observe(cls, instance: I, state: str) -> str:
        return state

    @classmethod
    def _apply(cls, instance: I, state: str, action: str) -> str:
        if not action or len(action) > cls.max_line or not set(action) <= _PRINTABLE:
            raise IllegalAction(f"A line has 1 to {cls.max_line:,} printable ASCII characters.")
        try:
            line = cls._next(instance, state, action)
        except ValueError as error:
            raise IllegalAction(str(error)) from None
        if line == state:
            raise IllegalAction("That is the line that stands there.")
        if len(line) > cls.max_line:
            raise IllegalAction("The line is too long.")
        return line

    @classmethod
    def _done(cls, instance: I, state: str) -> bool:
        return cls._verify(instance, state).passed

    @classmethod
    def _answer(cls, instance: I, state: str, actions: Sequence[str]) -> str:
        return state

    @classmethod
    def _solve(cls, instance: I) -> Solution:
        lines = cls._lines(instance)
        return Solution(lines[-1], lines)

    @classmethod
    def _limit(cls, instance: I) -> int:
        return 24
