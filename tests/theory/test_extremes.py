"""The best of n: exact over all subsets, and of normal draws."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import integrate, stats

from esreason.theory.extremes import best_of, normal_best


@pytest.mark.parametrize("n", [1, 2, 3, 7, 9])
def test_the_mean_over_all_subsets(n: int) -> None:
    scores = np.random.default_rng(n).normal(size=9).round(1)  # with ties
    expected = np.mean([max(subset) for subset in combinations(scores, n)])
    assert best_of(scores, n) == pytest.approx(expected)


def test_more_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 3"):
        best_of(np.zeros(3), 4)


@pytest.mark.parametrize("n", [1, 2, 5, 30, 100])
def test_the_largest_of_normals(n: int) -> None:
    expected, _ = integrate.quad(lambda x: n * x * stats.norm.pdf(x) * stats.norm.cdf(x) ** (n - 1), -10, 10)
    assert normal_best(n) == pytest.approx(expected, abs=1e-6)
