"""Environments in which one carrier brings things from place to place."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from esreason.core.errors import IllegalAction
from esreason.core.plan import PHRASES, PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.search import best_found

GO, TAKE, PUT = 0, 1, 2
CARRIED = -1

Act = tuple[int, int]  # GO and a place, TAKE or PUT and a thing
State = tuple[int, tuple[int, ...]]  # the place of the carrier, and of each thing

_BOUND = 150_000  # states; with the half as many that may follow less than a second


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Places and the roads between them, what the carrier holds at most, where all is and must be.

    `interim` says whether things may be put down where they need not be, and taken from where they must be.
    """

    places: Sequence[str]
    roads: tuple[tuple[int, ...], ...]
    far: tuple[tuple[int, ...], ...]
    capacity: int
    carrier: int
    things: Sequence[str]
    at: tuple[int, ...]
    goals: tuple[int, ...]
    interim: bool
    acts: Mapping[str, Act]
    """What each action means, where that does not depend on the state."""


D = TypeVar("D", bound=Deliveries)


def distances(roads: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """The steps between any two places; ValueError where one cannot be reached."""
    table = []
    for start in range(len(roads)):
        found, queue = {start: 0}, [start]
        for here in queue:
            for there in roads[here]:
                if there not in found:
                    found[there] = found[here] + 1
                    queue.append(there)
        if len(found) < len(roads):
            raise ValueError("every place can be reached from every other")
        table.append(tuple(found[there] for there in range(len(roads))))
    return tuple(table)


class DeliveryEnv(PlanEnv[D, State], Generic[D]):
    """One carrier moves along roads, takes things and puts them down until each is where it must be.

    The solver's plan is a shortest one (A*); the estimate counts the takings and puttings that are left and a bound
    on the steps: the places still to visit, the way of the farthest thing, the ways of all over the capacity.
    """

    separator = PHRASES

    @classmethod
    @abstractmethod
    def _name(cls, instance: D, here: int, act: Act) -> str:
        """How an act is written."""

    @classmethod
    def _read(cls, instance: D, state: State, action: str) -> Act | None:
        """The act that a text means now; None if it means none."""
        return instance.acts.get(action)

    @classmethod
    def _start(cls, instance: D) -> State:
        return instance.carrier, instance.at

    @classmethod
    def _apply(cls, instance: D, state: State, action: str) -> State:
        act = cls._read(instance, state, action)
        if act is None:
            raise IllegalAction(f"{shown(action)} is no action here, but {cls._legal(instance, state)[0]} is.")
        here, at = state
        kind, number = act
        if kind == GO:
            if number not in instance.roads[here]:
                raise IllegalAction(f"There is no way from {instance.places[here]} to {instance.places[number]}.")
            return number, at
        name = instance.things[number]
        if kind == TAKE:
            if at[number] != here or not (instance.interim or here != instance.goals[number]):
                raise IllegalAction(f"{name} does not wait at {instance.places[here]}.")
            if at.count(CARRIED) >= instance.capacity:
                raise IllegalAction("There is no room for more.")
            return here, (*at[:number], CARRIED, *at[number + 1 :])
        if at[number] != CARRIED:
            raise IllegalAction(f"{name} is not being carried.")
        if not instance.interim and here != instance.goals[number]:
            raise IllegalAction(f"{name} must not be put down here.")
        return here, (*at[:number], here, *at[number + 1 :])

    @classmethod
    def _goal(cls, instance: D, state: State) -> bool:
        return state[1] == instance.goals

    @classmethod
    def _legal(cls, instance: D, state: State) -> list[str]:
        here, at = state
        acts = [(GO, there) for there in instance.roads[here]]
        room = at.count(CARRIED) < instance.capacity
        for thing, place in enumerate(at):
            there = instance.goals[thing] == here
            if place == here and room and (instance.interim or not there):
                acts.append((TAKE, thing))
            elif place == CARRIED and (instance.interim or there):
                acts.append((PUT, thing))
        return [cls._name(instance, here, act) for act in acts]

    @classmethod
    def _solve(cls, instance: D) -> Solution:
        acts, proved = shortest(instance, _BOUND)
        here, actions = instance.carrier, []
        for act in acts:
            actions.append(cls._name(instance, here, act))
            if act[0] == GO:
                here = act[1]
        return cls._solution(actions, proved)

    @classmethod
    def _limit(cls, instance: D) -> int:
        """A little more than bringing one thing after the other takes."""
        here, steps = instance.carrier, 0
        for place, goal in zip(instance.at, instance.goals, strict=True):
            if place != goal:
                steps += instance.far[here][place] + instance.far[place][goal] + 2
                here = goal
        return steps + steps // 8 + 2


def shortest(instance: Deliveries, bound: int) -> tuple[list[Act], bool]:
    """A plan and whether none is shorter. Raises NoPlan.

    What is carried is put down where it must be as soon as it is there, and things at their goal are left alone: no
    plan needs more. Of things that are alike only the first is taken.
    """
    goals, far, capacity, roads = instance.goals, instance.far, instance.capacity, instance.roads

    def estimate(state: State) -> int:
        here, at = state
        handling = ways = farthest = 0
        visits = 0
        for place, goal in zip(at, goals, strict=True):
            if place == CARRIED:
                handling += 1
                visits |= 1 << goal
                way = far[here][goal]
                ways += way
                farthest = max(farthest, way)
            elif place != goal:
                handling += 2
                visits |= 1 << goal | 1 << place
                way = far[place][goal]
                ways += way
                farthest = max(farthest, far[here][place] + way)
        visits &= ~(1 << here)
        return handling + max(visits.bit_count(), farthest, -(-ways // capacity))

    def moves(state: State) -> list[tuple[Act, State, int]]:
        here, at = state
        found: list[tuple[Act, State, int]] = []
        held = 0
        for thing, place in enumerate(at):
            if place == CARRIED:
                if goals[thing] == here:
                    return [((PUT, thing), (here, (*at[:thing], here, *at[thing + 1 :])), 1)]
                held += 1
                if instance.interim:
                    found.append(((PUT, thing), (here, (*at[:thing], here, *at[thing + 1 :])), 1))
        if held < capacity:
            alike = set()
            for thing, place in enumerate(at):
                if place == here and goals[thing] != here and goals[thing] not in alike:
                    alike.add(goals[thing])
                    found.append(((TAKE, thing), (here, (*at[:thing], CARRIED, *at[thing + 1 :])), 1))
        found += [((GO, there), (there, at), 1) for there in roads[here]]
        return found

    return best_found((instance.carrier, instance.at), moves, lambda state: state[1] == goals, estimate, bound)


def acts_of(go: Mapping[str, int], take: str, put: str, things: Sequence[str]) -> dict[str, Act]:
    """The dictionary of actions: going by name, taking and putting a thing with a verb each."""
    acts = {name: (GO, place) for name, place in go.items()}
    for number, name in enumerate(things):
        acts[f"{take} {name}"] = (TAKE, number)
        acts[f"{put} {name}"] = (PUT, number)
    return acts


def routes(value: Any, places: Sequence[str], most: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where the things are and must be, from a list of pairs of places; ValueError otherwise."""
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= most:
        raise ValueError(f"there are 1 to {most} things to bring")
    numbers = {place: number for number, place in enumerate(places)}
    if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in value):
        raise ValueError("each thing has a place where it is and one where it must be")
    if not all(isinstance(place, str) and place in numbers for pair in value for place in pair):
        raise ValueError(f"the places are {', '.join(places)}")
    at, goals = (tuple(numbers[pair[side]] for pair in value) for side in (0, 1))
    if at == goals:
        raise ValueError("everything is where it must be already")
    return at, goals
