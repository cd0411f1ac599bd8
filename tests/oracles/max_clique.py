"""Cliques judged pair by pair, maximised by networkx."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations

import networkx as nx

from tests.oracles import _plans
from tests.oracles._graphs import Payload, graph_of, listed


def judge(payload: Payload, answer: str) -> bool:
    picked, graph = listed(answer), graph_of(payload)
    if len(set(picked)) < len(picked) or not set(picked) <= set(graph) or len(picked) < payload["size"]:
        return False
    return all(graph.has_edge(u, v) for u, v in combinations(picked, 2))


def mutations(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    plain = _plans.mutations(answer, payload["nodes"], rng)
    cliques = list(nx.find_cliques(graph_of(payload)))
    while True:
        yield next(plain)
        yield " ".join(rng.choice(cliques))  # most are maximal, but too small
        yield " ".join([*rng.choice(cliques), rng.choice(payload["nodes"])])


def rewrites(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    cliques = [clique for clique in nx.find_cliques(graph_of(payload)) if len(clique) >= payload["size"]]
    while True:
        clique = rng.choice(cliques)
        text = rng.choice([" ", ", ", ",", "; ", "\n"]).join(rng.sample(clique, len(clique)))
        yield rng.choice([text, f"[{text}]", f"({text})"])


def optimal_steps(payload: Payload) -> int:
    return max(map(len, nx.find_cliques(graph_of(payload))))
