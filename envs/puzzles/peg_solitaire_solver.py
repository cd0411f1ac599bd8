"""Peg solitaire on bit masks: jumps, an exact search for a win, and boards made by jumping backwards."""

from __future__ import annotations

import random
from functools import cache

Jump = tuple[int, int, int]
"""The cells that a jump leads from, over and to, as bit masks."""

MAX_NODES = 12_000


@cache
def jumps_of(height: int, width: int) -> tuple[Jump, ...]:
    """Every jump on a full rectangle, by cell it starts from and then up, down, left, right."""
    found = []
    for r in range(height):
        for c in range(width):
            for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                end_r, end_c = r + 2 * down, c + 2 * right
                if 0 <= end_r < height and 0 <= end_c < width:
                    cells = (r * width + c, (r + down) * width + c + right, end_r * width + end_c)
                    found.append((1 << cells[0], 1 << cells[1], 1 << cells[2]))
    return tuple(found)


def on_board(height: int, width: int, board: int) -> tuple[Jump, ...]:
    """The jumps whose three cells are on the board."""
    return tuple(jump for jump in jumps_of(height, width) if not sum(jump) & ~board)


def open_jumps(jumps: tuple[Jump, ...], pegs: int) -> list[Jump]:
    """The jumps that can be made now."""
    return [jump for jump in jumps if pegs & jump[0] and pegs & jump[1] and not pegs & jump[2]]


def win(jumps: tuple[Jump, ...], pegs: int, goal: int, nodes: int = MAX_NODES) -> list[Jump] | None:
    """Jumps that leave one peg, at the goal; None if there are none. ValueError beyond `nodes` positions."""
    if pegs == goal:
        return []
    seen = {pegs}
    path: list[Jump] = []
    stack = [iter(open_jumps(jumps, pegs))]
    position = pegs
    while stack:
        for jump in stack[-1]:
            after = position ^ jump[0] ^ jump[1] ^ jump[2]
            if after == goal:
                return [*path, jump]
            if after not in seen:
                seen.add(after)
                if len(seen) > nodes:
                    raise ValueError("the board needs too long a search")
                position = after
                path.append(jump)
                stack.append(iter(open_jumps(jumps, after)))
                break
        else:
            stack.pop()
            if path:
                last = path.pop()
                position ^= last[0] ^ last[1] ^ last[2]
    return None


def backwards(rng: random.Random, jumps: tuple[Jump, ...], goal: int, count: int) -> int | None:
    """The pegs after `count` random jumps backwards from one peg at the goal; None if none was left."""
    pegs = goal
    for _ in range(count):
        choices = [jump for jump in jumps if pegs & jump[2] and not pegs & (jump[0] | jump[1])]
        if not choices:
            return None
        start, over, end = rng.choice(choices)
        pegs ^= start | over | end
    return pegs


def luck(jumps: tuple[Jump, ...], pegs: int, goal: int) -> float:
    """The chance that random jumps win."""
    known: dict[int, float] = {goal: 1.0}

    def chance(pegs: int) -> float:
        if pegs not in known:
            choices = open_jumps(jumps, pegs)
            total = sum([chance(pegs ^ a ^ b ^ c) for a, b, c in choices])
            known[pegs] = total / len(choices) if choices else 0.0
        return known[pegs]

    return chance(pegs)
