"""A robot with two hands that carries balls between rooms.

An observation is `robot C; 1 A>D, 2 hand>A, 3 C` (each ball with its room and the one where it must be, if that is
another); a right action is `move A`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from esreason.envs.delivery import CARRIED, GO, TAKE, Act, Deliveries, DeliveryEnv, State, acts_of, routes

# rooms, balls
LEVELS = {1: (4, 3), 2: (5, 3), 3: (4, 4), 4: (5, 4), 5: (5, 5), 6: (5, 6), 7: (6, 6), 8: (6, 7), 9: (6, 8), 10: (7, 8)}

_ROOMS = "ABCDEFG"
_MOST = 8  # balls
_HANDS = 2


class Gripper(DeliveryEnv[Deliveries]):
    """Carry balls to their rooms with two hands; 3 balls in 4 rooms at level 1 to 8 balls in 7 rooms at level 10.

    Every room is next to every other. The solver's plan is a shortest one.
    """

    name = "gripper"
    rules = (
        "Gripper: first the room where the robot is, then for each ball the room where it is, or hand, and behind > "
        "the room where it must be, if it is not there. The robot has two hands, each holds one ball, and it can move "
        "from every room to every other. Bring every ball to its room."
    )
    action_rule = "Write one action: move B, pick 2 (a ball in the robot's room), or drop 2."
    answer_rule = "Answer with all actions, separated by commas, for example pick 2, move B, drop 2."
    action_chars = 6
    answer_chars = 400
    task_space = {1: 6_912, 2: 35_000}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        rooms, balls = LEVELS[level]
        names = _ROOMS[:rooms]
        return {"rooms": rooms, "robot": rng.choice(names), "balls": [rng.sample(names, 2) for _ in range(balls)]}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Deliveries:
        count, robot = payload.get("rooms"), payload.get("robot")
        if set(payload) != {"rooms", "robot", "balls"} or type(count) is not int or not 2 <= count <= len(_ROOMS):
            raise ValueError('a gripper payload is {"rooms": 2 to 7, "robot": "A", "balls": [["A", "B"], ...]}')
        names = _ROOMS[:count]
        if not isinstance(robot, str) or robot not in [*names]:
            raise ValueError(f"the robot is in one of {', '.join(names)}")
        at, goals = routes(payload["balls"], names, _MOST)
        balls = [str(number + 1) for number in range(len(at))]
        roads = tuple(tuple(there for there in range(count) if there != here) for here in range(count))
        far = tuple(tuple(int(there != here) for there in range(count)) for here in range(count))
        acts = acts_of({f"move {name}": place for place, name in enumerate(names)}, "pick", "drop", balls)
        return Deliveries(names, roads, far, _HANDS, names.index(robot), balls, at, goals, True, acts)

    @classmethod
    def _name(cls, instance: Deliveries, here: int, act: Act) -> str:
        kind, number = act
        if kind == GO:
            return f"move {instance.places[number]}"
        return f"{'pick' if kind == TAKE else 'drop'} {instance.things[number]}"

    @classmethod
    def _observe(cls, instance: Deliveries, state: State) -> str:
        here, at = state
        rooms, balls = instance.places, []
        for name, place, goal in zip(instance.things, at, instance.goals, strict=True):
            where = "hand" if place == CARRIED else rooms[place]
            balls.append(f"{name} {where}" if place == goal else f"{name} {where}>{rooms[goal]}")
        return f"robot {rooms[here]}; {', '.join(balls)}"
