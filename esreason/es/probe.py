"""Choosing sigma before a run: the largest noise that the model still bears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LADDER = (0.001, 0.0025, 0.005, 0.01, 0.016, 0.025, 0.04)
"""The sigmas tried, from the smallest on; published values lie at the low end, small models need the high one."""

MEMBERS = 16
TASKS = 32
BEARABLE = 0.8
"""The share of the centre's success that the members must keep on average."""

ALPHA_OVER_SIGMA = 2.0


@dataclass(frozen=True, slots=True)
class Rung:
    """What a sigma did: the members' mean score and its spread over members."""

    sigma: float
    mean: float
    spread: float


def choose(base: float, rungs: Sequence[Rung]) -> float:
    """The largest sigma up to which every mean is at least BEARABLE of the centre's score; the smallest if none is.

    A model that solves nothing shows no loss to measure: then the rung with the largest spread (the first of equals).
    """
    if base <= 0:
        return max(rungs, key=lambda rung: rung.spread).sigma
    chosen = rungs[0].sigma
    for rung in rungs:
        if rung.mean < BEARABLE * base:
            break
        chosen = rung.sigma
    return chosen
