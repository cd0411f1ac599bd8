"""Environments in which every answer comes with a judgement about it, and both are scored."""

from __future__ import annotations

import random
import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, reject
from esreason.envs.derivation import exact_fields
from esreason.verifiers.expressions import parse, rational_value

# questions; what they may be
LEVELS = {
    1: (1, ("sum", "sum", "product")), 2: (1, ("sum", "product", "long")), 3: (2, ("sum", "product")),
    4: (2, ("sum", "product", "long")), 5: (3, ("sum", "product", "long")), 6: (3, ("product", "long", "power")),
    7: (4, ("sum", "long", "power")), 8: (4, ("product", "long", "power")), 9: (5, ("sum", "long", "power")),
    10: (6, ("product", "long", "power")),
}  # fmt: skip

_QUESTION = re.compile(r"[0-9]{1,4}(?:[-+*][0-9]{1,4}){1,5}")
State = tuple[str, ...]
"""The items so far."""


@dataclass(frozen=True, slots=True)
class Quiz:
    """The questions and their answers."""

    questions: tuple[str, ...]
    answers: tuple[int, ...]


class JudgedEnv(ReasoningEnv[Quiz, State]):
    """Arithmetic questions of mixed difficulty; an item is an answer with a judgement, the score the mean over items.

    Subclasses say how an item is written (`item`, of the groups `answer` and `judgement`) and what it scores.
    Only right answers with full trust in them pass.
    """

    item: ClassVar[re.Pattern[str]]
    example: ClassVar[str]
    action_chars = 32
    answer_chars = 200
    task_space = {1: 20_000}

    @classmethod
    @abstractmethod
    def _score(cls, right: bool, judgement: str | None) -> float:
        """The score of one item in [0, 1]."""

    @classmethod
    @abstractmethod
    def _best(cls, answer: int) -> str:
        """The item that scores 1."""

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, kinds = LEVELS[level]
        return {"questions": [_question(rng, rng.choice(kinds)) for _ in range(count)]}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Quiz:
        exact_fields(payload, "questions")
        questions = payload["questions"]
        if not isinstance(questions, list | tuple) or not 1 <= len(questions) <= 8:
            raise ValueError("there are one to eight questions")
        if not all(isinstance(q, str) and _QUESTION.fullmatch(q) for q in questions):
            raise ValueError("a question is two to six numbers of up to four digits joined by +, - and *")
        values = [rational_value(parse(q, ())) for q in questions]
        return Quiz(tuple(questions), tuple(int(v) for v in values if v is not None))

    @classmethod
    def _start(cls, instance: Quiz) -> State:
        return ()

    @classmethod
    def _observe(cls, instance: Quiz, state: State) -> str:
        lines = [f"{q} = {item}" for q, item in zip(instance.questions, [*state, "?"], strict=False)]
        return "\n".join([*lines, *instance.questions[len(lines) :]])

    @classmethod
    def _apply(cls, instance: Quiz, state: State, action: str) -> State:
        if not cls.item.fullmatch(action):
            raise IllegalAction(f"{shown(action)} is not of the form {cls.example}.")
        return (*state, action)

    @classmethod
    def _done(cls, instance: Quiz, state: State) -> bool:
        return len(state) == len(instance.questions)

    @classmethod
    def _answer(cls, instance: Quiz, state: State, actions: Sequence[str]) -> str:
        return "; ".join(state)

    @classmethod
    def _verify(cls, instance: Quiz, answer: str) -> Verdict:
        items = re.split(r"\s*;\s*", answer) if len(answer) <= 1_000 else []
        if len(items) != len(instance.questions):
            return reject(f"There must be {len(instance.questions)} items, separated by semicolons.")
        matches = [cls.item.fullmatch(item) for item in items]
        if None in matches:
            return reject(f"An item is not of the form {cls.example}.")
        total, right = 0.0, 0
        for match, value in zip(matches, instance.answers, strict=True):
            fields = match.groupdict() if match else {}
            hit = fields["answer"] is not None and int(fields["answer"]) == value
            right += hit
            total += cls._score(hit, fields["judgement"])
        score = total / len(items)
        return Verdict(score, score == 1.0, f"{right} of {len(items)} answers are right.", items)

    @classmethod
    def _solve(cls, instance: Quiz) -> Solution:
        items = [cls._best(value) for value in instance.answers]
        return Solution("; ".join(items), items, optimal=True)

    @classmethod
    def _limit(cls, instance: Quiz) -> int:
        return 2 * len(instance.questions) + 3


def _question(rng: random.Random, kind: str) -> str:
    if kind == "sum":
        return f"{rng.randint(10, 999)}{rng.choice('+-')}{rng.randint(10, 999)}"
    if kind == "product":
        return f"{rng.randint(11, 99)}*{rng.randint(3, 99)}"
    if kind == "long":
        return f"{rng.randint(11, 99)}*{rng.randint(11, 99)}{rng.choice('+-')}{rng.randint(100, 999)}"
    return (
        f"{rng.randint(101, 999)}*{rng.randint(101, 999)}{rng.choice('+-')}{rng.randint(11, 99)}*{rng.randint(11, 99)}"
    )
