"""Zebra puzzles judged clue by clue, counted by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from ortools.sat.python import cp_model

from tests.oracles import _assignments

RELATIONS: dict[str, Callable[[int, int], bool]] = {
    "same": lambda a, b: b == a, "apart": lambda a, b: b != a, "just_left": lambda a, b: b == a + 1,
    "next": lambda a, b: b in (a - 1, a + 1), "left": lambda a, b: b > a, "gap": lambda a, b: b in (a - 2, a + 2),
}  # fmt: skip


def _values(payload: dict[str, Any]) -> tuple[list[list[str]], list[str], list[str]]:
    rows = [row[1:] for row in payload["categories"]]
    return rows, [value for row in rows for value in row], [str(h + 1) for h in range(len(rows[0]))]


def judge(payload: dict[str, Any], answer: str) -> bool:
    rows, names, houses = _values(payload)
    found = _assignments.read(answer, names, houses)
    if found is None or any(sorted(found[value] for value in row) != houses for row in rows):
        return False
    where = {name: int(house) for name, house in found.items()}
    for kind, a, b in payload["clues"]:
        if kind in ("at", "off"):
            if (where[a] == b) != (kind == "at"):
                return False
        elif not RELATIONS[kind](where[a], where[b]):
            return False
    return True


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _assignments.mutations(answer, [*_values(payload)[2], "0", "7", "?"], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _assignments.rewrites(answer, rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    rows, names, houses = _values(payload)
    size, model = len(houses), cp_model.CpModel()
    where = {name: model.new_int_var(1, size, name) for name in names}
    for row in rows:
        model.add_all_different([where[value] for value in row])
    pairs = [(a, b) for a in range(1, size + 1) for b in range(1, size + 1)]
    for kind, a, b in payload["clues"]:
        if kind in ("at", "off"):
            model.add(where[a] == b) if kind == "at" else model.add(where[a] != b)
        else:
            model.add_allowed_assignments([where[a], where[b]], [p for p in pairs if RELATIONS[kind](*p)])
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    found = 0
    while found < limit and solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        found += 1
        flat = [where[name] for name in names]
        model.add_forbidden_assignments(flat, [[solver.value(variable) for variable in flat]])
    return found


def optimal_steps(payload: dict[str, Any]) -> int:
    return sum(len(row) - 1 for row in payload["categories"])
