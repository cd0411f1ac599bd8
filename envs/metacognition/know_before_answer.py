"""Arithmetic in which one says first whether one can, and then is asked.

An observation is `can you compute 37*48+5?`; a right action is `yes`, then `1781` for `compute 37*48+5`.
"""

from __future__ import annotations

import re

from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.metacognition.judged import JudgedEnv, Quiz, State

_NUMBER = re.compile(r"-?[0-9]{1,12}")


class KnowBeforeAnswer(JudgedEnv):
    """One question (levels 1-2) up to six harder ones (level 10), each after the prediction whether it will be right.

    Prediction and answer are prompted apart: neither prompt shows the other's reply. An item scores half for a right
    answer and half for a prediction that came true.
    """

    name = "know_before_answer"
    rules = (
        "You are asked whether you can compute something, and apart from that to compute it. A right result scores "
        "1/2, a prediction that comes true 1/2 (no counts as true if the result is wrong); the mean counts."
    )
    action_rule = "Reply yes or no if you are asked whether you can, else the result, for example 85."
    answer_rule = (
        "Answer each question in order with yes or no (whether your result will be right) and the result, "
        "separated by semicolons: yes 85; no 12."
    )
    item = re.compile(r"(?P<judgement>yes|no)[\s,]+(?P<answer>-?[0-9]{1,12})")
    example = "yes 85"

    @classmethod
    def _observe(cls, instance: Quiz, state: State) -> str:
        place = len(state) // 2
        if place == len(instance.questions):
            return "done"
        question = f"question {place + 1} of {len(instance.questions)}:"
        if len(state) % 2:
            return f"{question} compute {instance.questions[place]}"
        return f"{question} can you compute {instance.questions[place]}?"

    @classmethod
    def _apply(cls, instance: Quiz, state: State, action: str) -> State:
        if len(state) % 2 and not _NUMBER.fullmatch(action):
            raise IllegalAction(f"{shown(action)} is not a number.")
        if not len(state) % 2 and action not in ("yes", "no"):
            raise IllegalAction(f"{shown(action)} is neither yes nor no.")
        return (*state, action)

    @classmethod
    def _done(cls, instance: Quiz, state: State) -> bool:
        return len(state) == 2 * len(instance.questions)

    @classmethod
    def _answer(cls, instance: Quiz, state: State, actions: object) -> str:
        return "; ".join(f"{a} {b}" for a, b in zip(state[::2], state[1::2], strict=True))

    @classmethod
    def _score(cls, right: bool, judgement: str | None) -> float:
        return (right + (right == (judgement == "yes"))) / 2

    @classmethod
    def _best(cls, answer: int) -> str:
        return f"yes {answer}"

    @classmethod
    def _solve(cls, instance: Quiz) -> Solution:
        actions = [text for value in instance.answers for text in ("yes", str(value))]
        return Solution("; ".join(map(cls._best, instance.answers)), actions, optimal=True)

    @classmethod
    def _limit(cls, instance: Quiz) -> int:
        return 3 * len(instance.questions) + 3
