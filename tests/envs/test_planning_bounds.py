"""The bounds that planning tasks state are the optimum plus the stated slack, says an independent solver."""

from __future__ import annotations

import pytest

from esreason import make_task
from esreason.envs.planning.traveling_salesman import LEVELS
from tests.oracles import course_schedule, job_shop, max_clique, traveling_salesman, vertex_cover

CASES = [(level, seed) for level in (1, 3, 5, 8, 10) for seed in (11, 12, 13)]


@pytest.mark.parametrize(("level", "seed"), CASES)
def test_the_limit_of_a_round_trip(level: int, seed: int) -> None:
    payload = dict(make_task("traveling_salesman", seed, level).payload)
    length, _ = traveling_salesman.shortest(payload)
    assert payload["limit"] == length + length * LEVELS[level][2] // 100


@pytest.mark.parametrize(("level", "seed"), CASES)
def test_the_limit_of_a_job_shop_is_the_least_makespan(level: int, seed: int) -> None:
    payload = dict(make_task("job_shop", seed, level).payload)
    assert payload["limit"] == job_shop.fastest(payload)[0]


@pytest.mark.parametrize(("level", "seed"), CASES)
def test_the_terms_of_a_course_schedule_are_the_fewest(level: int, seed: int) -> None:
    payload = dict(make_task("course_schedule", seed, level).payload)
    assert payload["terms"] == len(course_schedule.shortest(payload))


@pytest.mark.parametrize(("level", "seed"), CASES)
def test_the_sizes_of_covers_and_cliques_are_optimal(level: int, seed: int) -> None:
    cover = dict(make_task("vertex_cover", seed, level).payload)
    assert cover["size"] == len(vertex_cover.smallest(cover))
    clique = dict(make_task("max_clique", seed, level).payload)
    assert clique["size"] == max_clique.optimal_steps(clique)
