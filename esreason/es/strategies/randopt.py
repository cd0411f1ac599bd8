"""RandOpt: many perturbations of the base, of which the best vote."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from esreason.es.noise import Member
from esreason.es.strategy import Settings, Strategy

SPREAD = (0.5, 1.0, 2.0)
"""Members take these multiples of sigma in turn (published: 5e-4, 1e-3, 2e-3)."""

SHARE = 0.01
"""The share of all members that vote (published: 50 of 5000)."""


class RandOpt(Strategy):
    """The centre never moves; at the test the best hundredth of all members answer each turn by majority.

    By default one iteration of as many episodes as a run of `mirrored` has in 80. With more iterations a member's
    score counts against the mean of its iteration, for the tasks of iterations differ.
    """

    name = "randopt"
    paper = "Gan and Isola, arXiv:2603.12228"
    preset: ClassVar[dict[str, Any]] = {"population": 640, "tasks": 64, "iterations": 1, "mirrored": False}

    def __init__(self, settings: Settings, seed: int) -> None:
        super().__init__(settings, seed)
        self._known: list[tuple[float, Member]] = []

    def ask(self) -> list[Member]:
        """Members of half, once and twice sigma in turn."""
        return [Member(m.seed, m.sigma * SPREAD[k % len(SPREAD)]) for k, m in enumerate(super().ask())]

    def voters(self) -> list[Member]:
        """The best members so far, best first, earlier ones before equals."""
        count = max(1, math.ceil(SHARE * len(self._known)))
        best = sorted(range(len(self._known)), key=lambda k: (-self._known[k][0], k))[:count]
        return [self._known[k][1] for k in best]

    def _utilities(self, fitness: NDArray[np.float64]) -> NDArray[np.float64]:
        scores = (fitness - fitness.mean(axis=0)).mean(axis=1)
        self._known += zip(map(float, scores), self.ask(), strict=True)
        return np.zeros(len(fitness))
