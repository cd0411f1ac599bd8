"""Graph colouring judged edge by edge, solved by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator

from ortools.sat.python import cp_model

from tests.oracles import _assignments
from tests.oracles._graphs import Payload


def _colours(payload: Payload) -> list[str]:
    return [str(colour + 1) for colour in range(payload["colors"])]


def judge(payload: Payload, answer: str) -> bool:
    found = _assignments.read(answer, payload["nodes"], _colours(payload))
    return found is not None and all(found[u] != found[v] for u, v in payload["edges"])


def mutations(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    plain = answer.replace(": ", "=").replace(",", "")
    return _assignments.mutations(plain, [*_colours(payload), "0", str(payload["colors"] + 1)], rng)


def rewrites(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    other = _another(payload)
    for text in _assignments.rewrites(answer.replace(": ", "=").replace(",", ""), rng):
        yield text
        names = rng.sample(_colours(payload), payload["colors"])  # the same classes under other colours
        renamed = {node: names[colour] for node, colour in other.items()}
        yield _assignments.written([list(pair) for pair in renamed.items()], rng)


def _another(payload: Payload) -> dict[str, int]:
    model = cp_model.CpModel()
    colour = {node: model.new_int_var(0, payload["colors"] - 1, "") for node in payload["nodes"]}
    for u, v in payload["edges"]:
        model.add(colour[u] != colour[v])
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise AssertionError("CP-SAT finds no colouring")
    return {node: solver.value(var) for node, var in colour.items()}


def optimal_steps(payload: Payload) -> int:
    return len(_another(payload))
