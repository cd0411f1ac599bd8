"""Cars, a ferry that holds one, and ports beside which others lie."""

from __future__ import annotations

from tests.oracles._deliveries import Job, model
from tests.oracles._models import Payload


def _job(payload: Payload) -> Job:
    ports: dict[str, set[str]] = {port: set() for port in "ABCDEFGHI"[: payload["ports"]]}
    for a, b in payload["channels"]:
        ports[a].add(b)
        ports[b].add(a)
    cars = {str(number): (at, to) for number, (at, to) in enumerate(payload["cars"], 1)}
    return Job(ports, 1, payload["ferry"], cars, anywhere=True)


def _go(move: str, here: str) -> str | None:
    return move[5:] if move.startswith("sail ") else None


MODEL = model(_job, _go, "board", "land")
judge, mutations, rewrites = MODEL.judge, MODEL.mutations, MODEL.rewrites


def optimal_steps(payload: Payload) -> int:
    return MODEL.optimal_steps(payload)
