"""N queens judged pair by pair."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from ortools.sat.python import cp_model

UNIQUE = False


def judge(payload: dict[str, Any], answer: str) -> bool:
    text = answer.strip()
    if text and text[0] in "[(" and text[-1] in "])":
        text = text[1:-1]
    words = [word for word in re.split(r"[\s,;]+", text) if word]
    if len(words) != payload["size"] or not all(re.fullmatch("-?[0-9]{1,18}", word) for word in words):
        return False
    queens = list(enumerate(map(int, words)))
    if not all(0 <= column < payload["size"] for _, column in queens):
        return False
    if any((row, column) not in queens for row, column in payload["queens"]):
        return False
    return all(c != d and abs(a - b) != abs(c - d) for (a, c), (b, d) in combinations(queens, 2))


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    size = payload["size"]
    while True:
        columns = [int(word) for word in answer.split()]
        i, j = rng.sample(range(size), 2)
        kind = rng.randrange(7)
        if kind == 0:
            columns[i], columns[j] = columns[j], columns[i]
        elif kind == 1:
            columns[i] = rng.randrange(-1, size + 1)
        elif kind == 2:  # counted from 1
            columns = [column + 1 for column in columns]
        elif kind == 3:  # another solution, seldom with the given queens
            columns = rng.choice(
                [columns[::-1], [size - 1 - c for c in columns], [columns.index(c) for c in range(size)]]
            )
        elif kind == 4:
            columns = rng.sample(range(size), size)
        elif kind == 5:
            columns.pop(i)
        else:
            columns.insert(i, columns[j])
        yield rng.choice([" ", ", ", ",", "\n"]).join(map(str, columns))


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        text = rng.choice([" ", ", ", ",", "\n", "; ", "  ", "\t"]).join(answer.split())
        yield rng.choice(["{}", "[{}]", "({})", " {} ", "{},"]).format(text)


def count_solutions(payload: dict[str, Any], limit: int = 2) -> int:
    size, model = payload["size"], cp_model.CpModel()
    columns = [model.new_int_var(0, size - 1, "") for _ in range(size)]
    model.add_all_different(columns)
    model.add_all_different([column + row for row, column in enumerate(columns)])
    model.add_all_different([column - row for row, column in enumerate(columns)])
    for row, column in payload["queens"]:
        model.add(columns[row] == column)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    found = 0
    while found < limit and solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        found += 1
        model.add_forbidden_assignments(columns, [[solver.value(column) for column in columns]])
    return found


def optimal_steps(payload: dict[str, Any]) -> int:
    return int(payload["size"] - len(payload["queens"]))
