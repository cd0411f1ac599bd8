"""Rush hour.

An observation is the car park, a letter a car and . for an empty cell:

    .EEBD
    .XXBD
    ..CBD
    ..CAA
    .....

A right action is `X-1`, which moves car X one cell to the left.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.planning.rush_hour_solver import Car, Lot, hardest
from esreason.envs.search import NoPlan

# side, cars, fewest moves, enough moves, lots looked at
LEVELS = {
    1: (5, 6, 4, 4, 1), 2: (5, 8, 5, 5, 1), 3: (5, 8, 5, 6, 10), 4: (5, 8, 6, 7, 12), 5: (6, 12, 4, 5, 8),
    6: (6, 12, 6, 7, 40), 7: (6, 12, 6, 8, 45), 8: (6, 12, 7, 10, 40), 9: (6, 12, 7, 12, 70), 10: (6, 13, 7, 16, 100),
}  # fmt: skip

_BOUND = 200_000  # states, about 0.7 s
_ACTION = re.compile(r"([A-Z])([+-])([1-5])")


@dataclass(frozen=True, slots=True)
class Park:
    """The board as text; for each car the step along its line and its length."""

    text: str
    size: int
    cars: Mapping[str, tuple[int, int]]

    def __hash__(self) -> int:
        return hash(self.text)


class RushHour(PlanEnv[Park, str]):
    """Drive car X to the right edge; shortest solutions of about 3 moves on 5x5 at level 1 to 12 on 6x6 at level 10.

    A move slides one car any number of cells. The boards are made backwards: every state that can be reached from
    one where X is at the edge is looked at, and one taken that needs the most moves. The solver's plan is a shortest
    one, by breadth-first search.
    """

    name = "rush_hour"
    rules = (
        "Rush hour: each letter is a car that can only drive along its length, . is an empty cell. Cars cannot pass "
        "through each other. Bring car X to the right edge."
    )
    action_rule = "Write a car and how far it goes, + for right or down, - for left or up, for example A+2."
    answer_rule = "Answer with all moves, for example A+2, B-1, X+3."
    action_chars = 3
    task_space = {1: 40_000}
    answer_chars = 400

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        size, count, least, enough, tries = LEVELS[level]
        lot, state = hardest(rng, size, count, least, enough, tries)
        cells = ["."] * (size * size)
        others = rng.sample("ABCDEFGHIJKLMNOPQRSTUVW"[: len(lot.cars) - 1], len(lot.cars) - 1)
        for letter, car in zip(["X", *others], lot.cars_in(state), strict=True):
            first, step = (car.line, size) if car.upright else (car.line * size, 1)
            for place in range(car.place, car.place + car.length):
                cells[first + place * step] = letter
        return {"board": "\n".join("".join(cells[i : i + size]) for i in range(0, size * size, size))}

    @classmethod
    def _variants(cls, rng: random.Random, payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The same lot with other letters, upside down every other time."""
        board: str = payload["board"]
        letters = sorted({*board} - {*"X.\n"})
        for number in range(40):
            other = board.translate(str.maketrans("".join(letters), "".join(rng.sample(letters, len(letters)))))
            yield {"board": "\n".join(other.split("\n")[:: -1 if number % 2 else 1])}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Park:
        text = payload.get("board")
        if set(payload) != {"board"} or not isinstance(text, str) or not re.fullmatch(r"[A-Z.\n]{11,41}", text):
            raise ValueError('a rush_hour payload is {"board": "<rows of . and car letters>"}')
        rows = text.split("\n")
        size = len(rows)
        if not 4 <= size <= 6 or any(len(row) != size for row in rows):
            raise ValueError("a rush_hour board is a square of 4 to 6 rows")
        cars = {letter: _car(text, size, letter) for letter in sorted(set(text) - {".", "\n"})}
        if cars.get("X", (0, 0))[0] != 1:
            raise ValueError("a rush_hour board has a lying car X")
        park = Park(text, size, cars)
        if cls._goal(park, text):
            raise ValueError("car X is at the right edge already")
        return park

    @classmethod
    def _start(cls, instance: Park) -> str:
        return instance.text

    @classmethod
    def _observe(cls, instance: Park, state: str) -> str:
        return state

    @classmethod
    def _apply(cls, instance: Park, state: str, action: str) -> str:
        match = _ACTION.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form A+2.")
        letter = match[1]
        step, length = instance.cars.get(letter, (0, 0))
        if not length:
            raise IllegalAction(f"There is no car {letter}.")
        count, first = int(match[3]), state.find(letter)
        if match[2] == "+":
            way = range(first + length * step, first + (length + count) * step, step)
            gone = first
        else:
            way = range(first - step, first - (count + 1) * step, -step)
            gone = first + (length - 1) * step
        last = way[-1]
        if not 0 <= last < len(state) or any(state[cell] == "\n" for cell in way):
            raise IllegalAction("There the car park ends.")
        cells = list(state)
        sign = step if match[2] == "+" else -step
        for cell in way:
            if cells[cell] != ".":
                raise IllegalAction(f"Car {cells[cell]} is in the way.")
            cells[cell], cells[gone] = letter, "."
            gone += sign
        return "".join(cells)

    @classmethod
    def _goal(cls, instance: Park, state: str) -> bool:
        return (state.rfind("X") + 1) % (instance.size + 1) == instance.size

    @classmethod
    def _solve(cls, instance: Park) -> Solution:
        return cls._solution(list(_plan(instance)))

    @classmethod
    def _legal(cls, instance: Park, state: str) -> list[str]:
        found = []
        for letter, (step, length) in instance.cars.items():
            first = state.find(letter)
            for sign, cell, way in (("+", first + length * step, step), ("-", first - step, -step)):
                count = 1
                while 0 <= cell < len(state) and state[cell] == ".":
                    found.append(f"{letter}{sign}{count}")
                    cell += way
                    count += 1
        return found

    @classmethod
    def _limit(cls, instance: Park) -> int:
        try:
            return max(2 * len(_plan(instance)), 4)
        except NoPlan:
            return 120


def _car(text: str, size: int, letter: str) -> tuple[int, int]:
    """The step and length of a car; ValueError where its cells do not form a line of 2 or more."""
    cells = [i for i, c in enumerate(text) if c == letter]
    for step in (1, size + 1):
        line = range(cells[0], cells[0] + len(cells) * step, step)
        if len(cells) > 1 and list(line) == cells:
            return step, len(cells)
    raise ValueError(f"the cells of car {letter} do not form a line of two or more")


@lru_cache(maxsize=1024)
def _plan(park: Park) -> tuple[str, ...]:
    """A shortest plan. Raises NoPlan."""
    letters = sorted(park.cars, key=lambda letter: letter != "X")
    cars = []
    for letter in letters:
        step, length = park.cars[letter]
        row, column = divmod(park.text.find(letter), park.size + 1)
        cars.append(Car(False, row, column, length) if step == 1 else Car(True, column, row, length))
    return tuple(f"{letters[car]}{way:+d}" for car, way in Lot(park.size, cars).shortest(_BOUND))
