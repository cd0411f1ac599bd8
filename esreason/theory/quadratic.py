"""Evolution strategies on a quadratic reward: expected curves, plateaus and peaks in closed form.

After Liang et al., «The Blessing of Dimensionality in LLM Fine-tuning», arXiv:2602.00170: J = top - 1/2 sum lambda x^2,
and every step is x <- (1 - alpha lambda) x + kick xi with xi ~ N(0, 1) in each mode.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quadratic:
    """Curvatures lambda >= 0 and squared distances x0^2 of the modes, the step alpha, the kick a step, the top reward.

    The paper's kick is alpha sigma / sqrt(N). ValueError unless 0 <= alpha lambda < 2, where steps stay bounded.
    """

    curvature: Vector
    start: Vector
    alpha: float
    kick: float
    top: float = 1.0

    def __post_init__(self) -> None:
        if self.curvature.shape != self.start.shape or self.curvature.ndim != 1:
            raise ValueError("curvature and start are vectors of one length")
        if not ((self.curvature >= 0).all() and (self.alpha * self.curvature < 2).all()):
            raise ValueError("alpha times a curvature must be in [0, 2)")

    @property
    def shrink(self) -> Vector:
        """1 - alpha lambda: what a step leaves of a mode."""
        return np.asarray(1.0 - self.alpha * self.curvature)

    @property
    def rates(self) -> Vector:
        """gamma = -2 ln |1 - alpha lambda|: how fast a mode's part of the reward settles, per step."""
        with np.errstate(divide="ignore"):
            return np.asarray(-2.0 * np.log(np.abs(self.shrink)))

    @property
    def settled(self) -> Vector:
        """lambda times the variance at which a mode settles: kick^2 / (alpha (2 - alpha lambda)); 0 for flat modes."""
        loss = self.kick**2 / (self.alpha * (2.0 - self.alpha * self.curvature))
        return np.where(self.curvature > 0, loss, 0.0)

    @property
    def plateau(self) -> float:
        """E J after infinitely many steps: top - 1/2 sum of `settled`."""
        return float(self.top - 0.5 * self.settled.sum())

    @property
    def amplitudes(self) -> Vector:
        """A = -1/2 (lambda x0^2 - settled): E J_t = plateau + sum A exp(-gamma t)."""
        return np.asarray(-0.5 * (self.curvature * self.start - self.settled))

    def curve(self, steps: ArrayLike) -> Vector:
        """E J after each of these numbers of steps."""
        t = np.atleast_1d(np.asarray(steps, dtype=np.float64))
        left = np.abs(self.shrink)[None, :] ** (2.0 * t[:, None])
        return np.asarray(self.plateau + left @ self.amplitudes)

    def peak(self, horizon: int = 100_000) -> int:
        """The step in 0..horizon at which E J is largest."""
        return int(self.curve(np.arange(horizon + 1)).argmax())

    @property
    def effective_dimension(self) -> float:
        """2 sum over curved modes of 1 / (2 - alpha lambda): the modes that the plateau feels."""
        curved = self.curvature[self.curvature > 0]
        return float(2.0 * (1.0 / (2.0 - self.alpha * curved)).sum())


def dimension_from_plateaus(sigma: ArrayLike, population: ArrayLike, plateau: ArrayLike, alpha: float) -> float:
    """The effective dimension from plateaus of several runs: 4 / alpha times the slope of 1 - J over sigma^2 / N."""
    noise = np.asarray(sigma, dtype=np.float64) ** 2 / np.asarray(population, dtype=np.float64)
    slope = np.polyfit(noise, 1.0 - np.asarray(plateau, dtype=np.float64), 1)[0]
    return float(4.0 * slope / alpha)


def zscored_curve(
    curvature: Vector,
    start: Vector,
    *,
    sigma: float,
    alpha: float,
    population: int,
    steps: int,
    luck: float = 0.0,
    mirrored: bool = True,
) -> Vector:
    """E J after 0..steps iterations of z-scored evolution strategies on a quadratic, by a recursion of second moments.

    J is 0 at its top. Fitness varies by s^2 = sigma^2 |gradient|^2 + sigma^4 / 2 sum lambda^2 + luck^2, `luck`
    being the standard deviation of what each member is lucky by; so the step is alpha sigma / s. The kick is
    alpha^2 / N in every mode, or 2 alpha^2 / N times the odd share of s^2 where mirrored pairs cancel the even one:
    without luck it vanishes with the gradient, and nothing decays.
    """
    lam, q = np.asarray(curvature, dtype=np.float64), np.array(start, dtype=np.float64)
    curve = [-0.5 * float(lam @ q)]
    for _ in range(steps):
        odd = sigma**2 * float(lam**2 @ q)
        even = 0.5 * sigma**4 * float(lam @ lam)
        whole = odd + even + luck**2
        share = (2.0 * odd + luck**2) / whole if mirrored else 1.0
        q = (1.0 - alpha * sigma / math.sqrt(whole) * lam) ** 2 * q + share * alpha**2 / population
        curve.append(-0.5 * float(lam @ q))
    return np.array(curve)
