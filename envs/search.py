"""Searches for a shortest plan: breadth-first, from both ends, and A*, over any immutable states.

They are deterministic: states are looked at in the order in which `moves` lists them, and a bound counts states,
never seconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from esreason.core.errors import Unsolved

S = TypeVar("S", bound=Hashable)
A = TypeVar("A")

MAX_STATES = 200_000


class NoPlan(Unsolved):
    """There is no plan, or none was found."""


class OutOfBounds(NoPlan):
    """The bound on states was reached before a plan was found."""

    def __init__(self, bound: int) -> None:
        super().__init__(f"no solution was found among the first {bound:,} states")


def breadth_first(
    start: S, moves: Callable[[S], Iterable[tuple[A, S]]], goal: Callable[[S], bool], bound: int = MAX_STATES
) -> list[A]:
    """A plan with the fewest actions; `moves` lists (action, next state). Raises NoPlan."""
    came: dict[S, tuple[S, A] | None] = {start: None}
    if goal(start):
        return []
    layer = [start]
    while layer:
        grown = []
        for state in layer:
            for action, other in moves(state):
                if other not in came:
                    came[other] = (state, action)
                    if goal(other):
                        return _trace(came, other)
                    grown.append(other)
        if len(came) > bound:
            raise OutOfBounds(bound)
        layer = grown
    raise NoPlan("the task has no solution")


def both_ends(start: S, goal: S, moves: Callable[[S], Iterable[tuple[A, S]]], bound: int = MAX_STATES) -> list[A]:
    """A plan with the fewest actions to one goal state, where every move can be undone by a move. Raises NoPlan."""
    if start == goal:
        return []
    sides: list[dict[S, tuple[S, A] | None]] = [{start: None}, {goal: None}]
    layers = [[start], [goal]]
    while layers[0] and layers[1]:
        side = 0 if len(layers[0]) <= len(layers[1]) else 1
        here, there, grown = sides[side], sides[1 - side], []
        for state in layers[side]:
            for action, other in moves(state):
                if other not in here:
                    here[other] = (state, action)
                    if other in there:  # the first to meet: both layers are complete, so no plan is shorter
                        return _trace(sides[0], other) + _back(sides[1], other, moves)
                    grown.append(other)
        if len(here) + len(there) > bound:
            raise OutOfBounds(bound)
        layers[side] = grown
    raise NoPlan("the task has no solution")


def astar(
    start: S,
    moves: Callable[[S], Iterable[tuple[A, S, int]]],
    goal: Callable[[S], bool],
    estimate: Callable[[S], int | None],
    bound: int = MAX_STATES,
) -> list[A]:
    """A cheapest plan; `moves` lists (action, next state, cost), `estimate` never exceeds the cost still to come.

    An estimate of None says that no goal can be reached from there. Raises NoPlan.
    """
    best = {start: 0}
    came: dict[S, tuple[S, A] | None] = {start: None}
    first = estimate(start)
    # ties: the deeper state first, then the newer one
    queue = [] if first is None else [(first, 0, 0, start)]
    serial = 0
    while queue:
        _, cost, _, state = heapq.heappop(queue)
        cost = -cost
        if cost != best[state]:
            continue
        if goal(state):
            return _trace(came, state)
        for action, other, price in moves(state):
            total = cost + price
            if total < best.get(other, total + 1):
                rest = estimate(other)
                if rest is None:
                    continue
                best[other] = total
                came[other] = (state, action)
                serial -= 1
                heapq.heappush(queue, (total + rest, -total, serial, other))
        if len(best) > bound:
            raise OutOfBounds(bound)
    raise NoPlan("the task has no solution")


def best_found(
    start: S,
    moves: Callable[[S], Iterable[tuple[A, S, int]]],
    goal: Callable[[S], bool],
    estimate: Callable[[S], int | None],
    bound: int = MAX_STATES,
) -> tuple[list[A], bool]:
    """A plan and whether it is a cheapest one, by `astar`; where `bound` states do not suffice for that, any plan.

    That is looked for among half as many states, those that seem nearest to the goal first. Raises NoPlan.
    """

    def eager(state: S) -> int | None:
        rest = estimate(state)
        return None if rest is None else 6 * rest

    try:
        return astar(start, moves, goal, estimate, bound), True
    except OutOfBounds:
        return astar(start, moves, goal, eager, bound // 2), False


def _trace(came: dict[S, tuple[S, A] | None], state: S) -> list[A]:
    actions = []
    while step := came[state]:
        state, action = step
        actions.append(action)
    return actions[::-1]


def _back(came: dict[S, tuple[S, A] | None], state: S, moves: Callable[[S], Iterable[tuple[A, S]]]) -> list[A]:
    """The actions from `state` to the goal, each the one that undoes a step of the search from there."""
    actions = []
    while step := came[state]:
        wanted = step[0]
        actions.append(next(action for action, other in moves(state) if other == wanted))
        state = wanted
    return actions
