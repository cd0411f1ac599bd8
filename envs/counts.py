"""Exact search for grids whose cells are marked or not and whose rules count marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

BUDGET = 4_000
"""Branches tried before a search is given up."""

SHORT = 400
"""The same for a search made while a puzzle is generated."""

Rule = tuple[int, int, int]
"""Cells as a bit mask, and the least and the most marks among them."""


class Counts:
    """Cells 0 to size - 1, each marked or not, under rules that bound the marks in sets of cells.

    Knowledge is a pair of masks: cells that are marked, cells that are not. Settling applies each rule by itself
    until nothing changes.
    """

    __slots__ = ("every", "rules", "touch")

    def __init__(self, size: int, rules: Iterable[Rule]) -> None:
        self.every = (1 << size) - 1
        self.rules = list(dict.fromkeys(rules))
        self.touch = [0] * size
        for number in range(len(self.rules)):
            self._enlist(number)

    def _enlist(self, number: int) -> None:
        mask = self.rules[number][0]
        while mask:
            low = mask & -mask
            mask ^= low
            self.touch[low.bit_length() - 1] |= 1 << number

    def add(self, rule: Rule) -> int:
        """One rule more; returns the set of it for `settle`."""
        self.rules.append(rule)
        self._enlist(len(self.rules) - 1)
        return 1 << len(self.rules) - 1

    def touching(self, cells: int) -> int:
        """The set of rules that look at one of the cells (a mask)."""
        found = 0
        while cells:
            low = cells & -cells
            cells ^= low
            found |= self.touch[low.bit_length() - 1]
        return found

    def settle(self, on: int, off: int, todo: int | None = None) -> tuple[int, int] | None:
        """What follows, from the rules in the set `todo` on (default: all); None on a contradiction."""
        rules, touch = self.rules, self.touch
        if todo is None:
            todo = (1 << len(rules)) - 1
        while todo:
            low = todo & -todo
            todo ^= low
            mask, least, most = rules[low.bit_length() - 1]
            have = (on & mask).bit_count()
            free = mask & ~on & ~off
            if have > most or have + free.bit_count() < least:
                return None
            if not free:
                continue
            if have == most:
                off |= free
            elif have + free.bit_count() == least:
                on |= free
            else:
                continue
            while free:
                low = free & -free
                free ^= low
                todo |= touch[low.bit_length() - 1]
        return on, off

    def placements(
        self, limit: int, on: int = 0, off: int = 0,
        possible: Callable[[int, int], bool] | None = None, budget: int = BUDGET,
    ) -> list[int]:  # fmt: skip
        """Up to `limit` sets of marks that meet every rule, as masks; ValueError after `budget` branches.

        `possible` is told what is known, at every node and at the end when all is, and prunes by answering False.
        """
        found: list[int] = []
        stack = [(on, off, (1 << len(self.rules)) - 1)]
        while stack:
            known = self.settle(*stack.pop())
            if known is None or (possible is not None and not possible(*known)):
                continue
            on, off = known
            if on | off == self.every:
                found.append(on)
                if len(found) >= limit:
                    break
                continue
            budget -= 1
            if budget < 0:
                raise ValueError("the puzzle needs too long a search")
            cell = self._choice(on, off)
            todo = self.touch[cell.bit_length() - 1]
            stack += [(on, off | cell, todo), (on | cell, off, todo)]
        return found

    def _choice(self, on: int, off: int) -> int:
        """An open cell of the rule that wants a mark and has the fewest open cells."""
        free = self.every & ~on & ~off
        best, fewest = free, 1_000
        for mask, least, _ in self.rules:
            here = mask & free
            if here and here.bit_count() < fewest and (on & mask).bit_count() < least:
                best, fewest = here, here.bit_count()
        return best & -best


def bits_of(mask: int) -> list[int]:
    """The positions of the bits that are set, lowest first."""
    found = []
    while mask:
        low = mask & -mask
        mask ^= low
        found.append(low.bit_length() - 1)
    return found
