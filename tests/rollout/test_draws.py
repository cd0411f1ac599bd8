"""Rates over several draws of a task, against every subset of the draws."""

from __future__ import annotations

from itertools import combinations
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esreason.core.statistics import pass_at_k
from esreason.rollout.draws import by_task, rates, task_means


@given(st.lists(st.booleans(), min_size=1, max_size=9), st.data())
def test_pass_at_k_is_the_share_of_subsets_that_hold_a_pass(passes: list[bool], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(passes)))
    subsets = list(combinations(passes, k))
    assert pass_at_k(len(passes), sum(passes), k) == pytest.approx(fmean(map(any, subsets)))


def test_rates_of_two_tasks_with_four_draws() -> None:
    scores = [1.0, 0.0, 0.5, 0.0, 0.0, 0.25, 0.0, 0.5]
    assert by_task(scores, 4) == [scores[:4], scores[4:]]
    assert task_means(scores, 4) == [0.375, 0.1875]
    assert rates(scores, 4) == {"pass@1": 0.125, "pass@4": 0.5, "best-of-4": 0.75}
    assert rates(scores[:2], 2) == {"pass@1": 0.5, "pass@2": 1.0, "best-of-2": 1.0}


def test_one_draw_is_the_success_rate_and_a_rest_is_refused() -> None:
    assert rates([1.0, 0.0, 0.5, 1.0], 1) == {"pass@1": 0.5}
    assert task_means([1.0, 0.25], 1) == [1.0, 0.25]
    with pytest.raises(ValueError, match="3 episodes are not 2 of each task"):
        by_task([1.0] * 3, 2)
