"""The fifteen puzzle judged by sliding on a grid, its shortest plans found by breadth-first search from both ends."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from tests.oracles import _plans

LEVELS = (1, 2, 3, 6, 9)

Board = tuple[tuple[int, ...], ...]


def _board(rows: list[list[int]]) -> Board:
    return tuple(tuple(row) for row in rows)


def _slides(board: Board) -> Iterator[tuple[int, Board]]:
    """Each tile that can slide, and the board after it."""
    places = {(r, c): tile for r, row in enumerate(board) for c, tile in enumerate(row)}
    ((br, bc),) = [cell for cell, tile in places.items() if tile == 0]
    for cell in ((br - 1, bc), (br + 1, bc), (br, bc - 1), (br, bc + 1)):
        if cell in places:
            after = {**places, (br, bc): places[cell], cell: 0}
            rows = [[after[r, c] for c in range(len(board[0]))] for r in range(len(board))]
            yield places[cell], _board(rows)


def judge(payload: dict[str, Any], answer: str) -> bool:
    board, plan = _board(payload["start"]), _plans.moves_of(answer)
    if len(plan) > 4_000:
        return False
    for move in plan:
        if not re.fullmatch("[0-9]{1,2}", move):
            return False
        board = dict(_slides(board)).get(int(move), ())
        if not board:
            return False
    return board == _board(payload["goal"])


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _plans.mutations(answer, [str(tile) for row in payload["start"] for tile in row], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        plan = _plans.moves_of(answer)
        if rng.random() < 0.5:  # there and back again
            plan = [plan[0], plan[0], *plan] if rng.random() < 0.5 else [*plan, plan[-1], plan[-1]]
        yield _plans.written(plan, rng)


def optimal_steps(payload: dict[str, Any]) -> int:
    """Breadth-first from the start up to 10 slides, from the goal up to 6; 0 (no claim) beyond."""
    ends = []
    for rows, depth in ((payload["start"], 10), (payload["goal"], 6)):
        seen = {_board(rows): 0}
        layer = list(seen)
        for step in range(1, depth + 1):
            layer = [b for board in layer for _, b in _slides(board) if seen.setdefault(b, step) == step]
        ends.append(seen)
    return min((ends[0][board] + ends[1][board] for board in ends[0].keys() & ends[1].keys()), default=0)
