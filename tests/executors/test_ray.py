"""The Ray pool: the same bits for any number of workers, and with real processes killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import esreason
from esreason.core.errors import EsreasonError, ModelError
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
    ray.init(num_cpus=4, num_gpus=2, include_dashboard=False, log_to_driver=False)  # Ray takes its word for the GPUs
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


CUDA = replace(CONFIG, device="cuda")


@pytest.mark.parametrize(("each", "expected"), [("", ["0", "1"]), ("0.5", ["0", "0", "1", "1"]), ("2", ["0,1"])])
def test_workers_on_cuda_share_the_clusters_gpus(
    cluster: None, monkeypatch: pytest.MonkeyPatch, each: str, expected: list[str]
) -> None:
    """By default one an actor and as many actors as there are; an actor sees its own and no others."""
    from esreason.executors import ray_pool

    class Actor:
        def __init__(self, config: Any) -> None: ...

        def facts(self) -> dict[str, Any]:
            return {"seen": os.environ["CUDA_VISIBLE_DEVICES"]}

    monkeypatch.setattr(ray_pool, "_Actor", Actor)
    monkeypatch.setenv("ESREASON_RAY_GPUS", each) if each else monkeypatch.delenv("ESREASON_RAY_GPUS", raising=False)
    pool = ray_pool.RayPool(CUDA, 0, "local")
    try:
        assert sorted(facts["seen"] for facts in pool._ask_all("facts")) == expected
    finally:
        pool.close()


@pytest.mark.parametrize(
    ("workers", "each", "says"),
    [(3, "1", "has 2 GPUs, and workers ask for 1 each: use --workers 2 or"), (1, "3", "--device cpu, or a cluster"),
     (1, "1.5", "ESREASON_RAY_GPUS is a number of GPUs"), (1, "many", "ESREASON_RAY_GPUS is a number of GPUs"),
     (1, "1", "sees 0 CUDA devices")],
)  # fmt: skip
def test_gpus_that_are_not_there_end_in_a_sentence(
    cluster: None, monkeypatch: pytest.MonkeyPatch, workers: int, each: str, says: str
) -> None:
    """More than Ray has, where it would wait without end; a wish that is none; and GPUs that only Ray believes in."""
    from esreason.executors.ray_pool import RayPool

    if says.startswith("sees") and torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    monkeypatch.setenv("ESREASON_RAY_GPUS", each)
    with pytest.raises(EsreasonError, match=says):
        RayPool(CUDA, workers, "local")


def test_a_worker_that_cannot_start_says_why(cluster: None) -> None:
    from esreason.executors.ray_pool import RayPool

    with pytest.raises(ModelError, match="no/such"):
        RayPool(replace(CONFIG, model="no/such"), 1, "local")
