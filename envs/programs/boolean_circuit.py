"""A circuit of few gates that turns given columns of bits into a wanted one.

An observation is a line such as `a 00001111` for each signal, the inputs and the gates so far, then `want 00010011`
and `2 left of and or not`; a right action is `d = a and b`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PHRASES, PlanEnv
from esreason.core.verdict import Solution
from esreason.verifiers.programs.circuits import NAMES, OPERATIONS, gates, output, reached, read_gate, written

# inputs, rows, gates; no circuit of so many gates is to do as well
LEVELS = {
    1: (5, 8, 2, 1), 2: (6, 8, 3, 2), 3: (6, 10, 3, 2), 4: (4, 10, 4, 2), 5: (5, 10, 4, 2),
    6: (4, 12, 5, 2), 7: (5, 12, 5, 2), 8: (5, 14, 6, 2), 9: (5, 16, 7, 2), 10: (6, 20, 8, 2),
}  # fmt: skip
KINDS = (("and", "or", "not"), ("and", "xor"), ("and", "or", "xor"), ("nand",), ("nor", "xor"), ("or", "xor", "not"))
MAX_INPUTS, MAX_ROWS, MAX_GATES = 8, 64, 12

State = tuple[int, ...]
"""The columns of the inputs and of the gates so far."""


@dataclass(frozen=True, slots=True)
class Design:
    """The columns of the inputs, the wanted one, the kinds of gates and how many, and a circuit that does it."""

    inputs: tuple[int, ...]
    want: int
    rows: int
    kinds: tuple[str, ...]
    within: int
    circuit: tuple[str, ...]


class BooleanCircuit(PlanEnv[Design, State]):
    """Build a circuit whose last gate gives the wanted column, with a stated number of gates of given kinds.

    Levels go from 2 gates on 5 inputs to 8 gates on 6. Every circuit within that number is right. The number is the
    least possible up to level 3 (proved by search); above, no circuit of two gates does. The payload keeps one
    circuit, which is never shown. After Shannon, The synthesis of two-terminal switching circuits (1949).
    """

    name = "boolean_circuit"
    rules = (
        "Boolean circuit: build gates until one gives the wanted column. Each line is a signal with its value in every "
        "row; a gate combines the values of signals row by row: and, or, xor, nand (not both), nor (neither) of two "
        "signals, not of one. A new gate has the next free letter. The last line says how many gates are left and "
        "which kinds there are."
    )
    action_rule = "Write one gate, for example d = a and b, or e = not d."
    answer_rule = "Answer with all gates in order, separated by semicolons, for example d = a and b; e = d xor c."
    action_chars = 16
    answer_chars = 200
    separator = PHRASES

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, rows, size, easier = LEVELS[level]
        ones = (1 << rows) - 1
        while True:
            kinds = rng.choice(KINDS)
            table = rng.sample(range(1 << count), rows) if rows <= 1 << count else list(range(1 << count))
            inputs = [_column([row >> i & 1 for row in table]) for i in range(count)]
            columns, circuit, unused = list(inputs), list[str](), set[int]()
            while len(circuit) < size:
                operation, i, j = rng.choice(_useful(columns, kinds, unused, size - len(circuit)))
                column = output(operation, columns[i], columns[j], ones)
                if column in columns:
                    break
                circuit.append(written((operation, i, j), len(columns)))
                unused = unused - {i, j} | {len(columns)}
                columns.append(column)
            # sparse columns are hit by chance
            if len(circuit) < size or len(unused) > 1 or not rows < 3 * columns[-1].bit_count() < 2 * rows:
                continue
            if not reached(inputs, columns[-1], kinds, easier, ones):
                return {"inputs": [_bits(c, rows) for c in inputs], "want": _bits(columns[-1], rows),
                        "gates": list(kinds), "within": size, "circuit": circuit}  # fmt: skip

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Design:
        if set(payload) != {"inputs", "want", "gates", "within", "circuit"}:
            raise ValueError('a boolean_circuit payload is {"inputs", "want", "gates", "within", "circuit"}')
        inputs, want, kinds, circuit = payload["inputs"], payload["want"], payload["gates"], payload["circuit"]
        if not isinstance(inputs, list) or not 1 <= len(inputs) <= MAX_INPUTS or not isinstance(want, str):
            raise ValueError(f"there are 1 to {MAX_INPUTS} inputs, and a wanted column")
        rows = len(want)
        if not 1 <= rows <= MAX_ROWS or not all(isinstance(c, str) and len(c) == rows for c in inputs):
            raise ValueError(f"columns are texts of the same length, at most {MAX_ROWS}")
        if not set("".join([want, *inputs])) <= {"0", "1"} or want in inputs:
            raise ValueError("columns are zeros and ones, and no input is the wanted column")
        if not isinstance(kinds, list) or not kinds or not all(kind in OPERATIONS for kind in kinds):
            raise ValueError(f"gates lists some of {', '.join(OPERATIONS)}")
        within = payload["within"]
        if type(within) is not int or not 1 <= within <= MAX_GATES:
            raise ValueError(f"within is 1 to {MAX_GATES}")
        if not isinstance(circuit, list) or not all(isinstance(gate, str) for gate in circuit):
            raise ValueError("the circuit is a list of gates")
        columns, ordered = tuple(int(c, 2) for c in inputs), tuple(k for k in OPERATIONS if k in kinds)
        design = Design(columns, int(want, 2), rows, ordered, within, tuple(circuit))
        verdict = cls._verify(design, ";".join(circuit))
        if not verdict.passed:
            raise ValueError(f"the payload's own circuit is wrong: {verdict.reason}")
        return design

    @classmethod
    def _start(cls, instance: Design) -> State:
        return instance.inputs

    @classmethod
    def _observe(cls, instance: Design, state: State) -> str:
        rows = instance.rows
        lines = [f"{name} {_bits(column, rows)}" for name, column in zip(NAMES, state, strict=False)]
        left = instance.within - len(state) + len(instance.inputs)
        return "\n".join([*lines, f"want {_bits(instance.want, rows)}", f"{left} left of {' '.join(instance.kinds)}"])

    @classmethod
    def _apply(cls, instance: Design, state: State, action: str) -> State:
        if len(state) - len(instance.inputs) >= instance.within:
            raise IllegalAction("No gate is left.")
        try:
            operation, first, second = read_gate(action, len(state))
        except ValueError as error:
            raise IllegalAction(str(error)) from None
        if operation not in instance.kinds:
            raise IllegalAction(f"There are no {operation} gates, only {' '.join(instance.kinds)}.")
        return (*state, output(operation, state[first], state[second], (1 << instance.rows) - 1))

    @classmethod
    def _goal(cls, instance: Design, state: State) -> bool:
        return state[-1] == instance.want

    @classmethod
    def _done(cls, instance: Design, state: State) -> bool:
        return state[-1] == instance.want or len(state) - len(instance.inputs) >= instance.within

    @classmethod
    def _solve(cls, instance: Design) -> Solution:
        size, ones = len(instance.circuit), (1 << instance.rows) - 1
        fewest = size == 1 or (
            size <= 3 and not reached(instance.inputs, instance.want, instance.kinds, size - 1, ones)
        )
        return Solution("; ".join(instance.circuit), list(instance.circuit), fewest)

    @classmethod
    def _legal(cls, instance: Design, state: State) -> list[str]:
        if len(state) - len(instance.inputs) >= instance.within:
            return []
        return [written(gate, len(state)) for gate in gates(len(state), instance.kinds)]

    @classmethod
    def _limit(cls, instance: Design) -> int:
        return instance.within + cls.max_illegal


def _useful(columns: list[int], kinds: Sequence[str], unused: set[int], left: int) -> list[tuple[str, int, int]]:
    """Gates after which the unused ones can still all be joined with `left` - 1 more."""
    every = gates(len(columns), kinds)
    return [gate for gate in every if len(unused - set(gate[1:])) < left] or every


def _column(bits: list[int]) -> int:
    return sum(bit << place for place, bit in enumerate(reversed(bits)))


def _bits(column: int, rows: int) -> str:
    return f"{column:0{rows}b}"
