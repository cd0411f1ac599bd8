"""Islands joined by bridges: exact solving by propagation and search, and puzzles grown bridge by bridge."""

from __future__ import annotations

import random
from dataclasses import dataclass

Pair = tuple[int, int]
"""Two islands that see each other, the earlier one in reading order first."""

MAX_NODES = 400
_LOW = (3, 0, 1, 0, 2, 0, 1, 0)  # the fewest bridges of a set of numbers (bit n: n bridges)
_HIGH = (-1, 0, 1, 1, 2, 2, 2, 2)


@dataclass(frozen=True, slots=True)
class Sea:
    """The wants of the islands in reading order, the pairs that see each other, and the pairs that cross."""

    wants: tuple[int, ...]
    pairs: tuple[Pair, ...]
    of_island: tuple[tuple[int, ...], ...]
    crossing: tuple[tuple[int, ...], ...]


def sea_of(rows: list[str] | tuple[str, ...]) -> Sea:
    """The sea drawn by rows of digits (islands) and dots."""
    cells = [(r, c) for r, row in enumerate(rows) for c, sign in enumerate(row) if sign != "."]
    number = {cell: i for i, cell in enumerate(cells)}
    pairs: list[Pair] = []
    spans: list[frozenset[tuple[int, int]]] = []
    for island, (row, column) in enumerate(cells):
        for down, right in ((0, 1), (1, 0)):
            span: list[tuple[int, int]] = []
            r, c = row + down, column + right
            while r < len(rows) and c < len(rows[0]):
                if (r, c) in number:
                    pairs.append((island, number[r, c]))
                    spans.append(frozenset(span))
                    break
                span.append((r, c))
                r, c = r + down, c + right
    of_island = tuple(tuple(p for p, pair in enumerate(pairs) if island in pair) for island in range(len(cells)))
    crossing = tuple(tuple(q for q in range(len(pairs)) if q != p and spans[p] & spans[q]) for p in range(len(pairs)))
    return Sea(tuple(int(rows[r][c]) for r, c in cells), tuple(pairs), of_island, crossing)


def solutions(sea: Sea, limit: int) -> list[str]:
    """Up to `limit` solutions, each the number of bridges of every pair; ValueError beyond MAX_NODES search nodes."""
    found: list[str] = []
    stack: list[tuple[list[int], list[int]]] = [([7] * len(sea.pairs), list(range(len(sea.wants))))]
    nodes = 0
    while stack and len(found) < limit:
        sets, dirty = stack.pop()
        nodes += 1
        if nodes > MAX_NODES:
            raise ValueError("the puzzle needs too long a search")
        if not _propagate(sea, sets, dirty) or not joined(sea, [_HIGH[numbers] for numbers in sets]):
            continue
        pair = _choice(sea, sets)
        if pair is None:
            found.append("".join([str(_LOW[numbers]) for numbers in sets]))
            continue
        for number in (1, 2, 4):
            if sets[pair] & number:
                stack.append(([*sets[:pair], number, *sets[pair + 1 :]], list(sea.pairs[pair])))
                if number > 1:
                    _bar(sea, *stack[-1], pair)
    return found


def _choice(sea: Sea, sets: list[int]) -> int | None:
    """An undecided pair of the island with the fewest of them; None if all are decided."""
    best, fewest = None, 99
    for own in sea.of_island:
        undecided = [pair for pair in own if sets[pair] & (sets[pair] - 1)]
        if undecided and len(undecided) < fewest:
            best, fewest = undecided[0], len(undecided)
    return best


def _bar(sea: Sea, sets: list[int], dirty: list[int], pair: int) -> None:
    """Nothing crosses a bridge."""
    for other in sea.crossing[pair]:
        if sets[other] & 6:
            sets[other] &= 1
            dirty += sea.pairs[other]


def _propagate(sea: Sea, sets: list[int], dirty: list[int]) -> bool:
    """Narrow the numbers of bridges in place by what each dirty island still needs; False on a contradiction."""
    while dirty:
        island = dirty.pop()
        own, want = sea.of_island[island], sea.wants[island]
        low = sum([_LOW[sets[pair]] for pair in own])
        high = sum([_HIGH[sets[pair]] for pair in own])
        if not low <= want <= high:
            return False
        for pair in own:
            numbers = sets[pair]
            least, most = _LOW[numbers], _HIGH[numbers]
            kept = numbers
            for number in range(least, most + 1):
                if number - least > want - low or most - number > high - want:
                    kept &= ~(1 << number)
            if kept != numbers:
                if not kept:
                    return False
                sets[pair] = kept
                dirty += sea.pairs[pair]
                if not kept & 1 and numbers & 1:
                    _bar(sea, sets, dirty, pair)
                low, high = low + _LOW[kept] - least, high + _HIGH[kept] - most
    return all(sets)


def joined(sea: Sea, bridges: list[int]) -> bool:
    """Whether the pairs with bridges join all islands."""
    part = list(range(len(sea.wants)))

    def root(island: int) -> int:
        while part[island] != island:
            part[island] = island = part[part[island]]
        return island

    parts = len(part)
    for (a, b), count in zip(sea.pairs, bridges, strict=True):
        if count:
            a, b = root(a), root(b)
            if a != b:
                part[a] = b
                parts -= 1
    return parts == 1


def grow(rng: random.Random, height: int, width: int, islands: int) -> list[str] | None:
    """Random islands that random bridges join, perhaps in other ways too; None if the sea became too narrow."""
    start = (rng.randrange(height), rng.randrange(width))
    wants = {start: 0}
    bridged: set[tuple[int, int]] = set()
    for _ in range(20 * islands):
        if len(wants) == islands:
            break
        row, column = rng.choice(list(wants))
        down, right = rng.choice(((0, 1), (1, 0), (0, -1), (-1, 0)))
        free = _free(wants, bridged, (row, column), (down, right), height, width)
        if free < 2:
            continue
        length = rng.randint(2, free)
        span = [(row + step * down, column + step * right) for step in range(1, length + 1)]
        end = span.pop()
        if any((end[0] + a, end[1] + b) in wants for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))):
            continue
        count = rng.randint(1, 2)
        wants[row, column] += count
        wants[end] = count
        bridged.update(span)
    if len(wants) < islands:
        return None
    _close_rings(rng, wants, bridged, height, width)
    return ["".join(str(wants.get((r, c), ".")) for c in range(width)) for r in range(height)]


def _free(
    wants: dict[tuple[int, int], int], bridged: set[tuple[int, int]], start: tuple[int, int], way: tuple[int, int],
    height: int, width: int,
) -> int:  # fmt: skip
    """How many empty cells lie that way before the border, an island or a bridge."""
    row, column, count = start[0] + way[0], start[1] + way[1], 0
    while 0 <= row < height and 0 <= column < width and (row, column) not in wants and (row, column) not in bridged:
        row, column, count = row + way[0], column + way[1], count + 1
    return count


def _close_rings(
    rng: random.Random, wants: dict[tuple[int, int], int], bridged: set[tuple[int, int]], height: int, width: int
) -> None:
    """Join half of the islands that see each other across empty water."""
    for row, column in list(wants):
        for down, right in ((0, 1), (1, 0)):
            free = _free(wants, bridged, (row, column), (down, right), height, width)
            end = (row + (free + 1) * down, column + (free + 1) * right)
            if free and end in wants and rng.random() < 0.5:
                count = rng.randint(1, 2)
                wants[row, column] += count
                wants[end] += count
                bridged.update((row + step * down, column + step * right) for step in range(1, free + 1))
