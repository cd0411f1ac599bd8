"""River crossings on sets of things, with networkx for which of them are safe and how far it is."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import networkx as nx

from tests.oracles._models import Model, Payload

Bank = frozenset[str]


def _things(payload: Payload) -> Bank:
    return frozenset("abcdefghij"[: payload["things"]])


def _step(payload: Payload, state: Any, move: str) -> Any:
    left, here = state
    bank = left if here else _things(payload) - left
    words = re.split(" +", move)
    taken = frozenset(words[1:])
    if words[0] != "cross" or len(taken) != len(words) - 1 or len(taken) > payload["seats"] or not taken <= bank:
        return None
    if any(set(pair) <= bank - taken for pair in payload["pairs"]):
        return None
    return (left - taken if here else left | taken), not here


def _candidates(payload: Payload) -> list[str]:
    loads = [load for size in range(payload["seats"] + 1) for load in combinations(sorted(_things(payload)), size)]
    return [" ".join(["cross", *load]) for load in loads]


MODEL = Model(
    lambda payload: (frozenset(payload["left"]), True),
    _step,
    lambda payload, state: not state[0],
    _candidates,
    "phrases",
)
judge, mutations, rewrites = MODEL.judge, MODEL.mutations, MODEL.rewrites


def optimal_steps(payload: Payload) -> int:
    """The distance in the graph of all pairs of banks, whose edges are loads that leave an independent set behind."""
    things, enemies = _things(payload), nx.Graph(payload["pairs"])
    graph = nx.DiGraph()
    banks = [frozenset(b) for size in range(len(things) + 1) for b in combinations(sorted(things), size)]
    safe = [bank for bank in banks if not enemies.subgraph(bank).edges]
    for stays in safe:
        for size in range(payload["seats"] + 1):
            for load in combinations(sorted(things - stays), size):
                away = things - stays - frozenset(load)
                graph.add_edge((stays | frozenset(load), True), (stays, False))
                graph.add_edge((away, False), (away | frozenset(load), True))
    start = (frozenset(payload["left"]), True)
    ends = nx.single_source_shortest_path_length(graph, start)
    return int(min(length for (left, _), length in ends.items() if not left))
