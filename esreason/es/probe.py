"""Choosing sigma before a run: well below the noise that ruins the members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LADDER = (0.001, 0.0025, 0.005, 0.01, 0.016, 0.025, 0.04, 0.063, 0.1)
"""The sigmas tried, from the smallest on; published values lie at the low end, small models need the high one."""

MEMBERS = 16
TASKS = 32
BEARABLE = 0.8
"""The share of the best mean score of the rungs so far that the members of the next rung must keep."""

ALPHA_OVER_SIGMA = 2.0


@dataclass(frozen=True, slots=True)
class Rung:
    """What a sigma did: the members' mean score and its spread over members."""

    sigma: float
    mean: float
    spread: float


def bearable(rungs: Sequence[Rung]) -> bool:
    """Whether the last rung keeps enough of the best mean score up to there.

    The centre is no yardstick: it is one sample of each task where a rung has one a member, and a base that solves one
    task in twenty would decide by luck.
    """
    means = [rung.mean for rung in rungs]
    return means[-1] >= BEARABLE * max(means)


def choose(rungs: Sequence[Rung]) -> float:
    """The rung below the largest sigma that the members bear; the first if they bear none.

    A skill that evolution has brought out is more easily disturbed than the habits of the base, hence the margin:
    with the largest bearable sigma the centre rises and then falls while its members solve less and less.
    """
    last = len(rungs) - 1
    for number in range(len(rungs)):
        if not bearable(rungs[: number + 1]):
            last = number - 1
            break
    return rungs[max(0, last - 1)].sigma
