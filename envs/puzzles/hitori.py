"""Hitori with exactly one solution.

A 4x4 puzzle is shown as rows of digits, a `#` after each shaded one and a dot after any other, its first row for
instance `2.3.2.4.`; a right action is `r1c1=#`, which turns the row into `2#3.2.4.`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from esreason.envs.counts import BUDGET, SHORT, Counts, Rule, bits_of
from esreason.envs.digits import latin_square
from esreason.envs.marks import MarkEnv
from esreason.verifiers.grids import around, cell_name, connected, marks_of, rows_of, side_masks

# rows, columns; a third of the cells is shaded where that many fit, with fewer hardly a puzzle has one solution
LEVELS = {
    1: (4, 4), 2: (4, 5), 3: (5, 5), 4: (5, 6), 5: (6, 6), 6: (6, 7), 7: (7, 7), 8: (7, 8), 9: (8, 8), 10: (9, 9),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """The digits, the blank marks, the only solution, the text with %s for each cell."""

    width: int
    givens: str
    symbols: str
    digits: str
    solution: str
    frame: str


class Hitori(MarkEnv[Board]):
    """Shade cells until no digit repeats in a line; level 1 is 4x4, 5 is 6x6, 10 is 9x9 with 27 to shade.

    The solution is the only one: a payload with none or several is refused.
    """

    name = "hitori"
    rules = (
        "Hitori: shade cells so that no digit stands twice unshaded in a row or a column, no two shaded cells are side "
        "by side or one above the other, and all unshaded cells hang together by their sides. A # stands after each "
        "shaded digit, a dot after any other. The game ends when the shaded cells are right."
    )
    action_rule = "Write r<row>c<column>=#, for example r1c2=#, to shade one cell, and r1c2=. to take the shade away."
    answer_rule = "Answer with the finished grid, row by row: # for a shaded cell, . for any other, no digits."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        height, width = LEVELS[level]
        while True:
            digits = latin_square(rng, width)[: height * width]
            if _disguise(rng, digits, _shade(rng, width, height), width):
                return {"width": width, "digits": "".join(map(str, digits))}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        width, digits = payload.get("width"), payload.get("digits")
        if set(payload) != {"width", "digits"} or type(width) is not int or not 3 <= width <= 9:
            raise ValueError('a hitori payload is {"width": 3 to 9, "digits": "<the digits, row by row>"}')
        if not isinstance(digits, str) or not set(digits) <= set("123456789"):
            raise ValueError("digits are a text of digits from 1 to 9")
        if len(digits) % width or not 3 <= len(digits) // width <= 9:
            raise ValueError(f"digits are 3 to 9 rows of {width}")
        found = _solutions(list(map(int, digits)), width, BUDGET)
        if len(found) != 1:
            raise ValueError(f"the hitori has {'more than one' if found else 'no'} solution")
        if not found[0]:
            raise ValueError("the hitori has nothing to shade")
        solution = "".join(".#"[found[0] >> i & 1] for i in range(len(digits)))
        rows = ("".join(f"{digit}%s" for digit in row) for row in rows_of(digits, width))
        return Board(width, "." * len(digits), "#", digits, solution, "\n".join(rows))

    @classmethod
    def _observe(cls, instance: Board, state: str) -> str:
        return instance.frame % tuple(state)

    @classmethod
    def _violation(cls, instance: Board, cells: str) -> str | None:
        width, height, digits = instance.width, len(cells) // instance.width, instance.digits
        left = "".join([digit if cell == "." else "." for digit, cell in zip(digits, cells, strict=True)])
        lines = [("Row", n, row) for n, row in enumerate(rows_of(left, width), 1)]
        for name, number, line in lines + [("Column", c + 1, left[c::width]) for c in range(width)]:
            seen = line.replace(".", "")
            if len(set(seen)) != len(seen):
                return f"{name} {number} holds a digit twice unshaded."
        shaded = marks_of(cells, "#")
        beside = shaded & (shaded >> 1 & side_masks(width, height)[1] | shaded >> width)
        if beside:
            return f"{cell_name(bits_of(beside)[0], width)} and a neighbour are shaded."
        if not connected(~shaded & (1 << len(cells)) - 1, width, height):
            return "The unshaded cells do not hang together."
        return None

    @classmethod
    def _limit(cls, instance: Board) -> int:
        return len(instance.givens)  # twice the shaded cells and more; their number must not show


@cache
def _apart(width: int, height: int) -> tuple[Rule, ...]:
    """No two shaded neighbours."""
    cells = range(width * height)
    pairs = [3 << i for i in cells if (i + 1) % width] + [1 << i | 1 << i + width for i in cells[:-width]]
    return tuple((pair, 0, 1) for pair in pairs)


def _model(digits: Sequence[int], width: int) -> Counts:
    """All but one of the equal digits of a line are shaded, and no two neighbours."""
    rules = []
    lines = [range(i, i + width) for i in range(0, len(digits), width)]
    for line in lines + [range(c, len(digits), width) for c in range(width)]:
        same: dict[int, int] = {}
        for cell in line:
            same[digits[cell]] = same.get(digits[cell], 0) | 1 << cell
        rules += [(mask, mask.bit_count() - 1, mask.bit_count()) for mask in same.values() if mask & (mask - 1)]
    return Counts(len(digits), [*rules, *_apart(width, len(digits) // width)])


def _solutions(digits: Sequence[int], width: int, budget: int) -> list[int]:
    """Up to two ways to shade, as masks."""
    height, every = len(digits) // width, (1 << len(digits)) - 1

    def possible(shaded: int, white: int) -> bool:
        return _reachable(white, every & ~shaded, width, height)

    return _model(digits, width).placements(2, possible=possible, budget=budget)


def _reachable(cells: int, through: int, width: int, height: int) -> bool:
    """Whether the cells hang together by way of others."""
    reached = cells & -cells
    while cells & ~reached:
        more = around(reached, width, height) & through
        if not more:
            return False
        reached |= more
    return True


def _shade(rng: random.Random, width: int, height: int) -> int:
    """Random cells, a third if they fit, no two neighbours, that leave the others connected."""
    size = width * height
    every, shaded = (1 << size) - 1, 0
    for cell in rng.sample(range(size), size):
        bit = 1 << cell
        if shaded.bit_count() * 3 >= size:
            break
        if not around(bit, width, height) & shaded and connected(every & ~shaded & ~bit, width, height):
            shaded |= bit
    return shaded


def _disguise(rng: random.Random, digits: list[int], shaded: int, width: int) -> bool:
    """Let the shaded cells of a Latin rectangle repeat digits of their lines, so that they are the only solution.

    Where another way to shade is found, one of the cells that it leaves unshaded gets another digit; False if a dozen
    such changes are not enough.
    """
    cells = bits_of(shaded)
    for cell in cells:
        digits[cell] = _repeated(rng, digits, shaded, cell, width)
    for _ in range(12):
        try:
            found = _solutions(digits, width, SHORT)
        except ValueError:
            return False
        others = [way for way in found if way != shaded]
        if not others:
            return True
        cell = rng.choice(bits_of(shaded & ~others[0]) or cells)
        digits[cell] = _repeated(rng, digits, shaded, cell, width)
    return False


def _repeated(rng: random.Random, digits: Sequence[int], shaded: int, cell: int, width: int) -> int:
    """A digit that stands unshaded in the row or the column of a cell."""
    first = cell - cell % width
    line: list[int] = [*range(first, first + width), *range(cell % width, len(digits), width)]
    return digits[rng.choice([i for i in line if not shaded >> i & 1])]
