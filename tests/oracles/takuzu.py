"""Takuzu judged line by line, counted by CP-SAT."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from ortools.sat.python import cp_model

from tests.oracles import _cells


def judge(payload: dict[str, Any], answer: str) -> bool:
    size = payload["size"]
    cells = _cells.read(answer, size * size, payload["givens"])
    if cells is None or not set(cells) <= {"0", "1"}:
        return False
    lines = [tuple(cells[i] for i in line) for line in _cells.latin_lines(size)]
    for line in lines:
        if line.count("1") != size // 2 or max(len(list(run)) for _, run in groupby(line)) > 2:
            return False
    return len(set(lines[:size])) == len(set(lines[size:])) == int(size)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.mutations(answer, payload["size"], "01", payload["givens"], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _cells.rewrites(answer, payload["size"], rng)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    model, size = cp_model.CpModel(), payload["size"]
    cells = [model.new_bool_var("") for _ in range(size * size)]
    for cell, given in zip(cells, payload["givens"], strict=True):
        if given != ".":
            model.add(cell == int(given))
    lines = [[cells[i] for i in line] for line in _cells.latin_lines(size)]
    for line in lines:
        model.add(2 * sum(line) == size)
        for i in range(size - 2):
            model.add_linear_constraint(sum(line[i : i + 3]), 1, 2)
    for group in (lines[:size], lines[size:]):
        model.add_all_different([sum(2**i * cell for i, cell in enumerate(line)) for line in group])
    return _cells.count(model, cells, limit)


def optimal_steps(payload: dict[str, Any]) -> int:
    return int(payload["givens"].count("."))
