"""The plain objective: the score of each episode."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esreason.objectives.objective import Objective, Rows


class Return(Objective):
    """The episodes' scores; a member's fitness is their mean."""

    def fitness(self, episodes: Rows) -> NDArray[np.float64]:
        """The scores [members, tasks]."""
        return np.array([[episode.score for episode in row] for row in episodes], dtype=np.float64)
