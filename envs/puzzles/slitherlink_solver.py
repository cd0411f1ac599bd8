"""Slitherlink on bit masks: a loop is the border of the cells inside it.

The inside is a set of cells that hangs together, leaves an outside that hangs together, and touches itself at no
corner. A board of h x w cells lies in a ring of outside cells; bit (r + 1) * (w + 2) + c + 1 is the cell in row r,
column c, both from 0.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

MAX_NODES = 150

Known = tuple[int, int]
"""The cells known to be inside, and those known to be outside, the ring among them."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The geometry of a board."""

    stride: int
    cells: tuple[int, ...]
    board: int
    ring: int

    def near(self, bit: int) -> int:
        """The four cells beside a cell."""
        return bit << 1 | bit >> 1 | bit << self.stride | bit >> self.stride


@cache
def frame(height: int, width: int) -> Frame:
    """The geometry of boards of this size."""
    stride = width + 2
    cells = tuple(1 << (r + 1) * stride + c + 1 for r in range(height) for c in range(width))
    board = sum(cells)
    return Frame(stride, cells, board, ((1 << stride * (height + 2)) - 1) ^ board)


def count(around: Frame, bit: int, inside: int) -> int:
    """How many sides of a cell belong to the loop."""
    ways = around.near(bit) & inside
    return 4 - ways.bit_count() if bit & inside else ways.bit_count()


def is_loop(around: Frame, inside: int) -> bool:
    """Whether the border of the inside is one loop."""
    outside = inside ^ (around.board | around.ring)
    if not inside or _touching(around.stride, inside, outside):
        return False
    return _flood(around.stride, inside & -inside, inside) == inside and _flood(around.stride, 1, outside) == outside


def _touching(stride: int, inside: int, outside: int) -> int:
    """The upper left cells of squares whose two diagonals are unlike."""
    falling = inside & inside >> stride + 1 & outside >> 1 & outside >> stride
    return falling | outside & outside >> stride + 1 & inside >> 1 & inside >> stride


def _flood(stride: int, seed: int, allowed: int) -> int:
    """The cells that hang together with the seed within the allowed ones."""
    reached = 0
    while seed != reached:
        reached = seed
        seed |= (seed << 1 | seed >> 1 | seed << stride | seed >> stride) & allowed
    return reached


def apply(around: Frame, bit: int, clue: int, known: Known) -> Known | None:
    """What one clue adds to the knowledge on its cell and the four beside it; None on a contradiction."""
    inside, outside = known
    near = around.near(bit)
    ins, outs = (near & inside).bit_count(), (near & outside).bit_count()
    free = near & ~(inside | outside)
    can_in = not bit & outside and outs <= clue <= 4 - ins
    can_out = not bit & inside and ins <= clue <= 4 - outs
    if can_in:
        if not can_out:
            inside |= bit
        # the free cells must be inside (outside) whatever the cell itself is
        if outs == clue and (not can_out or clue == 4 - outs):
            inside |= free
        elif clue == 4 - ins and (not can_out or ins == clue):
            outside |= free
    elif can_out:
        outside |= bit
        if ins == clue:
            outside |= free
        elif clue == 4 - outs:
            inside |= free
    else:
        return None
    return inside, outside


def settle(around: Frame, clues: Mapping[int, int], known: Known) -> Known | None:
    """All that follows from single clues, corners and connection; None on a contradiction."""
    while True:
        before = known
        for bit, clue in clues.items():
            new = apply(around, bit, clue, known)
            if new is None:
                return None
            known = new
        if known == before:
            wider: Known | None = _corners(around.stride, *known)
            if wider == known:
                wider = _connect(around, *known)
            if wider is None or wider[0] & wider[1]:
                return None
            if wider == known:
                return known
            known = wider
        elif known[0] & known[1]:
            return None


def _corners(stride: int, inside: int, outside: int) -> Known:
    """Squares of which three cells are known and whose diagonals would be unlike get the other fourth."""
    mine, other = [inside, outside], [outside, inside]
    grown = []
    for own, foe in zip(mine, other, strict=True):
        falling, rising = own & own >> stride + 1, own >> 1 & own >> stride
        own |= (falling & foe >> 1) << stride | (falling & foe >> stride) << 1
        own |= (rising & foe) << stride + 1 | rising & foe >> stride + 1
        grown.append(own)
    return grown[0], grown[1]


def _connect(around: Frame, inside: int, outside: int) -> Known | None:
    """Cells that no inside (outside) cell can reach are outside (inside); None if known ones are cut off."""
    whole, stride = around.board | around.ring, around.stride
    if inside:
        reach = _flood(stride, inside & -inside, whole & ~outside)
        if inside & ~reach:
            return None
        outside |= whole & ~reach
    reach = _flood(stride, 1, whole & ~inside)
    if outside & ~reach:
        return None
    return inside | whole & ~reach, outside


def solutions(around: Frame, clues: Mapping[int, int], limit: int) -> list[int]:
    """Up to `limit` insides; ValueError beyond MAX_NODES search nodes."""
    found: list[int] = []
    stack: list[Known] = [(0, around.ring)]
    whole, nodes = around.board | around.ring, 0
    while stack and len(found) < limit:
        nodes += 1
        if nodes > MAX_NODES:
            raise ValueError("the puzzle needs too long a search")
        known = settle(around, clues, stack.pop())
        if known is None:
            continue
        inside, outside = known
        free = whole & ~(inside | outside)
        if not free:
            if is_loop(around, inside):
                found.append(inside)
            continue
        clued = [bit for bit in clues if (bit | around.near(bit)) & free]
        bit = (clued[0] | around.near(clued[0])) & free if clued else free
        bit &= -bit
        stack += [(inside, outside | bit), (inside | bit, outside)]
    return found


@cache
def _simple() -> tuple[bool, ...]:
    """Whether a cell may join the inside, for each set of inside cells around it (bit i: the i-th of its eight)."""
    table = []
    for mask in range(256):
        changes = sum((mask >> i & 1) != (mask >> (i + 1) % 8 & 1) for i in range(8))
        table.append(changes == 2 and bool(mask & 0b01010101))
    return tuple(table)


def random_inside(rng: random.Random, around: Frame) -> int:
    """A random inside, grown cell by cell to about half of the board, arms rather than lumps."""
    stride, simple = around.stride, _simple()
    steps = (-stride, -stride + 1, 1, stride + 1, stride, stride - 1, -1, -stride - 1)
    places = [bit.bit_length() - 1 for bit in around.cells]
    inside = 1 << rng.choice(places)
    size = len(places)
    wanted, misses = size // 2 + rng.randrange(1 + size // 8), 0
    while wanted > 1 and misses < 3 * size:
        place = rng.choice(places)
        misses += 1
        if inside >> place & 1:
            continue
        mask = 0
        for i, step in enumerate(steps):
            mask |= (inside >> place + step & 1) << i
        if simple[mask] and ((mask & 0b01010101).bit_count() == 1 or rng.random() < 0.15):
            inside |= 1 << place
            wanted, misses = wanted - 1, 0
    return inside


def clues_for(rng: random.Random, around: Frame, inside: int) -> dict[int, int] | None:
    """Clues that settle every cell without a guess, each of use when it was taken up; None if not even all do."""
    left = list(around.cells)
    rng.shuffle(left)
    clues: dict[int, int] = {}
    known: Known | None = (0, around.ring)
    whole = around.board | around.ring
    while known is not None and known[0] | known[1] != whole:
        for bit in left:
            if apply(around, bit, count(around, bit, inside), known) != known:
                break
        else:
            return None
        left.remove(bit)
        clues[bit] = count(around, bit, inside)
        known = settle(around, clues, known)
    return clues


def thinned(rng: random.Random, around: Frame, clues: dict[int, int], tries: int) -> dict[int, int]:
    """The clues without those of `tries` random ones that are not needed to settle every cell."""
    whole = around.board | around.ring
    for bit in rng.sample(list(clues), min(tries, len(clues))):
        rest = {other: clue for other, clue in clues.items() if other != bit}
        known = settle(around, rest, (0, around.ring))
        if known is not None and known[0] | known[1] == whole:
            clues = rest
    return clues


def thickened(rng: random.Random, around: Frame, clues: dict[int, int], inside: int, spared: int) -> dict[int, int]:
    """The clues and all others but `spared`."""
    others = [bit for bit in around.cells if bit not in clues]
    kept = rng.sample(others, max(0, len(others) - spared))
    return clues | {bit: count(around, bit, inside) for bit in kept}
