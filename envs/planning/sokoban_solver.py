"""Sokoban on bit boards: shortest solutions in moves, and boards made by pulling boxes away from their goals."""

from __future__ import annotations

import random
from collections.abc import Iterator

from esreason.envs.search import best_found
from esreason.envs.walks import steps_of

State = tuple[int, int]  # the boxes as a bit board, the cell of the player

_FEW = 6  # up to this many boxes are matched with goals exactly, more only with their nearest goal


def _shift(mask: int, delta: int) -> int:
    return mask << delta if delta > 0 else mask >> -delta


def _cells(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Warehouse:
    """The fixed part of a board: cell numbers count through its text, so rows are `stride` apart."""

    def __init__(self, stride: int, floor: int, goals: int) -> None:
        self.stride, self.floor, self.goals = stride, floor, goals
        self.deltas = tuple(steps_of(stride).values())
        self.pulls = [self._pull_distances(goal) for goal in _cells(goals)]
        self.live = 0  # cells from which a box can be pushed to some goal
        for distances in self.pulls:
            for cell in distances:
                self.live |= 1 << cell
        self._rest: dict[int, int | None] = {}

    def _pull_distances(self, goal: int) -> dict[int, int]:
        """For each cell the pushes that a box needs from there to the goal if no other box is in the way."""
        found, queue = {goal: 0}, [goal]
        for cell in queue:
            for delta in self.deltas:
                before, stand = cell - delta, cell - 2 * delta
                if before not in found and stand >= 0 and self.floor >> before & 1 and self.floor >> stand & 1:
                    found[before] = found[cell] + 1
                    queue.append(before)
        return found

    def reach(self, boxes: int, player: int) -> int:
        """Every cell that the player can walk to."""
        stride, free = self.stride, self.floor & ~boxes
        seen = wave = 1 << player
        while wave:
            wave = (wave << 1 | wave >> 1 | wave << stride | wave >> stride) & free & ~seen
            seen |= wave
        return seen

    def rest(self, boxes: int) -> int | None:
        """Pushes that are still needed at least; None if some box cannot get home."""
        if boxes not in self._rest:
            self._rest[boxes] = self._matching(boxes) if len(self.pulls) <= _FEW else self._nearest(boxes)
        return self._rest[boxes]

    def _matching(self, boxes: int) -> int | None:
        """The cheapest assignment of boxes to goals, over sets of goals taken."""
        costs = {0: 0}
        for cell in _cells(boxes):
            grown: dict[int, int] = {}
            for number, distances in enumerate(self.pulls):
                distance = distances.get(cell)
                if distance is not None:
                    for taken, cost in costs.items():
                        if not taken >> number & 1:
                            key, total = taken | 1 << number, cost + distance
                            if total < grown.get(key, total + 1):
                                grown[key] = total
            costs = grown
        return min(costs.values(), default=None)

    def _nearest(self, boxes: int) -> int | None:
        total = 0
        for cell in _cells(boxes):
            near = min((distances[cell] for distances in self.pulls if cell in distances), default=None)
            if near is None:
                return None
            total += near
        return total

    def pushes(self, state: State) -> list[tuple[tuple[int, int], State, int]]:
        """Every push: (cell of the player before it, step), the state after it, moves with the walk to it."""
        boxes, player = state
        stride, free = self.stride, self.floor & ~boxes
        target, walls = self.live & free, ~self.floor
        found = []
        seen = wave = 1 << player
        cost = 1
        while wave:
            around = wave << 1 | wave >> 1 | wave << stride | wave >> stride
            if around & boxes:
                for delta in self.deltas:
                    for cell in _cells(_shift(_shift(wave, delta) & boxes, delta) & target):
                        there = cell - delta
                        after = boxes ^ (1 << cell | 1 << there)
                        if not self._stuck(after, walls | after, cell):
                            found.append(((there - delta, delta), (after, there), cost))
            wave = around & free & ~seen
            seen |= wave
            cost += 1
        return found

    def _stuck(self, boxes: int, solid: int, cell: int) -> bool:
        """Whether the box at `cell` is in a 2x2 block of boxes and walls that is not all at home."""
        stride = self.stride
        square = 1 | 2 | 1 << stride | 2 << stride
        for corner in (cell, cell - 1, cell - stride, cell - stride - 1):
            block = square << corner
            if solid & block == block and boxes & block & ~self.goals:
                return True
        return False

    def walk(self, boxes: int, player: int, to: int) -> str:
        """A shortest walk."""
        came: dict[int, tuple[int, str]] = {to: (to, "")}
        queue = [to]
        for cell in queue:
            if cell == player:
                break
            for letter, delta in steps_of(self.stride).items():
                before = cell - delta
                if before not in came and self.floor >> before & 1 and not boxes >> before & 1:
                    came[before] = (cell, letter)
                    queue.append(before)
        letters = ""
        while player != to:
            player, letter = came[player]
            letters += letter
        return letters


def solution(warehouse: Warehouse, boxes: int, player: int, bound: int) -> tuple[str, bool]:
    """A solution and whether none has fewer moves: A* over pushes, each with the walk to it. Raises NoPlan."""
    start, goals = (boxes, player), warehouse.goals
    plan, proved = best_found(
        start, warehouse.pushes, lambda state: state[0] == goals, lambda state: warehouse.rest(state[0]), bound
    )
    return _letters(warehouse, start, plan), proved


def _letters(warehouse: Warehouse, start: State, pushes: list[tuple[int, int]]) -> str:
    letters, (boxes, player) = "", start
    names = {delta: letter for letter, delta in steps_of(warehouse.stride).items()}
    for stand, delta in pushes:
        letters += warehouse.walk(boxes, player, stand) + names[delta]
        player = stand + delta
        boxes ^= 1 << player | 1 << player + delta
    return letters


def pulled(rng: random.Random, warehouse: Warehouse, player: int, pulls: int) -> State:
    """The position farthest from the goals (by `rest`) on a random walk of pulls; new positions are preferred."""
    boxes, stride, floor = warehouse.goals, warehouse.stride, warehouse.floor
    seen = {boxes}
    best, most = (boxes, player), 0
    for _ in range(pulls):
        reach = warehouse.reach(boxes, player)
        options = []
        for delta in (-stride, stride, -1, 1):
            # the player beside a box steps back from it, and the box follows
            stands = _shift(_shift(boxes, delta) & reach, delta) & floor & ~boxes
            options += [(cell, delta) for cell in _cells(stands)]
        rng.shuffle(options)
        for cell, delta in options:
            after = boxes ^ (1 << cell - delta | 1 << cell - 2 * delta)
            if after not in seen:
                break
        else:
            if not options:
                break
        boxes, player = after, cell
        seen.add(boxes)
        rest = warehouse.rest(boxes) or 0
        if rest > most:
            best, most = (boxes, player), rest
    return best
