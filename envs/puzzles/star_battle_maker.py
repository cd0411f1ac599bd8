"""Star battle boards: stars placed at random, regions grown around them until the stars are the only solution."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache

from esreason.envs.counts import SHORT, Counts, Rule, bits_of
from esreason.verifiers.grids import around, connected

REPAIRS = 20
"""Cells moved between regions before a board is given up."""


@cache
def board_rules(size: int, stars: int) -> tuple[Rule, ...]:
    """As many stars in every row and column, at most one in every 2x2 block."""
    cells = range(size * size)
    rows = [sum(1 << i for i in cells if i // size == r) for r in range(size)]
    columns = [sum(1 << i for i in cells if i % size == c) for c in range(size)]
    blocks = [3 << i | 3 << i + size for i in cells if i // size < size - 1 and i % size < size - 1]
    return (*((mask, stars, stars) for mask in rows + columns), *((mask, 0, 1) for mask in blocks))


def model(size: int, stars: int, regions: Sequence[int]) -> Counts:
    """The rules of a board whose regions are masks."""
    return Counts(size * size, [*((mask, stars, stars) for mask in regions), *board_rules(size, stars)])


def make(rng: random.Random, size: int, stars: int, loose: int) -> list[int]:
    """The region masks of a board with exactly one solution.

    Regions are put in an order and grow, but for `loose` per cent of the cells, over cells that the stars of earlier
    regions rule out; so most boards nearly follow from their first regions on. Then, while there is a second
    solution, a cell that it stars is moved to a neighbouring region, which refutes it and keeps the first.
    """
    while True:
        truth = _place(rng, size, stars)
        regions = _pairs(rng, truth, size) if stars == 2 else [1 << cell for cell in truth]
        if regions is None:
            continue
        rng.shuffle(regions)
        regions = _grow(rng, size, stars, regions, sum(1 << cell for cell in truth), loose)
        if _repair(rng, size, stars, regions, sum(1 << cell for cell in truth)):
            return regions


def _place(rng: random.Random, size: int, stars: int) -> list[int]:
    """Random stars, so many in every row and column, none touching."""
    while True:
        left = [stars] * size
        found: list[int] = []
        above: list[int] = []
        for row in range(size):
            free = [c for c in range(size) if left[c] and all(abs(c - a) > 1 for a in above)]
            free.sort(key=lambda c: -left[c] * size + rng.randrange(3 * size))
            above = []
            for column in free:
                if len(above) < stars and all(abs(column - a) > 1 for a in above):
                    above.append(column)
                    left[column] -= 1
            found += [row * size + column for column in above]
        if len(found) == stars * size:
            return found


def _pairs(rng: random.Random, truth: list[int], size: int) -> list[int] | None:
    """The stars two by two, each pair joined by a shortest way over free cells; None where some pair has none."""
    taken = sum(1 << cell for cell in truth)
    left, regions = rng.sample(truth, len(truth)), []
    while left:
        start = left.pop()
        goals = sum(1 << cell for cell in left)
        waves = [1 << start]
        while not waves[-1] & goals:
            wave = around(waves[-1], size, size) & (~taken | goals) & ~sum(waves)
            if not wave:
                return None
            waves.append(wave)
        way = waves[-1] & goals
        way &= -way
        left.remove(way.bit_length() - 1)
        for wave in reversed(waves[:-1]):
            step = around(way, size, size) & wave
            way |= step & -step
        regions.append(way)
        taken |= way
    return regions


def _ruled_out(size: int, stars: int, regions: Sequence[int], truth: int) -> list[int]:
    """For each cell the number of the region with whose stars it is ruled out (all earlier ones being known)."""
    known, when = 0, [len(regions)] * (size * size)
    for number, region in enumerate(regions):
        known |= region & truth
        gone = 0
        for mask, _, most in board_rules(size, stars):
            if (known & mask).bit_count() == most:
                gone |= mask
        for cell in bits_of(gone & ~truth):
            when[cell] = min(when[cell], number)
    return when


def _grow(rng: random.Random, size: int, stars: int, regions: list[int], truth: int, loose: int) -> list[int]:
    """Regions that fill the board."""
    when, regions = _ruled_out(size, stars, regions, truth), list(regions)
    owner = {cell: number for number, region in enumerate(regions) for cell in bits_of(region)}
    edge = [(cell, number) for number in range(len(regions)) for cell in bits_of(around(regions[number], size, size))]
    waiting: list[tuple[int, int]] = []
    while edge or waiting:
        fits = bool(edge)
        if not fits:
            edge, waiting = waiting, []
        at = rng.randrange(len(edge))
        edge[at], edge[-1] = edge[-1], edge[at]
        cell, number = edge.pop()
        if cell in owner:
            continue
        if fits and when[cell] >= number and rng.randrange(100) >= loose:
            waiting.append((cell, number))
            continue
        owner[cell] = number
        regions[number] |= 1 << cell
        edge += [(near, number) for near in bits_of(around(1 << cell, size, size)) if near not in owner]
    return regions


def _repair(rng: random.Random, size: int, stars: int, regions: list[int], truth: int) -> bool:
    """Move cells between regions until the stars are the only solution; False if that does not come to an end."""
    for _ in range(REPAIRS):
        try:
            found = model(size, stars, regions).placements(2, budget=SHORT)
        except ValueError:
            return False
        others = [stars for stars in found if stars != truth]
        if not others:
            return True
        cells = bits_of(others[0] & ~truth)
        rng.shuffle(cells)
        if not any(_move(rng, size, regions, cell) for cell in cells):
            return False
    return False


def _move(rng: random.Random, size: int, regions: list[int], cell: int) -> bool:
    """Give a cell to a random neighbouring region if its own hangs together without it."""
    bit = 1 << cell
    near = around(bit, size, size)
    own = next(number for number, region in enumerate(regions) if region & bit)
    targets = [number for number, region in enumerate(regions) if region & near and number != own]
    if not targets or not connected(regions[own] ^ bit, size, size):
        return False
    regions[own] ^= bit
    regions[rng.choice(targets)] |= bit
    return True
