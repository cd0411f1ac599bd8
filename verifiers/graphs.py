"""Reading graphs out of payloads, and walks and assignments out of answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from esreason.verifiers.parsing import words

Weights = dict[str, dict[str, int]]
"""For each node its neighbours and the weight of the edge to them."""

MAX_NODES = 200
MAX_EDGES = 2_000
MAX_TEXT = 12_000
"""Characters that the edges may take in an observation."""
_NAME = re.compile(r"[A-Za-z0-9_]{1,12}")
_STEP = re.compile(r"\s*->\s*|[\s,]+")


def read_nodes(nodes: Any) -> list[str]:
    """The nodes of a payload: different names of up to 12 letters, digits and _; ValueError otherwise."""
    if not isinstance(nodes, list | tuple) or not 1 <= len(nodes) <= MAX_NODES:
        raise ValueError(f"a graph has 1 to {MAX_NODES} nodes")
    if any(not isinstance(node, str) or not _NAME.fullmatch(node) for node in nodes):
        raise ValueError("a node is a name of up to 12 letters, digits and _")
    if len(set(nodes)) != len(nodes):
        raise ValueError("two nodes have the same name")
    return list(nodes)


def read_edges(nodes: list[str], edges: Any, length: int = 2) -> list[tuple[Any, ...]]:
    """The edges [u, v, ...] of a payload, each with `length` entries, between different nodes, no pair twice."""
    if not isinstance(edges, list | tuple) or len(edges) > MAX_EDGES:
        raise ValueError(f"a graph has at most {MAX_EDGES} edges, in a list")
    known, seen = set(nodes), set()
    for edge in edges:
        if not isinstance(edge, list | tuple) or len(edge) != length:
            raise ValueError(f"an edge is a list of {length} entries")
        u, v = edge[0], edge[1]
        if not isinstance(u, str) or not isinstance(v, str) or u == v or not {u, v} <= known:
            raise ValueError("an edge joins two different nodes")
        if frozenset((u, v)) in seen:
            raise ValueError(f"the edge {u}-{v} is there twice")
        seen.add(frozenset((u, v)))
    if sum(len(edge[0]) + len(edge[1]) + 2 + 8 * (length - 2) for edge in edges) > MAX_TEXT:
        raise ValueError(f"the edges take more than {MAX_TEXT:,} characters")
    return [tuple(edge) for edge in edges]


def read_weighted(nodes: Any, edges: Any) -> tuple[tuple[tuple[str, str, int], ...], Weights]:
    """An undirected graph whose edges [u, v, weight] have whole weights from 1 to 10**6."""
    names = read_nodes(nodes)
    found = read_edges(names, edges, 3)
    if any(type(weight) is not int or not 1 <= weight <= 10**6 for _, _, weight in found):
        raise ValueError("a weight is a whole number from 1 to 1000000")
    weights: Weights = {name: {} for name in names}
    for u, v, weight in found:
        weights[u][v] = weights[v][u] = weight
    return tuple((u, v, weight) for u, v, weight in found), weights


def read_graph(nodes: Any, edges: Any) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The nodes and edges of an undirected graph without weights."""
    names = read_nodes(nodes)
    return tuple(names), tuple((u, v) for u, v in read_edges(names, edges))


def read_set(places: Mapping[str, int], text: str) -> list[int]:
    """The places of different nodes written with spaces, commas or semicolons; ValueError with a sentence otherwise."""
    found = words(text, MAX_NODES)
    for node in found:
        if node not in places:
            raise ValueError(f"{node[:20]!a} is not a node.")
    if len(set(found)) != len(found):
        raise ValueError("A node is named twice.")
    return [places[node] for node in found]


def walk(weights: Weights, text: str, limit: int = 1_000) -> tuple[list[str], int]:
    """The nodes of a path written with spaces, commas or ->, and its length; ValueError if it is none."""
    nodes = [word for word in _STEP.split(text.strip()) if word]
    if not 1 <= len(nodes) <= limit:
        raise ValueError("The answer names no nodes." if not nodes else f"The path has more than {limit} nodes.")
    for node in nodes:
        if node not in weights:
            raise ValueError(f"{node[:20]!a} is not a node.")
    length = 0
    for u, v in pairwise(nodes):
        if v not in weights[u]:
            raise ValueError(f"There is no edge from {u} to {v}.")
        length += weights[u][v]
    return nodes, length
