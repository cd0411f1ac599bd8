"""Register programs run by a second interpreter from every beginning."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from tests.oracles._registers import Machine


def _runs(payload: dict[str, Any], text: str) -> list[Machine]:
    machines = []
    for a, b in product(range(5), repeat=2):
        beginning = dict.fromkeys("ABCDE"[: payload["registers"]], 0) | {"A": a, "B": b}
        machines.append(Machine(beginning).load(text).run(400))
    return machines


def judge(payload: dict[str, Any], answer: str) -> bool:
    if not answer.isascii():
        return False
    before, after = _runs(payload, payload["program"]), _runs(payload, answer)
    if any(machine.error for machine in after):
        return False
    same = [m.registers["A"] for m in before] == [m.registers["A"] for m in after]
    return same and sum(machine.steps for machine in after) <= payload["within"]


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    names = "ABCDE"[: payload["registers"]]
    while True:
        lines = answer.split("; ")
        i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
        kind = rng.randrange(7)
        if kind == 0:
            lines[i] = f"{rng.choice(['add', 'sub', 'mov'])} {rng.choice(names)} {rng.choice(names)}"
        elif kind == 1:
            lines[i], lines[j] = lines[j], lines[i]
        elif kind == 2:
            del lines[i]
        elif kind == 3:
            lines.insert(i, rng.choice([lines[j], "inc A", "dec A", "set A 3", f"jmp {i + 1}", f"jmp {i + 2}"]))
        elif kind == 4:
            lines[i] = re.sub(r"[A-E]", lambda m: rng.choice(names), lines[i])
        elif kind == 5:
            lines = payload["program"].split("; ")
            del lines[rng.randrange(len(lines))]
        else:
            lines[i] = re.sub(r"\d+", lambda m: str(int(m[0]) + rng.choice([-1, 1])), lines[i])
        yield rng.choice(["; ", "\n", ";"]).join(lines)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        lines = answer.split("; ")
        kind = rng.randrange(3)
        if kind == 1:
            lines = [f"{number}{rng.choice([' ', '. ', ': ', ') '])}{line}" for number, line in enumerate(lines, 1)]
        elif kind == 2:
            lines = [line.replace(" ", "  ") for line in lines]
        yield rng.choice(["; ", ";", "\n", " ; ", ";\n"]).join(lines)
