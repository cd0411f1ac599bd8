"""Lights out: switch every light off.

A board is shown as rows such as `#..#` (# is on); a right action is a press, `r1c2`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.puzzles.lights_out_solver import effects, fewest_presses
from esreason.verifiers.grids import cell_name, rows_of

# sides (least, most), presses needed (least, most)
LEVELS = {
    1: (4, 6, 2, 3), 2: (4, 6, 3, 4), 3: (4, 6, 4, 5), 4: (5, 6, 5, 6), 5: (5, 6, 7, 8),
    6: (5, 7, 9, 10), 7: (6, 7, 11, 13), 8: (6, 8, 14, 18), 9: (7, 9, 19, 25), 10: (8, 10, 26, 60),
}  # fmt: skip
MAX_SIDE = 10
_PRESS = re.compile(r"r([0-9]{1,2})c([0-9]{1,2})")
_SHOWN = str.maketrans("01", ".#")


@dataclass(frozen=True, slots=True)
class Panel:
    """The lights that are on at first, as a bit mask (bit i: cell i, row by row)."""

    height: int
    width: int
    lights: int


class LightsOut(PlanEnv[Panel, int]):
    """A press changes a light and its neighbours; the fewest presses (proved over all solutions) go from 2 to 60.

    Levels also go from boards of sides 4-6 to 8-10. Every board can be switched off. After Tiger Electronics' game
    (1995); solved as Anderson and Feil do (Turning Lights Out with Linear Algebra, Mathematics Magazine 71, 1998).
    """

    name = "lights_out"
    rules = (
        "Lights out: # is a light that is on, . one that is off. Pressing a cell changes it and its neighbours above, "
        "below, left and right. Switch every light off."
    )
    action_rule = "Write r<row>c<column>, for example r1c2, to press a cell; rows and columns are counted from 1."
    answer_rule = "Answer with the cells to press, for example r1c2 r3c3; rows and columns are counted from 1."
    task_space = {1: 7_800, 2: 46_000}
    action_chars = 6
    answer_chars = 512

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        shortest, longest, least, most = LEVELS[level]
        while True:
            height, width = rng.randint(shortest, longest), rng.randint(shortest, longest)
            masks = effects(height, width)
            size = height * width
            lights = 0
            for cell in rng.sample(range(size), min(rng.randint(least, most), size // 2)):
                lights ^= masks[cell]
            presses = fewest_presses(lights, height, width)
            if presses is not None and least <= presses.bit_count() <= most:
                cells = "".join("1" if lights >> i & 1 else "0" for i in range(size))
                return {"rows": rows_of(cells, width)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Panel:
        rows = payload.get("rows")
        if set(payload) != {"rows"} or not isinstance(rows, list) or not 2 <= len(rows) <= MAX_SIDE:
            raise ValueError(f'a lights_out payload is {{"rows": [text, ...]}} with 2 to {MAX_SIDE} rows')
        if not all(isinstance(row, str) and len(row) == len(rows[0]) and set(row) <= {"0", "1"} for row in rows):
            raise ValueError("the rows are texts of the same length out of 0 and 1")
        if not 2 <= len(rows[0]) <= MAX_SIDE:
            raise ValueError(f"a row has 2 to {MAX_SIDE} lights")
        lights = sum(1 << i for i, sign in enumerate("".join(rows)) if sign == "1")
        if not lights:
            raise ValueError("every light is off already")
        if fewest_presses(lights, len(rows), len(rows[0])) is None:
            raise ValueError("no presses switch these lights off")
        return Panel(len(rows), len(rows[0]), lights)

    @classmethod
    def _start(cls, instance: Panel) -> int:
        return instance.lights

    @classmethod
    def _observe(cls, instance: Panel, state: int) -> str:
        size = instance.height * instance.width
        return "\n".join(rows_of(f"{state:0{size}b}"[::-1].translate(_SHOWN), instance.width))

    @classmethod
    def _apply(cls, instance: Panel, state: int, action: str) -> int:
        match = _PRESS.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form r1c2.")
        row, column = int(match[1]) - 1, int(match[2]) - 1
        if not (0 <= row < instance.height and 0 <= column < instance.width):
            raise IllegalAction(f"There is no cell {shown(action)}.")
        return state ^ effects(instance.height, instance.width)[row * instance.width + column]

    @classmethod
    def _goal(cls, instance: Panel, state: int) -> bool:
        return state == 0

    @classmethod
    def _legal(cls, instance: Panel, state: int) -> list[str]:
        return [cell_name(index, instance.width) for index in range(instance.height * instance.width)]

    @classmethod
    def _solve(cls, instance: Panel) -> Solution:
        presses = fewest_presses(instance.lights, instance.height, instance.width) or 0
        cells = range(instance.height * instance.width)
        actions = [cell_name(index, instance.width) for index in cells if presses >> index & 1]
        return cls._solution(actions)

    @classmethod
    def _limit(cls, instance: Panel) -> int:
        return instance.height * instance.width + 8
