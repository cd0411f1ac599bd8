"""One step of the centre: integer sums of noise, then one floating-point expression an element."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from esreason.es.noise import MAX_SEED, Noise

MAX_COEFFICIENT = 2**17
"""Coefficients stay below this in size, so that the integer sums of a population stay exact in float64."""


Terms = tuple[tuple[int, int], ...]
"""(seed > 0, coefficient) pairs whose noise is summed."""


@dataclass(frozen=True, slots=True)
class StepRule:
    """How the estimated direction g moves the centre w (start w0): elementwise, in float64, rounded once to float32.

    sgd: w += alpha*g; momentum: m = beta1*m + g, w += alpha*m; adam: bias-corrected (beta1, beta2, eps).
    `decay` then pulls towards w0 (anchored weight decay): l2: w = w0 + (1 - alpha*decay)(w - w0);
    l1: soft threshold of w - w0 at alpha*decay.
    """

    kind: Literal["sgd", "momentum", "adam"] = "sgd"
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    decay: float = 0.0
    decay_norm: Literal["l1", "l2"] = "l2"

    def __post_init__(self) -> None:
        if self.kind not in ("sgd", "momentum", "adam"):
            raise ValueError(f"the step must be sgd, momentum or adam, not {self.kind!r}")
        if not (0.0 <= self.beta1 < 1.0 and 0.0 <= self.beta2 < 1.0):
            raise ValueError(f"beta1 and beta2 must be in [0, 1), not {self.beta1} and {self.beta2}")
        if not 0.0 < self.eps < math.inf:
            raise ValueError(f"eps must be a finite number > 0, not {self.eps}")
        if not 0.0 <= self.decay < math.inf:
            raise ValueError(f"decay must be a finite number >= 0, not {self.decay}")
        if self.decay_norm not in ("l1", "l2"):
            raise ValueError(f"decay_norm must be l1 or l2, not {self.decay_norm!r}")


@dataclass(frozen=True, slots=True)
class Update:
    """The direction g = scale * sum_i coefficients[i] * noise(seeds[i]) and the step to take along it.

    `seeds` and `coefficients` (integers, |c| < 2**17) run over the population; a negative seed is the mirror image.
    `sigma` is what the noise was multiplied by: a lattice needs it to know where the members stood.
    """

    iteration: int
    seeds: tuple[int, ...]
    coefficients: tuple[int, ...]
    scale: float
    alpha: float
    noise: Noise
    rule: StepRule
    sigma: float = 0.0

    def __post_init__(self) -> None:
        if len(self.seeds) != len(self.coefficients):
            raise ValueError(f"{len(self.seeds)} seeds but {len(self.coefficients)} coefficients")
        if any(not 0 < abs(seed) < MAX_SEED for seed in self.seeds):
            raise ValueError("an update's seeds must lie within +-2**53 and must not be 0")
        if any(abs(c) >= MAX_COEFFICIENT for c in self.coefficients):
            raise ValueError(f"coefficients must be integers below {MAX_COEFFICIENT} in size")
        if not (math.isfinite(self.scale) and math.isfinite(self.alpha)):
            raise ValueError(f"scale and alpha must be finite, not {self.scale} and {self.alpha}")
        if not 0.0 <= self.sigma < math.inf:
            raise ValueError(f"sigma must be a finite number >= 0, not {self.sigma}")

    def pairs(self) -> tuple[tuple[int, int, int], ...]:
        """(seed > 0, its coefficient, its mirror image's coefficient): repeats joined, zeros left out."""
        joined: dict[int, list[int]] = {}
        for seed, coefficient in zip(self.seeds, self.coefficients, strict=True):
            joined.setdefault(abs(seed), [0, 0])[seed < 0] += coefficient
        return tuple((seed, plus, minus) for seed, (plus, minus) in joined.items() if plus or minus)

    def terms(self) -> Terms:
        """(seed > 0, coefficient) pairs whose noise has to be summed: mirror images joined, zeros left out."""
        return tuple((seed, plus - minus) for seed, plus, minus in self.pairs() if plus != minus)
