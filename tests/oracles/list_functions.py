"""List programs interpreted word by word with loops."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

PLAIN = ["reverse", "sort", "unique", "tail", "init", "double", "sums", "steps", "odd_places", "even_places", "mirror",
         "rotate", "map negate", "map square", "keep even", "keep odd", "keep records", "sum", "length", "max", "min",
         "first", "last", "negate", "square", "up_to", "digits"]  # fmt: skip
NUMBERED = ["take", "drop", "map +", "map -", "map *", "map %", "keep >", "keep <", "+", "-", "*", "%"]


class Refused(Exception):
    """The program does not fit the value."""


def _number(word: str, low: int, high: int = 9) -> int:
    if len(word) != 1 or word not in "123456789" or not low <= int(word) <= high:
        raise Refused
    return int(word)


def _on_list(words: list[str], x: list[int]) -> list[int] | int:
    match words:
        case ["reverse"]:
            return [x[len(x) - 1 - i] for i in range(len(x))]
        case ["sort"]:
            return sorted(x)
        case ["unique"]:
            return [n for i, n in enumerate(x) if n not in x[:i]]
        case ["tail"]:
            return x[1:]
        case ["init"]:
            return x[: max(len(x) - 1, 0)]
        case ["double"]:
            return [x[i // 2] for i in range(2 * len(x))]
        case ["sums"]:
            return [sum(x[: i + 1]) for i in range(len(x))]
        case ["steps"]:
            return [x[i] - x[i - 1] for i in range(1, len(x))]
        case ["odd_places"]:
            return [n for i, n in enumerate(x, 1) if i % 2]
        case ["even_places"]:
            return [n for i, n in enumerate(x, 1) if i % 2 == 0]
        case ["mirror"]:
            return x + list(reversed(x))
        case ["rotate"]:
            return x[1:] + x[:1]
        case ["take", n]:
            return x[: _number(n, 1, 5)]
        case ["drop", n]:
            return x[_number(n, 1, 5) :]
        case ["map", "negate"]:
            return [0 - n for n in x]
        case ["map", "square"]:
            return [n**2 for n in x]
        case ["map", sign, n]:
            return [_arithmetic(sign, n, m) for m in x] if x or _arithmetic(sign, n, 0) is not None else []
        case ["keep", "even"]:
            return [n for n in x if abs(n) % 2 == 0]
        case ["keep", "odd"]:
            return [n for n in x if abs(n) % 2 == 1]
        case ["keep", "records"]:
            return [n for i, n in enumerate(x) if i == 0 or n > max(x[:i])]
        case ["keep", ">", n]:
            bound = _number(n, 1)
            return [m for m in x if m > bound]
        case ["keep", "<", n]:
            bound = _number(n, 1)
            return [m for m in x if m < bound]
        case ["sum"]:
            return sum(x)
        case ["length"]:
            return len(x)
        case ["max" | "min" | "first" | "last" as name]:
            if not x:
                raise Refused
            return {"max": max(x), "min": min(x), "first": x[0], "last": x[len(x) - 1]}[name]
    raise Refused


def _arithmetic(sign: str, word: str, x: int) -> int:
    if sign not in ("+", "-", "*", "%"):
        raise Refused
    n = _number(word, 2 if sign in "*%" else 1)
    return {"+": x + n, "-": x - n, "*": x * n, "%": x - n * (x // n)}[sign]


def _on_number(words: list[str], x: int) -> list[int] | int:
    match words:
        case ["negate"]:
            return 0 - x
        case ["square"]:
            return x**2
        case ["up_to"]:
            return [i + 1 for i in range(min(max(x, 0), 100))]
        case ["digits"]:
            return [int(digit) for digit in str(x).lstrip("-")]
        case [sign, n]:
            return _arithmetic(sign, n, x)
    raise Refused


def run(program: list[str], value: Any) -> Any:
    for stage in program:
        value = _on_list(stage.split(), value) if isinstance(value, list) else _on_number(stage.split(), value)
        items = value if isinstance(value, list) else [value]
        if len(items) > 24 or any(abs(item) > 99_999 for item in items):
            raise Refused
    return value


def judge(payload: dict[str, Any], answer: str) -> bool:
    program = [stage for stage in answer.split("|") if stage.strip()]
    if not answer.isascii() or len(program) > payload["within"]:
        return False
    try:
        return all(run(program, start) == goal for start, goal in payload["examples"])
    except Refused:
        return False


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        program = answer.split(" | ")
        i, j = rng.randrange(len(program)), rng.randrange(len(program))
        stage = rng.choice([rng.choice(PLAIN), f"{rng.choice(NUMBERED)} {rng.choice('0123456789')}"])
        kind = rng.randrange(6)
        if kind == 0:
            program[i] = stage
        elif kind == 1:
            program.insert(i, stage)
        elif kind == 2:
            del program[i]
        elif kind == 3:
            program[i], program[j] = program[j], program[i]
        elif kind == 4 and program[i][-1].isdigit():
            program[i] = program[i][:-1] + rng.choice("123456789")
        else:
            program[i] = rng.choice([program[i].replace(" ", ""), f"map {program[i]}", program[i] + " 1"])
        yield rng.choice([" | ", "|", " |\n", ", "]).join(program)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        stages = [stage.replace(" ", rng.choice([" ", "  "])) for stage in answer.split(" | ")]
        yield rng.choice([" | ", "|", "\n|", " |\n", "  |  "]).join(stages)
