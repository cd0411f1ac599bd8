"""Cryptarithms judged with whole numbers, counted by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from ortools.sat.python import cp_model

from tests.oracles import _assignments


def _letters(payload: dict[str, Any]) -> list[str]:
    return sorted({letter for word in [*payload["addends"], payload["sum"]] for letter in word})


def _value(word: str, digits: dict[str, str]) -> int:
    return sum(10**place * int(digits[letter]) for place, letter in enumerate(reversed(word)))


def judge(payload: dict[str, Any], answer: str) -> bool:
    digits = _assignments.read(answer, _letters(payload), list("0123456789"))
    if digits is None or len(set(digits.values())) != len(digits):
        return False
    words = [*payload["addends"], payload["sum"]]
    if any(len(word) > 1 and digits[word[0]] == "0" for word in words):
        return False
    return sum(_value(word, digits) for word in payload["addends"]) == _value(payload["sum"], digits)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    digits = dict(_assignments.pairs_of(answer))
    equation = f"{'+'.join(str(_value(word, digits)) for word in payload['addends'])}={_value(payload['sum'], digits)}"
    yield equation
    yield "".join(digits.values())
    yield from _assignments.mutations(answer, [*"0123456789", "10", "-1", "?"], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _assignments.rewrites(answer, rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    model, words = cp_model.CpModel(), [*payload["addends"], payload["sum"]]
    first = {word[0] for word in words if len(word) > 1}
    digit = {letter: model.new_int_var(int(letter in first), 9, letter) for letter in _letters(payload)}
    model.add_all_different(digit.values())
    sides = [sum(10**place * digit[letter] for place, letter in enumerate(reversed(word))) for word in words]
    model.add(sum(sides[:-1]) == sides[-1])
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    found = 0
    while found < limit and solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        found += 1
        flat = list(digit.values())
        model.add_forbidden_assignments(flat, [[solver.value(variable) for variable in flat]])
    return found


def optimal_steps(payload: dict[str, Any]) -> int:
    return len(_letters(payload))
