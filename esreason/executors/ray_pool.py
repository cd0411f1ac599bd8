"""A pool of Ray actors: one machine by default, a cluster by address; workers may die and come back at any moment."""

from __future__ import annotations

import math
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import ray
from ray.exceptions import RayActorError, RayError, RayTaskError

from esreason.core.errors import EsreasonError, RunError, UsageError
from esreason.core.machine import cores
from esreason.es.config import RunConfig
from esreason.es.update import Update
from esreason.executors.places import CUDA, alike
from esreason.executors.round import Round
from esreason.executors.worker import Worker
from esreason.rollout.episode import Episode
from esreason.rollout.unit import Unit

_TRIES = 3
_GPUS = "ESREASON_RAY_GPUS"
"""Environment variable: GPUs an actor (a fraction is fine); by default 1 on CUDA, which torch asks for, else 0."""


class _Actor:
    """A worker on some machine of the cluster."""

    def __init__(self, config: RunConfig) -> None:
        self._config = config

    @cached_property
    def _worker(self) -> Worker:
        """Built by the first call: Ray takes what a constructor raises for a death."""
        return Worker.build(self._config)

    def facts(self) -> dict[str, Any]:
        return self._worker.description

    def pid(self) -> int:
        return os.getpid()

    def play(self, unit: Unit) -> list[list[Episode]]:
        return self._worker.play(unit)

    def update(self, update: Update) -> str:
        return self._worker.update(update)

    def rewind(self, updates: list[Update]) -> str:
        return self._worker.rewind(updates)

    def weights(self) -> str:
        return self._worker.engine.weights_sha256()

    def drift(self) -> float:
        return self._worker.engine.drift()

    def seconds(self) -> float:
        return self._worker.seconds

    def export(self, directory: Path) -> None:
        self._worker.engine.export(directory)


class RayPool:
    """Implements `Executor` on Ray. No weights travel: units and updates out, episodes and checksums back.

    A unit whose worker dies goes back to the queue, and a new worker replays the updates so far; when nothing is
    left to hand out, idle workers repeat the units that take far longer than usual, and the first answer counts. None
    of it can change a result, for a unit's composition and answer do not depend on who plays it.
    """

    def __init__(self, config: RunConfig, workers: int, address: str) -> None:
        """`workers` actors; 0: as many as Ray has GPUs for on CUDA, else one a core of this machine."""
        each = _gpus_each(config)
        self._owned = not ray.is_initialized()
        if self._owned:
            local = address == "local"
            options: dict[str, Any] = {"num_cpus": max(workers, os.cpu_count() or 1)} if local else {}
            try:
                ray.init(
                    address="local" if local else address, log_to_driver=False, include_dashboard=False, **options
                )  # fmt: skip
            except (ConnectionError, ValueError, RuntimeError, OSError) as error:
                raise RunError(f"Ray cannot be reached at {address}: {_line(error)}") from None
        self._make = ray.remote(num_cpus=1, num_gpus=each)(_Actor)
        self._config, self._log = config, list[Update]()
        self._actors: list[Any] = []
        self.restarts = 0
        try:
            workers = _workers(config, workers, each)
            self._actors = [self._make.remote(config) for _ in range(workers)]
            facts = self._ask_all("facts")
            alike(facts)
            self._facts = facts[0]
        except BaseException:
            self.close()
            raise

    def facts(self) -> dict[str, Any]:
        """What the workers run."""
        return cast(dict[str, Any], self._facts)

    def play(self, units: Sequence[Unit]) -> Iterator[tuple[int, list[list[Episode]]]]:
        """(index, episodes) as units finish."""
        order = Round(len(units), len(self._actors))
        busy: dict[Any, tuple[int, int]] = {}  # reference -> (worker, unit)
        failures: Counter[int] = Counter()
        while order.missing:
            while given := order.give(time.monotonic()):
                busy[self._actors[given[0]].play.remote(units[given[1]])] = given
            done, _ = ray.wait(list(busy), num_returns=1, timeout=order.patience(time.monotonic()))
            if not done:  # a unit has become slow
                continue
            worker, index = busy.pop(done[0])
            try:
                episodes = self._get(done[0])
            except RayActorError:
                failures[index] += 1
                if failures[index] >= _TRIES:
                    raise RunError(f"Unit {index} ended {_TRIES} workers; the last was worker {worker}.") from None
                self._replace(worker)
                order.lost(worker, index)
                continue
            if order.answered(worker, index, time.monotonic()):
                yield index, episodes
        for reference in busy:  # repeats that nobody waits for any more
            ray.cancel(reference, force=False)

    def update(self, update: Update) -> str:
        """Apply an update everywhere; a worker that deviates is named, restarted and replayed."""
        self._log.append(update)
        return self._agree(self._ask_all("update", update))

    def rewind(self, updates: Sequence[Update]) -> str:
        """Bring every worker to the base moved by these updates."""
        self._log = list(updates)
        return self._agree(self._ask_all("rewind", self._log))

    def weights_sha256(self) -> str:
        """The digest of the centre of the first worker (all have the same checksum)."""
        return str(self._get(self._actors[0].weights.remote()))

    def drift(self) -> float:
        """The distance of the first worker's centre from the base."""
        return float(self._get(self._actors[0].drift.remote()))

    def device_seconds(self) -> float:
        """How long the living workers have worked, summed over them; one that died takes its seconds with it."""
        total = 0.0
        for worker, actor in enumerate(self._actors):
            try:
                total += float(self._get(actor.seconds.remote()))
            except RayActorError:
                self._replace(worker)
        return total

    def export(self, directory: Path) -> None:
        """Write the centre of the first worker, on its machine."""
        self._get(self._actors[0].export.remote(directory))

    def close(self) -> None:
        """End the workers, and Ray if this pool started it."""
        for actor in self._actors:
            ray.kill(actor)
        if self._owned:
            ray.shutdown()

    def _ask_all(self, verb: str, *arguments: Any) -> list[Any]:
        """Every worker's answer; one that has died is replaced first and answers from the replayed log."""
        references = [getattr(actor, verb).remote(*arguments) for actor in self._actors]
        answers = []
        for worker, reference in enumerate(references):
            try:
                answers.append(self._get(reference))
            except RayActorError:
                checksum = self._replace(worker)
                answers.append(checksum if verb != "facts" else self._get(self._actors[worker].facts.remote()))
        return answers

    def _agree(self, checksums: list[str]) -> str:
        right = Counter(checksums).most_common(1)[0][0]
        for worker, checksum in enumerate(checksums):
            if checksum != right and self._replace(worker) != right:
                raise RunError(
                    f"Worker {worker} disagrees with the others even after a restart: its machine is faulty."
                )
        return right

    def _replace(self, worker: int) -> str:
        """A new actor in a worker's place, brought to the present centre; its checksum."""
        for _ in range(_TRIES):
            self.restarts += 1
            self._actors[worker] = self._make.remote(self._config)
            try:
                return str(self._get(self._actors[worker].rewind.remote(self._log)))
            except RayActorError:
                continue
        raise RunError(f"Worker {worker} cannot be restarted.")

    def _get(self, reference: Any) -> Any:
        try:
            return ray.get(reference)
        except RayActorError:
            raise
        except RayTaskError as error:
            cause = error.cause
            if isinstance(cause, EsreasonError):
                raise cause from None
            raise RunError(f"{type(cause).__name__} in a worker: {_line(cause)}") from None
        except RayError as error:
            raise RunError(f"Ray failed: {_line(error)}") from None


def _gpus_each(config: RunConfig) -> float:
    """How many GPUs an actor asks for; Ray shows it these and no others."""
    told = os.environ.get(_GPUS, "1" if config.device == CUDA else "0")
    try:
        count = float(told)
    except ValueError:
        count = -1.0
    if not 0.0 <= count < math.inf or (count > 1 and count % 1):
        raise UsageError(f"{_GPUS} is a number of GPUs, whole above 1, not {told!r}")
    return count


def _workers(config: RunConfig, workers: int, each: float) -> int:
    """How many actors there will be; RunError if Ray has too few GPUs, for it would wait for more without end."""
    if not each:
        return workers or cores()
    there = float(ray.cluster_resources().get("GPU", 0.0))  # type: ignore[no-untyped-call]
    room = math.floor(there / each + 1e-9)
    workers = workers or (room if config.device == CUDA else cores())
    if not 0 < workers <= room:
        raise RunError(
            f"Ray has {there:g} GPUs, and workers ask for {each:g} each: "
            + (f"use --workers {room} or fewer." if room else "use --device cpu, or a cluster that has some.")
        )
    return workers


def _line(error: object) -> str:
    return " ".join(str(error).split())[:300]
