"""Exact search for grids in which every row and every column is one of a list of patterns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

BUDGET = 400
"""Branches tried before a search is given up."""


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
