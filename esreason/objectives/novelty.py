"""The objective novelty: half the score, half how rare a member's answer is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from esreason.objectives.objective import Objective, Rows
from esreason.rollout.episode import Episode


class Novelty(Objective):
    """Score and novelty in equal parts, as in NSR-ES (Conti et al. 2018, arXiv:1712.06560).

    What a member did on a task is characterised by its actions there. Its novelty is the mean distance to all other
    members', where two are at distance 1 if they acted differently at all: the share of others that did. The archive
    of the paper is the population itself, so that nothing is kept between iterations.
    """

    def fitness(self, episodes: Rows) -> NDArray[np.float64]:
        """(score + novelty) / 2 [members, tasks]."""
        others = max(1, len(episodes) - 1)
        fitness = np.empty((len(episodes), len(episodes[0])))
        for task, column in enumerate(zip(*episodes, strict=True)):
            alike = Counter(episode.actions for episode in column)
            for member, episode in enumerate(column):
                novelty = (len(episodes) - alike[episode.actions]) / others
                fitness[member, task] = (episode.score + novelty) / 2
        return fitness

    def value(self, episodes: Sequence[Episode]) -> float:
        """The mean score: a model alone has nobody to differ from."""
        return float(np.mean([episode.score for episode in episodes]))
