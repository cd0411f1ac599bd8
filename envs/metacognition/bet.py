"""Arithmetic with a stake on each answer.

An observation is `37*48+5 = ?`; a right action is `1781 stake 10`.
"""

from __future__ import annotations

import re

from esreason.envs.metacognition.judged import JudgedEnv


class Bet(JudgedEnv):
    """One question (levels 1-2) up to six harder ones (level 10), each answered with a stake from 0 to 10.

    A stake s pays (1 + s/5 - s^2/100)/2 for a right answer and (1 - s^2/100)/2 for a wrong one: a proper rule, by
    which ten times the probability of being right is the best stake.
    """

    name = "bet"
    rules = (
        "Compute, and stake 0 to 10 on each answer. A stake s pays (1 + s/5 - s^2/100)/2 if the answer is right and "
        "(1 - s^2/100)/2 if it is wrong; the mean over all questions counts."
    )
    action_rule = "Write the result before the question mark and your stake, for example 85 stake 7."
    answer_rule = (
        "Answer each question in order with result and stake, separated by semicolons: 85 stake 7; 12 stake 10."
    )
    item = re.compile(r"(?P<answer>-?[0-9]{1,12})[\s,]+stake\s+(?P<judgement>10|[0-9])")
    example = "85 stake 7"

    @classmethod
    def _score(cls, right: bool, judgement: str | None) -> float:
        s = int(judgement or "0")
        return (100 + 20 * s * right - s * s) / 200

    @classmethod
    def _best(cls, answer: int) -> str:
        return f"{answer} stake 10"
