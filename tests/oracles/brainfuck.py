"""Brainfuck run character by character, brackets matched while running."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import groupby
from typing import Any


def _run(program: str, inputs: list[int]) -> list[int] | None:
    """What is printed, None where the run breaks off; equal commands in a row are one of 10,000 steps."""
    words = ["".join(group) for _, group in groupby(program)]
    words = [part for word in words for part in (list(word) if word[0] in "[].," else [word])]
    tape, at, head, unread, printed = [0] * 32, 0, 0, list(inputs), list[int]()
    for _ in range(10_000):
        if at == len(words):
            return printed if len(printed) <= 64 else None
        word = words[at]
        match word[0]:
            case "+":
                tape[head] = (tape[head] + len(word)) % 256
            case "-":
                tape[head] = (tape[head] - len(word)) % 256
            case ">":
                head += len(word)
            case "<":
                head -= len(word)
            case ",":
                tape[head] = unread.pop(0) if unread else 0
            case ".":
                printed.append(tape[head])
            case bracket:
                if (tape[head] == 0) == (bracket == "["):
                    step, depth = (1 if bracket == "[" else -1), 0
                    while True:
                        depth += {"[": 1, "]": -1}.get(words[at], 0)
                        if depth == 0:
                            break
                        at += step
        at += 1
        if not 0 <= head < 32:
            return None
    return printed if at == len(words) and len(printed) <= 64 else None


def judge(payload: dict[str, Any], answer: str) -> bool:
    program = "".join(c for c in answer if c not in " \t\r\n")
    depths = [program[: i + 1].count("[") - program[: i + 1].count("]") for i in range(len(program))]
    if not program or set(program) - set("+-<>.,[]") or min(depths) < 0 or depths[-1]:
        return False
    return len(program) <= payload["within"] and all(_run(program, read) == wanted for read, wanted in payload["runs"])


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        signs = list(answer)
        i, j = rng.randrange(len(signs)), rng.randrange(len(signs))
        kind = rng.randrange(6)
        if kind == 0:
            signs[i] = rng.choice("+-<>.,[]")
        elif kind == 1:
            signs.insert(i, rng.choice("+-<>.,[]"))
        elif kind == 2:
            del signs[i]
        elif kind == 3:
            signs[i], signs[j] = signs[j], signs[i]
        elif kind == 4:  # a loop around the whole, or the numbers printed outright
            outright = [sign for number in payload["runs"][0][1] for sign in "+" * number + ".>"]
            signs = ["[", *signs, "]"] if rng.random() < 0.3 else outright
        else:
            signs += rng.choice([[">"] * 40, ["+[]"], ["."], ["<"]])
        yield "".join(signs)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        place = rng.randrange(len(answer) + 1)
        filler = rng.choice(["", " ", "\n", "\t", "  "])
        text = filler.join([answer[:place], answer[place:]])
        spare = rng.choice(["", "", "+", "<>", "+-", "><", "-"])  # two commands are to spare
        text = rng.choice([text, filler.join(text), text + " +"])
        yield text if text.endswith("+") else text + (spare if not spare.startswith("<") else "><")
