"""Walking on boards that are kept as text, row after row with a line end between."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache


@cache
def steps_of(stride: int) -> dict[str, int]:
    """What each of U, D, L, R adds to a place in the text, where rows are `stride` places apart."""
    return {"U": -stride, "D": stride, "L": -1, "R": 1}


def distances(text: str, start: int, stride: int, blocked: Iterable[str]) -> dict[int, int]:
    """The fewest steps from `start` to every place that can be reached without entering a blocked sign."""
    walls = {*blocked, "\n"}
    found, queue = {start: 0}, [start]
    for here in queue:
        for step in steps_of(stride).values():
            there = here + step
            if there not in found and 0 <= there < len(text) and text[there] not in walls:
                found[there] = found[here] + 1
                queue.append(there)
    return found


def rectangle(text: object, signs: str, most: int) -> list[str]:
    """The rows of a board of equally long rows of these signs, at most `most` either way; ValueError otherwise."""
    if not isinstance(text, str) or len(text) > (most + 1) * most or not set(text) <= {*signs, "\n"}:
        raise ValueError(f"a board is a text of at most {most} rows and columns of {signs}")
    rows = text.split("\n")
    if len(rows) > most or not 1 <= len(rows[0]) <= most or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError(f"the rows of a board are equally long, at most {most} of at most {most} signs")
    return rows
