"""A pool of Ray actors: one machine by default, a cluster by address; workers may die and come back at any moment."""

from __future__ import annotations

import math
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, cast

import ray
from ray.exceptions import NodeDiedError, ObjectLostError, RayActorError, RayError, RayTaskError

from esreason.core.errors import EsreasonError, RunError, UsageError
from esreason.core.machine import cores
from esreason.engines.base import EngineLost
from esreason.es.config import RunConfig
from esreason.es.update import Update
from esreason.executors.places import CUDA, alike
from esreason.executors.ray_cluster import connect, line, machines, room_of
from esreason.executors.round import Round
from esreason.executors.worker import SHARDS, Worker, shards_of
from esreason.rollout.episode import Episode
from esreason.rollout.unit import Unit

_TRIES = 3
_GPUS = "ESREASON_RAY_GPUS"
"""Environment variable: GPUs an actor (a fraction is fine for torch); by default 1 on CUDA, which torch asks for, and
one a shard for vLLM where Ray has any, else 0."""

_GONE = (RayActorError, NodeDiedError, ObjectLostError)  # the last: with the machine that a large answer lay on
_LOST = (*_GONE, EngineLost)


class _Actor:
    """A worker on some machine of the cluster."""

    def __init__(self, config: RunConfig, shards: int) -> None:
        os.environ[SHARDS] = str(shards)  # as where the command was given, whatever this machine was told
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

    A unit whose worker dies goes back to the queue, and the others play on while a new worker starts and replays the
    updates so far; when nothing is left to hand out, idle workers repeat the units that take far longer than usual, and
    the first answer counts. None of it can change a result, for a unit's composition and answer do not depend on who
    plays it.
    """

    def __init__(self, config: RunConfig, workers: int, address: str) -> None:
        """`workers` actors; 0: as many as Ray has room for."""
        shards, each = shards_of(config), _gpus_each(config)
        self._owned = connect(address, max(max(workers, 1) * shards, cores()))
        self._log, self._right = list[Update](), ""
        self._actors: list[Any] = []
        self._late: dict[int, list[Any]] = {}  # a worker that is not there yet -> what it was told, facts first
        self._failures: Counter[int] = Counter()
        self.restarts = 0
        try:
            each = _whole_for(config, shards) if each is None else each
            workers = _workers(config, workers, shards, each)
            self._make = partial(ray.remote(num_cpus=shards, num_gpus=each)(_Actor).remote, config, shards)
            self._actors = [self._make() for _ in range(workers)]
            facts = self._ask_all("facts")
            alike(list(facts.values()))
            self._facts: dict[str, Any] | None = next(iter(facts.values()), None)
            self._ready()
        except BaseException:
            self.close()
            raise

    def facts(self) -> dict[str, Any]:
        """What the workers run."""
        return cast(dict[str, Any], self._facts)

    def play(self, units: Sequence[Unit]) -> Iterator[tuple[int, list[list[Episode]]]]:
        """(index, episodes) as units finish."""
        order = Round(len(units), 0)
        for worker in self._ready():
            order.joins(worker)
        busy: dict[Any, tuple[int, int]] = {}  # reference -> (worker, unit)
        failures: Counter[int] = Counter()
        while order.missing:
            while given := order.give(time.monotonic()):
                busy[self._actors[given[0]].play.remote(units[given[1]])] = given
            late = {told[-1]: worker for worker, told in self._late.items()}
            done, _ = ray.wait([*busy, *late], num_returns=1, timeout=order.patience(time.monotonic()))
            if not done:  # a unit has become slow
                continue
            if done[0] in late:
                if self._arrives(late[done[0]]):
                    order.joins(late[done[0]])
                continue
            worker, index = busy.pop(done[0])
            try:
                episodes = self._get(done[0])
            except _LOST:
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
        return self._agree("update", update)

    def rewind(self, updates: Sequence[Update]) -> str:
        """Bring every worker to the base moved by these updates."""
        self._log = list(updates)
        return self._agree("rewind", self._log)

    def weights_sha256(self) -> str:
        """The digest of one worker's centre (all have the same checksum)."""
        return str(self._ask_one("weights"))

    def drift(self) -> float:
        """The distance of one worker's centre from the base."""
        return float(self._ask_one("drift"))

    def device_seconds(self) -> float:
        """How long the living workers have worked, summed over them; one that died takes its seconds with it."""
        return sum(map(float, self._ask_all("seconds").values()))

    def export(self, directory: Path) -> None:
        """Write the centre of one worker, on its machine."""
        self._ask_one("export", directory)

    def close(self) -> None:
        """End the workers, and Ray if this pool started it."""
        for actor in self._actors:
            ray.kill(actor)
        if self._owned:
            ray.shutdown()

    def _ready(self) -> list[int]:
        """The workers that are there, at least one: while there is none, wait for one that starts."""
        while len(self._late) == len(self._actors):
            self._wait_for(*self._late)
        return [worker for worker in range(len(self._actors)) if worker not in self._late]

    def _ask_all(self, verb: str, *arguments: Any) -> dict[int, Any]:
        """The answers of the workers that are there; one that has died is replaced, and answers nothing."""
        there = [worker for worker in range(len(self._actors)) if worker not in self._late]
        references = {worker: getattr(self._actors[worker], verb).remote(*arguments) for worker in there}
        answers = {}
        for worker, reference in references.items():
            try:
                answers[worker] = self._get(reference)
            except _LOST:
                self._replace(worker)
        return answers

    def _ask_one(self, verb: str, *arguments: Any) -> Any:
        """The answer of the first worker that lives to give it."""
        while True:
            worker = self._ready()[0]
            try:
                return self._get(getattr(self._actors[worker], verb).remote(*arguments))
            except _LOST:
                self._replace(worker)

    def _agree(self, verb: str, *arguments: Any) -> str:
        """Move every centre: the checksum of most; whoever has another is replaced and must come to the same."""
        for worker, told in self._late.items():
            told.append(getattr(self._actors[worker], verb).remote(*arguments))
        self._right = ""
        checksums = self._ask_all(verb, *arguments)
        if checksums:
            self._right = Counter(checksums.values()).most_common(1)[0][0]
        deviating = [worker for worker, checksum in checksums.items() if checksum != self._right]
        for worker in deviating:
            self._replace(worker)
        while not self._late.keys().isdisjoint(deviating):
            self._wait_for(*self._late.keys() & deviating)
        self._ready()
        return self._right

    def _replace(self, worker: int) -> None:
        """Start a new actor in a worker's place, which replays the updates so far while the others go on."""
        self.restarts += 1
        self._failures[worker] += 1
        if self._failures[worker] > _TRIES:
            raise RunError(f"Worker {worker} cannot be restarted.")
        ray.kill(self._actors[worker])  # one that is not dead, only unreachable or wrong, would keep its GPUs
        new: Any = self._make()
        self._actors[worker], self._late[worker] = new, [new.facts.remote(), new.rewind.remote(self._log)]

    def _wait_for(self, *workers: int) -> None:
        """Let one of these late workers arrive, or be replaced once more."""
        late = {self._late[worker][-1]: worker for worker in workers}
        done, _ = ray.wait(list(late), num_returns=1)
        self._arrives(late[done[0]])

    def _arrives(self, worker: int) -> bool:
        """Whether a late worker is there now, with the others' centre; one that has died meanwhile is replaced."""
        try:
            facts, *checksums = [self._get(told) for told in self._late[worker]]
        except _LOST:
            self._replace(worker)
            return False
        self._facts = self._facts or facts
        alike([self._facts, facts])
        self._right = self._right or checksums[-1]
        if checksums[-1] != self._right:
            raise RunError(f"Worker {worker} disagrees with the others even after a restart: its machine is faulty.")
        del self._late[worker], self._failures[worker]
        return True

    def _get(self, reference: Any) -> Any:
        try:
            return ray.get(reference)
        except _GONE:
            raise
        except RayTaskError as error:
            cause = error.cause
            if isinstance(cause, EsreasonError):
                raise cause from None
            raise RunError(f"{type(cause).__name__} in a worker: {line(cause)}") from None
        except RayError as error:
            raise RunError(f"Ray failed: {line(error)}") from None


def _gpus_each(config: RunConfig) -> float | None:
    """How many GPUs an actor asks for, if that was said; Ray shows it these and no others."""
    told = os.environ.get(_GPUS)
    if not told:
        return None
    try:
        count = float(told)
    except ValueError:
        count = -1.0
    if not 0.0 <= count < math.inf or (count % 1 and (count > 1 or config.engine != "torch")):
        whole = "whole above 1" if config.engine == "torch" else f"whole for {config.engine}, which fills a GPU"
        raise UsageError(f"{_GPUS} is a number of GPUs, {whole}, not {told!r}")
    return count


def _whole_for(config: RunConfig, shards: int) -> float:
    """How many GPUs an actor asks for where nobody said it."""
    if config.engine == "torch":
        return float(config.device == CUDA)
    return float(shards) if any(machine.get("GPU") for machine in machines()) else 0.0


def _workers(config: RunConfig, workers: int, cpus: int, gpus: float) -> int:
    """How many actors there will be; RunError if Ray has no room for them, for it would wait for more without end."""
    room = sum(room_of(machine, cpus, gpus) for machine in machines())
    workers = workers or room
    if workers <= room and room:
        return workers
    asked = f"{cpus} CPU{'s' * (cpus > 1)}" + (f" and {gpus:g} GPU{'s' * (gpus > 1)}" if gpus else "")
    if room:
        raise RunError(f"Ray has room for {room} workers of {asked} each: use --workers {room} or fewer.")
    other = "--device cpu, or " if config.device == CUDA else ""
    raise RunError(f"Ray has no machine with {asked}, which a worker asks for: use {other}a cluster that has one.")
