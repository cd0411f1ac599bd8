"""The control: everything as by default, but fitness is dealt to the wrong members."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from esreason.core.seeding import digest
from esreason.es.strategy import Strategy


class Shuffled(Strategy):
    """Fitness shuffled over the members before it counts: a random walk of the same length, for comparison."""

    name = "shuffled"
    paper = "a permutation control; the drift law alpha sqrt(T d / N) of Hoy et al., arXiv:2604.01499, describes it"
    preset: ClassVar[dict[str, Any]] = {}

    def _utilities(self, fitness: NDArray[np.float64]) -> NDArray[np.float64]:
        seed = int.from_bytes(digest("shuffle", self.seed, self.iteration, size=8), "big")
        order = np.argsort(np.random.Generator(np.random.Philox(key=seed)).random(len(fitness)), kind="stable")
        return super()._utilities(fitness[order])
