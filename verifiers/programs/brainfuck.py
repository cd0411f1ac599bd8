"""Brainfuck: eight commands on a tape of bytes (Urban Müller, 1993)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

COMMANDS = "+-<>.,[]"
CELLS, MAX_LENGTH, MAX_STEPS, MAX_OUTPUT = 32, 400, 10_000, 64

_RUN = re.compile(r"\++|-+|<+|>+|[.,\[\]]")
_SPACES = str.maketrans("", "", " \t\r\n")


class Step(NamedTuple):
    """One command, or equal ones in a row: its sign, how many or where a bracket's partner stands."""

    sign: str
    number: int


@lru_cache(maxsize=512)
def compiled(text: str) -> tuple[Step, ...]:
    """The steps of a program, white space ignored; ValueError with one sentence if it is none."""
    commands = text.translate(_SPACES)
    if not commands or len(commands) > MAX_LENGTH or not set(commands) <= set(COMMANDS):
        raise ValueError(f"A program is 1 to {MAX_LENGTH} of the commands {COMMANDS}.")
    signs = _RUN.findall(commands)
    open_brackets: list[int] = []
    steps = [Step(run[0], len(run)) for run in signs]
    for place, run in enumerate(signs):
        if run == "[":
            open_brackets.append(place)
        elif run == "]":
            if not open_brackets:
                raise ValueError("A ] has no [ before it.")
            partner = open_brackets.pop()
            steps[partner], steps[place] = Step("[", place), Step("]", partner)
    if open_brackets:
        raise ValueError("A [ has no ] behind it.")
    return tuple(steps)


def length(text: str) -> int:
    """The number of commands in a program."""
    return len(text.translate(_SPACES))


def run(text: str, inputs: Sequence[int]) -> list[int]:
    """The numbers that a program prints; bytes wrap around, `,` gives 0 when nothing is left to read.

    Raises ValueError with one sentence where the text is no program, leaves the tape, prints more than MAX_OUTPUT
    numbers or needs more than MAX_STEPS steps (equal commands in a row are one step).
    """
    steps, tape, output = compiled(text), [0] * CELLS, list[int]()
    at = cell = read = 0
    for _ in range(MAX_STEPS):
        if at == len(steps):
            return output
        sign, number = steps[at]
        at += 1
        if sign == "+":
            tape[cell] = (tape[cell] + number) & 255
        elif sign == "-":
            tape[cell] = (tape[cell] - number) & 255
        elif sign == ">" or sign == "<":
            cell += number if sign == ">" else -number
            if not 0 <= cell < CELLS:
                raise ValueError(f"The tape has only {CELLS} cells, and begins at its left end.")
        elif sign == "[":
            if not tape[cell]:
                at = number + 1
        elif sign == "]":
            if tape[cell]:
                at = number + 1
        elif sign == ".":
            output.append(tape[cell])
            if len(output) > MAX_OUTPUT:
                raise ValueError(f"More than {MAX_OUTPUT} numbers are printed.")
        else:
            tape[cell] = inputs[read] if read < len(inputs) else 0
            read += 1
    raise ValueError(f"The program does not end within {MAX_STEPS:,} steps.")
