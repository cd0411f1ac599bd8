"""Codes and guesses: feedback, and which codes fit it, for all codes at once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

Feedback = tuple[int, int]
"""Digits of a guess that are right in the right place, and right in a wrong place."""


def feedback(code: str, guess: str) -> Feedback:
    """What a guess is told about the code."""
    exact = sum([a == b for a, b in zip(code, guess, strict=True)])
    common = sum([min(code.count(digit), guess.count(digit)) for digit in set(guess)])
    return exact, common - exact


@cache
def _codes(colors: int, pegs: int) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Every code as a column of digits (from 0), and how often it holds each digit."""
    digits = np.indices((colors,) * pegs, dtype=np.int8).reshape(pegs, -1).copy()
    counts = np.stack([(digits == color).sum(0, dtype=np.int8) for color in range(colors)])
    digits.flags.writeable = counts.flags.writeable = False
    return digits, counts


def _fits(colors: int, pegs: int, guess: str, told: Feedback) -> NDArray[np.bool_]:
    """For every code whether it would answer the guess so."""
    digits, counts = _codes(colors, pegs)
    exact = np.zeros(digits.shape[1], np.int8)
    common = np.zeros(digits.shape[1], np.int8)
    for peg, digit in enumerate(guess):
        exact += digits[peg] == int(digit) - 1
    for digit in set(guess):
        common += np.minimum(counts[int(digit) - 1], np.int8(guess.count(digit)))
    return np.asarray((exact == told[0]) & (common == told[0] + told[1]))


def consistent(colors: int, pegs: int, told: Sequence[tuple[str, Feedback]]) -> list[str]:
    """The codes that fit every guess, in order."""
    digits, _ = _codes(colors, pegs)
    fits = np.ones(digits.shape[1], np.bool_)
    for guess, answer in told:
        fits &= _fits(colors, pegs, guess, answer)
    return ["".join(str(digit + 1) for digit in column) for column in digits[:, fits].T]


def openings(rng: random.Random, colors: int, pegs: int, code: str) -> list[str]:
    """Random guesses, none to spare and none of them the code, whose feedback leaves only the code."""
    guesses: list[str] = []
    fits: list[NDArray[np.bool_]] = []
    left = np.ones(colors**pegs, np.bool_)
    while np.count_nonzero(left) > 1:
        guess = "".join([str(rng.randint(1, colors)) for _ in range(pegs)])
        if guess != code:
            new = _fits(colors, pegs, guess, feedback(code, guess))
            if not new[left].all():
                guesses.append(guess)
                fits.append(new)
                left &= new
    for number in range(len(guesses) - 1, -1, -1):
        others = [mask for place, mask in enumerate(fits) if place != number]
        if others and np.count_nonzero(np.logical_and.reduce(others)) == 1:
            del guesses[number], fits[number]
    return guesses
