"""Hamiltonian paths judged by networkx, found by CP-SAT's circuits."""

from __future__ import annotations

import random
from collections.abc import Iterator

import networkx as nx
from ortools.sat.python import cp_model

from tests.oracles import _plans
from tests.oracles._graphs import Payload, graph_of


def judge(payload: Payload, answer: str) -> bool:
    path = answer.replace("->", " ").replace(",", " ").split()
    return sorted(path) == sorted(payload["nodes"]) and bool(nx.is_path(graph_of(payload), path))


def mutations(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    plain = _plans.mutations(answer, payload["nodes"], rng)
    while True:
        yield next(plain)
        path = answer.split()
        i, j = sorted(rng.sample(range(len(path) + 1), 2))
        yield " ".join(path[:i] + path[i:j][::-1] + path[j:])  # a part turned round


def rewrites(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    paths = [answer.split(), _another(payload)]
    while True:
        path = rng.choice(paths)
        yield rng.choice([" ", ", ", "->", " -> ", "\n", " ->\n", ","]).join(rng.choice([path, path[::-1]]))


def _another(payload: Payload) -> list[str]:
    model, nodes = cp_model.CpModel(), payload["nodes"]
    place = {node: i + 1 for i, node in enumerate(nodes)}
    arcs = [(tail, head, model.new_bool_var("")) for i in place.values() for tail, head in ((0, i), (i, 0))]
    for u, v in payload["edges"]:
        arcs += [(place[u], place[v], model.new_bool_var("")), (place[v], place[u], model.new_bool_var(""))]
    model.add_circuit(arcs)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise AssertionError("CP-SAT finds no path")
    after = {tail: head for tail, head, used in arcs if solver.value(used)}
    path, here = [], after[0]
    while here:
        path.append(nodes[here - 1])
        here = after[here]
    return path


def optimal_steps(payload: Payload) -> int:
    return len(_another(payload))
