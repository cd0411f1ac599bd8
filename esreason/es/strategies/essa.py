"""ESSA: CMA-ES over the singular values of the weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from esreason.core.errors import UsageError
from esreason.core.machine import need
from esreason.es.noise import ONE, Member, normals
from esreason.es.strategy import Settings, Strategy, as_integers, member_seed
from esreason.es.update import Update

MOST = 65_536
"""More singular values than that are not searched at once: a member's shares travel as numbers."""

_PARTS = 2**20  # shares beyond that many parts of sigma / 256 are cut off, far outside of any population


class Essa(Strategy):
    """CMA-ES on the relative change of the `rank` largest singular values of every matrix; U and V stay the base's.

    A share x of direction j turns the singular value s_j into s_j (1 + x), and sigma is the first standard deviation of
    the shares. The covariance is diagonal (sep-CMA-ES: Ros and Hansen, PPSN 2008): hundreds of values and a few hundred
    members say little of their pairs, and an eigenbasis would differ between builds of LAPACK. Alpha is the learning
    rate of CMA's mean. Draws are the integer normals of this package; a population without differences moves nothing.
    The paper searches the factors of a LoRA that was trained first; here they are the weights themselves.
    """

    name = "essa"
    paper = "Korotyshova et al., arXiv:2507.04453; the cma package, Hansen et al."
    vectors: ClassVar[bool] = True
    preset: ClassVar[dict[str, Any]] = {
        "noise": "spectral", "rank": 4, "population": 32, "sigma": "0.3", "alpha": "1", "mirrored": False,
        "shaping": "ranks", "step": "sgd",
    }  # fmt: skip

    def __init__(self, settings: Settings, seed: int) -> None:
        super().__init__(settings, seed)
        size = settings.noise.directions
        if not 1 < size <= MOST:
            raise UsageError(f"essa searches 2 to {MOST} singular values, not {size}: choose another --rank or model")
        from cma import CMAEvolutionStrategy

        self._search = CMAEvolutionStrategy(np.zeros(size), settings.sigma, {
            "popsize": settings.population, "CMA_diagonal": True, "CMA_cmean": settings.alpha, "randn": self._normals,
            "verbose": -9,
        })  # fmt: skip
        self._centre = np.zeros(size)  # where the updates brought the weights: the mean, to 16 bits a step
        self._drawn: tuple[int, list[NDArray[np.float64]]] = (-1, [])

    @classmethod
    def check_installed(cls) -> None:
        """UsageError without the package cma."""
        need(cls.name, "cma", extra="cma")

    def ask(self) -> list[Member]:
        """Shares around the centre, in parts of sigma / 256."""
        sigma = float(self._search.sigma)
        members = []
        for k, point in enumerate(self._points()):
            parts = np.clip(np.rint((point - self._centre) * (ONE / sigma)), -_PARTS, _PARTS)
            members.append(Member(member_seed(self.seed, self.iteration, k), sigma, tuple(map(int, parts))))
        return members

    def _step(self, utilities: NDArray[np.float64]) -> Update:
        points, sigma = self._points(), float(self._search.sigma)
        if float(np.ptp(utilities)) > 0.0:
            self._search.tell(points, (-utilities).tolist())
        coefficients, scale = as_integers(np.asarray(self._search.mean - self._centre))
        self._centre = self._centre + scale * np.array(coefficients, dtype=np.float64)
        settings, directions = self.settings, tuple(range(1, len(coefficients) + 1))
        return Update(
            self.iteration, directions, coefficients, scale, 1.0, settings.noise, settings.rule, sigma,
        )  # fmt: skip

    def _points(self) -> Sequence[NDArray[np.float64]]:
        """CMA's draws of this iteration, the same however often they are asked for."""
        if self._drawn[0] != self.iteration:
            self._drawn = self.iteration, self._search.ask(self.settings.population)
        return self._drawn[1]

    def _normals(self, count: int, size: int) -> NDArray[np.float64]:
        seeds = [member_seed(self.seed, self.iteration, k) for k in range(count)]
        return np.array([normals(seed, "essa", 0, size) for seed in seeds]) / ONE
