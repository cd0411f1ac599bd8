"""What a register machine does, foretold instruction by instruction.

An observation is `1 jz B 5; 2 dec B; 3 add A C; 4 jmp 1 | at 1 with 3 2 7` (the program, the line that comes next,
the registers A, B, C); a right action is `2 3 2 7`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from esreason.core.verdict import Verdict, accept, reject
from esreason.envs.traces import TraceEnv
from esreason.verifiers.parsing import integers
from esreason.verifiers.programs.registers import (
    NAMES,
    Instruction,
    Program,
    Registers,
    numbered,
    read_program,
    trace,
)


class Size(NamedTuple):
    """What a level has: registers, instructions outside loops, loops and whether they are nested, steps of a run."""

    registers: int
    plain: int
    skips: int
    loops: int
    nested: bool
    top: int
    least: int
    most: int


LEVELS = {
    1: Size(2, 3, 0, 0, False, 20, 3, 3), 2: Size(3, 5, 0, 0, False, 20, 5, 5), 3: Size(3, 4, 1, 0, False, 9, 4, 7),
    4: Size(3, 2, 0, 1, False, 5, 8, 18), 5: Size(3, 3, 1, 1, False, 5, 10, 24), 6: Size(4, 4, 1, 1, False, 6, 16, 32),
    7: Size(4, 4, 1, 2, False, 5, 20, 40), 8: Size(4, 4, 0, 2, True, 4, 24, 48), 9: Size(4, 5, 1, 2, True, 4, 30, 60),
    10: Size(5, 6, 2, 3, True, 4, 40, 80),
}  # fmt: skip
MAX_STEPS, MAX_START = 200, 99


@dataclass(frozen=True, slots=True)
class Execution:
    """A program as text, the registers at its beginning, and its run."""

    text: str
    start: Registers
    lines: tuple[str, ...]
    end: Registers


class RegisterMachine(TraceEnv[Execution]):
    """Foretell the registers after every instruction, or in one answer at the end; there is one right answer.

    Levels 1 and 2 have programs of 3 and 5 instructions without jumps, 3 adds a jump forward, 4 to 6 one loop, 7 two
    loops, 8 to 10 loops inside loops, up to 80 instructions executed. After counter machines (Minsky 1961).
    """

    name = "register_machine"
    rules = (
        "Register machine: the registers A, B, C... hold numbers from 0 on. set A 3 puts 3 into A; mov A B copies B "
        "into A; add A B adds B to A; sub A B takes B from A, but never goes below 0; inc A and dec A add and take 1 "
        "(dec leaves 0 as it is); jz A 5 goes to line 5 if A is 0; jmp 2 goes to line 2; else the next line follows. "
        "The program ends behind its last line. Shown are the program, the line that comes next, and the registers."
    )
    action_rule = (
        "Write what comes after the next instruction: the number of the line that follows, then all registers, for "
        "example 2 3 0 7."
    )
    answer_rule = "Answer with the registers at the end of the program, in order, for example 5 0 7."
    action_chars = 48
    answer_chars = 48

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        size = LEVELS[level]
        while True:
            program = random_program(rng, size)
            start = [rng.randint(0, size.top) for _ in range(size.registers)]
            try:
                points = trace(program, start, size.most)
            except ValueError:
                continue
            end = points[-1][1]
            changed = sum(a != b for a, b in zip(start, end, strict=True))
            repeats = len(points) > len(program) or not size.loops
            # loops leave zeros behind: kept are ends that one cannot guess
            varied = end.count(0) <= 1 and len(set(end)) >= min(size.registers, 4) and sum(end) > 2 * size.registers
            if len(points) >= size.least and changed >= min(2, size.registers - 1) and repeats and varied:
                return {"program": numbered(program), "registers": start}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Execution:
        if set(payload) != {"program", "registers"}:
            raise ValueError('a register_machine payload is {"program": text, "registers": [int, ...]}')
        text, start = payload["program"], payload["registers"]
        if not isinstance(start, list) or not 1 <= len(start) <= len(NAMES):
            raise ValueError(f"there are 1 to {len(NAMES)} registers")
        if not all(type(value) is int and 0 <= value <= MAX_START for value in start):
            raise ValueError(f"registers begin with 0 to {MAX_START}")
        if not isinstance(text, str) or len(text) > 1_000:
            raise ValueError("the program is a text of at most 1,000 characters")
        program = read_program(text, len(start))
        points = trace(program, start, MAX_STEPS)
        lines = tuple([f"{line} {_listed(registers)}" for line, registers in points])
        return Execution(numbered(program), tuple(start), lines, points[-1][1])

    @classmethod
    def _observe(cls, instance: Execution, state: int) -> str:
        line, _, registers = (instance.lines[state - 1] if state else f"1 {_listed(instance.start)}").partition(" ")
        return f"{instance.text} | at {line} with {registers}"

    @classmethod
    def _final(cls, instance: Execution) -> str:
        return _listed(instance.end)

    @classmethod
    def _verify(cls, instance: Execution, answer: str) -> Verdict:
        try:
            values = integers(answer, len(NAMES))
        except ValueError as error:
            return reject(f"{str(error)[:1].upper()}{str(error)[1:]}.")
        if tuple(values) != instance.end:
            return reject("The registers hold other numbers at the end.", values)
        return accept(values)


def _listed(registers: Registers) -> str:
    return " ".join(map(str, registers))


def _plain(rng: random.Random, size: Size, kept: frozenset[int]) -> Instruction:
    """An instruction that changes a register outside `kept`."""
    register = rng.choice([r for r in range(size.registers) if r not in kept])
    operation = rng.choice(("set", "mov", "add", "add", "add", "sub", "sub", "inc", "dec"))
    if operation in ("inc", "dec"):
        return operation, register, -1
    if operation == "set":
        return operation, register, rng.randint(0, size.top)
    others = [r for r in range(size.registers) if r != register or operation == "add"]
    return operation, register, rng.choice(others)


def _skip(rng: random.Random, size: Size, kept: frozenset[int]) -> list[Instruction]:
    """One or two instructions jumped over if a register is 0; jumps are relative to their own line."""
    body = [_plain(rng, size, kept) for _ in range(rng.randint(1, 2))]
    return [("jz", rng.randrange(size.registers), len(body) + 1), *body]


def _loop(rng: random.Random, size: Size, kept: frozenset[int], depth: int) -> list[Instruction]:
    """A loop that counts a register down; jumps are relative to their own line."""
    counter = rng.choice([r for r in range(size.registers) if r not in kept])
    inner = kept | {counter}
    body = [_plain(rng, size, inner) for _ in range(rng.randint(1, 2))]
    if depth > 1 and len(inner) + 1 < size.registers:
        body += [("set", _free(rng, size, inner), rng.randint(1, 3))]
        body += _loop(rng, size, inner, depth - 1)
    return [("jz", counter, len(body) + 3), ("dec", counter, -1), *body, ("jmp", -1, -len(body) - 2)]


def _free(rng: random.Random, size: Size, kept: frozenset[int]) -> int:
    return rng.choice([r for r in range(size.registers) if r not in kept])


def random_program(rng: random.Random, size: Size) -> Program:
    """A program of a level; every loop in it counts down a register that its body leaves alone."""
    nobody = frozenset[int]()
    blocks = [[_plain(rng, size, nobody)] for _ in range(size.plain)]
    blocks += [_skip(rng, size, nobody) for _ in range(size.skips)]
    if size.nested:
        blocks += [_loop(rng, size, nobody, size.loops)]
    else:
        blocks += [_loop(rng, size, nobody, 1) for _ in range(size.loops)]
    rng.shuffle(blocks)
    flat = [instruction for block in blocks for instruction in block]
    return tuple(
        [(o, r, line + n if o in ("jz", "jmp") else n) for line, (o, r, n) in enumerate(flat, 1)]
    )
