"""Packages that travel by truck and by plane.

An observation is `trucks a1 b1; plane b; a 0-1, b 0-2; 1 a0>b2, 2 truck b>a1` (the truck of each city, the city of the
plane, the places of each city, then each package with its place and where it must be, if that is another); a right
action is `drive b0`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PHRASES, PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.planning.logistics_solver import PLANE, TRUCK, Act, Country, State, shortest

# cities, places of a city (fewest, most), packages
LEVELS = {
    1: (2, 2, 3, 2), 2: (2, 3, 3, 3), 3: (2, 3, 4, 3), 4: (2, 3, 4, 4), 5: (3, 2, 4, 4), 6: (3, 3, 4, 5),
    7: (3, 3, 4, 6), 8: (4, 3, 4, 6), 9: (3, 3, 5, 7), 10: (4, 3, 4, 7),
}  # fmt: skip

_CITIES = "abcd"
_PLACES = 5  # of a city
_MOST = 8  # packages
_BOUND = 32_000  # states; with the half as many that may follow about a second
_ACTION = re.compile(r"(drive) ([a-d][0-4])|(fly) ([a-d])|(load) ([1-8]) (truck|plane)|(unload) ([1-8])")


@dataclass(frozen=True, slots=True)
class Network:
    """The names of places, what the solver knows of them, where all is in the beginning, and the places as text."""

    names: tuple[str, ...]
    country: Country
    start: State
    text: str


class Logistics(PlanEnv[Network, State]):
    """Bring packages to their places by truck and plane; 2 in 2 cities at level 1 to 7 in 4 cities at level 10.

    Each city has one truck, the first place of each is its airport, and vehicles hold any number of packages. The
    solver's plan is a shortest one.
    """

    name = "logistics"
    rules = (
        "Logistics: first the place of each city's truck, then the city where the plane is, then how the places of "
        "each city are numbered, then for each package the place or vehicle where it is and behind > the place where "
        "it must be, if it is not there. A truck drives to any place of its city; the plane flies between the places "
        "with number 0. Both hold any number of packages. Bring every package to its place."
    )
    action_rule = (
        "Write one action: drive a2 (the truck of city a to place a2), fly b, load 1 truck, load 1 plane, or unload 1."
    )
    answer_rule = (
        "Answer with all actions, separated by commas, for example drive a2, load 1 truck, drive a0, unload 1."
    )
    separator = PHRASES
    action_chars = 12
    answer_chars = 1500
    task_space = {1: 7_000}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        cities, least, most, packages = LEVELS[level]
        sizes = [rng.randint(least, most) for _ in range(cities)]
        names = _names(sizes)
        trucks = [f"{_CITIES[city]}{rng.randrange(size)}" for city, size in enumerate(sizes)]
        routes = []
        for number in range(packages):
            here, there = rng.sample(names, 2)
            while number % 2 == 0 and here[0] == there[0]:  # at least every other package changes the city
                here, there = rng.sample(names, 2)
            routes.append([here, there])
        return {"cities": sizes, "trucks": trucks, "plane": rng.choice(_CITIES[:cities]), "packages": routes}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Network:
        if set(payload) != {"cities", "trucks", "plane", "packages"}:
            raise ValueError(
                'a logistics payload is {"cities": [places], "trucks": [place], "plane", "packages": [[a, b]]}'
            )
        sizes, trucks, plane, packages = (payload[key] for key in ("cities", "trucks", "plane", "packages"))
        if not isinstance(sizes, list | tuple) or not 1 <= len(sizes) <= len(_CITIES):
            raise ValueError(f"there are 1 to {len(_CITIES)} cities")
        if not all(type(size) is int and 1 <= size <= _PLACES for size in sizes):
            raise ValueError(f"a city has 1 to {_PLACES} places")
        names = _names(sizes)
        number = {name: place for place, name in enumerate(names)}
        if not isinstance(trucks, list | tuple) or len(trucks) != len(sizes):
            raise ValueError("each city has a truck")
        if not all(isinstance(t, str) and t in number and t[0] == c for t, c in zip(trucks, _CITIES, strict=False)):
            raise ValueError("a truck is at a place of its city")
        if not isinstance(plane, str) or plane not in [*_CITIES[: len(sizes)]]:
            raise ValueError("the plane is in one of the cities")
        if not isinstance(packages, list | tuple) or not 1 <= len(packages) <= _MOST:
            raise ValueError(f"there are 1 to {_MOST} packages")
        if not all(isinstance(p, list | tuple) and len(p) == 2 for p in packages):
            raise ValueError("a package has a place where it is and one where it must be")
        if not all(isinstance(place, str) and place in number for p in packages for place in p):
            raise ValueError("the places of packages are those of the cities")
        at, goals = (tuple(number[p[side]] for p in packages) for side in (0, 1))
        if at == goals:
            raise ValueError("everything is where it must be already")
        city = tuple(_CITIES.index(name[0]) for name in names)
        country = Country(city, tuple(number[f"{c}0"] for c in _CITIES[: len(sizes)]), goals)
        fleet = (*(number[truck] for truck in trucks), _CITIES.index(plane))
        text = ", ".join(f"{c} 0-{size - 1}" for c, size in zip(_CITIES, sizes, strict=False))
        return Network(names, country, (fleet, at), text)

    @classmethod
    def _start(cls, instance: Network) -> State:
        return instance.start

    @classmethod
    def _observe(cls, instance: Network, state: State) -> str:
        fleet, at = state
        names, packages = instance.names, []
        for number, (place, goal) in enumerate(zip(at, instance.country.goals, strict=True), 1):
            where = names[place] if place >= 0 else "plane" if place == PLANE else f"truck {_CITIES[TRUCK - place]}"
            packages.append(f"{number} {where}" if place == goal else f"{number} {where}>{names[goal]}")
        trucks = " ".join([names[place] for place in fleet[:-1]])
        return f"trucks {trucks}; plane {_CITIES[fleet[-1]]}; {instance.text}; {', '.join(packages)}"

    @classmethod
    def _apply(cls, instance: Network, state: State, action: str) -> State:
        match = _ACTION.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form drive a2, fly b, load 1 truck or unload 1.")
        fleet, at = state
        if match[1] or match[3]:
            return _travelled(instance, state, match[2] or match[4])
        package = int(match[6] or match[9]) - 1
        if package >= len(at):
            raise IllegalAction(f"There is no package {package + 1}.")
        place = at[package]
        if match[5]:
            to = _loaded(instance, fleet, package, place, match[7])
        elif place >= 0:
            raise IllegalAction(f"Package {package + 1} is in no vehicle.")
        else:
            to = instance.country.airport[fleet[-1]] if place == PLANE else fleet[TRUCK - place]
        return fleet, (*at[:package], to, *at[package + 1 :])

    @classmethod
    def _goal(cls, instance: Network, state: State) -> bool:
        return state[1] == instance.country.goals

    @classmethod
    def _solve(cls, instance: Network) -> Solution:
        acts, proved = shortest(instance.country, instance.start, _BOUND)
        return cls._solution([_written(instance, act) for act in acts], proved)

    @classmethod
    def _legal(cls, instance: Network, state: State) -> list[str]:
        fleet, at = state
        country, names = instance.country, instance.names
        found = [f"drive {names[p]}" for p, city in enumerate(country.city) if fleet[city] != p]
        found += [f"fly {_CITIES[city]}" for city in range(len(country.airport)) if city != fleet[-1]]
        for package, place in enumerate(at, 1):
            if place < 0:
                found.append(f"unload {package}")
                continue
            city = country.city[place]
            if fleet[city] == place:
                found.append(f"load {package} truck")
            if fleet[-1] == city and place == country.airport[city]:
                found.append(f"load {package} plane")
        return found

    @classmethod
    def _limit(cls, instance: Network) -> int:
        """A little more than one package after the other takes, which is 12 actions at most."""
        country, (_, at) = instance.country, instance.start
        steps = 4
        for place, goal in zip(at, country.goals, strict=True):
            if place != goal:
                steps += 5 if country.city[place] == country.city[goal] else 12
        return steps


def _names(sizes: list[int] | tuple[int, ...]) -> tuple[str, ...]:
    return tuple(f"{_CITIES[city]}{place}" for city, size in enumerate(sizes) for place in range(size))


def _travelled(instance: Network, state: State, to: str) -> State:
    """The state after a truck has driven to a place, or the plane flown to a city; IllegalAction if it cannot."""
    fleet, at = state
    city = _CITIES.index(to[0])
    if city >= len(instance.country.airport) or (len(to) == 2 and to not in instance.names):
        raise IllegalAction(f"There is no {to}.")
    if len(to) == 1:
        if fleet[-1] == city:
            raise IllegalAction(f"The plane is in {to} already.")
        return (*fleet[:-1], city), at
    place = instance.names.index(to)
    if fleet[city] == place:
        raise IllegalAction(f"The truck is at {to} already.")
    return (*fleet[:city], place, *fleet[city + 1 :]), at


def _loaded(instance: Network, fleet: tuple[int, ...], package: int, place: int, vehicle: str) -> int:
    """The place of a package that is loaded; IllegalAction if it cannot be."""
    if place < 0:
        raise IllegalAction(f"Package {package + 1} is in a vehicle already.")
    city = instance.country.city[place]
    if vehicle == "truck":
        if fleet[city] != place:
            raise IllegalAction(f"The truck is not at {instance.names[place]}.")
        return TRUCK - city
    if fleet[-1] != city or place != instance.country.airport[city]:
        raise IllegalAction(f"The plane is not at {instance.names[place]}.")
    return PLANE


def _written(instance: Network, act: Act) -> str:
    verb, number, by_plane = act
    if verb == "drive":
        return f"drive {instance.names[number]}"
    if verb == "fly":
        return f"fly {_CITIES[number]}"
    if verb == "unload":
        return f"unload {number + 1}"
    return f"load {number + 1} {'plane' if by_plane else 'truck'}"
