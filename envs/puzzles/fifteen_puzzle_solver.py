"""Sliding tiles: which boards can be solved, shortest plans, and plans in stages where those are out of reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from esreason.envs.search import NoPlan, astar, both_ends, breadth_first

Tiles = tuple[int, ...]
"""The numbers row by row, 0 for the blank."""

MAX_STATES = 16_000
"""States looked at for a shortest plan on boards of more than nine cells."""


@cache
def neighbours(height: int, width: int) -> tuple[tuple[int, ...], ...]:
    """For each cell the cells beside it: above, left, right, below."""
    table = []
    for cell in range(height * width):
        row, column = divmod(cell, width)
        near = ((row - 1, column), (row, column - 1), (row, column + 1), (row + 1, column))
        table.append(tuple(r * width + c for r, c in near if 0 <= r < height and 0 <= c < width))
    return tuple(table)


def slid(tiles: Tiles, blank: int, cell: int) -> Tiles:
    """The board after the tile at `cell` has moved into the blank beside it."""
    board = list(tiles)
    board[blank], board[cell] = board[cell], 0
    return tuple(board)


def solvable(start: Tiles, goal: Tiles, width: int) -> bool:
    """Whether slides lead from one board to the other: each is a swap with the blank, which moves one cell."""
    place = [goal.index(tile) for tile in start]
    cycles, seen = 0, set[int]()
    for first in range(len(place)):
        if first not in seen:
            cycles += 1
            while first not in seen:
                seen.add(first)
                first = place[first]
    return (len(place) - cycles - _distance(start.index(0), goal.index(0), width)) % 2 == 0


def _distance(a: int, b: int, width: int) -> int:
    return abs(a // width - b // width) + abs(a % width - b % width)


def estimate(tiles: Tiles, goal: Tiles, width: int) -> int:
    """The sum of the distances of the tiles to their places; no plan is shorter."""
    return sum(_distance(cell, goal.index(tile), width) for cell, tile in enumerate(tiles) if tile)


def shortest(start: Tiles, goal: Tiles, width: int, bound: int) -> list[int] | None:
    """The tiles of a shortest plan, found from both ends; None if more than `bound` states are needed."""
    near = neighbours(len(start) // width, width)

    def moves(tiles: Tiles) -> Iterator[tuple[int, Tiles]]:
        blank = tiles.index(0)
        for cell in near[blank]:
            yield tiles[cell], slid(tiles, blank, cell)

    try:
        return both_ends(start, goal, moves, bound)
    except NoPlan:
        return None


def plan(start: Tiles, goal: Tiles, width: int) -> tuple[list[int], bool]:
    """The tiles to slide, and whether no plan is shorter."""
    found = shortest(start, goal, width, 200_000) if len(start) <= 9 else _estimated(start, goal, width)
    return (_staged(start, goal, width), False) if found is None else (found, True)


def _estimated(start: Tiles, goal: Tiles, width: int) -> list[int] | None:
    """A shortest plan by A* over distances of tiles; None after MAX_STATES states."""
    near = neighbours(len(start) // width, width)
    cells = range(len(start))
    far = [[_distance(cell, goal.index(tile), width) if tile else 0 for cell in cells] for tile in cells]

    def moves(tiles: Tiles) -> Iterator[tuple[int, Tiles, int]]:
        blank = tiles.index(0)
        for cell in near[blank]:
            yield tiles[cell], slid(tiles, blank, cell), 1

    def rest(tiles: Tiles) -> int:
        return sum([far[tile][cell] for cell, tile in enumerate(tiles)])

    try:
        return astar(start, moves, lambda tiles: tiles == goal, rest, MAX_STATES)
    except NoPlan:
        return None


def _staged(start: Tiles, goal: Tiles, width: int) -> list[int]:
    """A plan that settles rows from the top while there are three, then columns from the left, then the last square."""
    height = len(start) // width
    near = neighbours(height, width)
    blank = goal.index(0)
    last = [blank + step for step in range(1, width - blank % width)]  # the goal's blank goes right, then down
    last += range((blank // width + 2) * width - 1, height * width, width)
    corner, tail = goal, list[int]()
    for cell in last:
        tail.append(corner[cell])
        corner = slid(corner, corner.index(0), cell)
    tiles, done, fixed = start, list[int](), set[int]()
    for cells in _stages(height, width):
        path = _gather(tiles, [corner[cell] for cell in cells], cells, fixed, near)
        for cell in path:
            done.append(tiles[cell])
            tiles = slid(tiles, tiles.index(0), cell)
        fixed.update(cells)
    return done + tail[::-1]


def _stages(height: int, width: int) -> Iterator[list[int]]:
    """The cells that are settled together, stage by stage; never more than three."""
    for row in range(height - 2):
        cells = list(range(row * width, row * width + width))
        yield from ([cell] for cell in cells[:-2])
        yield cells[-2:]
    top = (height - 2) * width
    for column in range(width - 2):
        yield [top + column, top + width + column]
    yield [top + width - 2, top + width - 1, top + 2 * width - 2]


def _gather(
    tiles: Tiles, wanted: Sequence[int], cells: Sequence[int], fixed: set[int], near: tuple[tuple[int, ...], ...]
) -> list[int]:
    """The cells that the blank visits to bring the wanted tiles to their cells without touching fixed ones."""
    begin = (tiles.index(0), *(tiles.index(tile) for tile in wanted))
    goal = tuple(cells)

    def moves(state: Tiles) -> Iterator[tuple[int, Tiles]]:
        blank, *places = state
        for cell in near[blank]:
            if cell not in fixed:
                yield cell, (cell, *(blank if place == cell else place for place in places))

    return breadth_first(begin, moves, lambda state: state[1:] == goal)
