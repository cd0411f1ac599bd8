"""Knight's tours on bit masks: exact search with the rarest way on first, and fields made by random walks."""

from __future__ import annotations

import random
from functools import cache

MAX_NODES = 4_000
_LEAPS = ((-2, -1), (-2, 1), (-1, -2), (-1, 2), (1, -2), (1, 2), (2, -1), (2, 1))


@cache
def leaps(height: int, width: int) -> tuple[int, ...]:
    """For each cell the cells a knight's move away, as a bit mask."""
    masks = []
    for r in range(height):
        for c in range(width):
            ends = [(r + a, c + b) for a, b in _LEAPS]
            masks.append(sum(1 << a * width + b for a, b in ends if 0 <= a < height and 0 <= b < width))
    return tuple(masks)


def cells_of(mask: int) -> list[int]:
    """The cells of a bit mask, in order."""
    found = []
    while mask:
        low = mask & -mask
        mask ^= low
        found.append(low.bit_length() - 1)
    return found


def tour(near: tuple[int, ...], at: int, free: int) -> list[int] | None:
    """A way over every free cell from `at`; None if there is none. ValueError beyond MAX_NODES search nodes."""
    path: list[int] = []
    stack = [_ways(near, at, free)]
    nodes = 0
    while stack:
        if not free:
            return path
        if stack[-1]:
            at = stack[-1].pop()
            nodes += 1
            if nodes > MAX_NODES:
                raise ValueError("the tour needs too long a search")
            path.append(at)
            free ^= 1 << at
            stack.append(_ways(near, at, free))
        else:
            stack.pop()
            if path:
                free |= 1 << path.pop()
    return None


def _ways(near: tuple[int, ...], at: int, free: int) -> list[int]:
    """The cells worth going to next, the best last: few ways on first (Warnsdorff 1823), none if a cell is cut off."""
    single = 0
    for cell in cells_of(free):
        ways = near[cell] & free
        if not ways & (ways - 1):  # at most one way on: an end of the tour, or about to be entered
            if not near[at] >> cell & 1 and (not ways or single & ~near[at]):
                return []
            single |= 1 << cell
    return sorted(cells_of(near[at] & free), key=lambda cell: (-(near[cell] & free).bit_count(), cell))


def walk(rng: random.Random, near: tuple[int, ...], start: int, count: int) -> int | None:
    """The cells of a random way of `count` leaps that enters none twice, the start among them; None if it got stuck."""
    at, seen = start, 1 << start
    for _ in range(count):
        choices = cells_of(near[at] & ~seen)
        if not choices:
            return None
        at = rng.choice(choices)
        seen |= 1 << at
    return seen


def lucky(rng: random.Random, near: tuple[int, ...], start: int, free: int, tries: int) -> bool:
    """Whether one of some walks of random leaps tours the board."""
    for _ in range(tries):
        at, left = start, free
        while ways := near[at] & left:
            at = rng.choice(cells_of(ways))
            left ^= 1 << at
        if not left:
            return True
    return False
