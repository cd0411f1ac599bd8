"""The Ray pool: the same bits for any number of workers, and with real processes killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import esreason
from esreason.core.errors import EsreasonError, ModelError, RunError, UsageError
from esreason.engines.base import EngineLost
from esreason.es.config import make_config
from esreason.es.strategies.mirrored import Mirrored
from esreason.es.update import StepRule, Update
from esreason.executors.worker import Worker
from esreason.rollout.unit import Unit, split

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'esreason[ray]'")
pytestmark = [pytest.mark.ray, pytest.mark.xdist_group("ray"), pytest.mark.filterwarnings("ignore")]

CONFIG = make_config({"env": "sorting", "model": "sprout", "population": 8, "tasks": 4})
ITERATIONS = 2


def work(iteration: int, members: Any) -> list[Unit]:
    tasks = [esreason.make_task("sorting", 100 * iteration + k) for k in range(4)]
    return list(split(members, tasks, block=(2, 2)))


def evolve(play: Any, update: Any, worth: Any = lambda episode: episode.score + episode.tokens) -> list[str]:
    """Two iterations; the checksums."""
    strategy, checksums = Mirrored(CONFIG.settings(0.02, 0.04), seed=3), []
    for iteration in range(ITERATIONS):
        units = work(iteration, strategy.ask())
        fitness = np.zeros((8, 4))
        for index, rows in play(units):
            unit = units[index]
            for m, row in enumerate(rows):
                fitness[unit.member + m, unit.task : unit.task + len(row)] = list(map(worth, row))
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


def acting(**verbs: Any) -> type:
    """A class of actors with some verbs of its own; they find a real actor at hand."""

    class Actor:
        def __init__(self, config: Any, shards: int) -> None:
            from esreason.executors.ray_pool import _Actor

            self.real = _Actor(config, shards)

    def handing(verb: str) -> Any:
        return lambda self, *arguments: getattr(self.real, verb)(*arguments)

    for verb in ("facts", "play", "update", "rewind"):
        setattr(Actor, verb, verbs.get(verb) or handing(verb))
    return Actor


def test_a_worker_whose_engine_has_lost_a_process_is_replaced(
    cluster: None, expected: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The actor lives, and says that it is of no use any more."""
    from esreason.executors import ray_pool

    def play(self: Any, unit: Unit) -> Any:
        with suppress(FileExistsError):
            (tmp_path / "lost").touch(exist_ok=False)
            raise EngineLost("a shard is gone")
        return self.real.play(unit)

    monkeypatch.setattr(ray_pool, "_Actor", acting(play=play))
    pool = ray_pool.RayPool(CONFIG, 2, "local")
    try:
        assert evolve(pool.play, pool.update) == expected
        assert pool.restarts == 1
    finally:
        pool.close()


def test_a_worker_that_deviates_is_replayed(cluster: None, expected: list[str]) -> None:
    """Its centre is moved behind the pool's back."""
    from esreason.executors.ray_pool import RayPool

    pool = RayPool(CONFIG, 2, "local")
    stray = Update(0, (77,), (5000,), 1e-3, 0.1, CONFIG.perturbation(), StepRule())

    def update(step: Update) -> str:
        if not step.iteration:
            ray.get(pool._actors[1].update.remote(stray))
        return pool.update(step)

    try:
        assert evolve(pool.play, update) == expected
        assert pool.restarts == 1
    finally:
        pool.close()


def test_a_machine_that_computes_wrongly_is_named(cluster: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker deviates, and once more after its restart."""
    from esreason.executors import ray_pool

    class Actor:
        def __init__(self, config: Any, shards: int) -> None:
            self.checksum = "right"

        def facts(self) -> dict[str, Any]:
            return {}

        def rewind(self, updates: Any) -> str:
            self.checksum = "wrong"
            return self.checksum

        def update(self, update: Any) -> str:
            return self.checksum

    monkeypatch.setattr(ray_pool, "_Actor", Actor)
    pool = ray_pool.RayPool(CONFIG, 3, "local")
    step = Update(0, (77,), (5000,), 1e-3, 0.1, CONFIG.perturbation(), StepRule())
    try:
        assert pool.update(step) == "right"
        ray.get(pool._actors[2].rewind.remote([]))
        with pytest.raises(RunError, match="Worker 2 disagrees with the others even after a restart"):
            pool.update(step)
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
        def __init__(self, config: Any, shards: int) -> None: ...

        def facts(self) -> dict[str, Any]:
            return {"seen": os.environ["CUDA_VISIBLE_DEVICES"]}

    monkeypatch.setattr(ray_pool, "_Actor", Actor)
    monkeypatch.setenv("ESREASON_RAY_GPUS", each) if each else monkeypatch.delenv("ESREASON_RAY_GPUS", raising=False)
    pool = ray_pool.RayPool(CUDA, 0, "local")
    try:
        assert sorted(facts["seen"] for facts in pool._ask_all("facts").values()) == expected
    finally:
        pool.close()


@pytest.mark.parametrize(
    ("workers", "each", "says"),
    [(3, "1", "has room for 2 workers of 1 CPU and 1 GPU each: use --workers 2 or"),
     (1, "3", "no machine with 1 CPU and 3 GPUs, .*: use --device cpu, or a cluster"),
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


@pytest.mark.parametrize(
    ("cpus", "gpus", "room"),
    [(1, 0.0, 25), (2, 0.0, 12), (1, 1.0, 9), (1, 4.0, 2), (1, 3.0, 2), (1, 0.5, 17), (1, 0.4, 17), (1, 0.6, 9),
     (1, 0.3, 21), (8, 1.0, 3), (32, 0.0, 0), (1, 8.0, 0)],
)  # fmt: skip
def test_the_room_is_that_of_single_machines(
    monkeypatch: pytest.MonkeyPatch, cpus: int, gpus: float, room: int
) -> None:
    """Of machines with 8, 16 and 1 CPUs and 4, 4 and 1 GPUs, and a dead one; a part of a GPU is of one GPU."""
    from esreason.executors import ray_pool

    nodes = [(8, 4, True), (16, 4, True), (1, 1, True), (99, 99, False)]
    told = [{"Alive": alive, "Resources": {"CPU": float(c), "GPU": float(g)}} for c, g, alive in nodes]
    monkeypatch.setattr(ray, "nodes", lambda: told)
    if room:
        assert ray_pool._workers(CONFIG, 0, cpus, gpus) == room
    with pytest.raises(RunError, match=f"use --workers {room} or" if room else "no machine with"):
        ray_pool._workers(CONFIG, room + 1, cpus, gpus)


def test_vllm_takes_whole_gpus_one_a_shard(cluster: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from esreason.executors import ray_pool

    vllm = replace(CONFIG, engine="vllm")
    monkeypatch.delenv("ESREASON_RAY_GPUS", raising=False)
    assert (ray_pool._gpus_each(vllm), ray_pool._whole_for(vllm, 2)) == (None, 2.0)
    monkeypatch.setenv("ESREASON_RAY_GPUS", "0.5")
    with pytest.raises(UsageError, match=r"whole for vllm, which fills a GPU, not '0\.5'"):
        ray_pool._gpus_each(vllm)


def test_a_worker_that_cannot_start_says_why(cluster: None) -> None:
    from esreason.executors.ray_pool import RayPool

    with pytest.raises(ModelError, match="no/such"):
        RayPool(replace(CONFIG, model="no/such"), 1, "local")
