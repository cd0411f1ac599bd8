"""Peg solitaire judged on a set of pegs."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from tests.oracles import _plans

WAYS = {"U": (-1, 0), "D": (1, 0), "L": (0, -1), "R": (0, 1)}


def judge(payload: dict[str, Any], answer: str) -> bool:
    cells = {(r, c): sign for r, row in enumerate(payload["rows"]) for c, sign in enumerate(row)}
    board = {cell for cell, sign in cells.items() if sign != "#"}
    pegs = {cell for cell, sign in cells.items() if sign in "oO"}
    goal = {cell for cell, sign in cells.items() if sign in "_O"}
    for move in _plans.moves_of(answer):
        match = re.fullmatch("r([0-9])c([0-9])([UDLR])", move)
        if not match:
            return False
        r, c = int(match[1]) - 1, int(match[2]) - 1
        down, right = WAYS[match[3]]
        start, over, end = (r, c), (r + down, c + right), (r + 2 * down, c + 2 * right)
        if start not in pegs or over not in pegs or end not in board or end in pegs:
            return False
        pegs = pegs - {start, over} | {end}
    return pegs == goal


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    height, width = len(payload["rows"]), len(payload["rows"][0])
    names = [f"r{r}c{c}{way}" for r in range(height + 2) for c in range(width + 2) for way in WAYS]
    here = [re.sub("[UDLR]", way, move) for move in _plans.moves_of(answer) for way in WAYS]
    return _plans.mutations(answer, names + 8 * here, rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _plans.rewrites(answer, rng)


def optimal_steps(payload: dict[str, Any]) -> int:
    return "".join(payload["rows"]).lower().count("o") - 1
