"""Simultaneous congruences, two merged at a time.

An observation is `x = 2 mod 3, x = 3 mod 5, x = 2 mod 7`; a right action is `x = 8 mod 15`, and `23` is the answer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd, lcm
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.derivation import exact_fields

# congruences, smallest and largest modulus, factors before x, moduli that may share a divisor
LEVELS = {
    1: (2, 5, 20, False, False), 2: (2, 5, 40, False, False), 3: (2, 5, 20, True, False), 4: (3, 3, 15, False, False),
    5: (3, 6, 40, False, True), 6: (3, 3, 20, True, False), 7: (4, 3, 20, False, False), 8: (4, 5, 30, True, False),
    9: (5, 5, 40, False, True), 10: (6, 5, 60, True, True),
}  # fmt: skip

_ACTION = re.compile(r"x\s*=\s*([0-9]{1,15})\s*mod\s*([0-9]{1,15})")
_VALUE = re.compile(r"(?:x\s*=\s*)?([0-9]{1,15})")

Congruence = tuple[int, int, int]
"""Factor, residue, modulus: factor*x = residue mod modulus."""
State = tuple[Congruence, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """The congruences and the smallest solution."""

    congruences: State
    value: int
    modulus: int


class Modular(ReasoningEnv[Question, State]):
    """The smallest natural number that satisfies two congruences (level 1) up to six with factors before x (level 10).

    It is the only one below the least common multiple of the moduli, by the Chinese remainder theorem.
    """

    name = "modular"
    rules = "Find the smallest natural number x (0 or more) that satisfies all congruences."
    action_rule = (
        "Write one congruence that stands for the first two together, for example x = 8 mod 15; "
        "with a factor before the first x, solve that one alone."
    )
    answer_rule = "Answer with the number, for example 23."
    action_chars = 48
    task_space = {1: 12_500}
    answer_chars = 24

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, low, high, factors, shared = LEVELS[level]
        while True:
            moduli = [rng.randint(low, high) for _ in range(count)]
            whole = lcm(*moduli)
            apart = all(gcd(a, b) == 1 for i, a in enumerate(moduli) for b in moduli[:i])
            if apart != shared and len(set(moduli)) == count and all(a % b for a in moduli for b in moduli if a != b):
                break
        value, rows = rng.randrange(max(moduli), whole), []
        for modulus in moduli:
            factor = 1
            if factors and modulus > 2:
                factor = rng.choice([k for k in range(2, modulus) if gcd(k, modulus) == 1])
            rows.append([factor, factor * value % modulus, modulus])
        return {"congruences": rows}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "congruences")
        rows = payload["congruences"]
        if not isinstance(rows, list | tuple) or not 2 <= len(rows) <= 6:
            raise ValueError("there are two to six congruences")
        for row in rows:
            if not isinstance(row, list | tuple) or len(row) != 3 or any(type(x) is not int for x in row):
                raise ValueError("a congruence is [factor, residue, modulus] in whole numbers")
            factor, residue, modulus = row
            if not (
                2 <= modulus <= 99 and 0 <= residue < modulus and 1 <= factor < modulus and gcd(factor, modulus) == 1
            ):
                raise ValueError("moduli are 2 to 99, residues below them, factors below them and prime to them")
        congruences = tuple((a, b, c) for a, b, c in rows)
        value, modulus = 0, 1
        for row in congruences:
            value, modulus = _merged((1, value, modulus), row)
        return Question(congruences, value, modulus)

    @classmethod
    def _start(cls, instance: Question) -> State:
        return instance.congruences

    @classmethod
    def _observe(cls, instance: Question, state: State) -> str:
        return ", ".join(f"{'' if a == 1 else f'{a}*'}x = {b} mod {m}" for a, b, m in state)

    @classmethod
    def _apply(cls, instance: Question, state: State, action: str) -> State:
        match = _ACTION.fullmatch(action)
        if not match:
            raise IllegalAction(f"{shown(action)} is not of the form x = 8 mod 15.")
        alone = state[0][0] != 1
        wanted = _merged((1, 0, 1), state[0]) if alone else _merged(state[0], state[1])
        if (int(match[1]), int(match[2])) != wanted:
            raise IllegalAction("That is not what the first congruences say together.")
        return ((1, *wanted), *state[1 if alone else 2 :])

    @classmethod
    def _done(cls, instance: Question, state: State) -> bool:
        return len(state) == 1

    @classmethod
    def _answer(cls, instance: Question, state: State, actions: Sequence[str]) -> str:
        return str(state[0][1])

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        match = _VALUE.fullmatch(answer)
        if not match:
            return reject("The answer is not a natural number.")
        value = int(match[1])
        for factor, residue, modulus in instance.congruences:
            if factor * value % modulus != residue:
                return reject(f"It is not right modulo {modulus}.", value)
        return accept(value) if value == instance.value else reject("There is a smaller solution.", value)

    @classmethod
    def _solve(cls, instance: Question) -> Solution:
        state, actions = instance.congruences, []
        while len(state) > 1:
            first = _merged((1, 0, 1), state[0]) if state[0][0] != 1 else _merged(state[0], state[1])
            actions.append(f"x = {first[0]} mod {first[1]}")
            state = cls._apply(instance, state, actions[-1])
        return Solution(str(instance.value), actions, optimal=True)

    @classmethod
    def _limit(cls, instance: Question) -> int:
        return 2 * len(instance.congruences) + 2


def _merged(first: Congruence, second: Congruence) -> tuple[int, int]:
    """Residue and modulus of both together; the first has factor 1; ValueError where they contradict."""
    _, value, modulus = first
    factor, residue, other = second
    for _ in range(other):
        if factor * value % other == residue:
            return value, lcm(modulus, other)
        value += modulus
    raise ValueError("the congruences contradict each other")
