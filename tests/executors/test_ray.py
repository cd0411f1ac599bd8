"""The Ray pool: the same bits for any number of workers, and with real processes killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import esreason
from esreason.es.config import make_config
from esreason.es.strategies.mirrored import Mirrored
from esreason.executors.worker import Worker
from esreason.rollout.unit import Unit, split

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'esreason[ray]'")
pytestmark = [pytest.mark.ray, pytest.mark.xdist_group("ray"), pytest.mark.filterwarnings("ignore")]

CONFIG = make_config({"env": "sorting", "model": "sprout", "population": 8, "tasks": 4})
ITERATIONS = 2


def work(iteration: int, members: Any) -> list[Unit]:
    tasks = [esreason.make_task("sorting", 100 * iteration + k) for k in range(4)]
    return list(split(members, tasks, block=(2, 2)))


def evolve(play: Any, update: Any) -> list[str]:
    """Two iterations; the checksums."""
    strategy, checksums = Mirrored(CONFIG.settings(0.02, 0.04), seed=3), []
    for iteration in range(ITERATIONS):
        units = work(iteration, strategy.ask())
        fitness = np.zeros((8, 4))
        for index, rows in play(units):
            unit = units[index]
            for m, row in enumerate(rows):
                fitness[unit.member + m, unit.task : unit.task + len(row)] = [e.score + e.tokens for e in row]
        checksums.append(update(strategy.tell(fitness)))
    return checksums


@pytest.fixture(scope="module")
def expected() -> list[str]:
    worker = Worker.build(CONFIG)
    return evolve(lambda units: enumerate(map(worker.play, units)), worker.engine.apply_update)


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_any_number_of_workers_gives_the_same_checksums(cluster: None, expected: list[str], workers: int) -> None:
    from esreason.executors.ray_pool import RayPool

    pool = RayPool(CONFIG, workers, "local")
    try:
        assert evolve(pool.play, pool.update) == expected
        assert pool.restarts == 0
    finally:
        pool.close()


def test_a_worker_killed_in_mid_iteration_loses_nothing(cluster: None, expected: list[str]) -> None:
    from esreason.executors.ray_pool import RayPool

    pool = RayPool(CONFIG, 2, "local")
    killed: list[int] = []

    def play(units: list[Unit]) -> Iterator[tuple[int, Any]]:
        for number, item in enumerate(pool.play(units)):
            if number == 1 and len(killed) < ITERATIONS:
                victim = ray.get(pool._actors[0].pid.remote())
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)
            yield item

    try:
        assert evolve(play, pool.update) == expected
        assert pool.restarts >= 1
        assert pool.rewind([]) != expected[-1]
        assert pool.weights_sha256() == pool.facts()["base_sha256"]
    finally:
        pool.close()


def test_a_stopped_worker_does_not_hold_the_iteration(cluster: None, expected: list[str]) -> None:
    """Its unit is repeated by another one; what it says later is not heard, and it moves its centre like the others."""
    from esreason.executors.ray_pool import RayPool

    pool = RayPool(CONFIG, 3, "local")
    victim = ray.get(pool._actors[0].pid.remote())

    def play(units: list[Unit]) -> Iterator[tuple[int, Any]]:
        os.kill(victim, signal.SIGSTOP)
        try:
            yield from pool.play(units)
        finally:
            os.kill(victim, signal.SIGCONT)

    try:
        assert evolve(play, pool.update) == expected
        assert pool.restarts == 0
    finally:
        pool.close()
