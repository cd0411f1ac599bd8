"""Tents judged with a matching by networkx, counted by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import networkx as nx
from ortools.sat.python import cp_model

from tests.oracles import _cells


def _distance(a: int, b: int, width: int) -> tuple[int, int]:
    return abs(a // width - b // width), abs(a % width - b % width)


def _neighbours(a: int, b: int, width: int) -> bool:
    return sum(_distance(a, b, width)) == 1


def _touch(a: int, b: int, width: int) -> bool:
    return max(_distance(a, b, width)) == 1


def judge(payload: dict[str, Any], answer: str) -> bool:
    width, givens = payload["width"], payload["cells"]
    cells = _cells.read(answer, len(givens), givens)
    if cells is None or not set(cells) <= {"A", "T", "."} or cells.count("T") != givens.count("T"):
        return False
    tents, trees = ([i for i, cell in enumerate(cells) if cell == sign] for sign in "AT")
    if any(sum(t // width == r for t in tents) != wanted for r, wanted in enumerate(payload["rows"])):
        return False
    if any(sum(t % width == c for t in tents) != wanted for c, wanted in enumerate(payload["columns"])):
        return False
    if any(_touch(a, b, width) for a, b in combinations(tents, 2)) or len(tents) != len(trees):
        return False
    graph = nx.Graph()
    graph.add_nodes_from(trees)
    graph.add_edges_from((tent, tree) for tent in tents for tree in trees if _neighbours(tent, tree, width))
    return len(nx.bipartite.maximum_matching(graph, trees)) == 2 * len(trees)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.mutations(answer, payload["width"], ".A", payload["cells"], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.rewrites(answer, payload["width"], rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    model, width, givens = cp_model.CpModel(), payload["width"], payload["cells"]
    tents = {i: model.new_bool_var("") for i, given in enumerate(givens) if given == "."}
    pairs = {
        (cell, tree): model.new_bool_var("")
        for cell in tents for tree, given in enumerate(givens) if given == "T" and _neighbours(cell, tree, width)
    }  # fmt: skip
    for cell, tent in tents.items():
        model.add(sum(pair for (c, _), pair in pairs.items() if c == cell) == tent)
    for tree, given in enumerate(givens):
        if given == "T":
            model.add(sum(pair for (_, t), pair in pairs.items() if t == tree) == 1)
    for row, wanted in enumerate(payload["rows"]):
        model.add(sum(tent for cell, tent in tents.items() if cell // width == row) == wanted)
    for column, wanted in enumerate(payload["columns"]):
        model.add(sum(tent for cell, tent in tents.items() if cell % width == column) == wanted)
    for a, b in combinations(tents, 2):
        if _touch(a, b, width):
            model.add_at_most_one([tents[a], tents[b]])
    return _cells.count(model, list(tents.values()), limit)


def optimal_steps(payload: dict[str, Any]) -> int:
    return int(payload["cells"].count("T"))
