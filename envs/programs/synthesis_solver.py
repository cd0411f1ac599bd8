"""Finds a function that passes given tests: by enumerating short programs, else one that knows the results.

The enumeration runs inside the sandbox, as a program that is given the tests; it counts what it tries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from esreason.envs.programs.python_pieces import (
    BRANCHES,
    CONSTANTS,
    JOINTS,
    KEPT,
    LISTS,
    NUMBERS,
    STRINGS,
)
from esreason.verifiers.programs.sandbox import ProgramError, call

Test = tuple[list[Any], Any]

BUDGET = 20_000
"""Expressions evaluated before the search is given up."""

_CHAINS = """
def search(tests, budget):
    starts, stages, lasts = [{starts}], [{stages}], [{lasts}]
    goals = [goal for _, goal in tests]
    layer, seen = [], []
    for i, start in enumerate(starts):
        layer.append([[i], [start(*args) for args, _ in tests]])
    seen = set([repr(values) for _, values in layer])
    while layer:
        for path, values in layer:
            for i, last in enumerate(lasts):
                budget -= 1
                try:
                    if last(values[0], *tests[0][0][1:]) == goals[0]:
                        made = [last(value, *test[0][1:]) for value, test in zip(values, tests)]
                        if made == goals:
                            return path + [i]
                except Exception:
                    pass
            if budget < 0:
                return []
        grown = []
        for path, values in layer:
            for i, stage in enumerate(stages):
                budget -= 1
                try:
                    made = [stage(value) for value in values]
                except Exception:
                    continue
                key = repr(made)
                if key not in seen:
                    seen.add(key)
                    grown.append([path + [i], made])
            if budget < 0:
                return []
        layer = grown
    return []
"""

_CASES = """
def search(tests, budget):
    branches, values = [{branches}], [{values}]
    for i, branch in enumerate(branches):
        sides = [[], []]
        for args, goal in tests:
            sides[0 if branch(args[0]) else 1].append((args[0], goal))
        found = []
        for side in sides:
            for j, value in enumerate(values):
                try:
                    if all(value(n) == goal for n, goal in side):
                        found.append(j)
                        break
                except Exception:
                    pass
        if len(found) == 2:
            return [i] + found
    return []
"""


def solution(name: str, parameters: Sequence[str], tests: Sequence[Test]) -> str:
    """The source of a function that passes all tests (no two of which contradict each other)."""
    kinds = ["".join(sorted({type(args[i]).__name__ for args, _ in tests})) for i in range(len(parameters))]
    body = None
    if kinds == ["int"]:
        body = _linear(tests) or _by_cases(tests) or _chain(tests, "n", "n", NUMBERS, NUMBERS)
    elif kinds == ["list"]:
        body = _chain(tests, "xs", "xs", _of("list", LISTS), LISTS)
    elif kinds == ["str"]:
        body = _chain(tests, "s", "s", _of("text", STRINGS), STRINGS)
    elif kinds == ["list", "int"]:
        lasts = [*LISTS, *(line.replace("{k}", "k") for line in LISTS if "{k}" in line)]
        body = _chain(tests, "xs", "xs, k", _of("list", LISTS), lasts)
    elif kinds == ["list", "list"]:
        starts = [f"[{joint} for a, b in zip(xs, ys){kept}]" for joint in JOINTS for kept in KEPT]
        body = _chain(tests, "xs", "xs, ys", _of("list", LISTS), LISTS, starts)
    if body is None:
        return _table(name, parameters, tests)
    names, lines = body
    head = f"def {name}({', '.join(parameters)}):\n"
    renamed = "" if list(parameters) == names.split(", ") else f"    {names} = {', '.join(parameters)}\n"
    return head + renamed + "\n".join([f"    {line}" for line in lines])


def _of(kind: str, pieces: dict[str, str]) -> list[str]:
    return [line for line, gives in pieces.items() if gives == kind]


def _table(name: str, parameters: Sequence[str], tests: Sequence[Test]) -> str:
    """A function that looks its arguments up among those of the tests."""
    rows = ", ".join([f"[{args!r}, {result!r}]" for args, result in tests])
    return (
        f"def {name}({', '.join(parameters)}):\n"
        f"    for args, result in [{rows}]:\n"
        f"        if repr(args) == repr([{', '.join(parameters)}]):\n"
        "            return result"
    )


Body = tuple[str, list[str]]
"""The names that the lines use for the parameters, and the lines."""


def _linear(tests: Sequence[Test]) -> Body | None:
    """a * n + b, if that fits."""
    points = [(args[0], result) for args, result in tests]
    (x, y), (u, v) = points[0], points[-1]
    if any(type(m) is not int for _, m in points) or x == u or (v - y) % (u - x):
        return None
    slope = (v - y) // (u - x)
    rest = y - slope * x
    if any(m != slope * n + rest for n, m in points):
        return None
    return "n", [f"return {slope} * n {'-' if rest < 0 else '+'} {abs(rest)}"]


def _filled(lines: Sequence[str]) -> list[str]:
    """Expressions with every constant in the place of {k}."""
    return [line.replace("{k}", str(k)) for line in lines for k in (CONSTANTS if "{k}" in line else (0,))]


def _searched(source: str, tests: Sequence[Test]) -> list[int]:
    """What a search found, nothing where it broke off."""
    try:
        outcome = call(source, "search", [[[list(test) for test in tests], BUDGET]])[0]
    except ProgramError:
        return []
    return list(outcome.value) if outcome.kind == "value" else []


def _lambdas(names: str, lines: Sequence[str]) -> str:
    return ", ".join([f"lambda {names}: {line}" for line in lines])


def _by_cases(tests: Sequence[Test]) -> Body | None:
    """One expression for numbers that pass a test, another for the rest."""
    branches, values = _filled(BRANCHES), _filled(NUMBERS)
    found = _searched(_CASES.format(branches=_lambdas("n", branches), values=_lambdas("n", values)), tests)
    if not found:
        return None
    return "n", [f"if {branches[found[0]]}:", f"    return {values[found[1]]}", f"return {values[found[2]]}"]


def _chain(
    tests: Sequence[Test],
    name: str,
    names: str,
    stages: Sequence[str],
    lasts: Sequence[str] | dict[str, str],
    starts: Sequence[str] = (),
) -> Body | None:
    """Expressions one after the other, the first of them in all parameters, the last in the second too."""
    starts = starts or [name]
    stages, lasts = _filled(stages), _filled(list(lasts))
    others = names.removeprefix(name) or ""
    source = _CHAINS.format(
        starts=_lambdas(names, starts), stages=_lambdas(name, stages), lasts=_lambdas(f"{name}{others}", lasts)
    )
    found = _searched(source, tests)
    if not found:
        return None
    first = [] if starts[found[0]] == name else [starts[found[0]]]
    between = [stages[index] for index in found[1:-1]]
    return names, [*(f"{name} = {line}" for line in first + between), f"return {lasts[found[-1]]}"]
