"""Killer sudoku judged unit by unit, counted by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator
from string import ascii_letters
from typing import Any

from tests.oracles import _cells


def _boxes(size: int) -> list[list[int]]:
    tall, wide = {4: (2, 2), 6: (2, 3), 9: (3, 3)}[size]
    names = {(i // size // tall, i % size // wide) for i in range(size * size)}
    return [[i for i in range(size * size) if (i // size // tall, i % size // wide) == name] for name in sorted(names)]


def _cages(payload: dict[str, Any]) -> list[tuple[list[int], int]]:
    names = ascii_letters[: len(payload["sums"])]
    cages = [[i for i, letter in enumerate(payload["cages"]) if letter == name] for name in names]
    return list(zip(cages, payload["sums"], strict=True))


def judge(payload: dict[str, Any], answer: str) -> bool:
    size = payload["size"]
    cells = _cells.read(answer, size * size, payload["givens"])
    wanted = [str(digit) for digit in range(1, size + 1)]
    if cells is None or any(sorted(cells[i] for i in u) != wanted for u in _cells.latin_lines(size) + _boxes(size)):
        return False
    held = [([int(cells[i]) for i in cage], total) for cage, total in _cages(payload)]
    return all(sum(digits) == total and len(set(digits)) == len(digits) for digits, total in held)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    size = payload["size"]
    return _cells.mutations(answer, size, "123456789"[:size], payload["givens"], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.rewrites(answer, payload["size"], rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    model, cells = _cells.latin_model(payload["size"], payload["givens"])
    for box in _boxes(payload["size"]):
        model.add_all_different([cells[i] for i in box])
    for cage, total in _cages(payload):
        model.add_all_different([cells[i] for i in cage])
        model.add(sum(cells[i] for i in cage) == total)
    return _cells.count(model, cells, limit)


def optimal_steps(payload: dict[str, Any]) -> int:
    return int(payload["givens"].count("."))
