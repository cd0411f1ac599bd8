"""Every objective against its defining identity."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import esreason
from esreason.core.errors import UnknownNameError, UsageError
from esreason.core.statistics import pass_at_k
from esreason.es.config import make_config
from esreason.objectives import metacognition as m
from esreason.objectives import objective
from esreason.objectives import sensitivity as sensitivity_module
from esreason.objectives.sensitivity import MEASURES, measured, sensitivity
from esreason.rollout.episode import Episode

TASK = esreason.make_task("sorting", 1)


def episode(score: float, *actions: str) -> Episode:
    verdict = {"score": score, "passed": score == 1.0, "reason": ""}
    return Episode(TASK, ("",) * (len(actions) + 1), actions, (0.0,) * len(actions), verdict, 0, 0, "")


def test_pass_at_k_is_the_share_of_subsets_that_hold_a_success() -> None:
    rng = np.random.default_rng(1)
    draws = rng.random((3, 2, 6)) < 0.4
    rows = [[episode(float(hit), "a") for task in member for hit in task] for member in draws]
    fitness = objective("pass@3", samples=6).fitness(rows)
    for member, task in itertools.product(range(3), range(2)):
        subsets = list(itertools.combinations(draws[member, task], 3))
        assert fitness[member, task] == pytest.approx(sum(map(any, subsets)) / len(subsets))
    assert pass_at_k(6, 2, 1) == pytest.approx(2 / 6)


def test_of_k_draws_one_success_is_enough_and_part_of_a_score_is_none() -> None:
    goal = objective("pass@2")
    assert goal.samples == 2
    row = [episode(1.0, "a"), episode(0.0, "a"), episode(0.9, "a"), episode(0.0, "a")]
    assert goal.fitness([row]).tolist() == [[1.0, 0.0]]
    assert goal.value(row) == 0.5


def test_novelty_is_the_share_of_the_others_that_acted_otherwise() -> None:
    said = [["a", "x"], ["a", "y"], ["b", "x"], ["a", "x"]]
    rows = [[episode(0.5, first), episode(1.0, "s", second)] for first, second in said]
    fitness = objective("novelty").fitness(rows)
    for member, task in itertools.product(range(4), range(2)):
        others = [said[other][task] != said[member][task] for other in range(4) if other != member]
        assert fitness[member, task] == pytest.approx(((0.5, 1.0)[task] + sum(others) / 3) / 2)
    assert objective("novelty").value(rows[0]) == 0.75


@pytest.mark.parametrize(("right", "said", "reward"), [(1, "Yes.", 2), (1, "no", 1), (0, "no idea", 1), (0, "yes", 0)])
def test_the_published_reward_of_metacognition(right: int, said: str, reward: int) -> None:
    goal = objective("metacognition", judgement="yes-no")
    assert 2 * goal.fitness([[episode(float(right), said, "a")]])[0, 0] == reward


@pytest.mark.parametrize("grade", range(10))
def test_the_graded_reward(grade: int) -> None:
    goal = objective("metacognition", judgement="graded")
    [[won, lost]] = goal.fitness([[episode(1.0, f"about {grade}, not 7", "a"), episode(0.0, str(grade), "a")]]).tolist()
    assert (2 * won, 2 * lost) == pytest.approx((1 + grade / 9, 1 - grade / 9))
    assert goal.fitness([[episode(1.0, "sure", "a")]])[0, 0] == 0.5


def graded(right: Sequence[Sequence[int]], grades: Sequence[Sequence[int]], *envs: str) -> list[list[Episode]]:
    tasks = [esreason.make_task(env, 1) for env in envs or ["sorting"] * len(right[0])]
    return [
        [replace(episode(float(c), str(g), "a"), task=task) for c, g, task in zip(*row, tasks, strict=True)]
        for row in zip(right, grades, strict=True)
    ]


def test_discernment_is_the_covariance_of_grades_and_the_populations_success() -> None:
    rng = np.random.default_rng(3)
    right, grades = rng.integers(0, 2, (4, 12)), rng.integers(0, 10, (4, 12))
    goal = objective("discernment", judgement="graded")
    fitness = goal.fitness(graded(right.tolist(), grades.tolist()))
    assert fitness.min() >= 0.0 and fitness.max() <= 1.0
    for member in range(4):
        covariance = np.cov(right.mean(axis=0), grades[member] / 9, bias=True)[0, 1]
        assert fitness[member].mean() == pytest.approx(0.5 + covariance)
    mine = right.copy()
    mine[[0, 1]] = mine[[1, 0]]  # members' own answers earn nothing
    assert goal.fitness(graded(mine.tolist(), grades.tolist())) == pytest.approx(fitness)
    surer = goal.fitness(graded(right.tolist(), np.full((4, 12), 9).tolist()))
    assert surer.mean(axis=1) == pytest.approx([0.5] * 4)  # nor does confidence in everything


def test_discernment_compares_tasks_of_the_same_environment() -> None:
    right, grades = [[1, 1, 0, 0]], [[9, 9, 0, 0]]
    goal = objective("discernment", judgement="graded")
    assert goal.fitness(graded(right, grades)).mean() == pytest.approx(0.75)
    apart = goal.fitness(graded(right, grades, "sorting", "sorting", "hanoi", "hanoi"))
    assert apart.tolist() == [[0.5] * 4]


def test_the_discernment_of_one_model_is_hits_minus_false_alarms() -> None:
    goal = objective("discernment", judgement="yes-no")
    row = [episode(1.0, "yes", "a"), episode(1.0, "no", "a"), *[episode(0.0, "no", "a")] * 3, episode(0.0, "yes", "a")]
    assert goal.value(row) == pytest.approx((1 + 1 / 2 - 1 / 4) / 2)
    assert goal.value(row[:2]) == goal.value(row[2:]) == 0.5


def test_gamma_counts_pairs() -> None:
    rng = np.random.default_rng(5)
    correct, grades = list(map(bool, rng.random(40) < 0.5)), list(map(float, rng.integers(0, 4, 40)))
    pairs = [(a, b) for a, c in zip(grades, correct, strict=True) if c
             for b, d in zip(grades, correct, strict=True) if not d]  # fmt: skip
    more, less = sum(a > b for a, b in pairs), sum(a < b for a, b in pairs)
    assert m.goodman_kruskal(correct, grades) == pytest.approx((more - less) / (more + less))
    assert m.goodman_kruskal([True, False], [0.5, 0.5]) == m.goodman_kruskal([True], [1.0]) == 0.0


def test_the_intervals_hold_an_observer_s_sensitivity() -> None:
    held = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        correct = rng.random(300) < 0.5
        evidence = rng.normal(size=300) + np.where(correct, 0.6, -0.6)
        answers = list(map(bool, correct)), [float(e > 0) for e in evidence]
        low, high = one_measure("d_prime", *answers)["ci95"]
        held += low <= 1.2 <= high
        if seed > 1:
            continue  # all measures take a while
        found = measured(*answers)
        assert found["n"] == 300 and found["accuracy"]["value"] == pytest.approx(correct.mean(), abs=1e-6)
        told = [part for part in found.values() if isinstance(part, dict) and part["ci95"] is not None]
        assert all(math.isfinite(x) for part in told for x in (part["value"], *part["ci95"]))
    assert held >= 16  # 95 % of 20 is 19; 15 or fewer has a chance of 0.003


def observer(rng: np.random.Generator, d: float, noise: float, n: int) -> tuple[list[bool], list[float]]:
    """An observer of two choices who is confident where its evidence, seen again through noise, is strong."""
    evidence = rng.normal(d / 2, 1.0, n)
    correct = evidence > 0
    seen = np.abs(evidence) + rng.normal(0, noise, n)
    return list(map(bool, correct)), [float(s > 0.9) for s in seen]


def one_measure(name: str, correct: list[bool], grades: list[float]) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sensitivity_module, "MEASURES", {name: MEASURES[name]})
        part: dict[str, Any] = measured(correct, grades)[name]
    return part


def test_an_ideal_observers_m_ratio_is_one_and_noise_lowers_it() -> None:
    held = below = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        ideal, noisy = (one_measure("m_ratio", *observer(rng, 1.5, noise, 400)) for noise in (0.0, 2.0))
        held += ideal["ci95"][0] <= 1.0 <= ideal["ci95"][1]
        below += noisy["ci95"][1] < 1.0
    assert held >= 6  # 5 or fewer of 8 has a chance of 0.006
    assert below >= 6


@pytest.mark.parametrize(
    ("correct", "grades", "meta", "ratio"),
    [
        ([True] * 20, [1.0, 0.0] * 10, "all answers are right", "all answers are right"),
        ([False] * 20, [1.0, 0.0] * 10, "all answers are wrong", "all answers are wrong"),
        ([True, False] * 10, [1.0] * 20, "all judgements are yes", "all judgements are yes"),
        ([True, False] * 10, [0.2] * 20, "all judgements are no", "all judgements are no"),
        ([True, False, False, False] * 9, [1.0, 0.0, 0.0, 1.0] * 9, None, "at most half of the answers are right"),
    ],
)
def test_what_cannot_be_estimated_is_none_with_a_reason(
    correct: list[bool], grades: list[float], meta: str | None, ratio: str
) -> None:
    found = json.loads(json.dumps(measured(correct, grades), allow_nan=False))
    for name, reason in (("meta_d_prime", meta), ("m_ratio", ratio)):
        part = found[name]
        if reason is None:
            assert part["ci95"][0] <= part["value"] <= part["ci95"][1] and "reason" not in part
        else:
            assert part["value"] is part["ci95"] is None and part["reason"].startswith(reason)


def test_an_interval_that_too_many_resamples_lack_is_none_with_a_reason() -> None:
    found = measured([True] * 11 + [False] * 10, [1.0, 0.0, 1.0] * 7)["m_ratio"]  # a d' close to 0
    assert math.isfinite(found["value"]) and found["ci95"] is None
    assert re.fullmatch(r"[1-9][0-9]{1,2} of 1000 resamples have no estimate", found["reason"])


def test_phases_are_measured_apart() -> None:
    def line(phase: str, right: bool, said: str) -> dict[str, Any]:
        return {"phase": phase, "verdict": {"passed": right}, "actions": [said, "x"]}

    lines = [line("base", k % 2 == 0, "9") for k in range(8)]
    lines += [line("tuned", k % 2 == 0, "8" if k % 2 == 0 else "1") for k in range(8)]
    found = sensitivity(lines, "graded")
    assert found["base"]["auroc"]["value"] == 0.5 and found["tuned"]["auroc"]["value"] == 1.0
    assert found["tuned"]["d_prime"]["value"] == pytest.approx(m.MAX_D_PRIME, abs=1e-5)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"objective": "pass@8"}, "temperature"),
        ({"objective": "pass@8", "temperature": 1.0, "samples": 4}, "at least 8"),
        ({"samples": 4}, "pass@8"),
        ({"objective": "metacognition", "judgement": "none"}, "yes-no or graded"),
        ({"judgement": "yes"}, "yes-no"),
        ({"objective": "discernment", "judgement": "none"}, "yes-no or graded"),
        ({"judgement_temperature": 1.0}, "needs a --judgement"),
    ],
)
def test_options_that_do_not_fit_get_one_sentence(given: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        make_config({"env": "sorting", "model": "sprout", **given})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["pass@0", "pass@", "metacognitive", "returns"])
def test_unknown_objectives_suggest_the_nearest(name: str) -> None:
    with pytest.raises(UnknownNameError, match="did you mean"):
        objective(name)


def test_metacognition_asks_yes_or_no_unless_told_otherwise() -> None:
    def asked(**given: Any) -> Sequence[str]:
        return make_config({"env": "sorting", "model": "sprout", **given}).judgement

    assert asked() == "none"
    assert asked(objective="metacognition") == asked(objective="discernment") == "yes-no"
    assert asked(objective="metacognition", judgement="graded") == "graded"
