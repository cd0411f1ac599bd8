"""What programs print, as CPython says."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from tests.oracles import _python


def _lines(payload: dict[str, Any]) -> list[str]:
    return [" ".join(line.split()) for line in _python.run(payload["program"], None, []).splitlines() if line.split()]


def judge(payload: dict[str, Any], answer: str) -> bool:
    given = [" ".join(line.split()) for line in re.split("[;\n]", answer) if line.split()]
    return given == _lines(payload)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        lines = answer.split("; ")
        i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
        kind = rng.randrange(6)
        if kind == 0:
            lines[i] = re.sub(r"\d+", lambda m: str(int(m[0]) + rng.choice([-1, 1, 10])), lines[i], count=1)
        elif kind == 1:
            lines[i], lines[j] = lines[j], lines[i]
        elif kind == 2:
            del lines[i]
        elif kind == 3:
            lines.insert(i, lines[j])
        elif kind == 4:
            line = lines[i]
            lines[i] = rng.choice([line.replace(" ", ""), f"'{line}'", line.replace(",", ""), f"{line}.0"])
        else:
            lines = lines[-1:]
        yield rng.choice(["; ", "\n", ", "]).join(lines)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        lines = [line.replace(" ", rng.choice([" ", "  "])) for line in answer.split("; ")]
        yield rng.choice(["; ", ";", "\n", " ;\n", "\n\n", "\r\n"]).join(lines)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    return 1 if _lines(payload) else 0


def optimal_steps(payload: dict[str, Any]) -> int:
    return len(_lines(payload))
