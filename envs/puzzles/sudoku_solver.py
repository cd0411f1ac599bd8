"""Exact sudoku solving by bit masks, and puzzles dug out of full grids."""

from __future__ import annotations

import random
from functools import cache


@cache
def boxes_of(size: int) -> tuple[tuple[int, ...], ...]:
    """For each cell the other cells of its box that are in neither its row nor its column."""
    side = 2 if size == 4 else 3
    table = []
    for index in range(size * size):
        row, column = divmod(index, size)
        top, left = row - row % side, column - column % side
        box = [(r, c) for r in range(top, top + side) for c in range(left, left + side)]
        table.append(tuple(r * size + c for r, c in box if r != row and c != column))
    return tuple(table)


@cache
def _units(size: int) -> tuple[tuple[int, int, int], ...]:
    side = 2 if size == 4 else 3
    return tuple(
        (i // size, size + i % size, 2 * size + i // size // side * (size // side) + i % size // side)
        for i in range(size * size)
    )


@cache
def _members(size: int) -> tuple[tuple[int, ...], ...]:
    units: list[list[int]] = [[] for _ in range(3 * size)]
    for index, of in enumerate(_units(size)):
        for unit in of:
            units[unit].append(index)
    return tuple(map(tuple, units))


_COUNT = tuple(bin(mask).count("1") for mask in range(512))
_DIGIT = {1 << d: str(d + 1) for d in range(9)}


def solutions(givens: str, size: int, limit: int, rng: random.Random | None = None) -> list[str]:
    """Up to `limit` solutions: the cell with the fewest candidates first, its digits in random order with rng."""
    units, full = _units(size), (1 << size) - 1
    free = [full] * (3 * size)
    blanks = []
    for index, given in enumerate(givens):
        if given == ".":
            blanks.append(index)
            continue
        bit = 1 << int(given) - 1
        for unit in units[index]:
            if not free[unit] & bit:
                return []
            free[unit] &= ~bit
    found: list[str] = []
    cells = list(givens)

    def search() -> bool:
        if not blanks:
            found.append("".join(cells))
            return len(found) >= limit
        best, where, mask = size + 1, 0, 0
        for position, index in enumerate(blanks):
            a, b, c = units[index]
            candidates = free[a] & free[b] & free[c]
            count = _COUNT[candidates]
            if count < best:
                best, where, mask = count, position, candidates
                if count <= 1:
                    break
        if not mask:
            return False
        index = blanks[where]
        blanks[where] = blanks[-1]
        blanks.pop()
        a, b, c = units[index]
        for bit in _bits(mask, rng):
            free[a] ^= bit
            free[b] ^= bit
            free[c] ^= bit
            cells[index] = _DIGIT[bit]
            if search():
                return True
            free[a] ^= bit
            free[b] ^= bit
            free[c] ^= bit
        cells[index] = "."
        blanks.append(index)
        blanks[where], blanks[-1] = blanks[-1], blanks[where]
        return False

    search()
    return found


def _bits(mask: int, rng: random.Random | None) -> list[int]:
    bits = []
    while mask:
        bits.append(mask & -mask)
        mask &= mask - 1
    if rng is not None and len(bits) > 1:
        rng.shuffle(bits)
    return bits


def random_grid(rng: random.Random, size: int) -> str:
    """A full grid: random boxes on the diagonal (4x4: one, two may clash), the rest solved in random order."""
    side = 2 if size == 4 else 3
    cells = ["."] * (size * size)
    for start in range(0, size if size == 9 else 1, side):
        digits = list("123456789"[:size])
        rng.shuffle(digits)
        for position, digit in enumerate(digits):
            cells[(start + position // side) * size + start + position % side] = digit
    return solutions("".join(cells), size, 1, rng)[0]


def dig(rng: random.Random, grid: str, size: int, blanks: int, guesses: int) -> str:
    """Empty up to `blanks` cells so that the solution stays the only one.

    A cell is emptied while it is the only place of its digit in a unit or has one candidate left, so the puzzle is
    solved by the reverse order: unique without a search. Then up to `guesses` more go, each proved by counting to two.
    """
    units, members = _units(size), _members(size)
    free = [0] * (3 * size)  # digits missing from a unit
    cells = list(grid)
    order = list(range(size * size))
    rng.shuffle(order)
    kept, emptied = [], 0
    for index in order:
        if emptied == blanks:
            break
        bit = 1 << int(grid[index]) - 1
        of = units[index]
        for unit in of:
            free[unit] |= bit
        if _is_single(cells, index, bit, free, units, members):
            cells[index] = "."
            emptied += 1
        else:
            for unit in of:
                free[unit] ^= bit
            kept.append(index)
    for index in kept:
        if emptied == blanks or guesses == 0:
            break
        guesses -= 1
        cells[index] = "."
        if len(solutions("".join(cells), size, 2)) == 1:
            emptied += 1
        else:
            cells[index] = grid[index]
    return "".join(cells)


def _is_single(
    cells: list[str],
    index: int,
    bit: int,
    free: list[int],
    units: tuple[tuple[int, int, int], ...],
    members: tuple[tuple[int, ...], ...],
) -> bool:
    """Whether `bit` is forced at `index`: its only candidate, or the only blank place for it in a unit."""
    a, b, c = units[index]
    if free[a] & free[b] & free[c] == bit:
        return True
    for unit in (a, b, c):
        for other in members[unit]:
            if other != index and cells[other] == ".":
                d, e, f = units[other]
                if free[d] & free[e] & free[f] & bit:
                    break
        else:
            return True
    return False
