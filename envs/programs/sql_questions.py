"""Random tables of two kinds of things, and questions about them with a query each."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

THINGS = "book boat cheese clock drone film horse lamp plant robot song stone tool train tower violin".split()
PLACES = "band club farm garden harbour hotel library market museum school shop station studio team yard zoo".split()
NUMBERS = "age height length price rating size speed weight width year".split()
PLACE_NUMBERS = "area budget distance floors rent staff".split()
PLURALS = {"library": "libraries"}


@dataclass(frozen=True, slots=True)
class World:
    """The names of the two tables and their columns, and the rows of both."""

    thing: str
    place: str
    numbers: tuple[str, str]
    region: str
    place_number: str
    things: list[list[Any]]
    places: list[list[Any]]

    @property
    def things_name(self) -> str:
        return plural(self.thing)

    @property
    def places_name(self) -> str:
        return plural(self.place)

    def tables(self) -> dict[str, Any]:
        """The tables as a payload has them."""
        return {
            self.things_name: {"columns": [self.thing, self.place, *self.numbers], "rows": self.things},
            self.places_name: {"columns": [self.place, self.region, self.place_number], "rows": self.places},
        }


Question = tuple[str, str, bool]
"""A question, a query that answers it, and whether the order of rows matters."""
Asker = Callable[[random.Random, World], Question]


def plural(word: str) -> str:
    """The name of the table of these things."""
    return PLURALS.get(word, word + "s")


def random_world(rng: random.Random, count: int, places: int) -> World:
    """Tables with so many rows; names and numbers of a column are all different."""
    thing, place = rng.choice(THINGS), rng.choice(PLACES)
    first, second = rng.sample(NUMBERS, 2)
    names = _names(rng, count + places + 3)
    regions = names[count + places :]
    homes = names[count : count + places]
    values = [rng.sample(range(1, 100), count) for _ in range(2)]
    linked = [rng.choice(homes) for _ in range(count)]
    rows = [list(row) for row in zip(names[:count], linked, *values, strict=True)]
    numbers = rng.sample(range(1, 100), places)
    others = [[home, rng.choice(regions), number] for home, number in zip(homes, numbers, strict=True)]
    return World(thing, place, (first, second), rng.choice(["town", "land"]), rng.choice(PLACE_NUMBERS), rows, others)


def _names(rng: random.Random, count: int) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < count:
        syllables = [rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(2)]
        names.setdefault("".join(syllables).capitalize())
    return list(names)


def _condition(rng: random.Random, world: World) -> tuple[str, str]:
    """A condition on a number of things, in words and in SQL, met by some and not by all."""
    place = rng.randrange(2)
    number, values = world.numbers[place], sorted(row[2 + place] for row in world.things)
    bound = values[rng.randint(1, len(values) - 2)]
    words, sign = rng.choice([("above", ">"), ("below", "<"), ("at least", ">="), ("at most", "<=")])
    return f"{number} is {words} {bound}", f"{number} {sign} {bound}"


def _where_place(rng: random.Random, world: World) -> tuple[str, str]:
    home = rng.choice(world.things)[1]
    return f"{world.place} is {home}", f"{world.place} = '{home}'"


def _of_places(rng: random.Random, world: World) -> tuple[str, str]:
    """A condition on the place of a thing."""
    if rng.random() < 0.4:
        region = rng.choice(world.places)[1]
        return f"{world.region} is {region}", f"{world.region} = '{region}'"
    bound = sorted(row[2] for row in world.places)[len(world.places) // 2]
    words, sign = rng.choice([("at least", ">="), ("below", "<")])
    return f"{world.place_number} is {words} {bound}", f"{world.place_number} {sign} {bound}"


def _aggregate(rng: random.Random, world: World) -> tuple[str, str]:
    number = rng.choice(world.numbers)
    return rng.choice(
        [(f"the number of {world.things_name}", "count(*)"), (f"the sum of {number}", f"sum({number})"),
         (f"the largest {number}", f"max({number})"), (f"the smallest {number}", f"min({number})"),
         (f"the average {number}", f"avg({number})")]
    )  # fmt: skip


def filtered(rng: random.Random, world: World) -> Question:
    """One condition."""
    (words, sql), things = _condition(rng, world), world.things_name
    wanted = rng.choice([world.thing, f"{world.thing}, {rng.choice(world.numbers)}"])
    return f"{wanted} of all {things} whose {words}", f"SELECT {wanted} FROM {things} WHERE {sql}", False


def filtered_twice(rng: random.Random, world: World) -> Question:
    """Two conditions, both or either."""
    (first, sql), (second, more) = _condition(rng, world), rng.choice([_condition, _where_place])(rng, world)
    joint, things = rng.choice(["and", "or"]), world.things_name
    query = f"SELECT {world.thing} FROM {things} WHERE {sql} {joint.upper()} {more}"
    return f"{world.thing} of all {things} whose {first} {joint} whose {second}", query, False


def sorted_first(rng: random.Random, world: World) -> Question:
    """The first few in some order, among those that meet a condition."""
    (words, sql), things = _condition(rng, world), world.things_name
    number, count = rng.choice(world.numbers), rng.randint(2, 3)
    order, sense = rng.choice([("largest", "DESC"), ("smallest", "ASC")])
    text = f"{world.thing}, {number} of the {count} {things} with the {order} {number} among those whose {words}"
    query = f"SELECT {world.thing}, {number} FROM {things} WHERE {sql} ORDER BY {number} {sense} LIMIT {count}"
    return f"{text}, {order} first", query, True


def aggregated(rng: random.Random, world: World) -> Question:
    """One number over those that meet a condition."""
    (words, sql), (what, function) = _condition(rng, world), _aggregate(rng, world)
    if rng.random() < 0.5:
        more, also = _where_place(rng, world)
        words, sql = f"{words} or whose {more}", f"{sql} OR {also}"
    things = world.things_name
    return f"{what} of all {things} whose {words}", f"SELECT {function} FROM {things} WHERE {sql}", False


def grouped(rng: random.Random, world: World) -> Question:
    """One number for every place, over those that meet a condition."""
    (words, sql), (what, function) = _condition(rng, world), _aggregate(rng, world)
    place, things = world.place, world.things_name
    text = f"{place} and {what} for every {place} in {things}, counting only those whose {words}"
    return text, f"SELECT {place}, {function} FROM {things} WHERE {sql} GROUP BY {place}", False


def having(rng: random.Random, world: World) -> Question:
    """Places whose things together meet a condition."""
    number, total = rng.choice(world.numbers), rng.randint(40, 120)
    half, place, things = total // 2, world.place, world.things_name
    words, sql = rng.choice(
        [(f"sum of {number} is above {total}", f"sum({number}) > {total}"),
         (f"average {number} is below {half}", f"avg({number}) < {half}"),
         (f"largest {number} is at least {half + 20}", f"max({number}) >= {half + 20}")]
    )  # fmt: skip
    text = f"{place} and the number of its {things} for every {place} in {things} whose {words}"
    return text, f"SELECT {place}, count(*) FROM {things} GROUP BY {place} HAVING {sql}", False


def _joined(world: World) -> str:
    return f"{world.things_name} JOIN {world.places_name} USING ({world.place})"


def joined(rng: random.Random, world: World) -> Question:
    """Things by a condition on their place and one of their own."""
    (of_place, sql), (own, more) = _of_places(rng, world), _condition(rng, world)
    text = f"{world.thing} of all {world.things_name} whose {own} and whose {world.place} is one where {of_place}"
    return text, f"SELECT {world.thing} FROM {_joined(world)} WHERE {more} AND {sql}", False


def joined_groups(rng: random.Random, world: World) -> Question:
    """One number for every region, over things that meet a condition."""
    (words, sql), (what, function) = _condition(rng, world), _aggregate(rng, world)
    region = world.region
    text = (
        f"{region} and {what} for every {region}, over the {world.things_name} of its {world.places_name}, "
        f"counting only those whose {words} (no row without any)"
    )
    return text, f"SELECT {region}, {function} FROM {_joined(world)} WHERE {sql} GROUP BY {region}", False


def above_average(rng: random.Random, world: World) -> Question:
    """Things compared with the average of all, or of their place."""
    (words, sql), number = _condition(rng, world), rng.choice(world.numbers)
    side, sign = rng.choice([("above", ">"), ("below", "<")])
    place, things = world.place, world.things_name
    scope, where = rng.choice(
        [(f"all {things}", ""), (f"the {things} of its own {place}", f" WHERE o.{place} = t.{place}")]
    )
    text = f"{world.thing} of all {things} whose {words} and whose {number} is {side} the average {number} of {scope}"
    inner = f"SELECT avg({number}) FROM {things} AS o{where}"
    return text, f"SELECT {world.thing} FROM {things} AS t WHERE {sql} AND {number} {sign} ({inner})", False


def without(rng: random.Random, world: World) -> Question:
    """Places that no thing of a kind belongs to."""
    (words, sql), place, things = _condition(rng, world), world.place, world.things_name
    wanted = f"{place}, {world.place_number}"
    text = f"{wanted} of all {world.places_name} to which none of the {things} belongs whose {words}"
    inner = f"SELECT {place} FROM {things} WHERE {sql}"
    return text, f"SELECT {wanted} FROM {world.places_name} WHERE {place} NOT IN ({inner})", False


def best_of_each(rng: random.Random, world: World) -> Question:
    """The extreme thing of every place, with what is known of the place."""
    (words, sql), number = _condition(rng, world), rng.choice(world.numbers)
    order, function = rng.choice([("largest", "max"), ("smallest", "min")])
    region, place, thing, things = world.region, world.place, world.thing, world.things_name
    text = (
        f"{region}, {place}, {thing} of the one with the {order} {number} in every {place}, among the {things} whose "
        f"{words}, sorted by {number}, smallest first"
    )
    inner = f"SELECT {function}({number}) FROM {things} AS o WHERE o.{place} = t.{place} AND {sql}"
    tables = f"{things} AS t JOIN {world.places_name} AS p ON p.{place} = t.{place}"
    query = f"SELECT {region}, t.{place}, {thing} FROM {tables} WHERE {sql} AND {number} = ({inner}) ORDER BY {number}"
    return text, query, True
