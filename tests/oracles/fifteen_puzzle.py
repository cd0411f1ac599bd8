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
    """Breadth-first from both ends, layer by layer until they meet; 0 (no claim) beyond 28 slides."""
    width = len(payload["start"][0])
    layers = [{sum(map(tuple, payload[end]), ())} for end in ("start", "goal")]
    seen = [set(layer) for layer in layers]
    for steps in range(1, 29):
        side = len(layers[0]) > len(layers[1])
        layers[side] = {near for board in layers[side] for near in _near(board, width)} - seen[side]
        seen[side] |= layers[side]
        if layers[side] & seen[not side]:
            return steps
    return 0


def _near(board: tuple[int, ...], width: int) -> Iterator[tuple[int, ...]]:
    """The boards one slide away, of which the rows are strung together."""
    blank = board.index(0)
    row, column = divmod(blank, width)
    for cell, inside in (
        (blank - width, row > 0), (blank + width, blank + width < len(board)),
        (blank - 1, column > 0), (blank + 1, column < width - 1),
    ):  # fmt: skip
        if inside:
            low, high = sorted((blank, cell))
            yield (*board[:low], board[high], *board[low + 1 : high], board[low], *board[high + 1 :])
