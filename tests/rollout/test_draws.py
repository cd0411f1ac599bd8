"""Rates over several draws of a task, counted by hand and by drawing."""

from __future__ import annotations

from itertools import combinations

import pytest

import esreason
from esreason.rollout.draws import by_task, rates
from esreason.rollout.episode import Episode

TASK = esreason.make_task("sorting", 1)


def episode(score: float) -> Episode:
    verdict = {"score": score, "passed": score == 1.0, "reason": ""}
    return Episode(TASK, ("", ""), ("",), (score,), verdict, 1, 1, "")


def test_rates_of_two_tasks_with_four_draws() -> None:
    scores = [1.0, 0.0, 0.5, 0.0, 0.0, 0.25, 0.0, 0.5]
    draws = by_task([episode(score) for score in scores], 4)
    assert [[e.score for e in row] for row in draws] == [scores[:4], scores[4:]]
    assert rates(draws) == {"pass@1": 0.125, "pass@4": 0.5, "best-of-4": 0.75}
    pairs = [any(pair) for pair in combinations([True, False, False, False], 2)]
    assert rates(by_task([episode(s) for s in scores[:2]], 2))["pass@2"] == 1.0
    assert sum(pairs) / len(pairs) == 0.5  # what pass@2 of one pass in four means


def test_one_draw_is_the_success_rate_and_a_rest_is_refused() -> None:
    assert rates(by_task([episode(1.0), episode(0.0)], 1)) == {"pass@1": 0.5, "best-of-1": 0.5}
    with pytest.raises(ValueError, match="3 episodes are not 2 of each task"):
        by_task([episode(1.0)] * 3, 2)
