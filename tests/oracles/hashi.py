"""Hashi judged on the map with networkx, counted by CP-SAT with connected solutions filtered."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import networkx as nx
from ortools.sat.python import cp_model

from tests.oracles import _assignments

Cell = tuple[int, int]


def _read_map(payload: dict[str, Any]) -> tuple[dict[str, int], dict[str, set[Cell]]]:
    """What each island wants, and the water under a bridge of each pair that sees each other."""
    rows = payload["rows"]
    letters = {}
    for r, row in enumerate(rows):
        for c, sign in enumerate(row):
            if sign != ".":
                letters[r, c] = chr(ord("A") + len(letters))
    spans = {}
    for (r, c), letter in letters.items():
        right = [k for k in range(c + 1, len(rows[0])) if (r, k) in letters]
        below = [k for k in range(r + 1, len(rows)) if (k, c) in letters]
        if right:
            spans[letter + letters[r, right[0]]] = {(r, k) for k in range(c + 1, right[0])}
        if below:
            spans[letter + letters[below[0], c]] = {(k, c) for k in range(r + 1, below[0])}
    return {letter: int(rows[r][c]) for (r, c), letter in letters.items()}, spans


def _right(payload: dict[str, Any], bridges: dict[str, int]) -> bool:
    wants, spans = _read_map(payload)
    used = [pair for pair, count in bridges.items() if count]
    if any(sum(bridges[pair] for pair in bridges if island in pair) != want for island, want in wants.items()):
        return False
    if any(spans[one] & spans[two] for i, one in enumerate(used) for two in used[:i]):
        return False
    graph = nx.Graph()
    graph.add_nodes_from(wants)
    graph.add_edges_from((pair[0], pair[1]) for pair in used)
    return bool(nx.is_connected(graph))


def judge(payload: dict[str, Any], answer: str) -> bool:
    found = _assignments.read(answer, list(_read_map(payload)[1]), ["0", "1", "2"], "0")
    return found is not None and _right(payload, {pair: int(count) for pair, count in found.items()})


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _assignments.mutations(answer, ["0", "1", "2", "3", "?"], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    pairs = _assignments.pairs_of(answer)
    used = [pair for pair in pairs if pair[1] != "0"]
    for text in _assignments.rewrites(answer, rng):
        yield text
        yield _assignments.written(rng.choice([used, [p for p in pairs if p in used or rng.random() < 0.5]]), rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    wants, spans = _read_map(payload)
    model = cp_model.CpModel()
    bridges = {pair: model.new_int_var(0, 2, pair) for pair in spans}
    built = {pair: model.new_bool_var(pair) for pair in spans}
    for pair in spans:
        model.add(bridges[pair] >= 1).only_enforce_if(built[pair])
        model.add(bridges[pair] == 0).only_enforce_if(built[pair].negated())
        for other in spans:
            if other < pair and spans[other] & spans[pair]:
                model.add_at_most_one(built[pair], built[other])
    for island, want in wants.items():
        model.add(sum(bridges[pair] for pair in spans if island in pair) == want)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    found = 0
    while found < limit and solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        counts = {pair: solver.value(variable) for pair, variable in bridges.items()}
        found += _right(payload, counts)
        model.add_forbidden_assignments(list(bridges.values()), [list(counts.values())])
    return found


def optimal_steps(payload: dict[str, Any]) -> int:
    return len(_read_map(payload)[1])
