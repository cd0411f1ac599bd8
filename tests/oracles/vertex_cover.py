"""Vertex covers judged edge by edge, minimised by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator

from ortools.sat.python import cp_model

from tests.oracles import _plans
from tests.oracles._graphs import Payload, listed


def judge(payload: Payload, answer: str) -> bool:
    picked = listed(answer)
    known = len(set(picked)) == len(picked) and set(picked) <= set(payload["nodes"])
    return known and 0 < len(picked) <= payload["size"] and all(u in picked or v in picked for u, v in payload["edges"])


def mutations(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    plain = _plans.mutations(answer, payload["nodes"], rng)
    while True:
        yield next(plain)
        yield " ".join(rng.sample(payload["nodes"], payload["size"]))


def rewrites(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    covers = [answer.split(), smallest(payload)]
    while True:
        cover = rng.choice(covers)
        text = rng.choice([" ", ", ", ",", "; ", "\n"]).join(rng.sample(cover, len(cover)))
        yield rng.choice([text, f"[{text}]", f"({text})"])


def smallest(payload: Payload) -> list[str]:
    """A smallest cover."""
    model = cp_model.CpModel()
    picked = {node: model.new_bool_var("") for node in payload["nodes"]}
    for u, v in payload["edges"]:
        model.add_bool_or(picked[u], picked[v])
    model.minimize(sum(picked.values()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(model) != cp_model.OPTIMAL:
        raise AssertionError("CP-SAT finds no smallest cover")
    return [node for node, var in picked.items() if solver.value(var)]


def optimal_steps(payload: Payload) -> int:
    return len(smallest(payload))
