"""Statistics of samples against their definitions."""

from __future__ import annotations

from itertools import combinations

import pytest
from scipy import stats

from esreason.core.statistics import pass_at_k, summary_of, t_interval, t_quantile, wilson


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (1, 1), (0, 9), (3, 10), (1, 400), (251, 400), (400, 400)])
def test_wilson_s_interval_is_scipy_s(successes: int, n: int) -> None:
    other = stats.binomtest(successes, n).proportion_ci(confidence_level=0.95, method="wilson")
    assert wilson(successes, n) == pytest.approx((other.low, other.high), abs=1e-12)
    summary = summary_of([1.0] * successes + [0.0] * (n - successes))
    assert summary["score"] == pytest.approx(successes / n)
    assert summary["ci95"] == pytest.approx([other.low, other.high], abs=1e-12)


def test_nothing_played_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(7, 7)[1] == 1.0
    assert wilson(0, 7)[0] == 0.0
    assert summary_of([]) == {"score": 0.0, "ci95": [0.0, 1.0], "n": 0}


def test_student_s_quantile_and_interval_are_scipy_s() -> None:
    for free in (*range(1, 80), 120, 1_000, 100_000):
        assert t_quantile(free) == pytest.approx(stats.t.ppf(0.975, free), abs=2e-4)
    values = [0.61, 0.7, 0.84, 0.6]
    other = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert t_interval(values) == pytest.approx((other.low, other.high), abs=1e-6)
    with pytest.raises(ValueError, match="at least two"):
        t_interval([0.5])


@pytest.mark.parametrize(("n", "c"), [(1, 0), (1, 1), (5, 0), (5, 2), (6, 3), (7, 7)])
def test_pass_at_k_is_the_share_of_draws_with_a_pass(n: int, c: int) -> None:
    samples = [True] * c + [False] * (n - c)
    for k in range(1, n + 1):
        draws = list(combinations(samples, k))
        assert pass_at_k(n, c, k) == pytest.approx(sum(map(any, draws)) / len(draws))


@pytest.mark.parametrize(("n", "c", "k"), [(0, 0, 1), (3, 4, 1), (3, -1, 1), (3, 1, 0), (3, 1, 4)])
def test_pass_at_k_refuses_what_has_no_meaning(n: int, c: int, k: int) -> None:
    with pytest.raises(ValueError, match="pass@k"):
        pass_at_k(n, c, k)
