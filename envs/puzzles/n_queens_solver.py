"""Completing queens on a board: bit masks, the row with the fewest free columns first."""

from __future__ import annotations

import random
from collections.abc import Mapping

BUDGETS = (100, 100, 200, 400, 800, 1_600, 15_000)
"""Search nodes of one attempt after another: orders of columns that lead astray are given up early."""


class _Spent(Exception):
    """An attempt has used up its nodes."""


def complete(size: int, queens: Mapping[int, int], rng: random.Random | None = None) -> list[int] | None:
    """The column of the queen of every row, the given ones kept; None if there is no way.

    Columns are tried in the order of `rng` (by default always the same). Raises ValueError when all budgets are spent.
    """
    free = [(1 << size) - 1] * size
    for row, column in queens.items():
        if not free[row] >> column & 1:
            return None
        free = _struck(free, row, column)
    order = rng or random.Random(size)
    for budget in BUDGETS:
        attempt = _Attempt([queens.get(row, -1) for row in range(size)], order, budget)
        try:
            return attempt.columns if attempt.search(free) else None
        except _Spent:
            continue
    raise ValueError("completing these queens needs too long a search")


class _Attempt:
    """A search that gives up after some nodes."""

    def __init__(self, columns: list[int], rng: random.Random, budget: int) -> None:
        self.columns, self.rng, self.budget = columns, rng, budget

    def search(self, free: list[int]) -> bool:
        """Place the rest of the queens; False if there is no way."""
        self.budget -= 1
        if self.budget < 0:
            raise _Spent
        size = len(free)
        best, fewest = -1, size + 1
        for row, mask in enumerate(free):
            if self.columns[row] < 0:
                count = mask.bit_count()
                if count < fewest:
                    best, fewest = row, count
        if best < 0:
            return True
        choices = [column for column in range(size) if free[best] >> column & 1]
        self.rng.shuffle(choices)
        for column in choices:
            self.columns[best] = column
            if self.search(_struck(free, best, column)):
                return True
        self.columns[best] = -1
        return False


def _struck(free: list[int], row: int, column: int) -> list[int]:
    """The free columns of each row after a queen is placed."""
    bit = 1 << column
    return [
        mask & ~(bit | bit << row - other | bit >> row - other)
        if other < row
        else mask & ~(bit | bit << other - row | bit >> other - row)
        for other, mask in enumerate(free)
    ]
