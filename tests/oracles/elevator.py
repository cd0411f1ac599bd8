"""People, a cabin, and floors beside which the next ones lie."""

from __future__ import annotations

from tests.oracles._deliveries import Job, model
from tests.oracles._models import Payload


def _job(payload: Payload) -> Job:
    floors = range(1, payload["floors"] + 1)
    beside = {str(n): {str(m) for m in floors if abs(m - n) == 1} for n in floors}
    people = {"abcdefgh"[number]: (at, to) for number, (at, to) in enumerate(payload["people"])}
    return Job(beside, payload["places"], payload["cabin"], people, anywhere=False)


def _go(move: str, here: str) -> str | None:
    return {"up": str(int(here) + 1), "down": str(int(here) - 1)}.get(move)


MODEL = model(_job, _go, "enter", "leave")
judge, mutations, rewrites = MODEL.judge, MODEL.mutations, MODEL.rewrites


def optimal_steps(payload: Payload) -> int:
    return MODEL.optimal_steps(payload)
