"""Exact job shop scheduling by branch and bound over active schedules."""

from __future__ import annotations

import random
from collections.abc import Sequence

from esreason.envs.search import NoPlan

Jobs = tuple[tuple[tuple[int, int], ...], ...]
"""For every job its steps (machine, duration) in order."""

Clock = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Steps done of each job, when each job is free, when each machine is free."""


def start_of(jobs: Jobs, machines: int) -> Clock:
    """The clock before anything is dispatched."""
    return (0,) * len(jobs), (0,) * len(jobs), (0,) * machines


def dispatch(jobs: Jobs, clock: Clock, job: int) -> Clock:
    """The clock after the next step of a job began as early as its job and machine allow."""
    done, ready, free = clock
    machine, time = jobs[job][done[job]]
    end = max(ready[job], free[machine]) + time
    return (
        (*done[:job], done[job] + 1, *done[job + 1 :]),
        (*ready[:job], end, *ready[job + 1 :]),
        (*free[:machine], end, *free[machine + 1 :]),
    )


def random_makespans(jobs: Jobs, machines: int, rng: random.Random, count: int) -> list[int]:
    """When the last step ends in `count` schedules dispatched as a random legal player does."""
    found = []
    for _ in range(count):
        left, ready, free = [len(job) for job in jobs], [0] * len(jobs), [0] * machines
        open_jobs = list(range(len(jobs)))
        while open_jobs:
            job = rng.choice(open_jobs)
            machine, time = jobs[job][-left[job]]
            ready[job] = free[machine] = max(ready[job], free[machine]) + time
            left[job] -= 1
            if not left[job]:
                open_jobs.remove(job)
        found.append(max(ready))
    return found


def fastest(jobs: Jobs, machines: int, limit: int, nodes: int) -> int | None:
    """The least end of a schedule, None if it is above `limit`; NoPlan when a proof takes more than `nodes`."""
    best: int | None = None
    while (order := schedule(jobs, machines, limit, nodes)) is not None:
        clock = start_of(jobs, machines)
        for job in order:
            clock = dispatch(jobs, clock, job)
        best = max(clock[1])
        limit = best - 1
    return best


def schedule(jobs: Jobs, machines: int, limit: int, nodes: int) -> list[int] | None:
    """An order of jobs whose schedule ends by `limit`, None if there is none; NoPlan after `nodes` nodes.

    Branches over active schedules (Giffler & Thompson 1960): on the machine of the step that can end first, one of
    the steps that can begin before that end comes next. A branch is cut when the work left of a job, or on a machine
    with the shortest way to it and from it, ends too late.
    """
    tails = [_tails(job) for job in jobs]
    left = nodes
    order: list[int] = []

    def search(done: list[int], ready: list[int], free: list[int]) -> bool:
        nonlocal left
        left -= 1
        if left < 0:
            raise NoPlan(f"the search for a schedule was given up after {nodes:,} nodes")
        choice = _next(jobs, done, ready, free)
        if not choice:
            return True
        if _bound(jobs, tails, machines, done, ready, free) > limit:
            return False
        for job in sorted(choice, key=lambda j: (-tails[j][done[j]], j)):
            machine, time = jobs[job][done[job]]
            before = ready[job], free[machine]
            ready[job] = free[machine] = max(before) + time
            done[job] += 1
            order.append(job)
            if search(done, ready, free):
                return True
            order.pop()
            done[job] -= 1
            ready[job], free[machine] = before
        return False

    return order if search([0] * len(jobs), [0] * len(jobs), [0] * machines) else None


def _tails(job: Sequence[tuple[int, int]]) -> list[int]:
    """The work of a job from each of its steps on, 0 after the last."""
    tails = [0]
    for _, time in reversed(job):
        tails.append(tails[-1] + time)
    return tails[::-1]


def _next(jobs: Jobs, done: list[int], ready: list[int], free: list[int]) -> list[int]:
    """The jobs whose next step may come next on the machine where a step can end first; [] when all is done."""
    heads = []
    for job, steps in enumerate(jobs):
        if done[job] < len(steps):
            machine, time = steps[done[job]]
            begin = max(ready[job], free[machine])
            heads.append((begin + time, machine, begin, job))
    if not heads:
        return []
    end, machine, _, _ = min(heads)
    return [job for _, at, begin, job in heads if at == machine and begin < end]


def _bound(
    jobs: Jobs, tails: list[list[int]], machines: int, done: list[int], ready: list[int], free: list[int]
) -> int:
    """A time before which no completion of the schedule ends."""
    bound = 0
    head, tail, work = [10**9] * machines, [10**9] * machines, [0] * machines
    for job, steps in enumerate(jobs):
        at, rest = ready[job], tails[job]
        first = done[job]
        for step in range(first, len(steps)):
            machine, time = steps[step]
            if free[machine] > at:
                at = free[machine]
            if at < head[machine]:
                head[machine] = at
            work[machine] += time
            if rest[step + 1] < tail[machine]:
                tail[machine] = rest[step + 1]
            at += time
        if at > bound:
            bound = at
    for machine in range(machines):
        if work[machine] and head[machine] + work[machine] + tail[machine] > bound:
            bound = head[machine] + work[machine] + tail[machine]
    return bound
