"""Instances that somebody else made: what is refused, and what solver and game do with odd ones."""

from __future__ import annotations

import random

import pytest

import esreason
from esreason.core.registry import env_class
from tests.envs._everything import play
from tests.oracles import countdown


def test_a_countdown_without_solution_is_judged_and_not_solved() -> None:
    task = esreason.task_from_payload("countdown", {"numbers": [1, 1, 2], "target": 999, "use_all": False})
    assert not esreason.verify("countdown", task, "1+1+2").passed
    with pytest.raises(ValueError, match="no solution"):
        esreason.solve(task)


@pytest.mark.parametrize("numbers", [[25, 3, 4], [7, 25, 25], [25, 1], [0, 25], [25, 3, 4, 9, 10, 2]])
def test_a_countdown_whose_target_is_given_takes_one_step(numbers: list[int]) -> None:
    task = esreason.task_from_payload("countdown", {"numbers": numbers, "target": 25, "use_all": False})
    solution = esreason.solve(task)
    assert esreason.verify("countdown", task, solution.answer).passed and solution.answer == "25"
    env = env_class("countdown")()
    env.reset(options={"task": task})
    results = play(env, solution.actions)
    assert len(results) == 1 and results[-1][1] == 1.0 and results[-1][2]


@pytest.mark.parametrize("seed", range(6))
def test_a_countdown_that_allows_leftovers_is_solved_in_the_fewest_steps(seed: int) -> None:
    rng = random.Random(seed)
    numbers = [rng.randint(2, 20) for _ in range(4)]
    target = numbers[0] * numbers[1] + (numbers[2] if seed % 2 else 0)
    payload = {"numbers": numbers, "target": target, "use_all": False}
    task = esreason.task_from_payload("countdown", payload)
    solution = esreason.solve(task)
    assert countdown.judge(payload, solution.answer) and esreason.verify("countdown", task, solution.answer).passed
    assert len(solution.actions) == countdown.optimal_steps(payload)


def test_a_countdown_that_cannot_be_played_is_refused() -> None:
    with pytest.raises(ValueError, match="no operation leads to it"):
        esreason.task_from_payload("countdown", {"numbers": [25, 3], "target": 25, "use_all": False})
    assert esreason.task_from_payload("countdown", {"numbers": [25, 3], "target": 25, "use_all": True})


@pytest.mark.parametrize(
    ("action", "counts"), [("swap 0", True), ("swap \t 0", True), ("swap0", False), ("swap\n0", False)]
)
def test_a_run_of_blanks_counts_as_one_in_actions_and_in_answers(action: str, counts: bool) -> None:
    task = esreason.task_from_payload("rewrite", {"start": "a+b", "goal": "b+a"})
    assert esreason.verify("rewrite", task, action).passed is counts
    env = env_class("rewrite")()
    env.reset(options={"task": task})
    assert (env.step(action)[1] == 1.0) is counts
