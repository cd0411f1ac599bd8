"""Reading grids of one-character cells out of text."""

from __future__ import annotations

from functools import cache

_FRAME = str.maketrans("", "", " \t\r\n|-+")


def read_cells(text: str, count: int, symbols: str) -> str:
    """The `count` cells of a grid, row by row; white space and the frame characters | - + are ignored.

    Raises ValueError with one sentence when there are more or fewer, or one that is not in `symbols`.
    """
    cells = text.translate(_FRAME)
    if len(cells) != count:
        raise ValueError(f"The grid has {len(cells)} cells instead of {count}.")
    if not set(cells) <= set(symbols):
        wrong = next(c for c in cells if c not in symbols)
        raise ValueError(f"{wrong!a} is not one of {symbols}.")
    return cells


def rows_of(cells: str, width: int) -> list[str]:
    """The rows of a grid, top to bottom."""
    return [cells[i : i + width] for i in range(0, len(cells), width)]


def cell_name(index: int, width: int) -> str:
    """How a cell is called in sentences and actions: `r1c2`, counted from 1."""
    return f"r{index // width + 1}c{index % width + 1}"


def changed_given(givens: str, cells: str, width: int) -> str | None:
    """One sentence on the first given cell that `cells` does not keep."""
    for index, given in enumerate(givens):
        if given != "." and cells[index] != given:
            return f"The given {given} at {cell_name(index, width)} was changed."
    return None


def not_latin(cells: str, symbols: str) -> str | None:
    """One sentence on the first row or column of a square that does not hold every symbol once."""
    size, full = len(symbols), set(symbols)
    for number in range(size):
        if set(cells[number * size : number * size + size]) != full:
            return f"Row {number + 1} does not hold every one of {symbols} once."
    for number in range(size):
        if set(cells[number::size]) != full:
            return f"Column {number + 1} does not hold every one of {symbols} once."
    return None


@cache
def side_masks(width: int, height: int) -> tuple[int, int]:
    """The cells that have a left and those that have a right neighbour, bit i for cell i."""
    row = (1 << width) - 1
    rows = sum(1 << width * number for number in range(height))
    return (row - 1) * rows, (row >> 1) * rows


def around(mask: int, width: int, height: int) -> int:
    """The cells beside, above and below cells of a mask (bit i for cell i), without the mask itself."""
    has_left, has_right = side_masks(width, height)
    beside = (mask & has_left) >> 1 | (mask & has_right) << 1
    return (beside | mask >> width | mask << width) & ~mask & (1 << width * height) - 1


def marks_of(cells: str, sign: str) -> int:
    """The cells that hold a sign as a mask."""
    mask, at = 0, cells.find(sign)
    while at >= 0:
        mask |= 1 << at
        at = cells.find(sign, at + 1)
    return mask


@cache
def cross(cell: int, width: int, height: int) -> int:
    """The up to four cells beside, above and below a cell as a mask."""
    return around(1 << cell, width, height)


@cache
def block(cell: int, width: int, height: int) -> int:
    """A cell and the up to eight cells around it as a mask."""
    row, column = divmod(cell, width)
    rows, columns = range(max(row - 1, 0), min(row + 2, height)), range(max(column - 1, 0), min(column + 2, width))
    return sum(1 << r * width + c for r in rows for c in columns)


def connected(mask: int, width: int, height: int) -> bool:
    """Whether the cells of a mask hang together by their sides; an empty mask does."""
    reached = mask & -mask
    while True:
        more = around(reached, width, height) & mask
        if not more:
            return reached == mask
        reached |= more
