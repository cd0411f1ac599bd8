"""Comparing players: paired exact tests with Holm's correction, shared ranks, interquartile means with a bootstrap."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
LEVEL = 0.05
RESAMPLES = 2_000


@cache
def mcnemar(wins: int, losses: int) -> float:
    """The two-sided exact p-value of McNemar's test (a sign test where scores are fractions)."""
    n, k = wins + losses, min(wins, losses)
    if n == 0:
        return 1.0
    tail = sum(math.comb(n, i) for i in range(k + 1))
    return float(min(1.0, 2 * tail / 2**n))


def paired(a: Scores, b: Scores) -> tuple[int, int]:
    """The tasks on which a beats b and those on which b beats a, over the tasks that both played."""
    n = min(len(a), len(b))
    return int((a[:n] > b[:n]).sum()), int((a[:n] < b[:n]).sum())


def holm(values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the given order."""
    order = sorted(range(len(values)), key=values.__getitem__)
    adjusted, highest = [0.0] * len(values), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = highest
    return adjusted


@cache
def fisher(a: int, n: int, b: int, m: int) -> float:
    """The two-sided p-value of Fisher's exact test: a passes of n against b of m."""
    total, of_all = a + b, math.comb(n + m, a + b)
    weights = [math.comb(n, k) * math.comb(m, total - k) for k in range(max(0, total - m), min(n, total) + 1)]
    seen = math.comb(n, a) * math.comb(m, b)
    return float(Fraction(sum(weight for weight in weights if weight <= seen), of_all))


def paired_test(a: Scores, b: Scores) -> tuple[float, bool]:
    """The p-value of a difference on the same tasks (exact McNemar), and whether a is the better one."""
    wins, losses = paired(a, b)
    return mcnemar(wins, losses), wins > losses


def two_samples(a: Scores, b: Scores) -> tuple[float, bool]:
    """The p-value of a difference in passes on tasks drawn independently (Fisher), and whether a is the better one."""
    passes = [int((scores == 1.0).sum()) for scores in (a, b)]
    return fisher(passes[0], len(a), passes[1], len(b)), passes[0] * len(b) > passes[1] * len(a)


def ranks(
    scores: Sequence[Scores], test: Callable[[Scores, Scores], tuple[float, bool]] = paired_test
) -> list[tuple[int, int]]:
    """The best and the worst rank of each player that the data allow: 1 + those surely better, n - those surely worse.

    Players that cannot be told apart at the 5 % level (all pairs tested, Holm-corrected) share the best rank.
    """
    count = len(scores)
    pairs = [(i, j) for i in range(count) for j in range(i)]
    outcomes = [test(scores[i], scores[j]) for i, j in pairs]
    better, worse = [0] * count, [0] * count
    for (i, j), (_, first), p in zip(pairs, outcomes, holm([p for p, _ in outcomes]), strict=True):
        if p < LEVEL:
            above, below = (i, j) if first else (j, i)
            better[below] += 1
            worse[above] += 1
    return [(1 + b, count - w) for b, w in zip(better, worse, strict=True)]


def iqm(values: Scores) -> float:
    """The interquartile mean: the mean of the middle half (a quarter of the values, rounded down, cut at each end)."""
    flat = np.sort(values, axis=None)
    cut = len(flat) // 4
    return float(flat[cut : len(flat) - cut].mean())


def stratified(
    strata: Mapping[str, Scores], statistic: Callable[[list[Scores]], float], seed: int = 0, resamples: int = RESAMPLES
) -> tuple[float, float]:
    """The 95 % percentile interval of a statistic when each stratum is resampled on its own."""
    rng = np.random.default_rng(seed)
    names = sorted(strata)
    draws = []
    for _ in range(resamples):
        drawn = [strata[name][rng.integers(0, len(strata[name]), len(strata[name]))] for name in names]
        draws.append(statistic(drawn))
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def iqm_of_means(samples: list[Scores]) -> float:
    """The interquartile mean over environments of the mean score in each."""
    return iqm(np.array([sample.mean() for sample in samples]))
