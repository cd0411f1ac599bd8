"""Short brainfuck programs that print given numbers, or compute them from what they read.

An observation is a line such as `reads 3 5 0 prints 6 8` for each run and `at most 12 commands`; a right action is
`,[+++.,]`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.verdict import Verdict, accept, reject
from esreason.envs.attempts import AttemptEnv
from esreason.verifiers.programs.brainfuck import CELLS, MAX_LENGTH, compiled, length, run

Numbers = tuple[int, ...]
Maker = Callable[[random.Random], tuple[str, list[list[int]]]]
"""Draws a program and what it reads in each run."""

MAX_RUNS, MAX_NUMBERS = 5, 16
SLACK = 2
"""Commands beyond those of the program that made the task."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a program is to print for what it reads, in how many commands, and one that does."""

    runs: tuple[tuple[Numbers, Numbers], ...]
    within: int
    program: str


def _by(number: int, up: str = "+", down: str = "-") -> str:
    """Commands that change a cell, or the place, by a number."""
    return up * number if number > 0 else down * -number


def _straight(rng: random.Random, count: int, top: int) -> tuple[str, list[list[int]]]:
    """Print numbers from one cell, each reached from the last."""
    at, program = 0, ""
    for _ in range(count):
        number = rng.randint(1, top)
        program += _by(number - at) + "."
        at = number
    return program, [[]]


def _from_cells(numbers: list[int], turns: int, factors: list[int]) -> str:
    """Print numbers from cells that a loop of `turns` turns fills with multiples of it."""
    fill = "".join(">" + "+" * factor for factor in factors)
    program = "+" * turns + f"[{fill}{'<' * len(factors)}-]"
    cells, place = [0, *(turns * factor for factor in factors)], 0
    for number in numbers:
        cost = [abs(number - value) + abs(cell - place) for cell, value in enumerate(cells)]
        best = min(range(1, len(cells)), key=cost.__getitem__)
        program += _by(best - place, ">", "<") + _by(number - cells[best]) + "."
        cells[best], place = number, best
    return program


def _looped(rng: random.Random, count: int, low: int, high: int) -> tuple[str, list[list[int]]]:
    """Print numbers so large that a loop must make them; the shortest of some programs."""
    numbers = [rng.randint(low, high) for _ in range(count)]
    bases = {min(numbers), max(numbers), numbers[0], sum(numbers) // count}
    tries = []
    for turns in range(3, 13):
        for first in bases:
            tries.append(_from_cells(numbers, turns, [max(1, round(first / turns))]))
            tries += [
                _from_cells(numbers, turns, [max(1, round(first / turns)), max(1, round(second / turns))])
                for second in bases
                if second > first
            ]
    return min(tries, key=lambda program: (len(program), program)), [[]]


def _shift(rng: random.Random) -> tuple[str, list[list[int]]]:
    """Print each number read, changed by a constant of its own."""
    count = rng.randint(2, 3)
    program = "".join([f",{_by(_step(rng, 9))}." for _ in range(count)])
    return program, [rng.sample(range(10, 41), count) for _ in range(3)]


def _step(rng: random.Random, most: int) -> int:
    return rng.choice([-1, 1]) * rng.randint(1, most)


def _endless(rng: random.Random) -> list[list[int]]:
    """Numbers that end with 0, so many that one cannot know how many."""
    return [[*(rng.randint(20, 60) for _ in range(n)), 0] for n in rng.sample(range(1, 5), 3)]


def _each(rng: random.Random) -> tuple[str, list[list[int]]]:
    """Up to the 0, print two numbers for each."""
    return f",[{_by(_step(rng, 8))}.{_by(_step(rng, 8))}.,]", _endless(rng)


def _sum(rng: random.Random) -> tuple[str, list[list[int]]]:
    """Print the sum or difference of two numbers, and something besides."""
    before, after = _by(_step(rng, 6)), _by(_step(rng, 6))
    sign = rng.choice("+-")
    return f",{before}>,[-<{sign}>]<.{after}.", [[rng.randint(40, 90), rng.randint(1, 20)] for _ in range(3)]


def _times(rng: random.Random) -> tuple[str, list[list[int]]]:
    """Print multiples of a number, and something besides."""
    first, second = rng.sample(range(2, 7), 2)
    program = f",[->{'+' * first}>{'+' * second}<<]>{_by(_step(rng, 6))}.>{_by(_step(rng, 6))}."
    return program, [[number] for number in rng.sample(range(1, 21), 3)]


def _repeat(rng: random.Random) -> tuple[str, list[list[int]]]:
    """Print a growing or shrinking number as often as another says."""
    inside = _by(_step(rng, 6))
    program = rng.choice([f",>,{_by(_step(rng, 6))}<[->.{inside}<]", f",>,{_by(_step(rng, 6))}<[->{inside}.<]"])
    return program, [[times, rng.randint(60, 120)] for times in rng.sample(range(1, 6), 3)]


def _each_times(rng: random.Random) -> tuple[str, list[list[int]]]:
    """Up to the 0, print a multiple of each number and something besides."""
    runs = [[*(rng.randint(2, 20) for _ in range(n)), 0] for n in rng.sample(range(1, 5), 3)]
    return f",[[->{'+' * rng.randint(2, 7)}<]>{_by(_step(rng, 6))}.[-]<,]", runs


MAKERS: dict[int, tuple[Maker, ...]] = {
    1: (lambda rng: _straight(rng, 4, 16),), 2: (lambda rng: _straight(rng, 6, 20),), 3: (_shift,),
    4: (lambda rng: _looped(rng, 2, 40, 120),), 5: (lambda rng: _looped(rng, 4, 65, 90),),
    6: (_each,), 7: (_sum,), 8: (_times, _sum), 9: (_repeat, _times), 10: (_each_times, _repeat, _times),
}  # fmt: skip


class Brainfuck(AttemptEnv[Order]):
    """Write a program that prints the wanted numbers, with at most two commands more than the one that made the task.

    Levels 1 and 2 print 4 and 6 small numbers, 3 shifts the numbers it reads, 4 and 5 print large numbers, for which
    a loop is needed; 6 works on numbers up to a 0, 7 adds and subtracts, 8 multiplies, 9 repeats, 10 does several of
    these at once. Every program that prints the right numbers in all runs shown is right; none is claimed to be
    shortest. The payload keeps one right program, which is never shown. Language: Urban Müller, 1993.
    """

    name = "brainfuck"
    rules = (
        "Brainfuck: write a program that prints the wanted numbers in every run. A tape of "
        f"{CELLS} cells holds bytes, all 0 at first (255 + 1 is 0), and a head stands at the left end. + and - change "
        "the cell under the head by 1; > and < move the head; , reads the next number into the cell (0 when there is "
        "none); . prints the cell as a number; [ jumps behind its ] if the cell is 0, ] back behind its [ if it is not."
    )
    action_rule = "Write a whole program; it is run, and you are told what it printed. You have 5 attempts."
    answer_rule = "Answer with the program, for example ,[->++<]>. and nothing else."
    action_chars = MAX_LENGTH + 20
    answer_chars = MAX_LENGTH + 20

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        while True:
            program, inputs = rng.choice(MAKERS[level])(rng)
            runs = [[numbers, run(program, numbers)] for numbers in inputs]
            if all(0 < len(printed) <= MAX_NUMBERS for _, printed in runs):
                return {"runs": runs, "within": length(program) + SLACK, "program": program}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Order:
        if set(payload) != {"runs", "within", "program"}:
            raise ValueError('a brainfuck payload is {"runs": [[read, printed], ...], "within": int, "program": text}')
        runs, within, program = payload["runs"], payload["within"], payload["program"]
        if not isinstance(runs, list) or not 1 <= len(runs) <= MAX_RUNS:
            raise ValueError(f"there are 1 to {MAX_RUNS} runs")
        if not all(isinstance(each, list) and len(each) == 2 and all(map(_are_bytes, each)) for each in runs):
            raise ValueError(f"a run is what is read and what is printed, at most {MAX_NUMBERS} bytes each")
        if type(within) is not int or not 1 <= within <= MAX_LENGTH:
            raise ValueError(f"a program has at most 1 to {MAX_LENGTH} commands")
        if not isinstance(program, str) or len(program) > MAX_LENGTH or not any(printed for _, printed in runs):
            raise ValueError("the program is a text, and something is to be printed")
        order = Order(tuple((tuple(a), tuple(b)) for a, b in runs), within, program)
        fault = _fault(order, program)
        if fault:
            raise ValueError(f"the payload's own program is wrong: {fault}")
        return order

    @classmethod
    def _task(cls, instance: Order) -> str:
        lines = [f"reads {_listed(read)} prints {_listed(wanted)}" for read, wanted in instance.runs]
        return "\n".join([*lines, f"at most {instance.within} commands"])

    @classmethod
    def _tried(cls, instance: Order, program: str) -> str | None:
        if length(program) > instance.within:
            raise ValueError(f"The program has {length(program)} commands instead of at most {instance.within}.")
        compiled(program)  # what is no program is no attempt; what breaks off is one
        faults = []
        for read, wanted in instance.runs:
            try:
                printed = run(program, read)
            except ValueError as error:
                faults.append(str(error))
            else:
                if tuple(printed) != wanted:
                    faults.append(f"reading {_listed(read)} it printed {_listed(tuple(printed))}")
        return "\n".join(dict.fromkeys(faults)) or None

    @classmethod
    def _verify(cls, instance: Order, answer: str) -> Verdict:
        try:
            fault = _fault(instance, answer)
        except ValueError as error:
            return reject(str(error))
        return reject(fault, answer) if fault else accept(answer, f"{length(answer)} commands do it.")

    @classmethod
    def _reference(cls, instance: Order) -> str:
        return instance.program


def _fault(order: Order, program: str) -> str | None:
    """One sentence on what is wrong with a program; ValueError where it is none or breaks off."""
    if length(program) > order.within:
        return f"The program has {length(program)} commands instead of at most {order.within}."
    for read, wanted in order.runs:
        printed = run(program, read)
        if tuple(printed) != wanted:
            return f"Reading {_listed(read)} it prints {_listed(tuple(printed))}."
    return None


def _are_bytes(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MAX_NUMBERS and all(type(n) is int and 0 <= n < 256 for n in value)


def _listed(numbers: Numbers) -> str:
    return " ".join(map(str, numbers)) or "nothing"
