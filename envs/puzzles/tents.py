"""Tents and trees with exactly one solution.

A 5x5 puzzle is shown with the number of tents of each row beside it and those of the columns below, its first line
for instance `.T..T 1`; a right action is `r1c1=A`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.envs.counts import BUDGET, SHORT, Counts, Rule, bits_of
from esreason.envs.marks import MarkEnv
from esreason.verifiers.grids import around, block, cell_name, cross, marks_of, rows_of

# rows, columns, tents
LEVELS = {
    1: (5, 5, 4), 2: (5, 5, 5), 3: (5, 6, 6), 4: (6, 6, 7), 5: (6, 7, 8),
    6: (7, 7, 10), 7: (7, 8, 11), 8: (8, 8, 13), 9: (9, 9, 16), 10: (10, 10, 20),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """The trees on the grid, the tents of each row and column, the only solution, the text with %s for each cell."""

    width: int
    givens: str
    symbols: str
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    solution: str
    frame: str


class Tents(MarkEnv[Board]):
    """A tent for each tree, none touching, so many in each line; level 1 is 5x5 with 4 tents, 10 is 10x10 with 20.

    The solution is the only one (of where tents stand; which tree a tent belongs to is not asked): a payload with
    none or several is refused.
    """

    name = "tents"
    rules = (
        "Tents: pitch a tent (A) beside, above or below each tree (T) so that every tree has a tent of its own and "
        "every tent a tree of its own. Tents stand on free cells (.) and do not touch each other, not even at a "
        "corner. The numbers beside the rows and below the columns say how many tents stand there. The game ends when "
        "all tents are right."
    )
    action_rule = "Write r<row>c<column>=A, for example r1c2=A, to pitch a tent, and r1c2=. to take it away."
    answer_rule = "Answer with the finished grid, row by row, without the numbers: A a tent, T a tree, . a free cell."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        height, width, count = LEVELS[level]
        while True:
            camp = _camp(rng, height, width, count)
            if camp is None:
                continue
            tents, trees = camp
            rows, columns = _tally(tents, width, height)
            try:
                found = _solutions(trees, rows, columns, SHORT)
            except ValueError:
                continue
            if found == [tents]:
                cells = "".join(".T"[trees >> i & 1] for i in range(height * width))
                return {"width": width, "cells": cells, "rows": rows, "columns": columns}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        width, cells = payload.get("width"), payload.get("cells")
        if set(payload) != {"width", "cells", "rows", "columns"} or type(width) is not int or not 2 <= width <= 12:
            raise ValueError('a tents payload is {"width": 2 to 12, "cells": "<. and T>", "rows": [], "columns": []}')
        if not isinstance(cells, str) or not set(cells) == set(".T") or len(cells) % width or len(cells) > 144:
            raise ValueError("cells are whole rows of . and T, at least one of both, 144 cells at most")
        rows, columns = _counts(payload["rows"], len(cells) // width), _counts(payload["columns"], width)
        if not sum(rows) == sum(columns) == cells.count("T"):
            raise ValueError("the tents of the rows, those of the columns and the trees are not as many")
        found = _solutions(marks_of(cells, "T"), rows, columns, BUDGET)
        if len(found) != 1:
            raise ValueError(f"the puzzle has {'more than one' if found else 'no'} solution")
        solution = "".join("A" if found[0] >> i & 1 else cell for i, cell in enumerate(cells))
        lines = [f"{'%s' * width} {count}" for count in rows] + [" ".join(map(str, columns))]
        return Board(width, cells, "A", tuple(rows), tuple(columns), solution, "\n".join(lines))

    @classmethod
    def _observe(cls, instance: Board, state: str) -> str:
        return instance.frame % tuple(state)

    @classmethod
    def _violation(cls, instance: Board, cells: str) -> str | None:
        width = instance.width
        for number, (row, wanted) in enumerate(zip(rows_of(cells, width), instance.rows, strict=True), 1):
            if row.count("A") != wanted:
                return f"Row {number} holds {row.count('A')} tents instead of {wanted}."
        for number, wanted in enumerate(instance.columns):
            if cells[number::width].count("A") != wanted:
                return f"Column {number + 1} does not hold {wanted} tents."
        height, tents, trees = len(cells) // width, marks_of(cells, "A"), marks_of(cells, "T")
        for cell in bits_of(tents):
            if block(cell, width, height) & tents != 1 << cell:
                return f"The tent {cell_name(cell, width)} touches another."
        return None if _paired(tents, trees, width, height) else "Not every tree has a tent of its own."


def _counts(value: object, length: int) -> list[int]:
    if not isinstance(value, list | tuple) or len(value) != length:
        raise ValueError("rows and columns hold a number of tents for each line")
    if not all(type(count) is int and 0 <= count <= 12 for count in value):
        raise ValueError("a number of tents is a whole number from 0 to 12")
    return list(value)


def _tally(tents: int, width: int, height: int) -> tuple[list[int], list[int]]:
    cells = bits_of(tents)
    rows = [sum(cell // width == row for cell in cells) for row in range(height)]
    return rows, [sum(cell % width == column for cell in cells) for column in range(width)]


def _paired(tents: int, trees: int, width: int, height: int) -> bool:
    """Whether tents and trees can be paired so that each pair are neighbours."""
    owner: dict[int, int] = {}
    beside = {tent: bits_of(cross(tent, width, height) & trees) for tent in bits_of(tents)}

    def pair(tent: int, tried: set[int]) -> bool:
        for tree in beside[tent]:
            if tree not in tried:
                tried.add(tree)
                if tree not in owner or pair(owner[tree], tried):
                    owner[tree] = tent
                    return True
        return False

    return tents.bit_count() == trees.bit_count() and all(pair(tent, set()) for tent in beside)


def _solutions(trees: int, rows: Sequence[int], columns: Sequence[int], budget: int) -> list[int]:
    """Up to two ways to pitch the tents, as masks."""
    width, height = len(columns), len(rows)
    size = width * height
    every = (1 << size) - 1
    line = (1 << width) - 1
    rules: list[Rule] = [(line << width * row, count, count) for row, count in enumerate(rows)]
    first = sum(1 << width * row for row in range(height))
    rules += [(first << column, count, count) for column, count in enumerate(columns)]
    rules += [(cross(tree, width, height), 1, 4) for tree in bits_of(trees)]
    rules += [(3 << i | 3 << i + width, 0, 1) for i in range(size - width) if (i + 1) % width]

    def possible(tents: int, free: int) -> bool:
        return tents | free != every or _paired(tents, trees, width, height)

    off = every & ~around(trees, width, height) | trees
    return Counts(size, rules).placements(2, off=off, possible=possible, budget=budget)


def _camp(rng: random.Random, height: int, width: int, count: int) -> tuple[int, int] | None:
    """Random tents that do not touch, each with a tree; None where fewer fit."""
    tents = trees = closed = 0
    for cell in rng.sample(range(height * width), height * width):
        bit = 1 << cell
        if bit & (closed | trees):
            continue
        spots = bits_of(cross(cell, width, height) & ~tents & ~trees)
        if not spots:
            continue
        tents |= bit
        trees |= 1 << rng.choice(spots)
        closed |= block(cell, width, height)
        if tents.bit_count() == count:
            return tents, trees
    return None
