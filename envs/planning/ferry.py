"""A ferry that brings cars, one at a time, from port to port.

An observation is `ferry D; A-D B-D C-D; 1 A>C, 2 A>C` (the port of the ferry, the channels, then each car with its
port and the one where it must be, if that is another); a right action is `sail A`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.envs.delivery import CARRIED, GO, TAKE, Act, Deliveries, DeliveryEnv, State, acts_of, distances, routes

# ports, channels beyond those of a tree, cars
LEVELS = {
    1: (4, 0, 2), 2: (5, 0, 2), 3: (5, 1, 3), 4: (6, 1, 3), 5: (6, 1, 4), 6: (7, 1, 4), 7: (7, 1, 5), 8: (8, 2, 5),
    9: (8, 1, 6), 10: (9, 2, 6),
}  # fmt: skip

_PORTS = "ABCDEFGHI"
_MOST = 6  # cars


@dataclass(frozen=True, slots=True)
class Harbour(Deliveries):
    """Deliveries, and the channels as text."""

    text: str


class Ferry(DeliveryEnv[Harbour]):
    """Bring cars to their ports with a ferry that holds one; 2 cars, 4 ports at level 1, 6 cars, 9 ports at level 10.

    The channels form a tree with a few more. Cars can be landed anywhere. The solver's plan is a shortest one.
    """

    name = "ferry"
    rules = (
        "Ferry: first the port where the ferry is, then the channels, which it can sail both ways, then for each car "
        "the port where it is, or aboard, and behind > the port where it must be, if it is not there. The ferry holds "
        "one car. Bring every car to its port."
    )
    action_rule = "Write one action: sail B (along one channel), board 2 (a car in this port), or land 2."
    answer_rule = "Answer with all actions, separated by commas, for example board 2, sail B, land 2."
    action_chars = 7
    answer_chars = 600
    task_space = {1: 8_000}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        ports, more, cars = LEVELS[level]
        names = _PORTS[:ports]
        order = rng.sample(names, ports)
        channels = {frozenset((order[i], rng.choice(order[max(0, i - 3) : i]))) for i in range(1, ports)}
        while len(channels) < ports - 1 + more:
            channels.add(frozenset(rng.sample(names, 2)))
        return {
            "ports": ports, "channels": sorted(sorted(channel) for channel in channels), "ferry": rng.choice(names),
            "cars": [rng.sample(names, 2) for _ in range(cars)],
        }  # fmt: skip

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Harbour:
        if set(payload) != {"ports", "channels", "ferry", "cars"}:
            raise ValueError('a ferry payload is {"ports": n, "channels": [[A, B]], "ferry": A, "cars": [[A, B]]}')
        count, channels, ferry = payload["ports"], payload["channels"], payload["ferry"]
        if type(count) is not int or not 2 <= count <= len(_PORTS):
            raise ValueError(f"there are 2 to {len(_PORTS)} ports")
        names = _PORTS[:count]
        if not isinstance(ferry, str) or ferry not in [*names]:
            raise ValueError(f"the ferry is in one of {', '.join(names)}")
        if not isinstance(channels, list | tuple) or len(channels) > count * (count - 1) // 2:
            raise ValueError("channels is a list of pairs of ports")
        pairs = [(a, b) for a in names for b in names if a < b]
        drawn = [tuple(c) if isinstance(c, list | tuple) else () for c in channels]
        if not set(drawn) <= set(pairs) or len(set(drawn)) < len(drawn):
            raise ValueError("a channel is two different ports in the order of the alphabet, and none is named twice")
        roads = tuple(tuple(b for b in range(count) if (*sorted((names[a], names[b])),) in drawn) for a in range(count))
        at, goals = routes(payload["cars"], names, _MOST)
        cars = [str(number + 1) for number in range(len(at))]
        acts = acts_of({f"sail {name}": place for place, name in enumerate(names)}, "board", "land", cars)
        start, text = names.index(ferry), " ".join(f"{a}-{b}" for a, b in drawn)
        return Harbour(names, roads, distances(roads), 1, start, cars, at, goals, True, acts, text)

    @classmethod
    def _name(cls, instance: Harbour, here: int, act: Act) -> str:
        kind, number = act
        if kind == GO:
            return f"sail {instance.places[number]}"
        return f"{'board' if kind == TAKE else 'land'} {instance.things[number]}"

    @classmethod
    def _observe(cls, instance: Harbour, state: State) -> str:
        here, at = state
        ports, cars = instance.places, []
        for name, place, goal in zip(instance.things, at, instance.goals, strict=True):
            where = "aboard" if place == CARRIED else ports[place]
            cars.append(f"{name} {where}" if place == goal else f"{name} {where}>{ports[goal]}")
        return f"ferry {ports[here]}; {instance.text}; {', '.join(cars)}"
