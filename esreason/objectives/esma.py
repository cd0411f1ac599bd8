"""The objective metacognition: to be right, and to know beforehand whether one will be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esreason.objectives.objective import Objective, Rows
from esreason.rollout.judgement import read


class Esma(Objective):
    """Half of ESMA's reward (Park et al., arXiv:2602.02605): c + [c = y] of a right answer c and a judgement y.

    With a grade g in [0, 1] for the judgement it is the follow-up's graded form, 1 + g if right and 1 - g if wrong,
    of which the published reward is the case of g 0 or 1. Halved, it lies in [0, 1] as every fitness does.
    """

    def __init__(self, judgement: str) -> None:
        self.judgement = judgement

    def fitness(self, episodes: Rows) -> NDArray[np.float64]:
        """(1 + g) / 2 where right, (1 - g) / 2 where wrong [members, tasks]."""
        grades = np.array([[read(self.judgement, e.actions[0]) for e in row] for row in episodes], dtype=np.float64)
        right = np.array([[bool(e.verdict["passed"]) for e in row] for row in episodes])
        return np.where(right, 1 + grades, 1 - grades) / 2
