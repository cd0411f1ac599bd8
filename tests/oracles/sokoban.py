"""Sokoban played on sets of coordinates."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.oracles._models import Model, Payload

DIRECTIONS = {"U": (-1, 0), "D": (1, 0), "L": (0, -1), "R": (0, 1)}


@cache
def _cells(board: str, signs: str) -> frozenset[tuple[int, int]]:
    rows = board.split("\n")
    return frozenset((r, c) for r, row in enumerate(rows) for c, sign in enumerate(row) if sign in signs)


def _marked(payload: Payload, signs: str) -> frozenset[tuple[int, int]]:
    return _cells(payload["board"], signs)


def _start(payload: Payload) -> Any:
    (player,) = _marked(payload, "@+")
    return player, _marked(payload, "$*")


def _step(payload: Payload, state: Any, move: str) -> Any:
    if move not in DIRECTIONS:
        return None
    (row, column), boxes = state
    down, right = DIRECTIONS[move]
    there, beyond = (row + down, column + right), (row + 2 * down, column + 2 * right)
    walls = _marked(payload, "#")
    if there in walls:
        return None
    if there in boxes:
        if beyond in walls or beyond in boxes:
            return None
        boxes = boxes - {there} | {beyond}
    return there, boxes


def _goal(payload: Payload, state: Any) -> bool:
    return bool(state[1] == _marked(payload, ".*+"))


MODEL = Model(_start, _step, _goal, lambda payload: list(DIRECTIONS), "letters")
judge, mutations, rewrites = MODEL.judge, MODEL.mutations, MODEL.rewrites


def optimal_steps(payload: Payload) -> int:
    return MODEL.optimal_steps(payload)
