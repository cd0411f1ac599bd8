"""A discrete-event simulation of an iteration: a serial driver, workers fed one unit at a time, a barrier, the update.

Units go out by the executors' own `Round`; times are seconds. Nothing here knows the results that it is compared with.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from esreason.executors.round import SLOW, Round

Speed = Callable[[int], float]
"""How fast each worker runs when so many run at once; 1 is the speed of one that has the machine to itself."""


def own_core(running: int) -> float:
    """Every worker has a core, and the machine, to itself: a cluster."""
    return 1.0


def shared(cores: int, together: float = 1.0) -> Speed:
    """Workers share the cores of one machine; with all cores in use each of them has `together` of its speed alone."""
    def speed(running: int) -> float:
        if running <= 1:
            return 1.0
        part = min(1.0, (running - 1) / max(1, cores - 1))  # between one and all cores: in proportion
        return min(1.0, cores / running) * (1.0 - part * (1.0 - together))

    return speed


@dataclass(frozen=True, slots=True)
class Driver:
    """What the main process spends, one thing after the other.

    `feed` a unit that it hands out, `take` an answer that it reads, `wait` a look at the workers and `wait_each` more
    for each that is busy; `tell` a worker that is sent an update, `hear` an answer to that. `batched`: one look reads
    every answer that is there (the local pool), otherwise one (Ray). `steals`: idle workers repeat slow units (Ray).
    """

    feed: float = 0.0
    take: float = 0.0
    wait: float = 0.0
    wait_each: float = 0.0
    tell: float = 0.0
    hear: float = 0.0
    batched: bool = True
    steals: bool = False


class Workers:
    """Workers that each do their jobs in order, all at the speed that depends on how many run.

    `work` is the work that each running worker has done so far: as all have one speed, jobs end in the order of the
    work at which they end, so sharing costs no more than a heap.
    """

    def __init__(self, count: int, speed: Speed, pace: Sequence[float] = ()) -> None:
        self.now = 0.0
        self.done: deque[tuple[float, int, int]] = deque()  # (time, worker, job), as they end
        self._work, self._speed = 0.0, speed
        self._pace = list(pace) or [1.0] * count
        self._running: list[tuple[float, int, int]] = []
        self._queues: list[deque[tuple[int, float]]] = [deque() for _ in range(count)]

    def start(self, worker: int, job: int, cost: float) -> None:
        """Give a worker a job, which it begins when it has done what it has."""
        self._queues[worker].append((job, cost * self._pace[worker]))
        if len(self._queues[worker]) == 1:
            self._begin(worker)

    def advance(self, time: float) -> None:
        """Let time pass."""
        while self._running and self.end() <= time:
            self.next()
        if time > self.now:
            self._work += (time - self.now) * self._speed(len(self._running))
            self.now = time

    def next(self) -> None:
        """Let time pass until the next job ends."""
        end = self.end()
        self._work, worker, job = heapq.heappop(self._running)
        self.now = end
        self._queues[worker].popleft()
        if self._queues[worker]:
            self._begin(worker)
        self.done.append((self.now, worker, job))

    def end(self) -> float:
        """When the next job ends."""
        left = max(0.0, self._running[0][0] - self._work)
        return self.now + left / self._speed(len(self._running))

    def _begin(self, worker: int) -> None:
        job, cost = self._queues[worker][0]
        heapq.heappush(self._running, (self._work + cost, worker, job))


def iteration(
    costs: Sequence[float], update: float, workers: int, driver: Driver, speed: Speed, pace: Sequence[float] = ()
) -> float:
    """How long the units of these costs and the update that follows them take; `pace` multiplies a worker's costs."""
    crew = Workers(workers, speed, pace)
    return _updated(crew, Play(crew, costs, workers, driver).end(), update, workers, driver)


class Play:
    """The driver at work until it has every unit's answer; repeats of units may then still be running."""

    def __init__(self, crew: Workers, costs: Sequence[float], workers: int, driver: Driver) -> None:
        self._crew, self._costs, self._driver = crew, costs, driver
        self._round = Round(len(costs), workers, SLOW if driver.steals else math.inf)
        self._busy = 0
        self._clock = 0.0

    def end(self) -> float:
        """When the last answer is there."""
        crew, driver = self._crew, self._driver
        self._hand_out()
        while self._round.missing:
            patience = self._round.patience(self._clock)
            if not crew.done and patience is not None and crew.end() > self._clock + patience:
                self._spend(patience + driver.wait + driver.wait_each * self._busy)
                self._hand_out()
                continue
            if not crew.done:
                crew.next()
            self._spend(max(0.0, crew.now - self._clock) + driver.wait + driver.wait_each * self._busy)
            for _ in range(len(crew.done) if driver.batched else 1):
                _, worker, unit = crew.done.popleft()
                self._spend(driver.take)
                self._busy -= 1
                self._round.answered(worker, unit, self._clock)
                self._hand_out()
        return self._clock

    def _spend(self, seconds: float) -> None:
        self._clock += seconds
        self._crew.advance(self._clock)

    def _hand_out(self) -> None:
        while given := self._round.give(self._clock):
            self._spend(self._driver.feed)
            worker, unit = given
            self._crew.start(worker, unit, self._costs[unit])
            self._busy += 1


def _updated(crew: Workers, clock: float, update: float, workers: int, driver: Driver) -> float:
    """When the driver has every worker's checksum."""
    ended: dict[int, float] = {}
    crew.done.clear()
    for worker in range(workers):
        clock += driver.tell
        crew.advance(clock)
        crew.start(worker, -1, update)
    while len(ended) < workers:
        if not crew.done:
            crew.next()
        time, worker, job = crew.done.popleft()
        if job == -1:
            ended[worker] = time
    for worker in range(workers):
        clock = max(clock, ended[worker]) + driver.hear
    return clock
