"""Rush hour on integers: every state of a car park, shortest solutions, and boards that need a wanted number of moves.

A state is one integer: below, three bits a car for its place on its line; above, a bit a cell for whether it is
taken. What a car can do depends on its line alone, so the moves of a line are looked up by the bits of that line,
and a move is the addition of a number.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from esreason.envs.search import OutOfBounds, breadth_first

_LOOSE = 9  # a lot with more moves at its start has too many states, nine times in ten
_LARGEST = 1500  # states of a lot that is looked at whole

Action = tuple[int, int]  # the car, and the cells it goes right or down


@dataclass(frozen=True, slots=True)
class Car:
    """A car on its line: the row, or where it stands upright the column."""

    upright: bool
    line: int
    place: int
    length: int


class Lot:
    """A square car park; the first car is the one that must reach the right edge."""

    def __init__(self, size: int, cars: Sequence[Car]) -> None:
        self.size, self.cars = size, cars
        self.start = 0
        self._above = 3 * len(cars)
        self._on: dict[tuple[bool, int], list[int]] = {}
        for number, car in enumerate(cars):
            self.start += car.place << 3 * number | self._taken(car, car.place)
            self._on.setdefault((car.upright, car.line), []).append(number)
        self._lines: list[tuple[int, tuple[bool, int], dict[int, tuple[int, ...]]]] = []
        for line, numbers in self._on.items():
            mask = sum(7 << 3 * number for number in numbers) | self._cells(line, 0, size)
            self._lines.append((mask, line, {}))
        self._meaning: dict[int, Action] = {}

    def _cells(self, line: tuple[bool, int], place: int, length: int) -> int:
        upright, number = line
        first, step = (number, self.size) if upright else (number * self.size, 1)
        cells = 0
        for p in range(place, place + length):
            cells |= 1 << self._above + first + step * p
        return cells

    def _taken(self, car: Car, place: int) -> int:
        return self._cells((car.upright, car.line), place, car.length)

    def next_states(self, state: int) -> list[int]:
        """The state after each slide of one car."""
        found: list[int] = []
        for mask, line, known in self._lines:
            part = state & mask
            changes = known.get(part)
            if changes is None:
                changes = known[part] = self._changes(line, part)
            for change in changes:
                found.append(state + change)
        return found

    def _changes(self, line: tuple[bool, int], part: int) -> tuple[int, ...]:
        found = []
        for number in self._on[line]:
            car = self.cars[number]
            here = part >> 3 * number & 7
            own = self._taken(car, here)
            for way in (1, -1):
                place = here + way
                while 0 <= place <= self.size - car.length:
                    there = self._taken(car, place)
                    if there & part & ~own:
                        break
                    change = (place - here << 3 * number) + there - own
                    self._meaning[change] = (number, place - here)
                    found.append(change)
                    place += way
        return tuple(found)

    def solved(self, state: int) -> bool:
        """Whether the first car is at the right edge."""
        return state & 7 == self.size - self.cars[0].length

    def shortest(self, bound: int) -> list[Action]:
        """A solution with the fewest moves. Raises NoPlan."""

        def moves(state: int) -> list[tuple[int, int]]:
            return [(other - state, other) for other in self.next_states(state)]

        return [self._meaning[change] for change in breadth_first(self.start, moves, self.solved, bound)]

    def distances(self, bound: int) -> dict[int, int]:
        """For each state that can be reached the fewest moves to a solved one; empty if none is. Raises OutOfBounds."""
        beside: dict[int, list[int]] = {self.start: []}
        queue = [self.start]
        for state in queue:
            beside[state] = others = self.next_states(state)
            for other in others:
                if other not in beside:
                    beside[other] = others
                    queue.append(other)
            if len(queue) > bound:
                raise OutOfBounds(bound)
        layer = [state for state in queue if self.solved(state)]
        found = dict.fromkeys(layer, 0)
        steps = 0
        while layer:  # moves can be undone, so the way back is as long
            grown = []
            steps += 1
            for state in layer:
                for other in beside[state]:
                    if other not in found:
                        found[other] = steps
                        grown.append(other)
            layer = grown
        return found

    def cars_in(self, state: int) -> list[Car]:
        """The cars where they stand in a state."""
        places = [state >> 3 * number & 7 for number in range(len(self.cars))]
        return [Car(c.upright, c.line, place, c.length) for c, place in zip(self.cars, places, strict=True)]


class Cars:
    """Cars set down one by one on a square, the first at the right edge in a row that no other uses."""

    def __init__(self, size: int, cars: Sequence[Car] = ()) -> None:
        self.size, self.row = size, size // 2 - 1
        self.cars = list(cars) or [Car(False, self.row, size - 2, 2)]
        self.taken = {cell for car in self.cars for cell in self._cells(car)}

    def _cells(self, car: Car) -> range:
        first, step = (car.line, self.size) if car.upright else (car.line * self.size, 1)
        return range(first + car.place * step, first + (car.place + car.length) * step, step)

    def add(self, car: Car) -> None:
        """Set a car down where there is room for it, else nothing."""
        cells = self._cells(car)
        if (car.upright or car.line != self.row) and self.taken.isdisjoint(cells):
            self.taken.update(cells)
            self.cars.append(car)

    def crossing(self, rng: random.Random, column: int) -> Car:
        """A car that stands beside the row of the first and can be driven into its way."""
        length = 3 if rng.randrange(5) < 2 else 2
        places = [p for p in range(self.size - length + 1) if not p <= self.row < p + length]
        return Car(True, column, rng.choice(places or [self.row + 1]), length if places else 2)

    def anywhere(self, rng: random.Random) -> Car:
        """Any car, more often lying than upright."""
        length = 3 if rng.randrange(5) == 0 else 2
        return Car(rng.randrange(6) == 0, rng.randrange(self.size), rng.randrange(self.size - length + 1), length)


def solved_lot(rng: random.Random, size: int, count: int, crossing: int) -> Lot | None:
    """A lot whose first car has reached the edge; None if `count` cars find no room."""
    made = Cars(size)
    for column in rng.sample(range(1, size), crossing):
        made.add(made.crossing(rng, column))
    for _ in range(8 * count):
        if len(made.cars) == count:
            return Lot(size, made.cars)
        made.add(made.anywhere(rng))
    return None


def hardest(rng: random.Random, size: int, count: int, least: int, enough: int, tries: int) -> tuple[Lot, int]:
    """A lot and its state that needs the most moves: at least `least`, the best of `tries` lots or the first enough."""
    best: tuple[int, Lot, int] | None = None
    while best is None or best[0] < least or (best[0] < enough and tries > 0):
        tries -= 1
        lot = solved_lot(rng, size, count, size - 2)
        if lot is None or not 3 <= len(lot.next_states(lot.start)) <= _LOOSE:
            continue
        try:
            distances = lot.distances(_LARGEST)
        except OutOfBounds:
            continue
        most = max(distances.values())
        if best is None or most > best[0]:
            best = most, lot, next(state for state, moves in distances.items() if moves == most)
    return best[1], best[2]
