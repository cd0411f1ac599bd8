"""How a planned run should go, forecast from a ladder of probes around its base."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esreason.theory.ladder import Ladder, Rung

Array = NDArray[np.float64]

ALPHA_OVER_SIGMA = 2.0
"""The step that `auto` takes for a sigma."""

CHOICES = (0.00025, 0.0004, 0.00063, 0.001, 0.0016, 0.0025, 0.004, 0.0063, 0.01, 0.016, 0.025, 0.04, 0.063, 0.1)
"""A chosen sigma is the nearest of these (five a decade), so that the luck of a probe seldom changes it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The numbers of a run that its course depends on; without an `alpha` it is ALPHA_OVER_SIGMA sigma."""

    population: int
    iterations: int
    tasks: int
    sigma: float | None = None
    alpha: float | None = None
    decay: float = 0.0

    def step(self, sigma: float) -> float:
        """The alpha beside a sigma."""
        return ALPHA_OVER_SIGMA * sigma if self.alpha is None else self.alpha

    def walk(self, alpha: float, iterations: Array | float, odd_share: float = 0.5) -> Array:
        """How far an undirected walk goes a weight: alpha sqrt(T / N) (Hoy et al., arXiv:2604.01499).

        Mirrored pairs make half as many independent directions where fitness is all odd: the factor 2 `odd_share`.
        Anchored decay (L2) holds it at alpha^2 / N (1 - exp(-2 alpha decay T)) / (2 alpha decay).
        """
        t = np.asarray(iterations, dtype=np.float64)
        pull = 2.0 * alpha * self.decay
        if pull > 0:
            t = -np.expm1(-pull * t) / pull
        return np.asarray(alpha * np.sqrt(2.0 * odd_share * t / self.population))


def choose_sigma(edge: float, plan: Plan) -> float:
    """The largest sigma whose last members still stand inside a window that ends at `edge`, on the grid of CHOICES.

    The last iteration's members are sqrt(sigma^2 + walk^2) away from the base, the walk being that of the drift law,
    and the signal grows with sigma as long as they are inside. Published settings obey it with room: sigma times 1.3 to
    2.5 by their last iteration. A given alpha that leaves the window on its own leaves sigma a quarter of it.
    """
    if plan.alpha is None:
        # The walk is proportional to sigma but for the decay, whose strength depends on alpha: a few rounds settle it.
        sigma = edge
        for _ in range(50):
            sigma = edge / math.sqrt(1.0 + (float(plan.walk(plan.step(sigma), plan.iterations)) / sigma) ** 2)
    else:
        walk = float(plan.walk(plan.alpha, plan.iterations))
        sigma = math.sqrt(max(edge**2 - walk**2, edge**2 / 16.0))
    return min(CHOICES, key=lambda choice: abs(math.log(choice / sigma)))


@dataclass(frozen=True, slots=True)
class Forecast:
    """The course of a run: expected scores after 0..T iterations, and what they come from.

    `rise` is the expected gain of the first iteration, `t_peak` the iteration of the best score (T if it is still
    rising), `horizon` the iteration at which the walk alone reaches the window's edge.
    """

    rise: float
    curve: Array
    t_peak: int
    horizon: float


def forecast(ladder: Ladder, plan: Plan, rung: Rung, odd_signal: float) -> Forecast:
    """The course of a plan with a sigma: its signal by `rung` and `odd_signal`, its base and its decay by `ladder`.

    A z-scored step of size alpha moves the reward by alpha / sigma V / s: V the variance of members' true odd parts, s
    the spread of fitness on the plan's tasks; the headroom 1 - J saturates it. Of the skill at iteration t the share
    that survives noise of the walk's size is kept. V counts odd terms beyond the linear one, so that the rise is an
    upper bound; skill that evolution brings out may fall sooner than the base's habits, which the ladder measures.
    """
    assert plan.sigma is not None
    spread = math.sqrt(max(rung.variance(plan.tasks), 0.0))
    alpha = plan.step(plan.sigma)
    rise = alpha / plan.sigma * max(0.0, odd_signal) / spread if spread > 0 else 0.0
    base = float(ladder.centre.mean())
    room, t = max(1e-9, 1.0 - base), np.arange(plan.iterations + 1, dtype=np.float64)
    share = rung.odd_share(plan.tasks)
    skill = base + room * -np.expm1(-rise * t / room)
    curve = skill * ladder.keep(plan.walk(alpha, t, share))
    reach = ladder.edge() ** 2 * plan.population / (2.0 * share * alpha**2) if share > 0 else math.inf
    return Forecast(rise, curve, int(curve.argmax()), reach)


def nearest(ladder: Ladder, sigma: float) -> Rung:
    """The rung whose sigma is nearest by ratio."""
    return min(ladder.rungs, key=lambda rung: abs(math.log(rung.sigma / sigma)))

