"""A register machine: a few counters, a numbered program, jumps."""

from __future__ import annotations

import re
from collections.abc import Sequence

NAMES = "ABCDE"
OPERATIONS = ("set", "mov", "add", "sub", "inc", "dec", "jz", "jmp")
MAX_LINES, MAX_VALUE = 40, 9_999

Instruction = tuple[str, int, int]
"""The operation, the place of its register (-1 for jmp), and its number, line or second register (-1 for none)."""
Program = tuple[Instruction, ...]
Registers = tuple[int, ...]
Point = tuple[int, Registers]
"""The line that comes next, counted from 1 (past the last one at the end), and the registers."""

_LINE = re.compile(r"(?:([0-9]{1,2})[.:)]?\s+)?([a-z]+)(?:\s+([A-E]))?(?:(?:\s*,\s*|\s+)([A-E]|[0-9]{1,4}))?")
_SEPARATOR = re.compile(r"\s*[;\n]\s*")


class RunsTooLong(ValueError):
    """A run that was given up."""


def read_instruction(text: str, registers: int) -> Instruction:
    """An instruction such as `add A B`, its line number in front ignored; ValueError with one sentence otherwise."""
    match = _LINE.fullmatch(text.strip())
    if not match or match[2] not in OPERATIONS:
        raise ValueError(f"{text[:30]!a} is no instruction.")
    operation, first, second = match[2], match[3], match[4]
    names = NAMES[:registers]
    for name in (first, second):
        if name and name.isalpha() and name not in names:
            raise ValueError(f"There is no register {name}.")
    if operation == "jmp":
        shaped = first is None and second is not None and second.isdigit()
    elif operation in ("inc", "dec"):
        shaped = first is not None and second is None
    else:
        wants_digits = operation in ("set", "jz")
        shaped = first is not None and second is not None and second.isdigit() == wants_digits
    if not shaped:
        raise ValueError(f"{text[:30]!a} does not have what {operation} needs.")
    number = -1 if second is None else int(second) if second.isdigit() else names.index(second)
    return operation, names.index(first) if first else -1, number


def read_program(text: str, registers: int) -> Program:
    """Instructions between semicolons or line ends; ValueError with one sentence where they are no program."""
    lines = [line for line in _SEPARATOR.split(text.strip()) if line]
    if not 1 <= len(lines) <= MAX_LINES:
        raise ValueError(f"A program has 1 to {MAX_LINES} lines, not {len(lines)}.")
    program = tuple([read_instruction(line, registers) for line in lines])
    check_jumps(program)
    return program


def check_jumps(program: Program) -> None:
    """ValueError with one sentence where a jump leads out of the program (one past the last line is its end)."""
    for operation, _, number in program:
        if operation in ("jz", "jmp") and not 1 <= number <= len(program) + 1:
            raise ValueError(f"A jump leads to line {number} of {len(program)}.")


def written(instruction: Instruction) -> str:
    """An instruction as text."""
    operation, register, number = instruction
    if operation == "jmp":
        return f"jmp {number}"
    name = NAMES[register]
    if operation in ("inc", "dec"):
        return f"{operation} {name}"
    return f"{operation} {name} {number if operation in ('set', 'jz') else NAMES[number]}"


def numbered(program: Program, separator: str = "; ") -> str:
    """A program as text, each line with its number."""
    return separator.join([f"{line} {written(instruction)}" for line, instruction in enumerate(program, 1)])


def trace(program: Program, registers: Sequence[int], max_steps: int) -> list[Point]:
    """The points that a run passes, the one after each instruction; raises as `run` does."""
    points: list[Point] = []
    run(program, registers, max_steps, points)
    return points


def run(
    program: Program, registers: Sequence[int], max_steps: int, points: list[Point] | None = None
) -> tuple[Registers, int]:
    """The registers at the end, and the number of instructions that it took; `points` are filled with what is passed.

    Raises RunsTooLong beyond `max_steps` instructions, ValueError where a register exceeds MAX_VALUE.
    """
    line, values, end = 1, [*registers], len(program)
    for count in range(max_steps):
        if line > end:
            return tuple(values), count
        operation, register, number = program[line - 1]
        line += 1
        if operation == "jz":
            if not values[register]:
                line = number
        elif operation == "jmp":
            line = number
        else:
            old = values[register]
            if operation == "dec":
                values[register] = old - 1 if old else 0
            elif operation == "sub":
                values[register] = max(0, old - values[number])
            elif operation == "mov":
                values[register] = values[number]
            else:
                new = number if operation == "set" else old + (values[number] if operation == "add" else 1)
                if new > MAX_VALUE:
                    raise ValueError(f"Register {NAMES[register]} exceeds {MAX_VALUE:,}.")
                values[register] = new
        if points is not None:
            points.append((line, tuple(values)))
    if line > end:
        return tuple(values), max_steps
    raise RunsTooLong(f"The program does not end within {max_steps:,} steps.")
