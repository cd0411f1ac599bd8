"""Star battle with exactly one solution.

A 5x5 board is shown as its regions (a letter each) beside the cells, its first line for instance `aabbb .....`;
a right action is `r1c2=*`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.envs.counts import bits_of
from esreason.envs.marks import MarkEnv
from esreason.envs.puzzles.star_battle_maker import make, model
from esreason.verifiers.grids import cell_name, connected, rows_of

# size, stars, cells in per cent that a region takes without regard to what its predecessors rule out
LEVELS = {
    1: (5, 1, 40), 2: (6, 1, 20), 3: (6, 1, 100), 4: (7, 1, 20), 5: (7, 1, 45),
    6: (8, 1, 20), 7: (9, 1, 10), 8: (10, 1, 5), 9: (9, 2, 0), 10: (9, 2, 8),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """The blank cells, the letter of each cell's region, the cells of each region, the text with %s for each cell."""

    width: int
    givens: str
    symbols: str
    stars: int
    regions: tuple[tuple[str, tuple[int, ...]], ...]
    solution: str
    frame: str


class StarBattle(MarkEnv[Board]):
    """Stars that do not touch, so many in every row, column and region; level 1 is 5x5, 8 is 10x10, 10 is 9x9 with 2.

    The solution is the only one: a payload with none or several is refused.
    """

    name = "star_battle"
    rules = (
        "Star battle: put stars (*) into cells so that every row, every column and every region holds exactly as many "
        "stars as the first line says and no two stars touch, not even at a corner. The left block shows the region "
        "of each cell as a letter, the right block the cells. The game ends when all stars are right."
    )
    action_rule = "Write r<row>c<column>=*, for example r1c2=*, to put a star, and r1c2=. to take it away."
    answer_rule = "Answer with the finished cells (the right block only), row by row: * for a star, . for none."

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        size, stars, loose = LEVELS[level]
        letters = [""] * (size * size)
        regions = sorted(make(rng, size, stars, loose), key=lambda mask: mask & -mask)
        for letter, mask in zip("abcdefghij", regions, strict=False):
            for cell in bits_of(mask):
                letters[cell] = letter
        return {"size": size, "stars": stars, "regions": "".join(letters)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Board:
        size, stars, letters = payload.get("size"), payload.get("stars"), payload.get("regions")
        if set(payload) != {"size", "stars", "regions"} or type(size) is not int or not 4 <= size <= 10:
            raise ValueError('a star_battle payload is {"size": 4 to 10, "stars": 1 or 2, "regions": letters}')
        if type(stars) is not int or stars not in (1, 2) or not isinstance(letters, str) or len(letters) != size * size:
            raise ValueError(f"stars are 1 or 2, and regions of size {size} are {size * size} letters")
        names = "abcdefghij"[:size]
        if set(letters) != set(names):
            raise ValueError(f"there are {size} regions, named {names}")
        masks = [sum(1 << i for i, letter in enumerate(letters) if letter == name) for name in names]
        if not all(connected(mask, size, size) for mask in masks):
            raise ValueError("the cells of a region hang together")
        found = model(size, stars, masks).placements(2)
        if len(found) != 1:
            raise ValueError(f"the board has {'more than one' if found else 'no'} solution")
        solution = "".join(".*"[found[0] >> i & 1] for i in range(size * size))
        regions = tuple((name, tuple(bits_of(mask))) for name, mask in zip(names, masks, strict=True))
        frame = "\n".join([f"stars {stars}", *(f"{row} {'%s' * size}" for row in rows_of(letters, size))])
        return Board(size, "." * (size * size), "*", stars, regions, solution, frame)

    @classmethod
    def _observe(cls, instance: Board, state: str) -> str:
        return instance.frame % tuple(state)

    @classmethod
    def _violation(cls, instance: Board, cells: str) -> str | None:
        size, stars = instance.width, instance.stars
        wanted = "one star" if stars == 1 else f"{stars} stars"
        for number in range(size):
            if cells.count("*", number * size, number * size + size) != stars:
                return f"Row {number + 1} does not hold {wanted}."
            if cells[number::size].count("*") != stars:
                return f"Column {number + 1} does not hold {wanted}."
        for name, region in instance.regions:
            if sum(cells[i] == "*" for i in region) != stars:
                return f"Region {name} does not hold {wanted}."
        return _touching(cells, size)


def _touching(cells: str, size: int) -> str | None:
    """One sentence on two stars that touch."""
    stars = [divmod(i, size) for i, cell in enumerate(cells) if cell == "*"]
    for number, (row, column) in enumerate(stars):
        for other_row, other_column in stars[number + 1 :]:
            if other_row > row + 1:
                break
            if abs(other_column - column) <= 1:
                first, second = row * size + column, other_row * size + other_column
                return f"The stars {cell_name(first, size)} and {cell_name(second, size)} touch."
    return None
