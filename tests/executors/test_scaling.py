"""The simulation against cases with a known answer, and the bytes that an iteration moves for two sizes of model."""

from __future__ import annotations

import importlib
import math
import statistics
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
COSTS = st.lists(st.integers(1, 50), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def simulation() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        yield importlib.import_module("_simulation")


@pytest.fixture(scope="module")
def scaling(simulation: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        yield importlib.import_module("scaling")


def makespan(costs: list[int], workers: int) -> int:
    """List scheduling written down anew: every unit goes to whoever is free first."""
    free = [0] * workers
    for cost in costs:
        free.sort()
        free[0] += cost
    return max(free)


@pytest.mark.parametrize("workers", [1, 2, 4, 8, 64, 4_096])
@pytest.mark.parametrize("batched", [True, False])
def test_equal_units_take_as_many_rounds_as_they_fill(simulation: Any, workers: int, batched: bool) -> None:
    driver = simulation.Driver(batched=batched)
    took = simulation.iteration([0.5] * (3 * workers), 0.25, workers, driver, simulation.own_core)
    assert took == pytest.approx(3 * 0.5 + 0.25)


@given(COSTS, st.integers(1, 12), st.booleans())
def test_a_free_driver_is_list_scheduling(simulation: Any, costs: list[int], workers: int, steals: bool) -> None:
    driver = simulation.Driver(steals=steals, batched=not steals)
    played = simulation.iteration([float(c) for c in costs], 0.0, workers, driver, simulation.own_core)
    if steals:  # a repeat never ends before what it repeats, but the update waits for it
        assert makespan(costs, workers) <= played <= makespan(costs, workers) + max(costs)
    else:
        assert played == pytest.approx(makespan(costs, workers))


@given(COSTS, st.integers(1, 12), st.floats(0.0, 1.0))
def test_no_efficiency_above_one_and_more_workers_never_slower(
    simulation: Any, costs: list[int], workers: int, feed: float
) -> None:
    work = [float(c) for c in costs]
    took = simulation.iteration(work, 1.0, workers, simulation.Driver(feed=feed, take=0.1), simulation.own_core)
    assert (sum(work) + workers) / (workers * took) <= 1.0 + 1e-9
    free = [simulation.iteration(work, 1.0, w, simulation.Driver(), simulation.own_core) for w in range(1, 13)]
    assert all(b <= a + 1e-9 for a, b in pairwise(free))


@given(COSTS, st.integers(1, 12), st.integers(1, 12))
def test_shared_cores_do_no_more_than_their_work(simulation: Any, costs: list[int], workers: int, cores: int) -> None:
    took = simulation.iteration(
        [float(c) for c in costs], 0.0, workers, simulation.Driver(), simulation.shared(cores)
    )  # fmt: skip
    assert took >= max(sum(costs) / min(workers, cores), max(costs)) - 1e-9
    if workers <= cores:
        assert took == pytest.approx(makespan(costs, workers))


def test_four_workers_on_two_cores_take_as_long_as_two(simulation: Any) -> None:
    times = [simulation.iteration([1.0] * 8, 0.0, w, simulation.Driver(), simulation.shared(2)) for w in (1, 2, 4)]
    assert times == pytest.approx([8.0, 4.0, 4.0])


def test_a_driver_that_takes_longer_than_the_units_is_the_limit(simulation: Any) -> None:
    driver = simulation.Driver(feed=0.25, take=0.75)
    took = simulation.iteration([1.0] * 100, 0.0, 50, driver, simulation.own_core)
    assert took == pytest.approx(100 * (0.25 + 0.75), rel=0.02)


def test_stealing_rescues_what_a_slow_worker_holds(simulation: Any) -> None:
    costs, pace = [1.0] * 8, [100.0, 1.0, 1.0, 1.0]
    played = []
    for steals in (False, True):
        crew = simulation.Workers(4, simulation.own_core, pace)
        played.append(simulation.Play(crew, costs, 4, simulation.Driver(steals=steals)).end())
    # Three workers play seven units in three rounds, and the eighth, which the slow one holds, in the third.
    assert played == pytest.approx([100.0, 3.0])


def test_an_idle_worker_repeats_nothing_that_is_not_slow(simulation: Any) -> None:
    """A repeat would hold up the update: it started at 1.0 and would end at 2.5."""
    took = simulation.iteration([1.0, 1.5], 0.25, 2, simulation.Driver(steals=True), simulation.own_core)
    assert took == pytest.approx(1.75)


def test_an_iteration_moves_the_same_bytes_for_a_wider_model(scaling: Any, tmp_path: Path) -> None:
    wide = scaling.widened(tmp_path / "wide", 4)
    narrow_size, narrow = scaling.moved("sprout", members=4, tasks=2)
    wide_size, wider = scaling.moved(str(wide), members=4, tasks=2)
    assert wide_size > 2 * narrow_size
    assert wider == narrow
    assert all(count > 0 and math.isfinite(count) for count in narrow.values())
    assert sum(narrow.values()) < statistics.mean([narrow_size, wide_size])  # of which each number has four bytes
