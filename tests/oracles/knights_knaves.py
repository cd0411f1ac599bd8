"""Knights and knaves judged by reading each statement as Python truth values, counted over every assignment."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from typing import Any

from tests.oracles import _assignments


def _true(statement: list[Any], knight: list[bool]) -> bool:
    kind, *args = statement
    if kind == "exactly":
        return knight.count(True) == args[0]
    if kind == "atleast":
        return knight.count(True) >= args[0]
    if kind == "same":
        return knight[args[0]] is knight[args[1]]
    if kind == "differ":
        return knight[args[0]] is not knight[args[1]]
    facts = [knight[args[i]] if args[i + 1] else not knight[args[i]] for i in range(0, len(args), 2)]
    if kind == "if":
        return facts[1] if facts[0] else True
    return {"is": all, "both": all, "either": any}[kind](facts)


def _holds(payload: dict[str, Any], knight: list[bool]) -> bool:
    return all(_true(said, knight) is knight[person] for person, said in enumerate(payload["statements"]))


def judge(payload: dict[str, Any], answer: str) -> bool:
    found = _assignments.read(answer, payload["people"], ["knight", "knave"])
    return found is not None and _holds(payload, [found[name] == "knight" for name in payload["people"]])


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _assignments.mutations(answer, ["knight", "knave", "knight", "knave", "Knights", "?"], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _assignments.rewrites(answer, rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    worlds = product([True, False], repeat=len(payload["people"]))
    return sum(_holds(payload, list(world)) for world in worlds)


def optimal_steps(payload: dict[str, Any]) -> int:
    return len(payload["people"])
