"""Slitherlink judged as a graph of sides by networkx, counted by CP-SAT as a circuit."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import networkx as nx
from ortools.sat.python import cp_model

from tests.oracles import _cells

Point = tuple[int, int]
LEVELS = (1, 3, 5, 8)


def _sides(r: int, c: int) -> list[tuple[Point, Point]]:
    """The four sides of a cell between points of the lattice, the smaller point first."""
    return [((r, c), (r, c + 1)), ((r + 1, c), (r + 1, c + 1)), ((r, c), (r + 1, c)), ((r, c + 1), (r + 1, c + 1))]


def judge(payload: dict[str, Any], answer: str) -> bool:
    rows = payload["rows"]
    height, width = len(rows), len(rows[0])
    cells = _cells.read(answer, height * width)
    if cells is None or not set(cells) <= {"#", "."}:
        return False
    loop: set[tuple[Point, Point]] = set()
    for index, cell in enumerate(cells):
        if cell == "#":
            loop ^= set(_sides(*divmod(index, width)))  # a side between two inside cells is taken out again
    for r, row in enumerate(rows):
        for c, clue in enumerate(row):
            if clue != "." and len(loop & set(_sides(r, c))) != int(clue):
                return False
    graph = nx.Graph(list(loop))
    return bool(loop) and all(degree == 2 for _, degree in graph.degree) and bool(nx.is_connected(graph))


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    size = sum(map(len, payload["rows"]))
    yield answer.translate(str.maketrans("#.", ".#"))
    yield from _cells.mutations(answer, len(payload["rows"][0]), "#.", "." * size, rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.rewrites(answer, len(payload["rows"][0]), rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    rows, model = payload["rows"], cp_model.CpModel()
    height, width = len(rows), len(rows[0])
    number = {(r, c): r * (width + 1) + c for r in range(height + 1) for c in range(width + 1)}
    arcs: list[Any] = [(n, n, model.new_bool_var("")) for n in number.values()]
    side: dict[tuple[Point, Point], Any] = {}
    for r in range(height):
        for c in range(width):
            for ends in _sides(r, c):
                if ends not in side:
                    there, back = model.new_bool_var(""), model.new_bool_var("")
                    arcs += [(number[ends[0]], number[ends[1]], there), (number[ends[1]], number[ends[0]], back)]
                    side[ends] = model.new_bool_var("")
                    model.add(side[ends] == there + back)
    model.add_circuit(arcs)
    model.add(sum(side.values()) >= 4)
    for r, row in enumerate(rows):
        for c, clue in enumerate(row):
            if clue != ".":
                model.add(sum(side[ends] for ends in _sides(r, c)) == int(clue))
    return _cells.count(model, list(side.values()), limit)


def optimal_steps(payload: dict[str, Any]) -> int:
    """The number of cells inside the only loop, from a model of cells instead of sides."""
    rows, model = payload["rows"], cp_model.CpModel()
    height, width = len(rows), len(rows[0])
    inside = {(r, c): model.new_bool_var("") for r in range(height) for c in range(width)}

    def unlike(a: Point, b: Point) -> Any:
        flag = model.new_bool_var("")
        left, right = inside.get(a, 0), inside.get(b, 0)
        model.add(left + right == 1).only_enforce_if(flag)
        model.add(left == right).only_enforce_if(flag.negated())
        return flag

    for r, row in enumerate(rows):
        for c, clue in enumerate(row):
            if clue != ".":
                near = [(r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)]
                model.add(sum(unlike((r, c), other) for other in near) == int(clue))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    while solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        marks = "".join("#" if solver.value(cell) else "." for cell in inside.values())
        if judge(payload, marks):
            return marks.count("#")
        model.add_bool_or([cell.negated() if solver.value(cell) else cell for cell in inside.values()])
    raise AssertionError("no loop fits the clues")
