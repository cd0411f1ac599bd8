"""Blocks world as a map from each block to what it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.oracles._models import Model, Payload

LEVELS = (1, 3, 4)  # breadth first over all arrangements takes long with more blocks


def _supports(stacks: list[list[str]]) -> Any:
    return frozenset(pair for stack in stacks for pair in zip(stack, ["table", *stack], strict=False))


def _step(payload: Payload, state: Any, move: str) -> Any:
    match = re.fullmatch(r"(\w+) *-> *(\w+)", move, re.ASCII)
    on = dict(state)
    if not match or match[1] not in on or match[1] == match[2]:
        return None
    block, to = match.groups()
    if block in on.values() or (to != "table" and (to not in on or to in on.values())) or on[block] == to:
        return None
    return frozenset({**on, block: to}.items())


def _candidates(payload: Payload) -> list[str]:
    names = [block for stack in payload["initial"] for block in stack]
    return [f"{block} -> {to}" for block in names for to in ["table", *names] if to != block]


MODEL = Model(
    lambda payload: _supports(payload["initial"]), _step,
    lambda payload, state: bool(state == _supports(payload["goal"])), _candidates, "phrases",
)  # fmt: skip
mutations = MODEL.mutations


def judge(payload: Payload, answer: str) -> bool:
    """White space separates moves too, but not the parts of one."""
    return MODEL.judge(payload, re.sub(r"\s+", ",", re.sub(r"\s*->\s*", "->", answer)))


def rewrites(payload: Payload, answer: str, rng: Any) -> Iterator[str]:
    for text in MODEL.rewrites(payload, answer, rng):
        yield rng.choice([text, text.replace(" -> ", "->"), text.replace(" -> ", "->").replace(",", " ")])


def optimal_steps(payload: Payload) -> int:
    return MODEL.optimal_steps(payload)
