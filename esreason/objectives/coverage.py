"""The objective pass@k: that one of k draws succeeds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esreason.core.statistics import pass_at_k
from esreason.objectives.objective import Objective, Rows


class Coverage(Objective):
    """The unbiased estimate of pass@k from `samples` draws of each task (k of them unless there are to be more).

    A sum over draws alone would reward one reliable answer; this one rewards a member whose draws cover the task, as
    EGGROLL (arXiv:2511.16652) and work on policy gradients (arXiv:2505.15201) do. Only a right answer
    counts as a success, whatever part of the score a wrong one earns.
    """

    def __init__(self, k: int, samples: int = 0) -> None:
        self.k, self.samples = k, samples or k

    def fitness(self, episodes: Rows) -> NDArray[np.float64]:
        """The estimates [members, tasks]."""
        n = self.samples
        return np.array(
            [
                [pass_at_k(n, sum(bool(e.verdict["passed"]) for e in row[i : i + n]), self.k)
                 for i in range(0, len(row), n)]
                for row in episodes
            ],
            dtype=np.float64,
        )  # fmt: skip
