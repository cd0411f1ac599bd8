"""Mazes as a set of coordinates, with the keys in hand."""

from __future__ import annotations

from typing import Any

from tests.oracles._models import Model, Payload

DIRECTIONS = {"U": (-1, 0), "D": (1, 0), "L": (0, -1), "R": (0, 1)}


def _start(payload: Payload) -> Any:
    rows = payload["board"].split("\n")
    return next((r, row.index("@"), frozenset()) for r, row in enumerate(rows) if "@" in row)


def _step(payload: Payload, state: Any, move: str) -> Any:
    if move not in DIRECTIONS:
        return None
    row, column, keys = state
    row, column = row + DIRECTIONS[move][0], column + DIRECTIONS[move][1]
    sign = payload["board"].split("\n")[row][column]
    if sign == "#" or (sign.isupper() and sign.lower() not in keys):
        return None
    return row, column, keys | {sign} if sign.islower() else keys


def _goal(payload: Payload, state: Any) -> bool:
    return bool(payload["board"].split("\n")[state[0]][state[1]] == ">")


MODEL = Model(_start, _step, _goal, lambda payload: list(DIRECTIONS), "letters")
judge, mutations, rewrites = MODEL.judge, MODEL.mutations, MODEL.rewrites


def optimal_steps(payload: Payload) -> int:
    return MODEL.optimal_steps(payload)
