"""The objective discernment: to be surer of what is solved than of what is not, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from esreason.objectives.objective import Objective, Rows
from esreason.rollout.episode import Episode
from esreason.rollout.judgement import read


class Discernment(Objective):
    """The covariance of a member's judgements with the population's success over the tasks of an environment.

    ESMA's reward pays for right answers as well, and while fewer than half of them are right it pays for saying no to
    everything. The covariance pays for neither: a judgement g of a task that the share s of the members solved counts
    1/2 + (s - mean s)(g - 1/2), in [0, 1]; the mean over tasks is that of g and s apart from a constant, so it leaves
    a common shift of all grades unpaid, and no member's own answers matter to it more than any other's.
    """

    def __init__(self, judgement: str) -> None:
        self.judgement = judgement

    def fitness(self, episodes: Rows) -> NDArray[np.float64]:
        """1/2 + (s - mean s)(g - 1/2) [members, tasks], means over the tasks of the same environment."""
        grades, right = self._read(episodes)
        above, envs = right.mean(axis=0), np.array([episode.task.env for episode in episodes[0]])
        for env in np.unique(envs):
            above[envs == env] -= above[envs == env].mean()
        fitness: NDArray[np.float64] = 0.5 + above * (grades - 0.5)
        return fitness

    def value(self, episodes: Sequence[Episode]) -> float:
        """(1 + mean grade where right - mean grade where wrong) / 2, whatever the accuracy; 1/2 without both kinds."""
        [grades], [right] = self._read([episodes])
        if right.all() or not right.any():
            return 0.5
        return float(1 + grades[right].mean() - grades[~right].mean()) / 2

    def _read(self, episodes: Rows) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        grades = [[read(self.judgement, e.actions[0]) for e in row] for row in episodes]
        right = [[bool(e.verdict["passed"]) for e in row] for row in episodes]
        return np.array(grades, dtype=np.float64), np.array(right)
