"""Job shop schedules simulated on intervals, minimised by CP-SAT's no-overlap."""

from __future__ import annotations

import random
from collections.abc import Iterator

from ortools.sat.python import cp_model

from tests.oracles import _plans
from tests.oracles._graphs import Payload


def _letters(payload: Payload) -> list[str]:
    return ["ABCDEFGHIJKL"[i] for i in range(len(payload["jobs"]))]


def judge(payload: Payload, answer: str) -> bool:
    order = [c.upper() for c in answer if c not in " \t\r\n,;"]
    if not answer.isascii() or sorted(order) != sorted(_worded(payload)):
        return False
    machine_end: dict[int, int] = {}
    job_end = dict.fromkeys(order, 0)
    steps = {letter: iter(job) for letter, job in zip(_letters(payload), payload["jobs"], strict=True)}
    for letter in order:
        machine, duration = next(steps[letter])
        begin = max(job_end[letter], machine_end.get(machine, 0))
        job_end[letter] = machine_end[machine] = begin + duration
    return max(job_end.values()) <= payload["limit"]


def _worded(payload: Payload) -> list[str]:
    return [letter for letter, job in zip(_letters(payload), payload["jobs"], strict=True) for _ in job]


def mutations(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    plain = _plans.mutations(answer, _letters(payload), rng)
    while True:
        yield next(plain)
        order = answer.split()
        i = rng.randrange(len(order) - 1)
        order[i], order[i + 1] = order[i + 1], order[i]
        yield " ".join(order)
        yield " ".join(rng.sample(order, len(order)))


def rewrites(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    orders = [answer.split(), fastest(payload)[1]]
    while True:
        order = rng.choice(orders)
        text = rng.choice([" ", ", ", ",", "; ", "\n", ""]).join(order)
        yield rng.choice([text, text, text.lower()])


def fastest(payload: Payload) -> tuple[int, list[str]]:
    """The least makespan, and the jobs in the order in which their steps begin."""
    model, horizon = cp_model.CpModel(), sum(time for job in payload["jobs"] for _, time in job)
    makespan = model.new_int_var(0, horizon, "")
    on_machine: dict[int, list[cp_model.IntervalVar]] = {}
    begins = []
    for index, job in enumerate(payload["jobs"]):
        before = None
        for number, (machine, time) in enumerate(job):
            begin = model.new_int_var(0, horizon, "")
            on_machine.setdefault(machine, []).append(model.new_fixed_size_interval_var(begin, time, ""))
            if before is not None:
                model.add(begin >= before)
            before = begin + time
            begins.append((begin, number, index))
        model.add(makespan >= before)
    for intervals in on_machine.values():
        model.add_no_overlap(intervals)
    model.minimize(makespan)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(model) != cp_model.OPTIMAL:
        raise AssertionError("CP-SAT does not prove a least makespan")
    order = sorted((solver.value(begin), number, index) for begin, number, index in begins)
    return solver.value(makespan), [_letters(payload)[index] for _, _, index in order]


def optimal_steps(payload: Payload) -> int:
    return len(_worded(payload))
