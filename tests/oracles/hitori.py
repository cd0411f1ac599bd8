"""Hitori judged with networkx for what hangs together, counted by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import networkx as nx
from ortools.sat.python import cp_model

from tests.oracles import _cells


def _board(payload: dict[str, Any]) -> tuple[int, str, nx.Graph[int]]:
    """The width, the digits, and the cells as a graph of neighbours."""
    width, digits = payload["width"], payload["digits"]
    grid = nx.grid_2d_graph(len(digits) // width, width)
    return width, digits, nx.relabel_nodes(grid, {(r, c): r * width + c for r, c in grid})


def _lines(width: int, count: int) -> list[list[int]]:
    rows = [list(range(i, i + width)) for i in range(0, count, width)]
    return rows + [list(column) for column in zip(*rows, strict=True)]


def _hang_together(graph: nx.Graph[int], white: list[int]) -> bool:
    return bool(white) and bool(nx.is_connected(graph.subgraph(white)))


def judge(payload: dict[str, Any], answer: str) -> bool:
    width, digits, graph = _board(payload)
    cells = _cells.read(answer, len(digits))
    if cells is None or not set(cells) <= {"#", "."}:
        return False
    for line in _lines(width, len(digits)):
        left = [digits[i] for i in line if cells[i] == "."]
        if len(left) != len(set(left)):
            return False
    if any(cells[a] == cells[b] == "#" for a, b in graph.edges):
        return False
    return _hang_together(graph, [i for i, cell in enumerate(cells) if cell == "."])


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.mutations(answer, payload["width"], ".#", "." * len(payload["digits"]), rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.rewrites(answer, payload["width"], rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    model = cp_model.CpModel()
    width, digits, graph = _board(payload)
    shaded = [model.new_bool_var("") for _ in digits]
    for line in _lines(width, len(digits)):
        for digit in set(digits):
            same = [shaded[i] for i in line if digits[i] == digit]
            model.add(sum(same) >= len(same) - 1)
    for a, b in graph.edges:
        model.add_at_most_one([shaded[a], shaded[b]])

    def whole(values: list[int]) -> bool:
        """Whether what is white hangs together; else one of the shaded cells around a part of it has to be white."""
        white = [i for i, shade in enumerate(values) if not shade]
        parts = list(nx.connected_components(graph.subgraph(white)))
        for part in parts if len(parts) > 1 else []:
            model.add_bool_or([~shaded[i] for i in {j for cell in part for j in graph[cell]} - part])
        return len(parts) == 1

    return _cells.count(model, shaded, limit, whole)
