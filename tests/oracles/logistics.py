"""Logistics as a map from trucks, plane and packages to where they are."""

from __future__ import annotations

from typing import Any

from tests.oracles._models import Model, Payload

LEVELS = (1, 2, 4)


def _start(payload: Payload) -> Any:
    where = {f"truck {truck[0]}": truck for truck in payload["trucks"]}
    where["plane"] = payload["plane"] + "0"
    where |= {str(number): at for number, (at, _) in enumerate(payload["packages"], 1)}
    return frozenset(where.items())


def _places(payload: Payload) -> list[str]:
    return [f"{city}{place}" for city, size in zip("abcd", payload["cities"], strict=False) for place in range(size)]


def _step(payload: Payload, state: Any, move: str) -> Any:
    where = dict(state)
    match move.split(" "):
        case ["drive", to] if to in _places(payload) and where[f"truck {to[0]}"] != to:
            where[f"truck {to[0]}"] = to
        case ["fly", to] if len(to) == 1 and to + "0" in _places(payload) and where["plane"] != to + "0":
            where["plane"] = to + "0"
        case ["load", package, vehicle] if package.isdigit() and vehicle in ("truck", "plane"):
            if vehicle == "truck":
                vehicle += " " + where.get(package, "?")[0]
            if where.get(package) is None or where[package] != where.get(vehicle):
                return None
            where[package] = vehicle
        case ["unload", package] if package.isdigit() and where.get(package, "") in where:
            where[package] = where[where[package]]
        case _:
            return None
    return frozenset(where.items())


def _goal(payload: Payload, state: Any) -> bool:
    where = dict(state)
    return all(where[str(number)] == to for number, (_, to) in enumerate(payload["packages"], 1))


def _candidates(payload: Payload) -> list[str]:
    packages = range(1, len(payload["packages"]) + 1)
    moves = [
        f"{verb} {n}{by}" for n in packages for verb, by in (("load", " truck"), ("load", " plane"), ("unload", ""))
    ]
    moves += [f"fly {city}" for city in "abcd"[: len(payload["cities"])]]
    return moves + [f"drive {place}" for place in _places(payload)]


MODEL = Model(_start, _step, _goal, _candidates, "phrases")
judge, mutations, rewrites = MODEL.judge, MODEL.mutations, MODEL.rewrites


def optimal_steps(payload: Payload) -> int:
    def least(state: Any) -> int:
        """Loading and unloading, and a drive to each last place where no truck is."""
        where, steps, ends = dict(state), 0, set()
        for number, (_, to) in enumerate(payload["packages"], 1):
            at = where[str(number)]
            if at == to:
                continue
            if to[1] != "0" and where[f"truck {to[0]}"] != to:
                ends.add(to)
            if at == "plane":
                steps += 1 + 2 * (to[1] != "0")
            elif where.get(at, at)[0] == to[0]:
                steps += 1 if at in where else 2
            else:
                steps += (3 if at in where else 4 if at[1] != "0" else 2) + 2 * (to[1] != "0")
        return steps + len(ends)

    return MODEL.optimal_steps(payload, least)
