"""What an iteration's parts cost on this machine: units, updates, the main process's share of each message."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from typing import Any

import numpy as np
from _simulation import Driver

from esreason.core.machine import cores
from esreason.core.registry import env_class
from esreason.es.config import RunConfig, make_config
from esreason.es.executor import Executor
from esreason.es.noise import Member, Noise
from esreason.es.update import StepRule, Update
from esreason.executors.local import LocalPool
from esreason.rollout.unit import Unit, split

SIGMA = 0.025
SIZES = (64, 256, 1_024)
"""Members of the updates that are measured; larger ones are taken to lie on the line through them."""

Drivers = Callable[[int], Driver]
"""The main process's costs by the number of members, on which the size of an update's message depends."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds: `units` of one worker alone; an update of n members takes `update` + n * `member`.

    `together` is a worker's speed when every core has one, over its speed alone.
    """

    units: tuple[float, ...]
    update: float
    member: float
    together: float


def config_of(model: str = "sprout") -> RunConfig:
    """What every worker is built from."""
    return make_config({"env": "sudoku", "model": model, "level": 1})


def units_of(members: int, tasks: int, sigma: float = SIGMA) -> list[Unit]:
    """The units of a population of mirrored pairs."""
    env = env_class("sudoku")
    seeds = [seed for i in range(1, members // 2 + 1) for seed in (i, -i)]
    return list(split([Member(s, sigma) for s in seeds], [env.make_task(k, 1, "train") for k in range(tasks)]))


def update_of(members: int, noise: Noise | None = None) -> Update:
    """An update with seeds and coefficients of full size, too small to change a weight: repeats play the same."""
    rng = np.random.default_rng(members)
    seeds = (rng.permutation(members // 2) + 2**52).tolist()
    coefficients = rng.integers(-(2**16), 2**16, 2 * len(seeds)).tolist()
    pairs = tuple(seed for each in seeds for seed in (each, -each))
    return Update(0, pairs, tuple(coefficients), 1e-18, 1e-9, noise or Noise(), StepRule())


def least(repeats: int, action: Callable[[], float]) -> float:
    """The least disturbed of some measurements."""
    return min(action() for _ in range(repeats))


def often(action: Callable[[], float]) -> float:
    """The median of 50 measurements."""
    return statistics.median(action() for _ in range(50))


def seconds(action: Callable[[], Any]) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def measured(units: Sequence[Unit], repeats: int) -> Costs:
    """The costs of one worker alone, and of one on every core."""
    pool = LocalPool(config_of(), 1)
    try:
        list(pool.play(units[:2]))
        alone = [least(repeats, partial(_worked, pool, partial(_play, pool, [unit]))) for unit in units]
        updates = [least(repeats, partial(_worked, pool, partial(pool.update, update_of(n)))) for n in SIZES]
    finally:
        pool.close()
    count, few = cores(), units[:4]
    pool = LocalPool(config_of(), count)
    try:
        list(pool.play(units[: 2 * count]))
        beside = [least(repeats, partial(_worked, pool, partial(_play, pool, [unit] * count))) for unit in few]
    finally:
        pool.close()
    fixed, member = _line(list(zip(SIZES, updates, strict=True)))
    return Costs(tuple(alone), fixed, member, min(1.0, count * sum(alone[: len(few)]) / sum(beside)))


def _play(pool: Executor, units: Sequence[Unit]) -> None:
    for _ in pool.play(units):
        pass


def _worked(pool: Executor, action: Callable[[], Any]) -> float:
    """How long the workers work on something, summed over them."""
    before = pool.device_seconds()
    action()
    return pool.device_seconds() - before


def _line(points: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """The intercept and the slope of a line through measurements, neither below zero."""
    slope, fixed = np.polyfit([x for x, _ in points], [y for _, y in points], 1)
    return max(0.0, float(fixed)), max(0.0, float(slope))


def local_driver(unit: Unit, answer: Any) -> Drivers:
    """What the local pool's main process spends, measured on pipes like its own."""
    here, there = multiprocessing.Pipe()

    def sent(message: Any) -> float:
        took = seconds(lambda: here.send(message))
        there.recv()
        return took

    def received(message: Any) -> float:
        there.send(message)
        return seconds(here.recv)

    def waiting(count: int) -> float:
        idle = [multiprocessing.Pipe() for _ in range(count - 1)]
        there.send(0)
        took = often(lambda: seconds(lambda: wait([here, *(pipe for pipe, _ in idle)])))
        here.recv()
        return took

    feed, take = often(lambda: sent(("play", unit))), often(lambda: received((True, answer)))
    hear = often(lambda: received((True, "0" * 16)))
    fixed, each = _line([(n, waiting(n)) for n in (1, 64, 192)])
    tell, tell_each = _line([(n, often(partial(sent, ("update", update_of(n))))) for n in SIZES])
    return lambda members: Driver(feed, take, fixed, each, tell + tell_each * members, hear)


class Echo:
    """An actor that answers at once."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def play(self, unit: Unit) -> Any:
        return self.answer

    def update(self, update: Update) -> str:
        return "0" * 16

    def sleep(self) -> None:
        time.sleep(3_600)


def ray_driver(unit: Unit, answer: Any) -> Drivers:
    """What Ray's main process spends, measured with an actor that answers at once."""
    import ray

    actor: Any = ray.remote(num_cpus=0)(Echo).remote(answer)

    def call(verb: str, argument: Any) -> tuple[float, float]:
        """Seconds to send a call, and to read its answer once it is there."""
        began = time.perf_counter()
        reference = getattr(actor, verb).remote(argument)
        sent = time.perf_counter() - began
        ray.wait([reference])
        return sent, seconds(lambda: ray.get(reference))

    def median(verb: str, argument: Any) -> tuple[float, float]:
        sent, read = zip(*(call(verb, argument) for _ in range(50)), strict=True)
        return statistics.median(sent), statistics.median(read)

    feed, take = median("play", unit)
    told = [median("update", update_of(members)) for members in SIZES]
    tell, tell_each = _line([(n, sent) for n, (sent, _) in zip(SIZES, told, strict=True)])
    references = [actor.play.remote(unit)]
    ray.wait(references)

    def waiting(count: int) -> float:
        references.extend(actor.sleep.remote() for _ in range(count - len(references)))
        return often(lambda: seconds(lambda: ray.wait(references, num_returns=1)))

    fixed, each = _line([(n, waiting(n)) for n in (1, 64, 192)])
    ray.kill(actor)
    return lambda members: Driver(
        feed, take, fixed, each, tell + tell_each * members, told[0][1], batched=False, steals=True
    )  # fmt: skip
