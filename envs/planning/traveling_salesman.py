"""A round trip through all cities that is no longer than a stated length.

An observation is `24: A B +7 | A1,2 B5,5 C0,9 D8,3` (limit, cities visited, length so far, cities with their places);
a right action is `D`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.graphs import letters
from esreason.verifiers.graphs import read_nodes
from esreason.verifiers.parsing import words

# cities, side of the map, slack: percent by which the limit lies above the shortest trip
LEVELS = {
    1: (6, 10, 0), 2: (7, 12, 3), 3: (7, 20, 0), 4: (8, 20, 3), 5: (8, 30, 0),
    6: (9, 30, 3), 7: (9, 50, 0), 8: (10, 50, 2), 9: (11, 80, 1), 10: (12, 99, 0),
}  # fmt: skip

MAX_CITIES = 13


@dataclass(frozen=True, slots=True)
class Map:
    """Cities, the distance between any two, the longest trip allowed, and one shortest trip."""

    cities: tuple[str, ...]
    places: Mapping[str, int]
    distance: tuple[tuple[int, ...], ...]
    limit: int
    text: str
    solution: tuple[int, ...]


@cache
def _layers(count: int) -> list[list[tuple[int, NDArray[np.int64]]]]:
    """For sets of 2, 3, ... of `count` nodes: each last node with the sets that hold it."""
    sets = np.arange(1 << count, dtype=np.int64)
    sizes = sum((sets >> i & 1 for i in range(count)), np.zeros_like(sets))
    return [
        [(last, sets[(sizes == size) & (sets >> last & 1 == 1)]) for last in range(count)]
        for size in range(2, count + 1)
    ]


def shortest_trip(distance: Sequence[Sequence[int]]) -> tuple[int, list[int]]:
    """The length of a shortest round trip and its cities from 0 on (Held & Karp 1962; exact, in integers)."""
    table = np.array(distance, dtype=np.int64)
    if len(table) < 3:
        return int(table.sum()), list(range(len(table)))
    count = len(table) - 1
    inner = table[1:, 1:]
    best = np.full((1 << count, count), 1 << 40, dtype=np.int64)
    best[1 << np.arange(count), np.arange(count)] = table[0, 1:]
    for layer in _layers(count):
        for last, sets in layer:
            best[sets, last] = (best[sets ^ 1 << last] + inner[:, last]).min(axis=1)
    rest = (1 << count) - 1
    ends = best[rest] + table[1:, 0]
    last, trip = int(ends.argmin()), []
    length = int(ends[last])
    while True:
        trip.append(last + 1)
        rest ^= 1 << last
        if not rest:
            return length, [0, *reversed(trip)]
        last = int((best[rest] + inner[:, last]).argmin())


class TravelingSalesman(ReasoningEnv[Map, tuple[tuple[int, ...], int]]):
    """Visit all cities and return within a stated length: 6 cities at level 1, 12 at level 10.

    The distance between two cities is |x1 - x2| + |y1 - y2|. The limit is the length of a shortest trip (proved by
    dynamic programming) plus 0-3 percent by level; any trip within it is right.
    """

    name = "traveling_salesman"
    rules = (
        "Travelling salesman: visit every city once and return to the first, on a trip no longer than the limit. The "
        "distance between two cities is |x1-x2| + |y1-y2|. Shown are the limit, the cities visited so far, + and the "
        "length so far, and behind | every city with its x,y."
    )
    action_rule = (
        "Write the next city, for example D; the way back is added after the last. "
        "The trip ends as soon as it is too long."
    )
    answer_rule = "Answer with the cities in the order of the trip, for example A D B C."
    action_chars = 8
    answer_chars = 256

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, side, slack = LEVELS[level]
        cells = rng.sample(range(side * side), count)
        cities = [[name, *divmod(cell, side)] for name, cell in zip(letters(count), cells, strict=True)]
        length, _ = shortest_trip(_distances(cities))
        return {"cities": cities, "limit": length + length * slack // 100}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Map:
        cities, limit = payload.get("cities"), payload.get("limit")
        if set(payload) != {"cities", "limit"} or not isinstance(cities, list | tuple):
            raise ValueError('a traveling_salesman payload is {"cities": [[name, x, y], ...], "limit": length}')
        if not 2 <= len(cities) <= MAX_CITIES:
            raise ValueError(f"there are 2 to {MAX_CITIES} cities")
        for city in cities:
            if not isinstance(city, list | tuple) or len(city) != 3:
                raise ValueError("a city is [name, x, y]")
            if any(type(number) is not int or not 0 <= number <= 10**6 for number in city[1:]):
                raise ValueError("x and y are whole numbers from 0 to 1000000")
        if type(limit) is not int or not 0 <= limit <= 10**9:
            raise ValueError("limit is a whole number")
        names = tuple(read_nodes([city[0] for city in cities]))
        distance = _distances(cities)
        length, trip = shortest_trip(distance)
        if length > limit:
            raise ValueError(f"no trip is shorter than {length}")
        text = " ".join(f"{name}{x},{y}" if name.isalpha() else f"{name}:{x},{y}" for name, x, y in cities)
        places = {name: i for i, name in enumerate(names)}
        return Map(names, places, distance, limit, text, tuple(trip))

    @classmethod
    def _start(cls, instance: Map) -> tuple[tuple[int, ...], int]:
        return (0,), 0

    @classmethod
    def _observe(cls, instance: Map, state: tuple[tuple[int, ...], int]) -> str:
        trip = " ".join([instance.cities[i] for i in state[0]])
        return f"{instance.limit}: {trip} +{state[1]} | {instance.text}"

    @classmethod
    def _apply(cls, instance: Map, state: tuple[tuple[int, ...], int], action: str) -> tuple[tuple[int, ...], int]:
        place = instance.places.get(action)
        if place is None:
            raise IllegalAction(f"There is no city {shown(action)}.")
        trip, length = state
        if place in trip:
            raise IllegalAction(f"{action} was visited already.")
        return (*trip, place), length + instance.distance[trip[-1]][place]

    @classmethod
    def _done(cls, instance: Map, state: tuple[tuple[int, ...], int]) -> bool:
        return len(state[0]) == len(instance.cities) or state[1] > instance.limit

    @classmethod
    def _answer(cls, instance: Map, state: tuple[tuple[int, ...], int], actions: Sequence[str]) -> str:
        return " ".join([instance.cities[i] for i in state[0]])

    @classmethod
    def _verify(cls, instance: Map, answer: str) -> Verdict:
        try:
            names = words(answer.replace("->", " "), 2 * MAX_CITIES)
        except ValueError as error:
            return reject(f"{str(error).capitalize()}.")
        for name in names:
            if name not in instance.places:
                return reject(f"{shown(name)} is not a city.")
        trip = [instance.places[name] for name in names]
        if len(trip) == len(instance.cities) + 1 and trip[0] == trip[-1]:
            trip.pop()  # the return may be written out
        if sorted(trip) != list(range(len(instance.cities))):
            return reject(f"The trip does not visit each of the {len(instance.cities)} cities once.", names)
        length = sum(instance.distance[a][b] for a, b in zip(trip, [*trip[1:], trip[0]], strict=True))
        if length > instance.limit:
            return reject(f"The trip has length {length}; the limit is {instance.limit}.", names)
        return accept(names, f"The trip has length {length}, within {instance.limit}.")

    @classmethod
    def _solve(cls, instance: Map) -> Solution:
        names = [instance.cities[i] for i in instance.solution]
        return Solution(" ".join(names), names[1:], optimal=True)

    @classmethod
    def _legal(cls, instance: Map, state: tuple[tuple[int, ...], int]) -> list[str]:
        return [city for i, city in enumerate(instance.cities) if i not in state[0]]

    @classmethod
    def _limit(cls, instance: Map) -> int:
        return len(instance.cities) + cls.max_illegal


def _distances(cities: Sequence[Any]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(abs(x - u) + abs(y - v) for _, u, v in cities) for _, x, y in cities)
