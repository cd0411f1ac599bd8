"""Pancakes turned over on lists."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from tests.oracles._models import Model, Payload

LEVELS = (1, 3, 4)  # breadth first over all orders takes long with more pancakes


def _step(payload: Payload, state: Any, move: str) -> Any:
    if not re.fullmatch("[0-9]{1,2}", move) or not 2 <= int(move) <= len(state):
        return None
    top = list(state[: int(move)])
    top.reverse()
    return (*top, *state[int(move) :])


def _candidates(payload: Payload) -> list[str]:
    return [str(n) for n in range(2, len(payload["stack"]) + 2)]


MODEL = Model(
    lambda payload: tuple(payload["stack"]), _step,
    lambda payload, state: all(a < b for a, b in pairwise(state)), _candidates, "words",
)  # fmt: skip
judge, mutations, rewrites = MODEL.judge, MODEL.mutations, MODEL.rewrites


def optimal_steps(payload: Payload) -> int:
    return MODEL.optimal_steps(payload)
