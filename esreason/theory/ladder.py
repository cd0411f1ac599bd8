"""A ladder of probes: what members score as the noise grows, and what can be read from it.

All rungs share tasks and members' seeds, and a pair of mirror images stands side by side: differences between rungs
and between members are not those of tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

KEPT = 0.5
"""The window ends where members keep this share of the best mean score: where the fall is steepest, the crossing is
known best."""


@dataclass(frozen=True, slots=True)
class Rung:
    """What a sigma did: scores [members, tasks], members 2k and 2k + 1 being mirror images."""

    sigma: float
    scores: Array

    @property
    def mean(self) -> float:
        """The mean over members and tasks."""
        return float(self.scores.mean())

    @property
    def members(self) -> Array:
        """Each member's mean over the tasks."""
        return np.asarray(self.scores.mean(axis=1))

    @property
    def odd(self) -> Array:
        """Half the difference of each pair on each task, [pairs, tasks]: all that a mirrored step can use."""
        return np.asarray((self.scores[::2] - self.scores[1::2]) / 2.0)

    @property
    def even(self) -> Array:
        """The mean of each pair on each task, [pairs, tasks]."""
        return np.asarray((self.scores[::2] + self.scores[1::2]) / 2.0)

    def signal(self) -> Array:
        """For each pair an unbiased estimate of its true odd part squared, over all tasks that might be drawn.

        ((sum d)^2 - sum d^2) / (m (m - 1)) over the m tasks' differences d: products of different tasks only, so
        that the luck of the tasks does not count as signal. It may be negative.
        """
        d, m = self.odd, self.scores.shape[1]
        return np.asarray((d.sum(axis=1) ** 2 - (d**2).sum(axis=1)) / (m * (m - 1)))

    def variance(self, tasks: int) -> float:
        """The variance over members of their mean score on `tasks` common tasks: what z-scoring divides by."""
        lasting, luck = components(self.scores)
        return lasting + luck / tasks

    def odd_share(self, tasks: int) -> float:
        """The odd part's share of `variance`, in [0, 1]; 1/2 where members differ by luck alone."""
        whole = self.variance(tasks)
        if whole <= 0:
            return 0.5
        d = self.odd
        luck = float(((d - d.mean(axis=1, keepdims=True)) ** 2).sum() / (d.shape[0] * (d.shape[1] - 1)))
        return min(1.0, (max(0.0, float(self.signal().mean())) + luck / tasks) / whole)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The centre's scores [tasks] and the rungs, sigma ascending."""

    centre: Array
    rungs: tuple[Rung, ...]

    @property
    def open(self) -> bool:
        """Whether no rung lost enough for the window to end on the ladder."""
        return self._crossing() is None

    def edge(self) -> float:
        """The sigma at which members keep only KEPT of the best mean before it, interpolated in log sigma.

        The last rung's if none does. A centre is no yardstick: greedy play is one sample of each task, and a base that
        solves one task in twenty would decide by luck.
        """
        number = self._crossing()
        if number is None:
            return self.rungs[-1].sigma
        wanted = KEPT * max(rung.mean for rung in self.rungs[: number + 1])
        above, below = self.rungs[max(0, number - 1)], self.rungs[number]
        if number == 0 or above.mean <= below.mean:
            return below.sigma
        share = (above.mean - wanted) / (above.mean - below.mean)
        return float(above.sigma * (below.sigma / above.sigma) ** min(1.0, max(0.0, share)))

    def _crossing(self) -> int | None:
        best = 0.0
        for number, rung in enumerate(self.rungs):
            best = max(best, rung.mean)
            if rung.mean < KEPT * best:
                return number
        return None

    def keep(self, distance: Array) -> Array:
        """The share of skill that survives noise of these sizes: 1 up to the best rung, then by interpolation.

        Beyond the last rung the last fall goes on to 0, unless the window is open there: then nothing is known.
        """
        top = max(range(len(self.rungs)), key=lambda k: self.rungs[k].mean)
        sigmas = [rung.sigma for rung in self.rungs[top:]]
        means = [rung.mean for rung in self.rungs[top:]]
        shares = np.minimum.accumulate(np.array(means) / max(means[0], 1e-12))
        places = np.log(sigmas)
        if not self.open and len(shares) > 1 and shares[-2] > shares[-1]:  # a bootstrap sample may end flat
            fall = (shares[-2] - shares[-1]) / (places[-1] - places[-2])
            places, shares = np.append(places, places[-1] + shares[-1] / fall), np.append(shares, 0.0)
        return np.asarray(np.interp(np.log(np.maximum(distance, 1e-12)), places, shares))

    def to_dict(self) -> dict[str, Any]:
        """The ladder as JSON data."""
        rungs = [[rung.sigma, rung.scores.tolist()] for rung in self.rungs]
        return {"centre": self.centre.tolist(), "rungs": rungs}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Ladder:
        """The ladder that `to_dict` wrote."""
        rungs = tuple(Rung(float(sigma), np.array(scores, dtype=np.float64)) for sigma, scores in data["rungs"])
        return cls(np.array(data["centre"], dtype=np.float64), rungs)

    def redrawn(self, rng: np.random.Generator) -> Ladder:
        """A bootstrap sample: pairs and tasks drawn with replacement, the same ones on every rung."""
        pairs = len(self.rungs[0].scores) // 2
        chosen = rng.integers(pairs, size=pairs)
        tasks = rng.integers(len(self.centre), size=len(self.centre))
        rows = np.stack([2 * chosen, 2 * chosen + 1], axis=1).ravel()
        rungs = tuple(Rung(rung.sigma, rung.scores[np.ix_(rows, tasks)]) for rung in self.rungs)
        return Ladder(self.centre[tasks], rungs)


def components(scores: Array) -> tuple[float, float]:
    """The variance of members' true means, and of the luck of one task, from scores [members, tasks] (two-way ANOVA).

    On m common tasks members' means vary by the first plus the second over m. The first is at least 0.
    """
    n, m = scores.shape
    rest = scores - scores.mean(axis=1, keepdims=True) - scores.mean(axis=0) + scores.mean()
    luck = float((rest**2).sum() / ((n - 1) * (m - 1)))
    return max(0.0, float(scores.mean(axis=1).var(ddof=1)) - luck / m), luck


def curvature(ladder: Ladder, rung: Rung) -> tuple[float, float | None]:
    """The trace of the curvature, and the effective dimension of its spectrum where it can be told.

    For a quadratic reward members lose sigma^2 / 2 tr C on average and vary by sigma^4 / 2 tr C^2 in their even part,
    so tr C = 2 loss / sigma^2 and (tr C)^2 / tr C^2 = 2 loss^2 / variance. A negative trace means that noise helps.
    """
    even = rung.even - ladder.centre
    loss = -float(even.mean())
    lasting, _ = components(even)
    dimension = 2.0 * loss**2 / lasting if lasting > 0 and loss > 0 else None
    return 2.0 * loss / rung.sigma**2, dimension
