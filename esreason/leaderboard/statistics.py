"""Comparing players: paired exact tests with Holm's correction, shared ranks, means over seeds and environments."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

from esreason.core.statistics import t_quantile, wilson

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
    """The 95 % percentile interval of a statistic when each stratum is resampled on its own.

    A stratum is a list of scores by task, or a table of runs x tasks, of which runs and tasks are drawn anew, each
    with replacement and independently (Owen 2007, arXiv:0712.1111).
    """
    rng = np.random.default_rng(seed)
    tables = [np.atleast_2d(strata[name]) for name in sorted(strata)]
    draws = []
    for _ in range(resamples):
        drawn = []
        for table in tables:
            runs, tasks = table.shape
            kept = table if runs == 1 else table[rng.integers(0, runs, runs)]
            drawn.append(kept[:, rng.integers(0, tasks, tasks)])
        draws.append(statistic(drawn))
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def crossed(table: Scores) -> tuple[float, tuple[float, float]]:
    """The mean of scores by run and task, [runs, tasks], and its 95 % interval for other runs on other tasks.

    Every run played the same tasks, so scores share both: the variance of the mean is that over runs, plus that over
    tasks, less what both count twice (the moments of a two-way layout of random effects; clustering by both, Cameron,
    Gelbach and Miller 2011). The interval is Wilson's with as many tasks as a plain mean of this variance would have,
    and Student's quantile at Satterthwaite's degrees of freedom, which are close to the runs - 1 where runs differ.
    """
    runs, tasks = table.shape
    if runs < 2 or tasks < 2:
        raise ValueError(f"an interval over runs and tasks needs two of each, not {runs} and {tasks}")
    by_run, by_task, mean = table.mean(axis=1), table.mean(axis=0), float(table.mean())
    of_runs, of_tasks = float(by_run.var(ddof=1)) / runs, float(by_task.var(ddof=1)) / tasks
    rest = table - by_run[:, None] - by_task[None, :] + mean
    both = float((rest**2).sum()) / ((runs - 1) * (tasks - 1) * runs * tasks)
    variance = max(of_runs + of_tasks - both, of_runs, of_tasks)
    if variance <= 1e-15:  # all alike: as many tasks as there are, for more is not known
        return mean, wilson(mean * tasks, tasks)
    free = max(1, int(variance**2 / (of_runs**2 / (runs - 1) + of_tasks**2 / (tasks - 1))))
    worth = min(max(mean * (1.0 - mean) / variance, 1.0), runs * tasks)
    return mean, wilson(mean * worth, worth, t_quantile(free))


def iqm_of_means(samples: list[Scores]) -> float:
    """The interquartile mean over environments of the mean score in each."""
    return iqm(np.array([sample.mean() for sample in samples]))
