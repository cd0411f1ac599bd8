"""Random solvable problems of the bundled planning domains, by level."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple


class Problem(NamedTuple):
    """Objects as `name - type` groups, initial facts and goal facts (without parentheses), and steps allowed."""

    objects: list[str]
    init: list[str]
    goal: list[str]
    limit: int


def written(domain: str, problem: Problem) -> str:
    """A problem as PDDL text."""

    def facts(items: Iterable[str]) -> str:
        return " ".join(f"({item})" for item in items)

    return (
        f"(define (problem {domain}-task)\n  (:domain {domain})\n  (:objects {' '.join(problem.objects)})\n"
        f"  (:init {facts(problem.init)})\n  (:goal (and {facts(problem.goal)})))\n"
    )


def _letters(rng: random.Random, count: int) -> list[str]:
    return rng.sample("abcdefghijklmnopqrstuvwxyz", count)


def _numbered(rng: random.Random, prefix: str, count: int) -> list[str]:
    """Names in random order, so that no name tells a place."""
    names = [f"{prefix}{i}" for i in range(1, count + 1)]
    rng.shuffle(names)
    return names


def blocksworld(rng: random.Random, level: int) -> Problem:
    """Rebuild towers of 4 blocks (level 1) to 10."""
    count = 4 + 2 * level // 3
    blocks = _letters(rng, count)
    while True:
        before, after = (_towers(rng, blocks) for _ in range(2))
        goal = [f"on {x} {y}" for tower in after for y, x in pairwise(tower)]
        init = [f"on {x} {y}" for tower in before for y, x in pairwise(tower)]
        if len(set(goal) - set(init)) > 2:
            break
    init += [f"on-table {tower[0]}" for tower in before] + [f"clear {tower[-1]}" for tower in before] + ["hand-empty"]
    return Problem(sorted(blocks), init, goal, 5 * count)


def _towers(rng: random.Random, blocks: list[str]) -> list[list[str]]:
    towers: list[list[str]] = []
    for block in rng.sample(blocks, len(blocks)):
        place = rng.randrange(len(towers) + 1)
        if place == len(towers):
            towers.append([block])
        else:
            towers[place].append(block)
    return towers


def gripper(rng: random.Random, level: int) -> Problem:
    """Carry 3 balls (level 1) to 9 between 3 to 5 rooms with two hands."""
    balls, rooms = _letters(rng, 3 + 2 * level // 3), _numbered(rng, "room", 3 + level // 4)
    init, goal = [f"robot-in {rng.choice(rooms)}"], []
    for ball in sorted(balls):
        here, there = rng.sample(rooms, 2)
        init.append(f"in {ball} {here}")
        goal.append(f"in {ball} {there}")
    objects = [*sorted(rooms), "- room", *sorted(balls), "- ball left right - hand"]
    return Problem(objects, init, goal, 6 * len(balls) + 2)


def logistics(rng: random.Random, level: int) -> Problem:
    """Send 2 packages (level 1) to 6 between 2 to 4 cities by truck and plane."""
    cities, size = 2 + level // 4, 2 + level // 6
    init, places, objects = [], [], []
    for city in range(1, cities + 1):
        own = [f"p{city}{letter}" for letter in "abcd"[:size]]
        objects += [f"c{city} - city {own[0]} - airport {' '.join(own[1:])} - place t{city} - truck"]
        init += [f"part-of {place} c{city}" for place in own]
        init.append(f"at t{city} {rng.choice(own)}")
        places.append(own)
    init.append(f"at jet {places[rng.randrange(cities)][0]}")
    goal, every = [], [place for own in places for place in own]
    names = sorted(_letters(rng, 2 + level * 2 // 5))
    for name in names:
        here, there = rng.sample(every, 2)
        init.append(f"at {name} {here}")
        goal.append(f"at {name} {there}")
    return Problem([*objects, "jet - plane", *names, "- package"], init, goal, 14 * len(names))


def ferry(rng: random.Random, level: int) -> Problem:
    """Bring 2 cars (level 1) to 7 to their ports, one at a time."""
    cars, ports = sorted(_letters(rng, 2 + level // 2)), _numbered(rng, "port", 4 + level // 2)
    init, goal = [f"ferry-at {rng.choice(ports)}", "empty"], []
    for car in cars:
        here, there = rng.sample(ports, 2)
        init.append(f"at {car} {here}")
        goal.append(f"at {car} {there}")
    return Problem([*cars, "- car", *sorted(ports), "- port"], init, goal, 6 * len(cars) + 2)


def visitall(rng: random.Random, level: int) -> Problem:
    """Walk over all cells of a random area of 11 (level 1) to 29 cells."""
    count = 9 + 2 * level
    area, border = [(0, 0)], [(0, 1), (1, 0), (0, -1), (-1, 0)]
    while len(area) < count:
        row, column = cell = border[rng.randrange(len(border))]
        area.append(cell)
        around = ((row, column + 1), (row + 1, column), (row, column - 1), (row - 1, column))
        border = sorted({*border, *around} - set(area))
    names = dict(zip(area, _numbered(rng, "c", count), strict=True))
    init = [f"robot-at {names[area[0]]}", f"visited {names[area[0]]}"]
    for row, column in area:
        for other in ((row, column + 1), (row + 1, column)):
            if other in names:
                here, there = names[row, column], names[other]
                init += [f"next {here} {there}", f"next {there} {here}"]
    return Problem(
        [*sorted(names.values()), "- cell"], init, [f"visited {names[cell]}" for cell in area[1:]], 5 * count // 2
    )


def hanoi(rng: random.Random, level: int) -> Problem:
    """Move 4 disks (level 1) to 6 between three pegs from any position to any other."""
    count = 4 + (level >= 3) + (level >= 8)
    disks, pegs = [f"d{i}" for i in range(1, count + 1)], _letters(rng, 3)
    while True:
        start, end = ([rng.choice(pegs) for _ in disks] for _ in range(2))
        if start[-1] != end[-1] and {start[-2], end[-2]} <= {start[-1], end[-1]}:
            break  # the largest disk has to move, and the next one before and after it
    init = [f"smaller {a} {b}" for i, a in enumerate(disks) for b in disks[i + 1 :] + sorted(pegs)]
    init += _positions(disks, pegs, start)
    goal = [fact for fact in _positions(disks, pegs, end) if fact.startswith("on")]
    return Problem([*disks, *sorted(pegs)], init, goal, 2 ** (count + 1))


def _positions(disks: list[str], pegs: list[str], where: list[str]) -> list[str]:
    facts = []
    for peg in sorted(pegs):
        below = peg
        for disk in [disk for disk, own in zip(disks, where, strict=True) if own == peg][::-1]:
            facts.append(f"on {disk} {below}")
            below = disk
        facts.append(f"clear {below}")
    return facts


def satellite(rng: random.Random, level: int) -> Problem:
    """Take 2 pictures (level 1) to 8 with calibrated instruments aboard 1 to 3 satellites."""
    satellites, modes = [f"sat{i}" for i in range(1, 2 + level // 4)], ["infrared", "optical", "radar"]
    directions, init = _numbered(rng, "star", 4 + level // 2), []
    instruments: list[str] = []
    for craft in satellites:
        init += [f"pointing {craft} {rng.choice(directions)}", f"power {craft}"]
        for _ in range(2):
            name = f"cam{len(instruments) + 1}"
            instruments.append(name)
            init += [f"aboard {name} {craft}", f"target {name} {rng.choice(directions)}"]
            init += [f"supports {name} {mode}" for mode in sorted(rng.sample(modes, 2))]
    able = sorted({fact.split()[2] for fact in init if fact.startswith("supports")})
    pairs = [(direction, mode) for direction in sorted(directions) for mode in able]
    goal = [f"image {direction} {mode}" for direction, mode in rng.sample(pairs, 2 + 2 * level // 3)]
    objects = [*satellites, "- satellite", *sorted(directions), "- direction"]
    objects += [*instruments, "- instrument", *modes, "- mode"]
    return Problem(objects, init, goal, 8 * len(goal) + 4)


def spanner(rng: random.Random, level: int) -> Problem:
    """Gather spanners on a way of no return and tighten 3 nuts (level 1) to 5 at its end."""
    nuts, stops = 3 + level // 4, 4 + level // 3
    places = [*_numbered(rng, "place", stops), "gate"]
    init = [f"link {a} {b}" for step in (1, 2) for a, b in zip(places, places[step:], strict=False)]
    init.append(f"person-at bob {places[0]}")
    spanners, bolts = [f"s{i}" for i in range(1, nuts + 1)], [f"n{i}" for i in range(1, nuts + 1)]
    for name in spanners:
        init += [f"spanner-at {name} {rng.choice(places[:-1])}", f"usable {name}"]
    for bolt in bolts:
        init += [f"nut-at {bolt} gate", f"loose {bolt}"]
    objects = [*sorted(places), "- place bob - person", *spanners, "- spanner", *bolts, "- nut"]
    return Problem(objects, init, [f"tight {bolt}" for bolt in bolts], 2 * (2 * nuts + stops))


PROBLEMS: dict[str, Callable[[random.Random, int], Problem]] = {
    "blocksworld": blocksworld, "gripper": gripper, "logistics": logistics, "ferry": ferry, "visitall": visitall,
    "hanoi": hanoi, "satellite": satellite, "spanner": spanner,
}  # fmt: skip
