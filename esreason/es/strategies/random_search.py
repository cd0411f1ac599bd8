"""Random search: the best of many perturbations, and nothing else."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from esreason.es.strategy import Strategy
from esreason.es.update import Update


class RandomSearch(Strategy):
    """The centre becomes the member that scored best on the common tasks, the first of equals.

    By default one iteration of as many episodes as a run of `mirrored` has in 80, members ten times as many, each on
    eight times the tasks; more iterations are a (1, lambda) walk.
    """

    name = "random-search"
    paper = "Rastrigin 1963; the best-of-N null of Gan and Isola, arXiv:2603.12228"
    preset: ClassVar[dict[str, Any]] = {"population": 640, "tasks": 64, "iterations": 1, "mirrored": False}

    def _utilities(self, fitness: NDArray[np.float64]) -> NDArray[np.float64]:
        best = np.zeros(len(fitness))
        best[int(fitness.mean(axis=1).argmax())] = 1.0
        return best

    def _step(self, utilities: NDArray[np.float64]) -> Update:
        return self._along(self._seeds(), utilities * self.settings.population, self._sigma())
