"""Lights out over the field of two elements: which presses switch a board off, and which are the fewest."""

from __future__ import annotations

from functools import cache


@cache
def effects(height: int, width: int) -> tuple[int, ...]:
    """For each cell the lights that a press there changes, as a bit mask (bit i: cell i, row by row)."""
    masks = []
    for r in range(height):
        for c in range(width):
            plus = [(r, c), (r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)]
            masks.append(sum(1 << a * width + b for a, b in plus if 0 <= a < height and 0 <= b < width))
    return tuple(masks)


@cache
def _reduced(height: int, width: int) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
    """Gaussian elimination of the effects: (lights, presses that make them) with distinct highest lights, and the
    presses that change nothing."""
    basis: dict[int, tuple[int, int]] = {}
    quiet = []
    for cell, lights in enumerate(effects(height, width)):
        presses = 1 << cell
        while lights and lights.bit_length() in basis:
            other = basis[lights.bit_length()]
            lights, presses = lights ^ other[0], presses ^ other[1]
        if lights:
            basis[lights.bit_length()] = lights, presses
        else:
            quiet.append(presses)
    return tuple(basis[top] for top in sorted(basis, reverse=True)), tuple(quiet)


def fewest_presses(lights: int, height: int, width: int) -> int | None:
    """The least set of cells whose presses switch the lights off, as a bit mask; None if nothing does.

    All solutions differ by sets of presses that change nothing (at most 2^10 up to 10x10), and all are compared.
    """
    basis, quiet = _reduced(height, width)
    presses = 0
    for made, by in basis:
        if lights >> made.bit_length() - 1 & 1:
            lights, presses = lights ^ made, presses ^ by
    if lights:
        return None
    candidates = [presses]
    for change in quiet:
        candidates += [candidate ^ change for candidate in candidates]
    return min(candidates, key=lambda mask: (mask.bit_count(), mask))
