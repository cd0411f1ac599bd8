"""An elevator that brings people to their floors.

An observation shows the floors from the top down, who waits there and where to, the cabin in brackets, and below how
many it holds:

    4
    3 c>2
    2 b>3
    1 a>3 []
    2

A right action is `enter a`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.envs.delivery import CARRIED, GO, TAKE, Act, Deliveries, DeliveryEnv, State, acts_of, distances, routes

# floors, people, places in the cabin
LEVELS = {
    1: (4, 3, 2), 2: (5, 4, 2), 3: (6, 4, 2), 4: (6, 5, 2), 5: (7, 5, 2), 6: (7, 6, 2), 7: (8, 6, 2), 8: (8, 7, 3),
    9: (9, 7, 3), 10: (10, 8, 3),
}  # fmt: skip

_FLOORS = 12
_MOST = 8  # people


@dataclass(frozen=True, slots=True)
class House(Deliveries):
    """Deliveries, and each person with the floor to go to as text."""

    wishes: tuple[str, ...]


class Elevator(DeliveryEnv[House]):
    """Bring people to their floors; 3 people on 4 floors at level 1 to 8 people on 10 floors at level 10.

    People leave only at the floor that they want. The solver's plan is a shortest one.
    """

    name = "elevator"
    rules = (
        "Elevator: each line is a floor, the top one first, with the people who wait there and behind > the floor that "
        "they want; the cabin is in brackets with those who ride; the last line is how many it holds. Bring all people "
        "to their floors. They leave only there."
    )
    action_rule = "Write one action: up, down (one floor), enter a (a waiting person), or leave a."
    answer_rule = "Answer with all actions, separated by commas, for example enter a, up, leave a."
    action_chars = 7
    answer_chars = 400
    task_space = {1: 6_912}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        floors, people, places = LEVELS[level]
        names = [str(floor + 1) for floor in range(floors)]
        wishes = [rng.sample(names, 2) for _ in range(people)]
        return {"floors": floors, "places": places, "cabin": rng.choice(names), "people": wishes}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> House:
        if set(payload) != {"floors", "places", "cabin", "people"}:
            raise ValueError('an elevator payload is {"floors": n, "places": k, "cabin": "1", "people": [["1", "3"]]}')
        floors, places, cabin = payload["floors"], payload["places"], payload["cabin"]
        if type(floors) is not int or type(places) is not int or not 2 <= floors <= _FLOORS or not 1 <= places <= _MOST:
            raise ValueError(f"there are 2 to {_FLOORS} floors and 1 to {_MOST} places in the cabin")
        names = [str(floor + 1) for floor in range(floors)]
        if not isinstance(cabin, str) or cabin not in names:
            raise ValueError(f"the cabin is at one of {', '.join(names)}")
        at, goals = routes(payload["people"], names, _MOST)
        people = "abcdefgh"[: len(at)]
        roads = tuple(tuple(n for n in (floor + 1, floor - 1) if 0 <= n < floors) for floor in range(floors))
        wishes = tuple(f"{name}>{names[goal]}" for name, goal in zip(people, goals, strict=True))
        acts = acts_of({}, "enter", "leave", people)
        start = names.index(cabin)
        return House(names, roads, distances(roads), places, start, people, at, goals, False, acts, wishes)

    @classmethod
    def _read(cls, instance: House, state: State, action: str) -> Act | None:
        there = state[0] + {"up": 1, "down": -1}.get(action, 0)
        if there != state[0] and 0 <= there < len(instance.places):
            return GO, there
        return instance.acts.get(action)

    @classmethod
    def _name(cls, instance: House, here: int, act: Act) -> str:
        kind, number = act
        if kind == GO:
            return "up" if number > here else "down"
        return f"{'enter' if kind == TAKE else 'leave'} {instance.things[number]}"

    @classmethod
    def _observe(cls, instance: House, state: State) -> str:
        here, at = state
        lines = [*instance.places]
        riding = []
        for wish, place, goal in zip(instance.wishes, at, instance.goals, strict=True):
            if place == CARRIED:
                riding.append(wish)
            elif place != goal:
                lines[place] += f" {wish}"
        lines[here] += f" [{' '.join(riding)}]"
        return "\n".join([*lines[::-1], str(instance.capacity)])
