"""The robot as a complex number whose heading is multiplied by i, and the flags it has still to reach."""

from __future__ import annotations

from typing import Any

from tests.oracles._models import Model, Payload

HEADINGS = {">": 1 + 0j, "^": 1j, "<": -1 + 0j, "v": -1j}


def _cells(payload: Payload) -> dict[complex, str]:
    rows = payload["board"].split("\n")
    return {complex(c, -r): sign for r, row in enumerate(rows) for c, sign in enumerate(row)}


def _start(payload: Payload) -> Any:
    cells = _cells(payload)
    robot = next(place for place, sign in cells.items() if sign in HEADINGS)
    return robot, HEADINGS[cells[robot]], frozenset(place for place, sign in cells.items() if sign == "*")


def _step(payload: Payload, state: Any, move: str) -> Any:
    place, heading, flags = state
    if move in ("L", "R"):
        return place, heading * (1j if move == "L" else -1j), flags
    if move != "F" or _cells(payload).get(place + heading, "#") == "#":
        return None
    return place + heading, heading, flags - {place + heading}


MODEL = Model(_start, _step, lambda payload, state: not state[2], lambda payload: ["F", "L", "R"], "letters")
judge, mutations, rewrites = MODEL.judge, MODEL.mutations, MODEL.rewrites


def optimal_steps(payload: Payload) -> int:
    return MODEL.optimal_steps(payload)
