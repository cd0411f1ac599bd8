"""Exact solving of sums written in letters: all partial solutions at once, column by column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MAX_ROWS = 700_000
"""More than any sum of four addends can need (10 * 9 * 8 * 7 * 5!)."""


def solutions(addends: Sequence[str], total: str) -> tuple[str, NDArray[np.int8]]:
    """The letters, sorted, and every solution as a row of their digits.

    Letters stand for different digits and no word begins with 0. Raises ValueError when a column leaves more than
    MAX_ROWS partial solutions.
    """
    letters = "".join(sorted(set("".join(addends) + total)))
    nonzero = {word[0] for word in (*addends, total) if len(word) > 1}
    table = _Table(letters, nonzero)
    if len(total) > max(map(len, addends)):  # only a carry stands there
        table.choose(total[0], range(10) if len(total) > max(map(len, addends)) + 1 else range(len(addends)))
    for column in range(1, max(map(len, (*addends, total))) + 1):
        for word in addends:
            if column <= len(word):
                table.choose(word[-column], range(10))
                table.add(word[-column])
        table.close(total[-column] if column <= len(total) else None)
    return letters, table.digits[table.carry == 0]


class _Table:
    """Partial solutions, a row each: digits of the letters known so far, the digits used as a bit mask, the carry."""

    def __init__(self, letters: str, nonzero: set[str]) -> None:
        self.place = {letter: i for i, letter in enumerate(letters)}
        self.nonzero, self.known = nonzero, set[str]()
        self.digits = np.zeros((1, len(letters)), np.int8)
        self.used = np.zeros(1, np.int16)
        self.carry = np.zeros(1, np.int16)

    def _keep(self, rows: NDArray[np.intp]) -> None:
        self.digits, self.used, self.carry = self.digits[rows], self.used[rows], self.carry[rows]

    def _give(self, letter: str, rows: NDArray[np.intp], digits: NDArray[np.int16]) -> None:
        """Keep the rows, and write a new letter's digits into them."""
        self._keep(rows)
        self.digits[:, self.place[letter]] = digits
        self.used |= np.left_shift(1, digits).astype(np.int16)
        self.known.add(letter)
        if len(rows) > MAX_ROWS:
            raise ValueError("the sum leaves too much open to be solved here")

    def choose(self, letter: str, digits: range) -> None:
        """Branch on the digit of a letter, if it is new."""
        if letter in self.known:
            return
        allowed = np.array([d for d in digits if d or letter not in self.nonzero], np.int16)
        free = (self.used[:, None] >> allowed[None, :]) & 1 == 0
        rows, picks = np.nonzero(free)
        self._give(letter, rows, allowed[picks])

    def add(self, letter: str) -> None:
        self.carry += self.digits[:, self.place[letter]]

    def close(self, letter: str | None) -> None:
        """Compare a column's sum with the letter below it (None: with nothing), and carry."""
        digit = self.carry % 10
        self.carry //= 10
        if letter is None:
            self._keep(np.flatnonzero(digit == 0))
        elif letter in self.known:
            self._keep(np.flatnonzero(self.digits[:, self.place[letter]] == digit))
        else:
            free = (self.used >> digit) & 1 == 0
            if letter in self.nonzero:
                free &= digit != 0
            rows = np.flatnonzero(free)
            self._give(letter, rows, digit[rows])
