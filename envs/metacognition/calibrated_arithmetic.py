"""Arithmetic with the probability that the answer is right.

An observation is `37*48+5 = ?`; a right action is `1781 100%`.
"""

from __future__ import annotations

import re

from esreason.envs.metacognition.judged import JudgedEnv


class CalibratedArithmetic(JudgedEnv):
    """One question (levels 1-2) up to six harder ones (level 10), each answered with a probability of being right.

    A right answer with probability p scores 1 - (1 - p)^2/4, a wrong one (1 - p^2)/4: a proper rule, by which the
    probability that one believes scores best, and in which nothing replaces being right.
    """

    name = "calibrated_arithmetic"
    rules = (
        "Compute, and say how sure you are. A right answer with probability p scores 1 - (1-p)^2/4, a wrong one "
        "(1-p^2)/4; the mean over all questions counts."
    )
    action_rule = "Write the result before the question mark and the probability that it is right, for example 85 70%."
    answer_rule = "Answer each question in order with result and probability, separated by semicolons: 85 70%; 12 100%."
    item = re.compile(r"(?P<answer>-?[0-9]{1,12})[\s,]+(?P<judgement>100|[0-9]{1,2})\s*%")
    example = "85 70%"

    @classmethod
    def _score(cls, right: bool, judgement: str | None) -> float:
        p = int(judgement or "0") / 100
        return 1 - (1 - p) ** 2 / 4 if right else (1 - p * p) / 4

    @classmethod
    def _best(cls, answer: int) -> str:
        return f"{answer} 100%"
