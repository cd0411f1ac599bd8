"""Environments whose answer is a list of moves: the transition function judges them."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from esreason.core.env import I, ReasoningEnv, S
from esreason.core.errors import IllegalAction
from esreason.core.verdict import Solution, Verdict, accept, reject

MAX_MOVES = 4_000

PHRASES = re.compile(r"[,;\n]")
"""The separator of moves that hold spaces: commas, semicolons, line ends."""


_BLANKS = re.compile(r"[ \t\r\f\v]+")


class PlanEnv(ReasoningEnv[I, S]):
    """A ReasoningEnv in which an answer is a sequence of actions that leads from the start to a goal.

    A run of blanks counts as one, in an answer as in a single action, where moves are phrases.
    Subclasses say what a goal is (`_goal`) and, where moves hold spaces (`separator = PHRASES`) or are single
    letters (`letters`), how an answer is cut into moves. A plan that goes on after the goal counts only if it ends
    in a goal too.
    """

    separator: ClassVar[re.Pattern[str]] = re.compile(r"[\s,;]+")
    letters: ClassVar[bool] = False
    """Whether moves are single letters, which an answer may run together and write in either case."""

    @classmethod
    @abstractmethod
    def _goal(cls, instance: I, state: S) -> bool:
        """Whether the goal is reached."""

    @classmethod
    def _done(cls, instance: I, state: S) -> bool:
        return cls._goal(instance, state)

    @classmethod
    def _counted(cls, text: str) -> str:
        counted = super()._counted(text)
        return _BLANKS.sub(" ", counted) if cls.separator is PHRASES else counted

    @classmethod
    def _moves(cls, answer: str) -> list[str]:
        """The moves of an answer, in order."""
        if cls.letters:
            return list(cls.separator.sub("", answer).upper())
        return [move for part in cls.separator.split(answer) if (move := part.strip())]

    @classmethod
    def _verify(cls, instance: I, answer: str) -> Verdict:
        # Separators that begin with white space would try every start of a long run of it: quadratic time.
        moves = cls._moves(_BLANKS.sub(" ", answer))
        if len(moves) > MAX_MOVES:
            return reject(f"The plan has more than {MAX_MOVES} moves.")
        state = cls._start(instance)
        for number, move in enumerate(moves, 1):
            try:
                state = cls._apply(instance, state, move)
            except IllegalAction as error:
                return reject(f"Move {number} is illegal: {error}", moves)
        if not cls._goal(instance, state):
            return reject("The plan does not reach the goal.", moves)
        return accept(moves, f"The goal is reached in {len(moves)} moves.")

    @classmethod
    def _answer(cls, instance: I, state: S, actions: Sequence[str]) -> str:
        return ("" if cls.letters else ", ").join(actions)

    @classmethod
    def _solution(cls, actions: list[str], optimal: bool = True) -> Solution:
        """The solution that consists of these actions."""
        return Solution(("" if cls.letters else ", ").join(actions), actions, optimal)
