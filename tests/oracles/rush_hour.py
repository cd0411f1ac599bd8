"""Rush hour played on cars as sets of coordinates."""

from __future__ import annotations

import re
from typing import Any

from tests.oracles._models import Model, Payload


def _start(payload: Payload) -> Any:
    """For each letter its cells, top left to bottom right."""
    cells: dict[str, list[tuple[int, int]]] = {}
    for r, row in enumerate(payload["board"].split("\n")):
        for c, sign in enumerate(row):
            if sign != ".":
                cells.setdefault(sign, []).append((r, c))
    return tuple((letter, tuple(of)) for letter, of in sorted(cells.items()))


def _step(payload: Payload, state: Any, move: str) -> Any:
    if not re.fullmatch("[A-Z][+-][1-5]", move) or move[0] not in dict(state):
        return None
    size = payload["board"].count("\n") + 1
    cars = dict(state)
    taken = {cell for letter, of in state for cell in of if letter != move[0]}
    lying = cars[move[0]][0][0] == cars[move[0]][1][0]
    step = 1 if move[1] == "+" else -1
    for _ in range(int(move[2])):
        cars[move[0]] = tuple((r, c + step) if lying else (r + step, c) for r, c in cars[move[0]])
        if any(cell in taken or not (0 <= cell[0] < size and 0 <= cell[1] < size) for cell in cars[move[0]]):
            return None
    return tuple(sorted(cars.items()))


def _goal(payload: Payload, state: Any) -> bool:
    return max(c for _, c in dict(state)["X"]) == payload["board"].count("\n")


def _candidates(payload: Payload) -> list[str]:
    return [f"{letter}{way}{n}" for letter, _ in _start(payload) for way in "+-" for n in (1, 2, 3, 4)]


MODEL = Model(_start, _step, _goal, _candidates, "words")
judge, mutations, rewrites = MODEL.judge, MODEL.mutations, MODEL.rewrites


def optimal_steps(payload: Payload) -> int:
    return MODEL.optimal_steps(payload)
