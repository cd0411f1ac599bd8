"""The plain objective: the score of each episode."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from esreason.rollout.episode import Episode


def mean_return(episodes: Sequence[Sequence[Episode]]) -> NDArray[np.float64]:
    """The episodes' scores [members, tasks]; a member's fitness is their mean."""
    return np.array([[episode.score for episode in row] for row in episodes], dtype=np.float64)
