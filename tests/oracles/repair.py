"""Mended functions run by CPython."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from tests.oracles import _python

EXPENSIVE = True


def _source(payload: dict[str, Any], answer: str) -> str | None:
    """The whole program: the answer, or the program shown with one line changed."""
    number, colon, line = answer.partition(":")
    number = number.removesuffix(" ").removesuffix("\t").removesuffix("\n")
    line = line.lstrip(" \t")
    if not colon or not re.fullmatch("[1-9][0-9]?", number, re.ASCII) or "\n" in line or not line.strip():
        return answer
    lines = payload["source"].split("\n")
    if int(number) > len(lines):
        return None
    old = lines[int(number) - 1]
    lines[int(number) - 1] = " " * (len(old) - len(old.lstrip(" "))) + line
    return "\n".join(lines)


def judge(payload: dict[str, Any], answer: str) -> bool:
    source = _source(payload, answer) if len(answer) <= 4_000 else None
    return source is not None and _python.passes(source, payload)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    lines = payload["source"].split("\n")
    while True:
        kind = rng.randrange(6)
        number = rng.randrange(len(lines)) + 1
        line = lines[number - 1].strip()
        if kind == 0:
            yield payload["source"]
        elif kind == 1:  # another number or sign
            changed = re.sub(r"\d+", lambda m: str(int(m[0]) + rng.choice([-1, 1])), line)
            yield f"{number}: {changed.replace(rng.choice('+-*<>='), rng.choice('+-*<>'), 1)}"
        elif kind == 2:
            yield answer.replace(answer.partition(":")[0], str(number), 1)
        elif kind == 3:
            yield f"{rng.choice([0, len(lines) + 1, 99, 100])}: {answer.partition(': ')[2]}"
        elif kind == 4:
            yield "\n".join(lines[: number - 1] + lines[number:])
        else:
            yield f"{number}: return {payload['examples'][0][1]!r}"


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    whole = _source(payload, answer) or ""
    while True:
        number, _, line = answer.partition(": ")
        edits = [f"{number}:{line}", f"{number} : {line}", f"{number}:   {line}  "]
        text = rng.choice([whole, f"{whole}\n# mended", *edits])
        yield rng.choice([text, text + "  # so"])
