"""Lights out judged light by light, its fewest presses found by CP-SAT."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from ortools.sat.python import cp_model

from tests.oracles import _plans

LEVELS = (1, 3, 5, 10)


def _near(r: int, c: int) -> list[tuple[int, int]]:
    return [(r, c), (r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)]


def judge(payload: dict[str, Any], answer: str) -> bool:
    lights = {(r, c): sign == "1" for r, row in enumerate(payload["rows"]) for c, sign in enumerate(row)}
    plan = _plans.moves_of(answer)
    if len(plan) > 4_000:
        return False
    for move in plan:
        match = re.fullmatch("r([0-9][0-9]?)c([0-9][0-9]?)", move)
        cell = (int(match[1]) - 1, int(match[2]) - 1) if match else (-1, -1)
        if cell not in lights:
            return False
        for other in _near(*cell):
            if other in lights:
                lights[other] = not lights[other]
    return not any(lights.values())


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    height, width = len(payload["rows"]), len(payload["rows"][0])
    return _plans.mutations(answer, [f"r{r}c{c}" for r in range(height + 2) for c in range(width + 2)], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        plan = _plans.moves_of(answer)
        rng.shuffle(plan)
        if rng.random() < 0.5:  # any press twice changes nothing
            plan = [plan[0], *plan, plan[0]]
        yield _plans.written(plan, rng)


def optimal_steps(payload: dict[str, Any]) -> int:
    lights = {(r, c): sign == "1" for r, row in enumerate(payload["rows"]) for c, sign in enumerate(row)}
    model = cp_model.CpModel()
    press = {cell: model.new_bool_var("") for cell in lights}
    for cell, on in lights.items():
        half = model.new_int_var(0, 2, "")
        model.add(sum(press[other] for other in _near(*cell) if other in press) == 2 * half + int(on))
    model.minimize(sum(press.values()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    return int(solver.objective_value)
