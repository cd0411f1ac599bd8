"""Hashi (Bridges): join all islands, with exactly one solution.

Four islands are shown as a map of their letters, the bridges that each wants, and the pairs that see each other:
`A.B`, `...`, `C.D`, then `A2 B3 C1 D2`, then `AB=? AC=? BD=? CD=?`; a right action is `AB=1`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from esreason.envs.assignment import AssignmentEnv, Values
from esreason.envs.puzzles.hashi_solver import Sea, grow, joined, sea_of, solutions

# height, width, islands
LEVELS = {
    1: (6, 6, 5), 2: (6, 7, 6), 3: (7, 7, 7), 4: (7, 7, 9), 5: (7, 8, 10),
    6: (8, 8, 12), 7: (8, 9, 14), 8: (9, 9, 17), 9: (10, 10, 20), 10: (11, 11, 24),
}  # fmt: skip
MAX_SIDE = 12


@dataclass(frozen=True, slots=True)
class Bridges:
    """The sea, the names of its pairs, and how it is shown."""

    sea: Sea
    names: Values
    choices: Values
    text: str


class Hashi(AssignmentEnv[Bridges]):
    """Islands want numbers of bridges and must all be joined; exactly one solution, proved by counting to two.

    Levels go from 5 islands on a 6x6 map to 24 on 11x11. After Nikoli's Hashiwokakero (Puzzle Communication 31, 1990).
    """

    name = "hashi"
    rules = (
        "Hashi: the letters on the map are islands, and the line below the map says how many bridges end at each. "
        "Bridges run straight over water between two islands that see each other in a row or a column, at most two "
        "between the same islands, and never cross. All islands must be joined. The last line lists the pairs that see "
        "each other, with their number of bridges (? where none is written yet)."
    )
    action_rule = "Write <pair>=<bridges>, for example AB=1, with 0, 1 or 2 bridges, or AB=? to take it back."
    answer_rule = "Answer with <pair>=<bridges> for every pair that has bridges, for example AB=1 BD=2."
    task_space = {1: 71_000}
    action_chars = 6
    answer_chars = 320
    missing = "0"

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        while True:
            rows = grow(rng, *LEVELS[level])
            if rows is not None and _is_unique(rows):
                return {"rows": rows}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Bridges:
        rows = payload.get("rows")
        if set(payload) != {"rows"} or not isinstance(rows, list) or not 1 <= len(rows) <= MAX_SIDE:
            raise ValueError(f'a hashi payload is {{"rows": [text, ...]}} with 1 to {MAX_SIDE} rows')
        if not all(isinstance(row, str) and len(row) == len(rows[0]) for row in rows) or not len(rows[0]) <= MAX_SIDE:
            raise ValueError(f"the rows are texts of the same length, at most {MAX_SIDE}")
        text = "\n".join(rows)
        islands = len(text) - text.count(".") - text.count("\n")
        if not set(text) <= set(".12345678\n") or not 2 <= islands <= len(ascii_uppercase):
            raise ValueError("a map has 2 to 26 islands, digits from 1 to 8 between dots")
        sea = sea_of(rows)
        count = len(solutions(sea, 2))
        if count != 1:
            raise ValueError(f"the hashi has {'no solution' if count == 0 else 'more than one solution'}")
        names = tuple(ascii_uppercase[a] + ascii_uppercase[b] for a, b in sea.pairs)
        return Bridges(sea, names, ("0", "1", "2"), _drawn(text, sea))

    @classmethod
    def _clues(cls, instance: Bridges) -> str:
        return instance.text

    @classmethod
    def _violation(cls, instance: Bridges, values: Values) -> str | None:
        sea, bridges = instance.sea, [int(value) for value in values]
        for island, want in enumerate(sea.wants):
            count = sum([bridges[pair] for pair in sea.of_island[island]])
            if count != want:
                return f"{ascii_uppercase[island]} has {count} bridges instead of {want}."
        for pair, crossing in enumerate(sea.crossing):
            if bridges[pair]:
                for other in crossing:
                    if bridges[other]:
                        return f"The bridges {instance.names[pair]} and {instance.names[other]} cross."
        return None if joined(sea, bridges) else "The islands are not all joined."

    @classmethod
    def _filled(cls, instance: Bridges) -> Values:
        return tuple(solutions(instance.sea, 1)[0])


def _is_unique(rows: list[str]) -> bool:
    try:
        return len(solutions(sea_of(rows), 2)) == 1
    except ValueError:  # too long a search
        return False


def _drawn(text: str, sea: Sea) -> str:
    letters = iter(ascii_uppercase)
    shown = "".join(sign if sign in ".\n" else next(letters) for sign in text)
    return f"{shown}\n{' '.join(f'{ascii_uppercase[i]}{want}' for i, want in enumerate(sea.wants))}"
