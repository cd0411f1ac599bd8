"""Register programs that do more than they must, beside shorter ones that do the same."""

from __future__ import annotations

import random
from collections.abc import Sequence

from esreason.verifiers.programs.registers import MAX_LINES, Instruction, Program, Registers, run

TOP = 4
"""The largest number with which A and B begin."""
MAX_STEPS = 400

_SOME = ((0, 1), (1, 2), (2, 1), (3, 4), (4, 2))
"""Beginnings that tell most dull programs."""

_WRITTEN = (0, 0, *range(5))
"""Registers to write to, A three times as often as another."""
_OTHERS = [[[r for r in range(count) if r != register] for register in range(count)] for count in range(6)]
_READERS = ("add", "sub", "mov")
PLAIN = ("add", "add", "sub", "mov", "inc", "dec", "set")


def starts(registers: int) -> list[Registers]:
    """Every beginning: A and B from 0 to TOP, the other registers 0."""
    return [(a, b, *(0,) * (registers - 2)) for a in range(TOP + 1) for b in range(TOP + 1)]


def behaviour(program: Program, registers: int) -> tuple[list[int], int]:
    """What A holds at the end of each run, and the steps of all runs together.

    Raises ValueError with one sentence where a run does not end or a register overflows.
    """
    ends, steps = [], 0
    for start in starts(registers):
        values, count = run(program, start, MAX_STEPS)
        ends.append(values[0])
        steps += count
    return ends, steps


def _random_line(rng: random.Random, registers: int) -> Instruction:
    operation, register = rng.choice(PLAIN), rng.choice(_WRITTEN[: registers + 2])
    if operation in ("inc", "dec"):
        return operation, register, -1
    if operation == "set":
        return operation, register, rng.randint(1, 9)
    if operation == "add":
        return operation, register, rng.choice(range(registers))
    return operation, register, rng.choice(_OTHERS[registers][register])


def _times(register: int, other: int, target: int) -> list[Instruction]:
    """target += register * other by a loop that counts `register` down; jumps are relative to their own line."""
    return [("jz", register, 4), ("dec", register, -1), ("add", target, other), ("jmp", -1, -3)]


def lean(rng: random.Random, registers: int, size: int, loop: bool) -> Program:
    """A program without a line that could be left out, whose result depends on both A and B."""
    while True:
        blocks = [[_random_line(rng, registers)] for _ in range(size)]
        if loop:
            counter, other, target = rng.sample(range(registers), 3) if registers > 2 else (1, 0, 0)
            blocks.insert(rng.randrange(size + 1), _times(counter, other, target))
        lines = [line for block in blocks for line in block]
        reads_b = any((o in _READERS and n == 1) or (o == "jz" and r == 1) for o, r, n in lines)
        if not reads_b or all(r for o, r, _ in blocks[-1] if o not in ("jz", "jmp", "dec")):
            continue
        if _writes_in_vain(lines):
            continue  # what A ends with stays the same without that line
        program = _absolute(lines)
        ends = _telling(program, registers)
        # lines of the loop last: a program without one of them often does not end, which takes long to find out
        places = sorted(range(len(program)), key=lambda place: program[place][0] in ("jz", "dec", "jmp"))
        if ends and not any(_same(without(program, place), ends, registers) for place in places):
            return program


def _writes_in_vain(lines: Sequence[Instruction]) -> bool:
    """Whether a register other than A is written and nothing but itself ever depends on it."""
    read, written = {0}, set()
    for operation, register, number in lines:
        if operation == "jz":
            read.add(register)
        elif operation != "jmp":
            written.add(register)
            if operation in _READERS and number != register:
                read.add(number)
    return not written <= read


def _telling(program: Program, registers: int) -> list[int] | None:
    """What A ends with from every beginning if that depends on A and on B, else None as soon as that is known."""
    ends: dict[tuple[int, int], int] = {}

    def end(a: int, b: int) -> int:
        if (a, b) not in ends:
            ends[a, b] = run(program, (a, b, *(0,) * (registers - 2)), MAX_STEPS)[0][0]
        return ends[a, b]

    try:
        some = [end(a, b) for a, b in _SOME[:3]]
        if len(set(some)) == 1 or len({*some, *(end(a, b) for a, b in _SOME[3:])}) < len(_SOME) - 1:
            return None
        one, two = ([end(a, b) for b in range(TOP + 1)] for a in (1, 2))
        if len(set(one)) == 1 or len(set(two)) == 1 or one == [end(3, b) for b in range(TOP + 1)]:
            return None
        found = [end(a, b) for a in range(TOP + 1) for b in range(TOP + 1)]
    except ValueError:
        return None
    return found if len(set(found)) > 4 else None


def _same(program: Program, ends: Sequence[int], registers: int) -> bool:
    try:
        runs = zip(starts(registers), ends, strict=True)
        return all(run(program, start, MAX_STEPS)[0][0] == end for start, end in runs)
    except ValueError:
        return False


def _absolute(lines: Sequence[Instruction]) -> Program:
    return tuple([(o, r, at + n if o in ("jz", "jmp") else n) for at, (o, r, n) in enumerate(lines, 1)])


def without(program: Program, place: int) -> Program:
    """A program without a line (counted from 0); jumps go on to the instructions that they went to."""
    kept = program[:place] + program[place + 1 :]
    return tuple([(o, r, n - 1 if o in ("jz", "jmp") and n > place + 1 else n) for o, r, n in kept])


def with_lines(program: Program, place: int, lines: Sequence[Instruction]) -> Program:
    """A program with lines put in before a place; their jumps are relative to their own line."""
    moved = [(o, r, n + len(lines) if o in ("jz", "jmp") and n > place + 1 else n) for o, r, n in program]
    new = [(o, r, place + 1 + i + n if o in ("jz", "jmp") else n) for i, (o, r, n) in enumerate(lines)]
    return (*moved[:place], *new, *moved[place:])


def _slower(line: Instruction, spare: int) -> list[Instruction]:
    """Lines that do what a line does in more steps; their jumps are relative, `spare` is a register of their own."""
    operation, register, number = line
    if operation == "set":
        return [("set", register, 0), *[("inc", register, -1)] * number]
    if operation == "mov":
        return [("set", register, 0), ("add", register, number)]
    if operation in ("add", "sub") and register != number:
        step = "inc" if operation == "add" else "dec"
        return [("mov", spare, number), ("jz", spare, 4), ("dec", spare, -1), (step, register, -1), ("jmp", -1, -3)]
    if operation == "add":
        return [("mov", spare, register), ("add", register, spare)]
    if operation in ("inc", "dec"):
        return [("set", spare, 1), ("add" if operation == "inc" else "sub", register, spare)]
    return [line]


def wasteful(rng: random.Random, program: Program, registers: int, times: int) -> Program:
    """A program that does the same with `times` lines done in a slower way, or idle ones put in."""
    spare, ends = registers, behaviour(program, registers)[0]
    while True:
        made = program
        for _ in range(times):
            place = rng.randrange(len(made))
            if made[place][0] in ("jz", "jmp") or rng.random() < 0.2:
                made = with_lines(made, place, rng.choice(_idle(rng, spare)))
            else:
                made = with_lines(without(made, place), place, _slower(made[place], spare))
        if len(made) <= MAX_LINES and _same(made, ends, registers + 1):
            return made


def _idle(rng: random.Random, spare: int) -> list[list[Instruction]]:
    """Lines that change nothing that matters."""
    return [
        [("mov", spare, 0)],
        [("set", spare, rng.randint(1, 9)), ("dec", spare, -1)],
        [("set", spare, rng.randint(1, 9)), ("add", spare, 0)],
        [("inc", 0, -1), ("dec", 0, -1)],
    ]
