"""Stack programs run on Python lists, shortened by breadth-first search over programs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from tests.oracles import _plans

WORDS = ["dup", "drop", "swap", "over", "rot", "add", "sub", "mul", "neg", "1", "2"]


def run(word: str, stack: list[int]) -> bool:
    """Execute a word in place; False where that is impossible."""
    try:
        if word in ("1", "2"):
            stack.append(int(word))
        elif word in ("dup", "over"):
            stack.append(stack[{"dup": -1, "over": -2}[word]])
        elif word in ("swap", "rot"):
            stack.append(stack.pop({"swap": -2, "rot": -3}[word]))
        elif word in ("drop", "neg"):
            top = stack.pop()
            stack.extend([] if word == "drop" else [-top])
        elif word in ("add", "sub", "mul"):
            b, a = stack.pop(), stack.pop()
            stack.append({"add": a + b, "sub": a - b, "mul": a * b}[word])
        else:
            return False
    except IndexError:
        return False
    return len(stack) <= 8 and all(abs(number) <= 9_999 for number in stack)


def after(word: str, stacks: list[list[int]]) -> list[list[int]] | None:
    copies = [stack.copy() for stack in stacks]
    return copies if all(run(word, stack) for stack in copies) else None


def judge(payload: dict[str, Any], answer: str) -> bool:
    stacks: list[list[int]] | None = [start for start, _ in payload["stacks"]]
    program = _plans.moves_of(answer)
    if len(program) > payload["within"]:
        return False
    for word in program:
        stacks = after(word, stacks) if stacks is not None else None
    return stacks == [goal for _, goal in payload["stacks"]]


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _plans.mutations(answer, WORDS, rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _plans.rewrites(answer, rng)


def optimal_steps(payload: dict[str, Any]) -> int:
    goals = [goal for _, goal in payload["stacks"]]
    layer, seen, steps = [[start for start, _ in payload["stacks"]]], set[str](), 0
    while goals not in layer:
        steps += 1
        grown = []
        for stacks in layer:
            for other in filter(None, (after(word, stacks) for word in WORDS)):
                if str(other) not in seen:
                    seen.add(str(other))
                    grown.append(other)
        layer = grown
    return steps
