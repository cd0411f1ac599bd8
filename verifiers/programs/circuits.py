"""Boolean circuits: gates over columns of bits."""

from __future__ import annotations

import re
from collections.abc import Sequence

OPERATIONS = ("and", "or", "xor", "nand", "nor", "not")
NAMES = "abcdefghijklmnopqrstuvwxyz"

Column = int
"""The values of a signal in every row, one bit a row, the first row in the highest."""

_GATE = re.compile(r"([a-z])\s*=\s*(?:([a-z])\s+(and|or|xor|nand|nor)\s+([a-z])|not\s+([a-z]))")


def read_gate(text: str, signals: int) -> tuple[str, int, int]:
    """A gate such as `d = a and b` that names the next signal: its operation and the places of its inputs (twice the
    same for not); ValueError with one sentence otherwise.
    """
    match = _GATE.fullmatch(text)
    if not match:
        raise ValueError(f"{text[:30]!a} is not of the form d = a and b or d = not a.")
    if match[1] != NAMES[signals]:
        raise ValueError(f"The next gate is called {NAMES[signals]}.")
    names = [match[5], match[5]] if match[5] else [match[2], match[4]]
    first, second = (NAMES.index(name) for name in names)
    if max(first, second) >= signals:
        raise ValueError(f"There is no signal {NAMES[max(first, second)]} yet.")
    if first == second and not match[5]:
        raise ValueError("A gate joins two different signals.")
    return match[3] or "not", first, second


def output(operation: str, first: Column, second: Column, ones: Column) -> Column:
    """The column of a gate; `ones` is the column of the constant 1."""
    if operation == "not":
        return ones & ~first
    if operation in ("and", "nand"):
        value = first & second
    elif operation in ("or", "nor"):
        value = first | second
    else:
        value = first ^ second
    return ones & ~value if operation[0] == "n" else value


def gates(signals: int, operations: Sequence[str]) -> list[tuple[str, int, int]]:
    """Every different gate on so many signals, in a fixed order."""
    found = []
    for operation in operations:
        for first in range(signals):
            if operation == "not":
                found.append((operation, first, first))
            else:
                found += [(operation, first, second) for second in range(first + 1, signals)]
    return found


def written(gate: tuple[str, int, int], signals: int) -> str:
    """A gate as text, named as the next signal."""
    operation, first, second = gate
    name, one = NAMES[signals], NAMES[first]
    return f"{name} = not {one}" if operation == "not" else f"{name} = {one} {operation} {NAMES[second]}"


def reached(columns: Sequence[Column], goal: Column, operations: Sequence[str], within: int, ones: Column) -> bool:
    """Whether some circuit of at most so many gates gives the goal; for up to three gates a short search."""
    every = gates(len(columns), operations)
    results = [output(operation, columns[i], columns[j], ones) for operation, i, j in every]
    if goal in results:
        return within > 0
    return within > 1 and any(
        reached([*columns, column], goal, operations, within - 1, ones)
        for column in dict.fromkeys(results)
        if column not in columns
    )
