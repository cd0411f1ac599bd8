"""The board's statistics against other people's packages."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from esreason.core.statistics import wilson
from esreason.leaderboard.statistics import (
    Scores,
    crossed,
    fisher,
    holm,
    iqm,
    iqm_of_means,
    mcnemar,
    paired,
    ranks,
    stratified,
    two_samples,
)


@pytest.mark.parametrize(("wins", "losses"), [*itertools.product(range(8), repeat=2), (40, 61), (400, 300), (0, 400)])
def test_mcnemar_is_scipys_exact_binomial_test(wins: int, losses: int) -> None:
    expected = stats.binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    assert mcnemar(wins, losses) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("a", "n", "b", "m"), [(0, 5, 0, 7), (3, 10, 9, 12), (40, 100, 61, 100), (12, 12, 0, 9)])
def test_fishers_exact_test_is_scipys(a: int, n: int, b: int, m: int) -> None:
    assert fisher(a, n, b, m) == pytest.approx(stats.fisher_exact([[a, n - a], [b, m - b]]).pvalue, rel=1e-9)
    p, better = two_samples(np.repeat([1.0, 0.0], [a, n - a]), np.repeat([1.0, 0.5], [b, m - b]))
    assert (p, better) == (fisher(a, n, b, m), a / n > b / m)


def test_holm_matches_its_definition() -> None:
    # Holm 1979 by hand: 0.01*4, 0.02*3, 0.03*2, 0.5*1, made monotone
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])
    assert holm([]) == []
    assert holm([0.9, 0.9]) == [1.0, 1.0]


def test_rows_that_cannot_be_told_apart_share_a_rank() -> None:
    rng = np.random.default_rng(1)
    strong = (rng.random(400) < 0.9).astype(float)
    twin = strong.copy()
    twin[:3] = 1 - twin[:3]
    weak = (rng.random(400) < 0.2).astype(float)
    assert ranks([weak, strong, twin]) == [(3, 3), (1, 2), (1, 2)]
    assert ranks([strong]) == [(1, 1)]
    assert ranks([]) == []


def test_pairs_are_counted_over_common_tasks() -> None:
    assert paired(np.array([1.0, 0.0, 1.0, 1.0]), np.array([0.0, 0.5, 1.0])) == (1, 1)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (10, 7), (4, 4), (5, 26)])
def test_the_interquartile_mean_is_rliables(shape: tuple[int, int]) -> None:
    from rliable import metrics

    scores = np.random.default_rng(shape[0]).random(shape)
    assert iqm(scores) == pytest.approx(metrics.aggregate_iqm(scores))


def test_the_stratified_bootstrap_agrees_with_scipys_over_rliables_mean() -> None:
    from rliable import metrics

    rng = np.random.default_rng(5)
    tasks, envs = 60, 9
    scores = [(rng.random(tasks) < p).astype(float) for p in np.linspace(0.1, 0.9, envs)]

    def statistic(*samples: NDArray[np.float64]) -> float:
        return float(metrics.aggregate_iqm(np.array([sample.mean() for sample in samples])))

    theirs = stats.bootstrap(
        scores, statistic, n_resamples=2_000, method="percentile", vectorized=False, random_state=1
    ).confidence_interval
    ours = stratified({f"e{k}": sample for k, sample in enumerate(scores)}, iqm_of_means, seed=3)
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.012)  # two bootstraps of 2,000 differ by about 0.003
    assert ours == stratified({f"e{k}": sample for k, sample in enumerate(scores)}, iqm_of_means, seed=3)


def layout(rng: np.random.Generator, runs: int, tasks: int, of_runs: float, of_tasks: float, rest: float) -> Scores:
    """A two-way layout of random effects around 0."""
    return np.asarray(
        rng.normal(0, of_runs, (runs, 1)) + rng.normal(0, of_tasks, (1, tasks)) + rng.normal(0, rest, (runs, tasks))
    )


def test_the_variance_over_runs_and_tasks_is_that_of_the_mean() -> None:
    """Half the width over the quantile is a standard error, whose square is right on average in a known layout."""
    rng, runs, tasks, spread = np.random.default_rng(1), 40, 40, (0.1, 0.2, 0.4)
    true = spread[0] ** 2 / runs + spread[1] ** 2 / tasks + spread[2] ** 2 / (runs * tasks)
    squares = []
    for _ in range(150):
        mean, (low, high) = crossed(0.5 + layout(rng, runs, tasks, *spread))
        assert low < mean < high
        squares.append(((high - low) / 2 / 1.99) ** 2)  # about 60 degrees of freedom
    assert np.mean(squares) == pytest.approx(true, rel=0.1)


def test_the_interval_over_seeds_holds_the_truth_where_that_of_pooled_scores_does_not() -> None:
    rng, runs, tasks = np.random.default_rng(2), 3, 100
    truth = np.mean(1 / (1 + np.exp(-(1 + rng.normal(0, 0.5, 200_000) + rng.normal(0, 1.0, 200_000)))))
    held = pooled = 0
    for _ in range(400):
        chance = 1 / (1 + np.exp(-(1 + layout(rng, runs, tasks, 0.5, 1.0, 0.0))))
        table = (rng.random((runs, tasks)) < chance).astype(np.float64)
        _, (low, high) = crossed(table)
        held += low <= truth <= high
        low, high = wilson(table.sum(), table.size)
        pooled += low <= truth <= high
    assert held / 400 > 0.93
    assert pooled / 400 < 0.75


def test_alike_runs_are_worth_one_and_a_table_of_one_run_is_refused() -> None:
    assert crossed(np.ones((3, 50))) == (1.0, wilson(50, 50))
    assert crossed(np.zeros((2, 50)))[1] == wilson(0, 50)
    same = np.tile(np.random.default_rng(3).random(200) < 0.3, (3, 1)).astype(np.float64)
    low, high = crossed(same)[1]
    one = wilson(same[0].sum(), 200)
    assert high - low == pytest.approx(one[1] - one[0], rel=0.02)  # copies of a run tell nothing new
    with pytest.raises(ValueError, match="two of each"):
        crossed(np.ones((1, 50)))


def test_the_bootstrap_draws_runs_and_tasks() -> None:
    """Its spread is that of a two-way layout: the variances over runs and over tasks, and what is left once more."""
    rng = np.random.default_rng(4)
    table = 0.5 + layout(rng, 6, 80, 0.1, 0.2, 0.1)
    low, high = stratified({"a": table}, iqm_of_means, resamples=4_000)
    by_run, by_task = table.mean(axis=1).var() / 6, table.mean(axis=0).var() / 80
    both = (table - table.mean(axis=1)[:, None] - table.mean(axis=0) + table.mean()).var() / (6 * 80)
    assert (high - low) / 2 / 1.96 == pytest.approx(float(np.sqrt(by_run + by_task + both)), rel=0.06)
    tasks_alone = stratified({"a": table.mean(axis=0)}, iqm_of_means, resamples=4_000)
    assert tasks_alone[1] - tasks_alone[0] < 0.6 * (high - low)
