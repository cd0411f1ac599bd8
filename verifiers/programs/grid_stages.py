"""Stages of the functional language that turn one grid of colours into another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import permutations
from typing import Any

Grid = tuple[tuple[int, ...], ...]
"""Rows of equal length, colours 0 to 9; 0 is the background."""

COLORS = range(10)


def rot90(grid: Grid) -> Grid:
    """A quarter turn clockwise."""
    return tuple(zip(*grid[::-1], strict=True))


def transpose(grid: Grid) -> Grid:
    """Rows become columns."""
    return tuple(zip(*grid, strict=True))


def flip_h(grid: Grid) -> Grid:
    """Left and right exchanged."""
    return tuple([row[::-1] for row in grid])


def flip_v(grid: Grid) -> Grid:
    """Top and bottom exchanged."""
    return grid[::-1]


def crop(grid: Grid) -> Grid:
    """The smallest part that holds every cell that is not background."""
    rows = [i for i, row in enumerate(grid) if any(row)]
    columns = [j for j, column in enumerate(zip(*grid, strict=True)) if any(column)]
    if not rows:
        raise ValueError("the grid is empty")
    return tuple([row[columns[0] : columns[-1] + 1] for row in grid[rows[0] : rows[-1] + 1]])


def scale(grid: Grid) -> Grid:
    """Every cell becomes four."""
    wide = [tuple([cell for cell in row for _ in range(2)]) for row in grid]
    return tuple([row for row in wide for _ in range(2)])


def fall(grid: Grid) -> Grid:
    """Colours drop to the bottom of their columns."""
    columns = [[cell for cell in column if cell] for column in zip(*grid, strict=True)]
    height = len(grid)
    return transpose(tuple([tuple([0] * (height - len(column)) + column) for column in columns]))


def fill(grid: Grid, color: int) -> Grid:
    """Background that is shut in (no way over background to the edge) gets a colour."""
    height, width = len(grid), len(grid[0])
    outside = {(i, j) for i in range(height) for j in range(width)
               if (i in (0, height - 1) or j in (0, width - 1)) and not grid[i][j]}  # fmt: skip
    todo = list(outside)
    while todo:
        i, j = todo.pop()
        for place in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
            inside = 0 <= place[0] < height and 0 <= place[1] < width and place not in outside
            if inside and not grid[place[0]][place[1]]:
                outside.add(place)
                todo.append(place)
    return tuple(
        [tuple([cell if cell or (i, j) in outside else color for j, cell in enumerate(row)])
         for i, row in enumerate(grid)]
    )  # fmt: skip


def frame(grid: Grid, color: int) -> Grid:
    """One row or column of a colour is put around the grid."""
    edge = (color,) * (len(grid[0]) + 2)
    return (edge, *((color, *row, color) for row in grid), edge)


def recolor(grid: Grid, old: int, new: int) -> Grid:
    """Every cell of one colour gets another."""
    return tuple([tuple([new if cell == old else cell for cell in row]) for row in grid])


def keep(grid: Grid, color: int) -> Grid:
    """Only one colour stays, the rest becomes background."""
    return tuple([tuple([cell if cell == color else 0 for cell in row]) for row in grid])


def exchange(grid: Grid, first: int, second: int) -> Grid:
    """Two colours are exchanged."""
    other = {first: second, second: first}
    return tuple([tuple([other.get(cell, cell) for cell in row]) for row in grid])


def largest(grid: Grid) -> Grid:
    """Only the largest object stays (cells of one colour that touch by sides; the first of equals, row by row)."""
    objects = list(_objects(grid))
    if not objects:
        raise ValueError("the grid is empty")
    best = max(objects, key=len)
    return tuple([tuple([cell if (i, j) in best else 0 for j, cell in enumerate(row)]) for i, row in enumerate(grid)])


def _objects(grid: Grid) -> Iterator[set[tuple[int, int]]]:
    seen = set[tuple[int, int]]()
    for i, row in enumerate(grid):
        for j, color in enumerate(row):
            if not color or (i, j) in seen:
                continue
            found, todo = {(i, j)}, [(i, j)]
            while todo:
                a, b = todo.pop()
                for x, y in ((a - 1, b), (a + 1, b), (a, b - 1), (a, b + 1)):
                    inside = 0 <= x < len(grid) and 0 <= y < len(row) and (x, y) not in found
                    if inside and grid[x][y] == color:
                        found.add((x, y))
                        todo.append((x, y))
            seen |= found
            yield found


Stage = Callable[[Grid], Grid]

_PLAIN: dict[str, Stage] = {
    "rot90": rot90,
    "rot180": lambda grid: flip_h(flip_v(grid)),
    "rot270": lambda grid: rot90(rot90(rot90(grid))),
    "flip_h": flip_h,
    "flip_v": flip_v,
    "transpose": transpose,
    "crop": crop,
    "scale": scale,
    "fall": fall,
    "largest": largest,
    "mirror_h": lambda grid: tuple([row + row[::-1] for row in grid]),
    "mirror_v": lambda grid: grid + grid[::-1],
    "repeat_h": lambda grid: tuple([row + row for row in grid]),
    "repeat_v": lambda grid: grid + grid,
    "left_half": lambda grid: tuple([row[: len(row) // 2] for row in grid]),
    "top_half": lambda grid: grid[: len(grid) // 2],
}
_ONE_COLOR: dict[str, Callable[[Grid, int], Grid]] = {"keep": keep, "fill": fill, "frame": frame}
_TWO_COLORS: dict[str, Callable[[Grid, int, int], Grid]] = {"recolor": recolor, "exchange": exchange}


def _all() -> dict[str, Stage]:
    stages = dict(_PLAIN)
    for name, function in _ONE_COLOR.items():
        stages |= {f"{name} {color}": partial(_with, function, color) for color in COLORS[1:]}
    for name, joint in _TWO_COLORS.items():
        for first, second in permutations(COLORS, 2):
            if name == "recolor" or 0 < first < second:
                stages[f"{name} {first} {second}"] = partial(_with, joint, first, second)
    return stages


def _with(function: Callable[..., Grid], *given: Any) -> Grid:
    """The function of the grid, which comes last, and of the colours before it."""
    *colors, grid = given
    return function(grid, *colors)


GRID_STAGES = _all()
"""Every stage on grids by its text."""
