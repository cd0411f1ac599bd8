"""Round trips measured by hand, minimised by CP-SAT's circuits."""

from __future__ import annotations

import random
from collections.abc import Iterator

from ortools.sat.python import cp_model

from tests.oracles import _plans
from tests.oracles._graphs import Payload, listed


def _distance(payload: Payload, a: str, b: str) -> int:
    place = {name: (x, y) for name, x, y in payload["cities"]}
    return int(abs(place[a][0] - place[b][0]) + abs(place[a][1] - place[b][1]))


def _names(payload: Payload) -> list[str]:
    return [city[0] for city in payload["cities"]]


def judge(payload: Payload, answer: str) -> bool:
    trip, names = listed(answer.replace("->", " ")), _names(payload)
    if len(trip) == len(names) + 1 and trip[0] == trip[-1]:
        del trip[-1]
    if sorted(trip) != sorted(names):
        return False
    return sum(_distance(payload, trip[i - 1], trip[i]) for i in range(len(trip))) <= payload["limit"]


def mutations(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    plain = _plans.mutations(answer, _names(payload), rng)
    while True:
        yield next(plain)
        trip = answer.split()
        i, j = sorted(rng.sample(range(len(trip) + 1), 2))
        trip[i:j] = trip[i:j][::-1]
        yield " ".join(trip)
        yield " ".join([*trip, rng.choice(trip)])


def rewrites(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    trips = [answer.split(), shortest(payload)[1]]
    while True:
        trip = rng.choice(trips)
        cut = rng.randrange(len(trip))
        trip = (trip[cut:] + trip[:cut])[:: rng.choice([1, -1])]
        if rng.random() < 0.5:
            trip = [*trip, trip[0]]
        yield rng.choice([" ", ", ", ",", " -> ", "->", "\n"]).join(trip)


def shortest(payload: Payload) -> tuple[int, list[str]]:
    """The length of a shortest trip, and one."""
    model, names = cp_model.CpModel(), _names(payload)
    arcs = [(i, j, model.new_bool_var("")) for i in range(len(names)) for j in range(len(names)) if i != j]
    model.add_circuit(arcs)
    model.minimize(sum(_distance(payload, names[i], names[j]) * used for i, j, used in arcs))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(model) != cp_model.OPTIMAL:
        raise AssertionError("CP-SAT finds no shortest trip")
    after = {tail: head for tail, head, used in arcs if solver.value(used)}
    trip = [0]
    while after[trip[-1]]:
        trip.append(after[trip[-1]])
    return round(solver.objective_value), [names[i] for i in trip]


def optimal_steps(payload: Payload) -> int:
    return len(payload["cities"]) - 1  # the first city is the start, every other one is a step
