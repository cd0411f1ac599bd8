"""A second model of carriers that bring things from place to place, for the oracles of several environments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.oracles._models import Model, Payload

HELD = "held"


@dataclass(frozen=True, slots=True)
class Job:
    """One payload: which places lie beside which, room, where the carrier begins, and from where to where things go."""

    beside: dict[str, set[str]]
    room: int
    begin: str
    things: dict[str, tuple[str, str]]
    anywhere: bool


def model(job: Callable[[Payload], Job], go: Callable[[str, str], str | None], take: str, put: str) -> Model:
    """The model whose moves are `take X`, `put X` and what `go(move, place)` says of the place that a move leads to."""

    def start(payload: Payload) -> Any:
        now = job(payload)
        return now.begin, tuple((name, at) for name, (at, _) in now.things.items())

    def step(payload: Payload, state: Any, move: str) -> Any:
        now, (here, pairs) = job(payload), state
        at, (verb, _, name) = dict(pairs), move.partition(" ")
        there = go(move, here)
        if there is not None:
            return (there, pairs) if there in now.beside[here] else None
        if name not in at or verb not in (take, put):
            return None
        wanted = now.things[name][1] == here
        if verb == take:
            full = sum(place == HELD for place in at.values()) >= now.room
            if at[name] != here or full or (wanted and not now.anywhere):
                return None
            at[name] = HELD
        else:
            if at[name] != HELD or not (wanted or now.anywhere):
                return None
            at[name] = here
        return here, tuple(at.items())

    def goal(payload: Payload, state: Any) -> bool:
        things = job(payload).things
        return all(things[name][1] == place for name, place in state[1])

    def candidates(payload: Payload) -> list[str]:
        now = job(payload)
        moves = [f"{verb} {name}" for verb in (take, put) for name in now.things]
        return moves + sorted({move for place in now.beside for move in _names(go, place, now)})

    return Model(start, step, goal, candidates, "phrases")


def _names(go: Callable[[str, str], str | None], place: str, job: Job) -> set[str]:
    words = ["up", "down", *(f"{verb} {other}" for verb in ("move", "sail") for other in job.beside)]
    return {word for word in words if go(word, place) is not None}
