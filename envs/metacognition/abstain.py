"""Arithmetic in which a question may be passed for a small sure reward.

An observation is `37*48+5 = ?`; a right action is `1781`, and `pass` is worth 0.3.
"""

from __future__ import annotations

import re

from esreason.envs.metacognition.judged import JudgedEnv


class Abstain(JudgedEnv):
    """One question (levels 1-2) up to six harder ones (level 10); a right answer scores 1, a wrong one 0, `pass` 0.3.

    Passing pays where the chance of being right is below 0.3.
    """

    name = "abstain"
    rules = "Compute, or pass. A right answer scores 1, a wrong one 0, pass 0.3; the mean over all questions counts."
    action_rule = "Write the result before the question mark, for example 85, or pass."
    answer_rule = "Answer each question in order with the result or pass, separated by semicolons: 85; pass."
    item = re.compile(r"(?P<answer>-?[0-9]{1,12})|(?P<judgement>pass)")
    example = "85, or pass"

    @classmethod
    def _score(cls, right: bool, judgement: str | None) -> float:
        return 0.3 if judgement else float(right)

    @classmethod
    def _best(cls, answer: int) -> str:
        return str(answer)
