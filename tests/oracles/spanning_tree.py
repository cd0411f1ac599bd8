"""Spanning trees judged and found by networkx."""

from __future__ import annotations

import random
from collections.abc import Iterator

import networkx as nx

from tests.oracles import _plans
from tests.oracles._graphs import Payload, graph_of, listed


def judge(payload: Payload, answer: str) -> bool:
    graph, tree = graph_of(payload), nx.Graph()
    words = listed(answer)
    for word in words:
        ends = word.split("-")
        if len(ends) != 2 or not graph.has_edge(*ends) or tree.has_edge(*ends):
            return False
        tree.add_edge(*ends, weight=graph.edges[ends]["weight"])
    if set(tree) != set(graph) or not nx.is_tree(tree):
        return False
    return bool(tree.size("weight") == nx.minimum_spanning_tree(graph).size("weight"))


def mutations(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    edges = [f"{u}-{v}" for u, v, _ in payload["edges"]]
    plain = _plans.mutations(answer, edges, rng)
    graph = graph_of(payload)
    while True:
        yield next(plain)
        for _, _, data in graph.edges(data=True):
            data["other"] = rng.random()
        yield " ".join(f"{u}-{v}" for u, v in nx.minimum_spanning_tree(graph, weight="other").edges)  # some tree


def rewrites(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    graph = graph_of(payload)
    trees = [[edge.split("-") for edge in answer.split()]]
    trees += [[list(edge) for edge in nx.minimum_spanning_tree(graph, algorithm=a).edges] for a in ("prim", "boruvka")]
    while True:
        tree = rng.choice(trees)
        edges = ["-".join(rng.choice([edge, edge[::-1]])) for edge in rng.sample(tree, len(tree))]
        yield rng.choice([" ", ", ", ",", "; ", "\n"]).join(edges)


def optimal_steps(payload: Payload) -> int:
    return len(nx.minimum_spanning_tree(graph_of(payload)).edges)
