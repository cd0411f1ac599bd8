"""Balls, two hands, and rooms that are all beside each other."""

from __future__ import annotations

from tests.oracles._deliveries import Job, model
from tests.oracles._models import Payload

LEVELS = (1, 3, 4)  # breadth first over all positions takes long with more balls


def _job(payload: Payload) -> Job:
    rooms = "ABCDEFG"[: payload["rooms"]]
    balls = {str(number): (at, to) for number, (at, to) in enumerate(payload["balls"], 1)}
    return Job({room: set(rooms) - {room} for room in rooms}, 2, payload["robot"], balls, anywhere=True)


def _go(move: str, here: str) -> str | None:
    return move[5:] if move.startswith("move ") else None


MODEL = model(_job, _go, "pick", "drop")
judge, mutations, rewrites = MODEL.judge, MODEL.mutations, MODEL.rewrites


def optimal_steps(payload: Payload) -> int:
    return MODEL.optimal_steps(payload)
