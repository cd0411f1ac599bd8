"""Environments in which names are given values one by one."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Protocol, TypeVar

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.verifiers.assignments import read_assignment

Values = tuple[str, ...]

BLANK = "?"
_ACTION = re.compile(r"([A-Za-z]{1,12})\s*[=:]\s*([A-Za-z0-9]{1,12}|\?)")


class Naming(Protocol):
    """What a parsed payload of an AssignmentEnv has: the names to be given values, and the values there are."""

    @property
    def names(self) -> Values: ...
    @property
    def choices(self) -> Values: ...


N = TypeVar("N", bound=Naming)


class AssignmentEnv(ReasoningEnv[N, Values]):
    """A puzzle of names and values: an action `A=3` gives a name a value, `A=?` takes it away.

    The state is the values in order of the names (`?` for none); the episode ends when every name has one; an
    answer gives all of them. Subclasses fill `_violation` (what is wrong with full values), `_filled` (the solver)
    and `_clues` (text shown above the values). Letters may be written in either case.
    """

    missing: ClassVar[str | None] = None
    """The value of a name that an answer leaves out; None where all must be named."""

    @classmethod
    @abstractmethod
    def _violation(cls, instance: N, values: Values) -> str | None:
        """One sentence on what is wrong with full values, None if nothing is."""

    @classmethod
    @abstractmethod
    def _filled(cls, instance: N) -> Values:
        """Right values."""

    @classmethod
    @abstractmethod
    def _clues(cls, instance: N) -> str:
        """What is shown above the values."""

    @classmethod
    def _start(cls, instance: N) -> Values:
        return (BLANK,) * len(instance.names)

    @classmethod
    def _observe(cls, instance: N, state: Values) -> str:
        return cls._clues(instance) + "\n" + _written(instance.names, state)

    @classmethod
    def _apply(cls, instance: N, state: Values, action: str) -> Values:
        match = _ACTION.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form {instance.names[0]}={instance.choices[0]}.")
        index = _place(instance.names, match[1])
        if index is None:
            raise IllegalAction(f"There is no {shown(match[1])} here.")
        value = BLANK
        if match[2] != BLANK:
            choice = _place(instance.choices, match[2])
            if choice is None:
                raise IllegalAction(f"{shown(match[2])} is not one of {', '.join(instance.choices)}.")
            value = instance.choices[choice]
        if state[index] == value:
            raise IllegalAction(f"{instance.names[index]}={value} stands there already.")
        return (*state[:index], value, *state[index + 1 :])

    @classmethod
    def _done(cls, instance: N, state: Values) -> bool:
        return BLANK not in state

    @classmethod
    def _answer(cls, instance: N, state: Values, actions: Sequence[str]) -> str:
        return _written(instance.names, state)

    @classmethod
    def _verify(cls, instance: N, answer: str) -> Verdict:
        try:
            values = read_assignment(answer, instance.names, instance.choices, cls.missing)
        except ValueError as error:
            return reject(str(error))
        problem = cls._violation(instance, values)
        return reject(problem, values) if problem else accept(values)

    @classmethod
    def _solve(cls, instance: N) -> Solution:
        values = cls._filled(instance)
        actions = [f"{name}={value}" for name, value in zip(instance.names, values, strict=True)]
        return Solution(" ".join(actions), actions, optimal=True)

    @classmethod
    def _legal(cls, instance: N, state: Values) -> list[str]:
        return [
            f"{name}={value}"
            for name, now in zip(instance.names, state, strict=True)
            for value in (*instance.choices, BLANK)
            if value != now
        ]

    @classmethod
    def _limit(cls, instance: N) -> int:
        return 2 * len(instance.names)


def _written(names: Values, values: Values) -> str:
    return " ".join([f"{name}={value}" for name, value in zip(names, values, strict=True)])


def _place(items: Values, word: str) -> int | None:
    """Where a word stands in a list, letters in either case."""
    if word in items:
        return items.index(word)
    lower = word.lower()
    return next((i for i, item in enumerate(items) if item.lower() == lower), None)
