"""Zebra puzzles: who lives where, with exactly one solution.

A small one is shown as `cat in house 2; red is just left of dog` above `color: red=? blue=?` and so on;
a right action is `cat=2`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.envs.assignment import AssignmentEnv, Values
from esreason.envs.puzzles.zebra_solver import HOLDS, UNARY, Clue, clues_for, solutions

POOLS = {
    "color": ("red", "blue", "green", "white", "yellow", "black", "brown", "pink"),
    "pet": ("cat", "dog", "fish", "bird", "horse", "mouse", "snake", "zebra"),
    "drink": ("tea", "milk", "water", "coffee", "juice", "cocoa", "soda", "cider"),
    "food": ("rice", "bread", "soup", "cake", "pasta", "apple", "salad", "cheese"),
    "job": ("cook", "pilot", "baker", "judge", "nurse", "actor", "farmer", "tailor"),
    "name": ("Ann", "Bob", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana"),
}
_EASY = ("at", "same", "just_left", "next")
_ALL = ("off", "same", "same", "apart", "just_left", "next", "left", "gap")
_HARD = ("same", "apart", "next", "next", "left", "gap")

# houses, categories, kinds of clues (one named twice is drawn twice as often), clues that are left out if the rest can
# still be solved by trial and error
LEVELS = {
    1: (3, 2, _EASY, 0), 2: (4, 2, _EASY, 0), 3: (3, 3, _EASY, 0), 4: (4, 3, _ALL, 0), 5: (5, 3, _ALL, 0),
    6: (4, 4, _ALL, 0), 7: (5, 4, _ALL, 0), 8: (5, 5, _ALL, 0), 9: (5, 5, _HARD, 5), 10: (6, 5, _HARD, 5),
}  # fmt: skip
_TEXT = {
    "at": "{} in house {}", "off": "{} not in house {}", "same": "{} with {}", "apart": "{} not with {}",
    "just_left": "{} just left of {}", "next": "{} next to {}", "left": "{} left of {}",
    "gap": "one house between {} and {}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Street:
    """Houses, the values category by category, and the clues."""

    categories: Values
    names: Values
    choices: Values
    clues: tuple[Clue, ...]
    text: str


class Zebra(AssignmentEnv[Street]):
    """Clues place values in a row of houses; there is exactly one solution, proved by counting to two.

    Levels go from 3 houses and 2 categories to 6 and 5; 1-3 have direct clues, 4-8 all kinds but follow by
    propagation, 9-10 may need trial and error. No clue of 1-8 can be left out without losing that.
    After the puzzle in Life International, 17 December 1962.
    """

    name = "zebra"
    rules = (
        "Zebra puzzle: houses stand in a row, numbered from 1 at the left. Each house has exactly one value of every "
        "category, and each value is in exactly one house. 'a with b' means in the same house, 'next to' in "
        "neighbouring houses in either order, 'left of' anywhere to the left, 'just left of' in the house directly to "
        "the left. Find the house of every value (? where none is written yet)."
    )
    action_rule = "Write <value>=<house>, for example cat=2, to place a value, or cat=? to take it away."
    answer_rule = "Answer with <value>=<house> for every value, for example cat=2 dog=1."
    action_chars = 10
    answer_chars = 512

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        houses, count, kinds, tries = LEVELS[level]
        categories = rng.sample(sorted(POOLS), count)
        values = [rng.sample(POOLS[category], houses) for category in categories]
        where = [house + 1 for _ in categories for house in rng.sample(range(houses), houses)]
        names = [name for row in values for name in row]
        clues = clues_for(rng, where, houses, kinds, tries)
        return {
            "categories": [[category, *row] for category, row in zip(categories, values, strict=True)],
            "clues": [[kind, names[a], b if kind in UNARY else names[b]] for kind, a, b in clues],
        }

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Street:
        if set(payload) != {"categories", "clues"}:
            raise ValueError(
                'a zebra payload is {"categories": [[name, value, ...], ...], "clues": [[kind, a, b], ...]}'
            )
        categories, names, houses = _read_categories(payload["categories"])
        clues = _read_clues(payload["clues"], names, houses)
        count = len(solutions(houses, len(names), clues, 2))
        if count != 1:
            raise ValueError(f"the zebra puzzle has {'no solution' if count == 0 else 'more than one solution'}")
        text = "; ".join(_TEXT[kind].format(names[a], b if kind in UNARY else names[b]) for kind, a, b in clues)
        return Street(categories, names, tuple(str(h + 1) for h in range(houses)), clues, text)

    @classmethod
    def _clues(cls, instance: Street) -> str:
        return instance.text

    @classmethod
    def _observe(cls, instance: Street, state: Values) -> str:
        houses = len(instance.choices)
        pairs = [f"{name}={value}" for name, value in zip(instance.names, state, strict=True)]
        rows = [
            f"{category}: {' '.join(pairs[i * houses : i * houses + houses])}"
            for i, category in enumerate(instance.categories)
        ]
        return "\n".join([instance.text, *rows])

    @classmethod
    def _violation(cls, instance: Street, values: Values) -> str | None:
        houses = len(instance.choices)
        for i, category in enumerate(instance.categories):
            if len(set(values[i * houses : i * houses + houses])) < houses:
                return f"Two values of the category {category} are in one house."
        where = [int(value) for value in values]
        for number, (kind, a, b) in enumerate(instance.clues, 1):
            if not HOLDS[kind](where[a], b if kind in UNARY else where[b]):
                return f"Clue {number} does not hold."
        return None

    @classmethod
    def _filled(cls, instance: Street) -> Values:
        found = solutions(len(instance.choices), len(instance.names), instance.clues, 1)
        return tuple(map(str, found[0]))


def _word(item: object) -> bool:
    return isinstance(item, str) and 1 <= len(item) <= 8 and item.isascii() and item.isalpha()


def _read_categories(data: object) -> tuple[Values, Values, int]:
    """The names of the categories, all values in order, and the number of houses."""
    if not isinstance(data, list) or not 1 <= len(data) <= 6 or not all(isinstance(row, list) for row in data):
        raise ValueError("categories is a list of 1 to 6 lists, each a name and then its values")
    houses = len(data[0]) - 1
    if not 2 <= houses <= 6 or any(len(row) != houses + 1 for row in data):
        raise ValueError("every category has the same number of values, 2 to 6")
    if not all(_word(item) for row in data for item in row):
        raise ValueError("categories and values are words of 1 to 8 ASCII letters")
    names = tuple(item for row in data for item in row[1:])
    if len({name.lower() for name in names}) < len(names):
        raise ValueError("a value is named twice")
    return tuple(row[0] for row in data), names, houses


def _read_clues(data: object, names: Values, houses: int) -> tuple[Clue, ...]:
    if not isinstance(data, list) or len(data) > 60:
        raise ValueError("clues is a list of at most 60 clues")
    clues = []
    for item in data:
        if not (isinstance(item, list) and len(item) == 3 and isinstance(item[0], str) and item[0] in HOLDS):
            raise ValueError(f"a clue is [kind, value, value or house] with a kind out of {', '.join(HOLDS)}")
        kind, a, b = item
        second = isinstance(b, str) and b in names and b != a
        if kind in UNARY:
            second = isinstance(b, int) and not isinstance(b, bool) and 1 <= b <= houses
        if not (isinstance(a, str) and a in names and second):
            other = "a house" if kind in UNARY else "another value"
            raise ValueError(f"a clue of the kind {kind} names a value and {other}")
        clues.append((kind, names.index(a), b if kind in UNARY else names.index(b)))
    return tuple(clues)
