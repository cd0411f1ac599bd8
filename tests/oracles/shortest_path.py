"""Shortest paths judged and found by networkx."""

from __future__ import annotations

import random
from collections.abc import Iterator

import networkx as nx

from tests.oracles import _plans
from tests.oracles._graphs import Payload, graph_of


def judge(payload: Payload, answer: str) -> bool:
    graph, path = graph_of(payload), answer.replace("->", " ").replace(",", " ").split()
    if not path or len(path) > 1_000 or not set(path) <= set(graph):
        return False
    if path[0] != payload["source"] or path[-1] != payload["target"] or not nx.is_path(graph, path):
        return False
    best = nx.dijkstra_path_length(graph, payload["source"], payload["target"])
    return bool(nx.path_weight(graph, path, "weight") == best)


def mutations(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    graph = graph_of(payload)
    near = _plans.mutations(answer, payload["nodes"], rng)
    paths = nx.all_simple_paths(graph, payload["source"], payload["target"])
    while True:
        yield next(near)
        yield " ".join(next(paths, [*reversed(answer.split())]))


def rewrites(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    graph = graph_of(payload)
    best = list(nx.all_shortest_paths(graph, payload["source"], payload["target"], weight="weight"))
    while True:
        yield rng.choice([" ", "->", " -> ", ", ", ",", "\n", "→", " , "]).join(rng.choice(best))


def optimal_steps(payload: Payload) -> int:
    """The fewest edges of a path of the shortest length."""
    graph = graph_of(payload)
    paths = nx.all_shortest_paths(graph, payload["source"], payload["target"], weight="weight")
    return min(len(path) for path in paths) - 1
