"""Knight's tours judged as simple paths in a networkx graph of leaps."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import networkx as nx

from tests.oracles import _plans


def _field(payload: dict[str, Any]) -> tuple[str, nx.Graph]:
    """The knight's cell by name, and the leaps between cells that are not closed."""
    cells = {(r, c): sign for r, row in enumerate(payload["rows"], 1) for c, sign in enumerate(row, 1) if sign != "#"}
    graph = nx.Graph()
    graph.add_nodes_from(f"r{r}c{c}" for r, c in cells)
    for r, c in cells:
        for a, b in cells:
            if (r - a) ** 2 + (c - b) ** 2 == 5:
                graph.add_edge(f"r{r}c{c}", f"r{a}c{b}")
    ((r, c),) = [cell for cell, sign in cells.items() if sign == "K"]
    return f"r{r}c{c}", graph


def judge(payload: dict[str, Any], answer: str) -> bool:
    start, graph = _field(payload)
    path = [start, *_plans.moves_of(answer)]
    return sorted(path) == sorted(graph) and all(graph.has_edge(a, b) for a, b in pairwise(path))


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    start, graph = _field(payload)
    yield f"{start}, {answer}"
    yield ", ".join(reversed(_plans.moves_of(answer)))
    yield re.sub("r(.)c(.)", r"r\2c\1", answer)
    yield from _plans.mutations(answer, [*graph, "r0c1", "r9c9", "Nf3"], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _plans.rewrites(answer, rng)


def optimal_steps(payload: dict[str, Any]) -> int:
    return "".join(payload["rows"]).count(".")
