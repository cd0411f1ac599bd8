"""Magic squares judged by adding up, counted by CP-SAT."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from ortools.sat.python import cp_model

from tests.oracles import _cells

_SEPARATORS = ("", " ", ", ", ",", ";", "; ", "\n", "  ", "\t", ",\n")


def _lines(size: int) -> list[list[int]]:
    diagonals = [[i * size + i for i in range(size)], [i * size + size - 1 - i for i in range(size)]]
    return _cells.latin_lines(size) + diagonals


def _read(answer: str) -> list[int] | None:
    """The numbers between spaces, commas and semicolons, inside one pair of brackets at most."""
    text = answer.strip()
    if text[:1] in ("[", "(") and text[-1:] in ("]", ")"):
        text = text[1:-1]
    parts = [part for part in re.split(r"[\s,;]+", text) if part]
    if not all(re.fullmatch("-?[0-9]{1,18}", part) for part in parts):
        return None
    return [int(part) for part in parts]


def judge(payload: dict[str, Any], answer: str) -> bool:
    size, numbers = payload["size"], _read(answer)
    if numbers is None or sorted(numbers) != list(range(1, size * size + 1)):
        return False
    givens = [number for row in payload["rows"] for number in row]
    if any(given not in (0, number) for given, number in zip(givens, numbers, strict=True)):
        return False
    wanted = sum(range(size * size + 1)) // size
    return all(sum(numbers[i] for i in line) == wanted for line in _lines(size))


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    size = payload["size"]
    blanks = [i for i, number in enumerate(n for row in payload["rows"] for n in row) if number == 0]
    right = answer.split()
    while True:
        numbers = right.copy()
        kind = rng.randrange(7)
        if kind < 2:  # two blanks exchanged
            i, j = rng.sample(blanks, 2)
            numbers[i], numbers[j] = numbers[j], numbers[i]
        elif kind == 2:  # another number, in the range or not
            numbers[rng.choice(blanks)] = str(rng.choice([0, -1, size * size + 1, rng.randrange(1, size * size + 1)]))
        elif kind == 3:  # a square that is magic too, but not this one
            numbers = [str(size * size + 1 - int(n)) for n in numbers]
        elif kind == 4:  # turned over
            numbers = [numbers[j * size + i] for i in range(size) for j in range(size)]
        elif kind == 5:  # two numbers changed so that a line keeps its sum
            i, j = rng.sample(blanks, 2)
            numbers[i], numbers[j] = str(int(numbers[i]) + 1), str(int(numbers[j]) - 1)
        else:  # one too many or too few
            numbers = numbers[:-1] if rng.randrange(2) else [*numbers, rng.choice(numbers)]
        yield rng.choice(_SEPARATORS[1:]).join(numbers)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    size, numbers = payload["size"], answer.split()
    while True:
        between, ends = rng.choice(_SEPARATORS[1:]), rng.choice(_SEPARATORS[1:])
        text = ends.join(between.join(numbers[i : i + size]) for i in range(0, size * size, size))
        yield rng.choice(["{}", "[{}]", "({})", " {} "]).format(text)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    model, size = cp_model.CpModel(), payload["size"]
    cells = [model.new_int_var(1, size * size, "") for _ in range(size * size)]
    model.add_all_different(cells)
    for cell, given in zip(cells, (n for row in payload["rows"] for n in row), strict=True):
        if given:
            model.add(cell == given)
    for line in _lines(size):
        model.add(sum(cells[i] for i in line) == sum(range(size * size + 1)) // size)
    return _cells.count(model, cells, limit)


def optimal_steps(payload: dict[str, Any]) -> int:
    return sum(row.count(0) for row in payload["rows"])
