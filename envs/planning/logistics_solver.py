"""Logistics: shortest plans for a truck in each city and one plane between their airports."""

from __future__ import annotations

from dataclasses import dataclass

from esreason.envs.search import best_found

PLANE = -1  # a package in the plane; in the truck of city c it is at TRUCK - c
TRUCK = -2

Fleet = tuple[int, ...]  # the place of each truck, then the city of the plane
State = tuple[Fleet, tuple[int, ...]]  # and the place of each package
Act = tuple[str, int, bool]  # "drive" to a place, "fly" to a city, "load" or "unload" a package (True: the plane)


@dataclass(frozen=True, slots=True)
class Country:
    """The city of each place, the airport of each city (its first place), and where the packages must be."""

    city: tuple[int, ...]
    airport: tuple[int, ...]
    goals: tuple[int, ...]

    def stop(self, package: int, city: int) -> int:
        """Where the truck of a city unloads a package: its goal, or the airport."""
        goal = self.goals[package]
        return goal if self.city[goal] == city else self.airport[city]

    def handled(self, state: State, acts: list[Act] | None = None) -> State:
        """The state after all useful loading and unloading that needs no vehicle to move; written to `acts`."""
        fleet, at = state
        places = list(at)
        changed = True
        while changed:
            changed = False
            for package, place in enumerate(places):
                act, to = self._handling(fleet, package, place)
                if act:
                    places[package], changed = to, True
                    if acts is not None:
                        acts.append(act)
        return fleet, tuple(places)

    def _handling(self, fleet: Fleet, package: int, place: int) -> tuple[Act | None, int]:
        if place == PLANE:
            here = fleet[-1]
            if self.city[self.goals[package]] == here:
                return ("unload", package, True), self.airport[here]
        elif place <= TRUCK:
            here = fleet[TRUCK - place]
            if here == self.stop(package, TRUCK - place):
                return ("unload", package, False), here
        elif place != self.goals[package]:
            city = self.city[place]
            if place != self.stop(package, city):
                if fleet[city] == place:
                    return ("load", package, False), TRUCK - city
            elif fleet[-1] == city:
                return ("load", package, True), PLANE
        return None, place

    def visits(self, state: State) -> tuple[list[set[int]], set[int], list[set[int]], set[int]]:
        """Where each truck and the plane are of use now, and where they have to be some time."""
        trucks: list[set[int]] = [set() for _ in self.airport]
        trucks_later: list[set[int]] = [set() for _ in self.airport]
        plane: set[int] = set()
        plane_later: set[int] = set()
        for package, place in enumerate(state[1]):
            goal = self.goals[package]
            if place == goal:
                continue
            target = self.city[goal]
            city = target if place == PLANE else TRUCK - place if place <= TRUCK else self.city[place]
            if place == PLANE:
                plane.add(target)
            elif place != self.stop(package, city):
                stop = self.stop(package, city)
                trucks[city].add(stop if place <= TRUCK else place)
                trucks_later[city].add(stop)
            else:
                plane.add(city)
            if city != target or place == PLANE:
                plane_later |= {city, target}
                if goal != self.airport[target]:
                    trucks_later[target] |= {goal, self.airport[target]}
        for later, now in zip(trucks_later, trucks, strict=True):
            later |= now
        return trucks, plane, trucks_later, plane_later


def shortest(country: Country, start: State, bound: int) -> tuple[list[Act], bool]:
    """A plan and whether none is shorter. Raises NoPlan.

    Vehicles hold any number and each city has one truck, so loading and unloading as soon as it is of use costs
    nothing: every package is handled as often in every plan, and only the journeys are searched, each to a place where
    the vehicle is wanted at once (an idle stop can be left out or put off).
    """

    def estimate(state: State) -> int:
        _, _, trucks, plane = country.visits(state)
        fleet = state[0]
        return sum(len(places - {fleet[city]}) for city, places in enumerate(trucks)) + len(plane - {fleet[-1]})

    def moves(state: State) -> list[tuple[Act, State, int]]:
        trucks, plane, _, _ = country.visits(state)
        fleet, at = state
        journeys: list[Act] = []
        for city, places in enumerate(trucks):
            journeys += [("drive", place, False) for place in sorted(places - {fleet[city]})]
        journeys += [("fly", city, True) for city in sorted(plane - {fleet[-1]})]
        return [(act, country.handled((_moved(country, fleet, act), at)), 1) for act in journeys]

    plan, proved = best_found(country.handled(start), moves, lambda state: state[1] == country.goals, estimate, bound)
    acts: list[Act] = []
    state = country.handled(start, acts)
    for act in plan:
        acts.append(act)
        state = country.handled((_moved(country, state[0], act), state[1]), acts)
    return acts, proved


def _moved(country: Country, fleet: Fleet, act: Act) -> Fleet:
    if act[0] == "fly":
        return (*fleet[:-1], act[1])
    city = country.city[act[1]]
    return (*fleet[:city], act[1], *fleet[city + 1 :])
