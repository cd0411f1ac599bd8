"""Exact search for grids in which every row and every column is one of a list of patterns."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

BUDGET = 4_000
"""Branches tried before a search is given up."""

SHORT = 400
"""The same for a search made while a puzzle is generated."""


class Lines:
    """What is still possible in a grid: a list of patterns for each row and each column.

    A pattern is an integer that holds `bits` bits a cell, lowest first, exactly one of them set: the value's.
    With `distinct` no two rows and no two columns are the same. Narrowing keeps the patterns that agree with all
    crossing lines until nothing changes, which is as much as any argument about one line at a time can show.
    """

    __slots__ = ("bits", "distinct", "domains", "height", "patterns", "width")

    def __init__(
        self, rows: Sequence[Sequence[int]], columns: Sequence[Sequence[int]], bits: int, distinct: bool = False
    ) -> None:
        self.height, self.width, self.bits, self.distinct = len(rows), len(columns), bits, distinct
        self.patterns: list[Sequence[int]] = [*rows, *columns]
        self.domains = [(1 << bits * self.width) - 1] * self.height + [(1 << bits * self.height) - 1] * self.width

    def copy(self) -> Lines:
        """The same possibilities, to be narrowed on their own."""
        twin = Lines.__new__(Lines)
        twin.height, twin.width, twin.bits, twin.distinct = self.height, self.width, self.bits, self.distinct
        twin.patterns, twin.domains = self.patterns.copy(), self.domains.copy()
        return twin

    def put(self, row: int, column: int, value: int) -> tuple[int, int]:
        """Leave only `value` possible in a cell; returns the two lines to settle."""
        full = (1 << self.bits) - 1
        for line, position in ((row, column), (self.height + column, row)):
            shift = position * self.bits
            self.domains[line] &= ~(full << shift) | 1 << shift + value
        return row, self.height + column

    def settle(self, lines: Iterable[int] | None = None) -> bool:
        """Narrow from these lines on (default: all); False when nothing is possible any more."""
        patterns, domains = self.patterns, self.domains
        dirty = set(range(len(patterns)) if lines is None else lines)
        while dirty:
            line = dirty.pop()
            domain = domains[line]
            kept = [p for p in patterns[line] if p & domain == p]
            union = 0
            for pattern in kept:
                union |= pattern
            if not kept:
                return False
            patterns[line], domains[line] = kept, union
            if domain != union:
                self._cross(line, domain ^ union, dirty)
            if self.distinct and len(kept) == 1 and not self._apart(line, kept[0], dirty):
                return False
        return True

    def _cross(self, line: int, lost: int, dirty: set[int]) -> None:
        """Take the values that a line lost from the crossing lines."""
        bits, height, domains = self.bits, self.height, self.domains
        own, first = (line, height) if line < height else (line - height, 0)
        while lost:
            low = lost & -lost
            lost ^= low
            position, value = divmod(low.bit_length() - 1, bits)
            cross, bit = first + position, 1 << own * bits + value
            if domains[cross] & bit:
                domains[cross] ^= bit
                dirty.add(cross)

    def _apart(self, line: int, pattern: int, dirty: set[int]) -> bool:
        """Take a decided line's pattern from its parallels."""
        patterns = self.patterns
        for other in range(self.height) if line < self.height else range(self.height, len(patterns)):
            if other != line and pattern in patterns[other]:
                patterns[other] = [p for p in patterns[other] if p != pattern]
                if not patterns[other]:
                    return False
                dirty.add(other)
        return True

    def open_cells(self) -> list[int]:
        """The cells, counted row by row, in which more than one value is possible."""
        full, found = (1 << self.bits) - 1, []
        for row in range(self.height):
            domain = self.domains[row]
            for column in range(self.width):
                cell = domain >> column * self.bits & full
                if cell & (cell - 1):
                    found.append(row * self.width + column)
        return found

    def values(self) -> list[int]:
        """The value of every cell of a decided grid, row by row."""
        full = (1 << self.bits) - 1
        rows = self.domains[: self.height]
        return [(row >> c * self.bits & full).bit_length() - 1 for row in rows for c in range(self.width)]

    def solutions(self, limit: int, budget: int = BUDGET) -> list[list[int]]:
        """Up to `limit` solutions as values row by row; ValueError after `budget` branches."""
        found: list[list[int]] = []
        stack = [self.copy()]
        if not stack[0].settle():
            return []
        while stack:
            grid = stack.pop()
            choices = [(len(p), line) for line, p in enumerate(grid.patterns) if len(p) > 1]
            if not choices:
                found.append(grid.values())
                if len(found) >= limit:
                    break
                continue
            budget -= min(choices)[0]
            if budget < 0:
                raise ValueError("the puzzle needs too long a search")
            stack.extend(grid._branches(min(choices)[1]))
        return found

    def _branches(self, line: int) -> Iterator[Lines]:
        for pattern in self.patterns[line]:
            twin = self.copy()
            twin.patterns[line] = (pattern,)
            if twin.settle((line,)):
                yield twin


def pack(values: Iterable[int], bits: int) -> int:
    """The pattern of a line's values."""
    pattern = 0
    for position, value in enumerate(values):
        pattern |= 1 << position * bits + value
    return pattern


def givens_for(rng: random.Random, lines: Lines, solution: Sequence[int], blanks: int, guesses: int) -> set[int]:
    """Cells that must be given so that the solution is the only one, at least all but `blanks`.

    Random open cells are given until settling alone finds the solution, which proves it the only one. Then up to
    `guesses` of them are tried without, each proved by counting to two, so that one line at a time no longer does.
    """
    grid, order, given = lines.copy(), list(range(len(solution))), []
    rng.shuffle(order)
    grid.settle()
    still = set(grid.open_cells())
    for cell in order:
        if cell in still:
            given.append(cell)
            grid.settle(grid.put(*divmod(cell, lines.width), solution[cell]))
            still = set(grid.open_cells())
    missing = len(solution) - len(given) - blanks
    if missing > 0:
        return {*given, *[cell for cell in order if cell not in given][:missing]}
    kept = set(given)
    for cell in given[: min(guesses, -missing)]:
        kept.discard(cell)
        if not only_one(with_givens(lines, {i: solution[i] for i in kept})):
            kept.add(cell)
    return kept


def with_givens(lines: Lines, givens: Mapping[int, int]) -> Lines:
    """The same grid with the values of some cells given."""
    grid = lines.copy()
    for cell, value in givens.items():
        grid.put(*divmod(cell, lines.width), value)
    return grid


def only_one(grid: Lines) -> bool:
    """Whether exactly one solution is left and the search for a second ends within its budget."""
    try:
        return len(grid.solutions(2, SHORT)) == 1
    except ValueError:
        return False


def picture(
    rng: random.Random, height: int, width: int, density: int, lines_of: Callable[[list[int]], Lines]
) -> tuple[list[int], Lines]:
    """A random picture of 0 and 1 (`density` per cent of 1) that settling its lines decides, which proves it unique.

    Cells that stay open are flipped, a third of them each time, until none is left or a new picture is begun.
    """
    while True:
        cells = [int(rng.randrange(100) < density) for _ in range(height * width)]
        for _ in range(height + width):
            lines = lines_of(cells)
            lines.settle()
            left = lines.open_cells()
            if not left and any(cells):
                return cells, lines
            for cell in rng.sample(left, -(-len(left) // 3)) if left else ():
                cells[cell] ^= 1
