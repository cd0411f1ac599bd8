"""Water jugs as a dictionary of litres."""

from __future__ import annotations

import re
from typing import Any

from tests.oracles._models import Model, Payload

NAMES = "ABCD"


def _step(payload: Payload, state: Any, move: str) -> Any:
    jugs = dict(zip(NAMES, state, strict=False))
    sizes = dict(zip(NAMES, payload["sizes"], strict=False))
    if match := re.fullmatch("(fill|empty) ([A-D])", move):
        jug, after = match[2], sizes.get(match[2], 0) if match[1] == "fill" else 0
        if jug not in jugs or jugs[jug] == after:
            return None
        jugs[jug] = after
    elif match := re.fullmatch(r"([A-D])\s*->\s*([A-D])", move):
        here, there = match.groups()
        if here == there or not {here, there} <= set(jugs):
            return None
        total = jugs[here] + jugs[there]
        if not jugs[here] or jugs[there] == sizes[there]:
            return None
        jugs[there] = min(sizes[there], total)
        jugs[here] = total - jugs[there]
    else:
        return None
    return tuple(jugs.values())


def _candidates(payload: Payload) -> list[str]:
    jugs = NAMES[: len(payload["sizes"])]
    return [f"{verb} {jug}" for verb in ("fill", "empty") for jug in jugs] + [f"{a}->{b}" for a in jugs for b in jugs]


MODEL = Model(
    lambda payload: tuple(payload["start"]), _step,
    lambda payload, state: all(w in (None, n) for w, n in zip(payload["goal"], state, strict=True)),
    _candidates, "phrases",
)  # fmt: skip
judge, mutations, rewrites = MODEL.judge, MODEL.mutations, MODEL.rewrites


def optimal_steps(payload: Payload) -> int:
    return MODEL.optimal_steps(payload)
