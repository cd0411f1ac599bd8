"""From fitness to utilities: what a member's results count for in the update."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Shaping = Callable[[Array], Array]


def finite(fitness: Array) -> Array:
    """Fitness [members, tasks] with every NaN or infinity replaced by the lowest finite value: never the best."""
    good = np.isfinite(fitness)
    if good.all():
        return fitness
    floor = fitness[good].min() if good.any() else 0.0
    return np.where(good, fitness, floor)


def zscore(fitness: Array) -> Array:
    """(mean fitness - population mean) / population standard deviation (ddof 0); zeros if all are equal."""
    means = fitness.mean(axis=1)
    return _scaled(means - means.mean())


def task_zscore(fitness: Array) -> Array:
    """Each task centred over the members first, then one standard deviation for all (EGGROLL, arXiv:2511.16652).

    Where every member plays every task, as in all runs here, this is `zscore` up to rounding: the mean over tasks takes
    the centring along. It is what the method says, and would differ where members miss tasks.
    """
    return _scaled((fitness - fitness.mean(axis=0)).mean(axis=1))


def centred_ranks(fitness: Array) -> Array:
    """Ranks of the mean fitness scaled to [-1/2, 1/2], ties sharing their mean rank (Salimans et al. 2017)."""
    means = fitness.mean(axis=1)
    order = np.argsort(means, kind="stable")
    ranks = np.empty(len(means))
    ranks[order] = np.arange(len(means), dtype=np.float64)
    for value in np.unique(means):
        tied = means == value
        ranks[tied] = ranks[tied].mean()
    return ranks / max(1, len(means) - 1) - 0.5


def centred(fitness: Array) -> Array:
    """Mean fitness minus the population's mean, unscaled."""
    means = fitness.mean(axis=1)
    return np.asarray(means - means.mean())


def _scaled(values: Array) -> Array:
    spread = float(values.std())
    return values / spread if spread > 1e-12 else np.zeros_like(values)


SHAPINGS: dict[str, Shaping] = {
    "zscore": zscore, "task-zscore": task_zscore, "ranks": centred_ranks, "none": centred,
}  # fmt: skip
