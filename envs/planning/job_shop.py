"""Jobs on machines, finished within a stated time.

An observation is `limit 15 | machines 3 0 5 | A@3 2:5 1:4 | B@0 1:3 2:2 | C@5` (when each machine and each job is
free, and the job's steps left as machine:duration); a right action is `B`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.graphs import letters
from esreason.envs.planning.job_shop_solver import Clock, Jobs, dispatch, fastest, random_makespans, schedule, start_of
from esreason.envs.search import NoPlan

# jobs, machines (a job visits all of them or all but one), longest duration
LEVELS = {
    1: (4, 3, 9), 2: (4, 3, 15), 3: (5, 3, 15), 4: (4, 4, 15), 5: (5, 4, 15),
    6: (6, 4, 20), 7: (5, 5, 20), 8: (7, 4, 20), 9: (8, 4, 25), 10: (10, 4, 30),
}  # fmt: skip

PROBES = 16
PROOF_NODES = 120
MAX_NODES = 8_000
MAX_JOBS, MAX_STEPS, MAX_MACHINES, MAX_DURATION = 12, 12, 12, 1_000


@dataclass(frozen=True, slots=True)
class Shop:
    """The steps of every job as (machine from 0, duration), the time allowed, and one order of jobs that meets it."""

    names: tuple[str, ...]
    jobs: Jobs
    machines: int
    limit: int
    solution: tuple[int, ...]


class JobShop(ReasoningEnv[Shop, Clock]):
    """Dispatch the steps of jobs so that all end within a stated time; 4 jobs x 3 machines at level 1, 10 x 4 at 10.

    The limit is the least time possible, proved by branch and bound; every order that meets it is right. Instances
    are kept in which 16 random orders miss the limit and the proof is short.
    """

    name = "job_shop"
    rules = (
        "Job shop: every job is a list of steps machine:duration, done in this order; a machine does one step at a "
        "time. Finish all jobs within the limit. Shown are the limit, when each machine is free (machine 1 first), and "
        "for every job, behind @, when it is free, and its steps left."
    )
    action_rule = (
        "Write a job, for example B: its next step begins as soon as both the job and the machine are free, "
        "after everything begun on this machine before."
    )
    answer_rule = (
        "Answer with the jobs in the order in which their steps are dispatched, each job once for every step of it, "
        "for example A B A C. A dispatched step begins as soon as both its job and its machine are free, after "
        "everything dispatched on this machine before."
    )
    action_chars = 4
    answer_chars = 320

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, machines, longest = LEVELS[level]
        while True:
            jobs = tuple(
                tuple((m, rng.randint(1, longest)) for m in rng.sample(range(machines), machines - rng.randint(0, 1)))
                for _ in range(count)
            )
            probes = random_makespans(jobs, machines, rng, PROBES)
            try:
                limit = fastest(jobs, machines, min(probes) - 1, PROOF_NODES)
            except NoPlan:
                continue
            if limit is not None:
                return {"jobs": [[[machine + 1, time] for machine, time in job] for job in jobs], "limit": limit}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Shop:
        if set(payload) != {"jobs", "limit"}:
            raise ValueError('a job_shop payload is {"jobs": [[[machine, duration], ...], ...], "limit": time}')
        jobs, limit = _read_jobs(payload["jobs"]), payload["limit"]
        if type(limit) is not int or not 1 <= limit <= 10**6:
            raise ValueError("limit is a whole number from 1 to 1000000")
        machines = 1 + max(machine for job in jobs for machine, _ in job)
        order = schedule(jobs, machines, limit, MAX_NODES)
        if order is None:
            raise ValueError(f"no schedule ends within {limit}")
        return Shop(tuple(letters(len(jobs))), jobs, machines, limit, tuple(order))

    @classmethod
    def _start(cls, instance: Shop) -> Clock:
        return start_of(instance.jobs, instance.machines)

    @classmethod
    def _observe(cls, instance: Shop, state: Clock) -> str:
        lines = [f"limit {instance.limit}", f"machines {' '.join(map(str, state[2]))}"]
        for name, job, done, ready in zip(instance.names, instance.jobs, state[0], state[1], strict=True):
            lines.append(f"{name}@{ready}" + "".join([f" {machine + 1}:{time}" for machine, time in job[done:]]))
        return " | ".join(lines)

    @classmethod
    def _apply(cls, instance: Shop, state: Clock, action: str) -> Clock:
        job = _JOB.get(action, MAX_JOBS)
        if job >= len(instance.jobs):
            raise IllegalAction(f"There is no job {shown(action)}.")
        if state[0][job] == len(instance.jobs[job]):
            raise IllegalAction(f"All steps of job {instance.names[job]} are dispatched already.")
        return dispatch(instance.jobs, state, job)

    @classmethod
    def _done(cls, instance: Shop, state: Clock) -> bool:
        late = max(state[1]) > instance.limit
        return late or all(n == len(job) for n, job in zip(state[0], instance.jobs, strict=True))

    @classmethod
    def _answer(cls, instance: Shop, state: Clock, actions: Sequence[str]) -> str:
        return " ".join(actions)

    @classmethod
    def _verify(cls, instance: Shop, answer: str) -> Verdict:
        order = answer.translate(_BETWEEN)
        total = sum(map(len, instance.jobs))
        if len(order) != total:
            return reject(f"The answer dispatches {len(order)} steps instead of {total}.")
        state = cls._start(instance)
        try:
            for action in order:
                state = cls._apply(instance, state, action)
        except IllegalAction as error:
            return reject(str(error))
        end = max(state[1])
        if end > instance.limit:
            return reject(f"The last step ends at {end}; the limit is {instance.limit}.", order)
        return accept(order, f"All steps end by {end}, within {instance.limit}.")

    @classmethod
    def _solve(cls, instance: Shop) -> Solution:
        actions = [instance.names[job] for job in instance.solution]
        return Solution(" ".join(actions), actions, optimal=True)

    @classmethod
    def _legal(cls, instance: Shop, state: Clock) -> list[str]:
        rows = zip(instance.names, instance.jobs, state[0], strict=True)
        return [name for name, job, done in rows if done < len(job)]

    @classmethod
    def _limit(cls, instance: Shop) -> int:
        return sum(map(len, instance.jobs)) + cls.max_illegal


_JOB = {letter: i for i, name in enumerate(letters(MAX_JOBS)) for letter in (name, name.lower())}
_BETWEEN = str.maketrans("", "", " \t\r\n,;")


def _read_jobs(jobs: Any) -> Jobs:
    if not isinstance(jobs, list | tuple) or not 1 <= len(jobs) <= MAX_JOBS:
        raise ValueError(f"there are 1 to {MAX_JOBS} jobs")
    found = []
    for job in jobs:
        if not isinstance(job, list | tuple) or not 1 <= len(job) <= MAX_STEPS:
            raise ValueError(f"a job is a list of 1 to {MAX_STEPS} steps [machine, duration]")
        for step in job:
            if not isinstance(step, list | tuple) or len(step) != 2 or any(type(n) is not int for n in step):
                raise ValueError("a step is [machine, duration]")
            if not 1 <= step[0] <= MAX_MACHINES or not 1 <= step[1] <= MAX_DURATION:
                raise ValueError(f"machines are 1 to {MAX_MACHINES}, durations 1 to {MAX_DURATION}")
        found.append(tuple((machine - 1, time) for machine, time in job))
    return tuple(found)
