"""Register machines run by a second interpreter."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from tests.oracles._registers import Machine


def _end(payload: dict[str, Any]) -> list[int]:
    machine = Machine(dict(zip("ABCDE", payload["registers"], strict=False))).load(payload["program"]).run(200)
    assert not machine.error
    return list(machine.registers.values())


def judge(payload: dict[str, Any], answer: str) -> bool:
    text = answer.strip()
    if text[:1] in ("[", "(") and text[-1:] in ("]", ")"):
        text = text[1:-1]
    words = [word for word in re.split(r"[\s,;]+", text) if word]
    if not all(re.fullmatch("-?[0-9]{1,18}", word) for word in words):
        return False
    return [int(word) for word in words] == _end(payload)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    starts = payload["registers"]
    while True:
        numbers = [int(word) for word in answer.split()]
        i, kind = rng.randrange(len(numbers)), rng.randrange(6)
        if kind == 0:
            numbers[i] += rng.choice([-1, 1])
        elif kind == 1:  # as if an instruction had not changed it
            numbers[i] = starts[i]
        elif kind == 2:
            rng.shuffle(numbers)
        elif kind == 3:
            numbers[i] = max(0, numbers[i] - rng.choice(numbers))
        elif kind == 4:
            numbers.insert(i, len(numbers))
        else:
            numbers[i] *= -1
        yield rng.choice([" ", ", ", ","]).join(map(str, numbers))


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        text = rng.choice([" ", ", ", ",", "; ", "\n", "  ", "\t"]).join(answer.split())
        yield rng.choice(["{}", "{}", "[{}]", "({})"]).format(text)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    return 1 if _end(payload) else 0


def optimal_steps(payload: dict[str, Any]) -> int:
    machine = Machine(dict(zip("ABCDE", payload["registers"], strict=False))).load(payload["program"]).run(200)
    return machine.steps
