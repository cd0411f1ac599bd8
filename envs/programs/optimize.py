"""A register program is to do the same in fewer steps.

An observation is `1 set C 0; 2 add C B; 3 add A C` (the program), `150 steps, at most 75, as before` (what it takes
over all beginnings, what is allowed, whether it still does what it did); a right action is `del 1`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.programs.register_programs import TOP, behaviour, lean, wasteful, with_lines, without
from esreason.verifiers.programs.registers import (
    MAX_LINES,
    Program,
    check_jumps,
    numbered,
    read_instruction,
    read_program,
    written,
)

# registers, lines of the short program, whether it has a loop, how often it is made slower
LEVELS = {
    1: (3, 4, False, 2), 2: (3, 4, False, 3), 3: (4, 4, False, 2), 4: (4, 4, False, 3), 5: (3, 3, True, 2),
    6: (4, 4, False, 4), 7: (3, 3, True, 3), 8: (4, 3, True, 3), 9: (4, 3, True, 4), 10: (4, 4, True, 5),
}  # fmt: skip
MAX_WITHIN = 100_000

_EDIT = re.compile(r"(?:(del|ins)\s+)?([1-9][0-9]?)(?:\s+([a-z].*))?")


@dataclass(frozen=True, slots=True)
class Slow:
    """How many registers there are, the program as it is, what it does, the steps allowed, and one that keeps them."""

    registers: int
    program: Program
    ends: tuple[int, ...]
    within: int
    reference: Program


@lru_cache(maxsize=256)
def _behaviour(program: Program, registers: int) -> tuple[tuple[int, ...], int] | str:
    """What a program does and takes, or one sentence on why it does not end."""
    try:
        ends, steps = behaviour(program, registers)
    except ValueError as error:
        return str(error)
    return tuple(ends), steps


class Optimize(ReasoningEnv[Slow, Program]):
    """Rewrite a register program so that A ends as before from every beginning, in a stated number of steps.

    All 25 beginnings with A and B from 0 to 4 are run, so that the same behaviour is a fact, and steps are added up.
    Levels go from four lines, two of them made slower, to a program of eight lines with a loop, slowed down five
    times. Allowed is what a program without a superfluous line takes; it is in the payload, never shown, and not
    claimed to be fastest. Any program that keeps the bound is right. The machine is that of register_machine.
    """

    name = "optimize"
    rules = (
        "Optimization: rewrite the program so that it takes fewer steps and A still ends with the same number, "
        f"whatever A and B (0 to {TOP}) begin with; all other registers begin with 0 and may end with anything. Each "
        "instruction carried out is a step; shown are the steps of all beginnings together and how many are allowed. "
        "set A 3 puts 3 into A; mov A B copies B into A; add A B adds B to A; sub A B takes B from A, but never goes "
        "below 0; inc A and dec A add and take 1 (dec leaves 0); jz A 5 goes to line 5 if A is 0; jmp 2 goes to line "
        "2; the program ends behind its last line."
    )
    action_rule = (
        "Write 3 add A B to put an instruction in the place of line 3, ins 3 inc A to put one before it (one past the "
        "last line is allowed), or del 3 to leave it out; jumps follow their instructions."
    )
    answer_rule = "Answer with the whole new program, instructions in order, for example add A B; jz C 4; inc A."
    action_chars = 24
    answer_chars = 600
    task_space = {1: 45_000}

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        registers, size, loop, times = LEVELS[level]
        while True:
            short = lean(rng, registers, size, loop)
            slow = wasteful(rng, short, registers, times)
            within, now = (behaviour(program, registers + 1)[1] for program in (short, slow))
            if now > within:
                return {"registers": registers + 1, "program": _text(slow), "within": within, "reference": _text(short)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Slow:
        if set(payload) != {"registers", "program", "within", "reference"}:
            raise ValueError('an optimize payload is {"registers", "program", "within", "reference"}')
        registers, within = payload["registers"], payload["within"]
        if type(registers) is not int or not 2 <= registers <= 5:
            raise ValueError("there are 2 to 5 registers")
        if type(within) is not int or not 1 <= within <= MAX_WITHIN:
            raise ValueError(f"within is 1 to {MAX_WITHIN:,}")
        texts = payload["program"], payload["reference"]
        if not all(isinstance(text, str) and len(text) <= 1_000 for text in texts):
            raise ValueError("the program and the reference are texts of at most 1,000 characters")
        program, reference = (read_program(text, registers) for text in texts)
        now, then = _behaviour(program, registers), _behaviour(reference, registers)
        if isinstance(now, str) or isinstance(then, str):
            raise ValueError("a program of the payload does not end")
        if now[0] != then[0] or then[1] > within or now[1] <= within:
            raise ValueError("the reference does the same within the bound, and the program is above it")
        return Slow(registers, program, now[0], within, reference)

    @classmethod
    def _start(cls, instance: Slow) -> Program:
        return instance.program

    @classmethod
    def _observe(cls, instance: Slow, state: Program) -> str:
        found = _behaviour(state, instance.registers)
        if isinstance(found, str):
            told = f"at most {instance.within}; {found}"
        else:
            same = "as before" if found[0] == instance.ends else "not as before"
            told = f"{found[1]} steps, at most {instance.within}, {same}"
        return f"{numbered(state) or 'empty'}\n{told}"

    @classmethod
    def _apply(cls, instance: Slow, state: Program, action: str) -> Program:
        match = _EDIT.fullmatch(action)
        if not match or (match[1] == "del") == bool(match[3]):
            raise IllegalAction(f"{shown(action)} is not of the form 3 add A B, ins 3 inc A or del 3.")
        place = int(match[2]) - 1
        if place >= len(state) + (match[1] == "ins"):
            raise IllegalAction(f"There is no line {place + 1}.")
        try:
            if match[1] == "del":
                if len(state) == 1:
                    raise ValueError("A program has a line.")
                return without(state, place)
            instruction = read_instruction(match[3], instance.registers)
            if match[1] == "ins":
                if len(state) == MAX_LINES:
                    raise ValueError(f"A program has at most {MAX_LINES} lines.")
                state = with_lines(state, place, [("dec", 0, -1)])
            state = (*state[:place], instruction, *state[place + 1 :])
            check_jumps(state)
        except ValueError as error:
            raise IllegalAction(str(error)) from None
        return state

    @classmethod
    def _done(cls, instance: Slow, state: Program) -> bool:
        found = _behaviour(state, instance.registers)
        return not isinstance(found, str) and found[0] == instance.ends and found[1] <= instance.within

    @classmethod
    def _answer(cls, instance: Slow, state: Program, actions: Sequence[str]) -> str:
        return _text(state)

    @classmethod
    def _verify(cls, instance: Slow, answer: str) -> Verdict:
        try:
            program = read_program(answer, instance.registers)
        except ValueError as error:
            return reject(str(error))
        found = _behaviour(program, instance.registers)
        if isinstance(found, str):
            return reject(found, answer)
        if found[0] != instance.ends:
            return reject("A ends with another number.", answer)
        if found[1] > instance.within:
            return reject(f"The program takes {found[1]} steps instead of at most {instance.within}.", answer)
        return accept(answer, f"The program takes {found[1]} steps.")

    @classmethod
    def _solve(cls, instance: Slow) -> Solution:
        state, actions = instance.program, list[str]()
        for action in _edits(instance.program, instance.reference):
            if cls._done(instance, state):
                break
            state = cls._apply(instance, state, action)
            actions.append(action)
        return Solution(_text(instance.reference), actions)

    @classmethod
    def _limit(cls, instance: Slow) -> int:
        return 2 * MAX_LINES + len(instance.program)


def _edits(program: Program, reference: Program) -> list[str]:
    """Edits that make one program the other: its last lines taken away, or lines put in, then every line written."""
    lines, wanted = len(program), len(reference)
    edits = [f"del {number}" for number in range(lines, wanted, -1)]
    edits += [f"ins {number} inc A" for number in range(lines + 1, wanted + 1)]
    return edits + [f"{number} {written(line)}" for number, line in enumerate(reference, 1)]


def _text(program: Program) -> str:
    return "; ".join([written(line) for line in program])
