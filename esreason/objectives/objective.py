"""What every objective says: the fitness of members, and the value of a centre."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from esreason.rollout.episode import Episode

Rows = Sequence[Sequence[Episode]]
"""Episodes by member and task; where an objective needs several of a task, they stand side by side."""


class Objective(ABC):
    """Turns episodes into fitness in [0, 1]; how it is shaped into a step is the strategy's affair."""

    samples = 1
    """The episodes that it needs of each task."""

    @abstractmethod
    def fitness(self, episodes: Rows) -> NDArray[np.float64]:
        """Fitness [members, tasks] of a population on common tasks."""

    def value(self, episodes: Sequence[Episode]) -> float:
        """The mean over tasks for one model alone, which validation compares checkpoints by."""
        return float(np.mean(self.fitness([episodes])[0]))
