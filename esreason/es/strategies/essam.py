"""ESSAM: evolution strategies that climb from the worst point nearby."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from esreason.core.errors import UsageError
from esreason.es.strategy import Settings, Strategy
from esreason.es.update import Update

RHO_OVER_ALPHA = 0.4
"""The published pair: rho = 1e-4 beside alpha = 2.5e-4."""


class Essam(Strategy):
    """Sharpness-aware steps (SAM): the gradient is estimated where reward falls fastest within rho, not at the centre.

    Two iterations make a step. The first estimates g at the centre and moves it to theta - rho g; the second estimates
    g' there and moves by rho g + alpha g', which undoes the first move and steps from where the centre stood. Both
    are combinations of seeds, so the seed log rebuilds the weights as for any run; what is undone is exact to the 16
    bits of the coefficients. Both populations play the same tasks, and each counts as an iteration of the budget.
    """

    name = "essam"
    paper = "Sun et al., arXiv:2602.01003; sharpness-aware minimisation: Foret et al., arXiv:2010.01412"
    stages: ClassVar[int] = 2
    preset: ClassVar[dict[str, Any]] = {
        "noise": "dense", "population": 40, "sigma": "0.0015", "alpha": "0.00025", "mirrored": False,
        "shaping": "zscore", "step": "sgd", "validate_every": 10,
    }  # fmt: skip

    def __init__(self, settings: Settings, seed: int) -> None:
        if settings.rule.kind != "sgd" or settings.rule.decay:
            raise UsageError("essam undoes a move, which only the plain step can: --step sgd without --decay")
        super().__init__(settings, seed)
        self._away: Update | None = None

    def _step(self, utilities: NDArray[np.float64]) -> Update:
        first = self.iteration - self.iteration % self.stages
        alpha = self.settings.alpha * self.settings.alpha_schedule.factor(first)
        away = self._away
        if away is None:
            self._away = self._along(self._seeds(), utilities, -RHO_OVER_ALPHA * alpha)
            return self._away
        self._away = None
        told = np.array(away.coefficients, dtype=np.float64) * (away.scale * self.settings.population)
        return self._along([*self._seeds(), *away.seeds], np.concatenate([utilities, RHO_OVER_ALPHA * told]), alpha)
