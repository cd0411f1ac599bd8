"""A typed functional language: stages joined by |, on lists of numbers, numbers, and grids of colours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, chain, pairwise
from typing import Any, Literal

from esreason.verifiers.programs.grid_stages import GRID_STAGES

Type = Literal["list", "number", "grid"]
Value = Any
"""A tuple of numbers, a number, or a tuple of equally long tuples of colours 0 to 9."""

MAX_STAGES, MAX_ITEMS, MAX_NUMBER, MAX_SIDE = 12, 24, 99_999, 30

_BETWEEN = re.compile(r"\s*\|\s*")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage with its arguments: what it takes, what it gives, and how."""

    text: str
    takes: Type
    gives: Type
    function: Callable[[Value], Value]


def type_of(value: Value) -> Type:
    """The type of a value."""
    if isinstance(value, int):
        return "number"
    return "grid" if value and isinstance(value[0], tuple) else "list"


Function = Callable[[Value], Value]

_ON_LISTS: dict[str, Function] = {
    "reverse": lambda x: x[::-1],
    "sort": lambda x: tuple(sorted(x)),
    "unique": lambda x: tuple(dict.fromkeys(x)),
    "tail": lambda x: x[1:],
    "init": lambda x: x[:-1],
    "double": lambda x: tuple([n for n in x for _ in range(2)]),
    "sums": lambda x: tuple(accumulate(x)),
    "steps": lambda x: tuple([b - a for a, b in pairwise(x)]),
    "odd_places": lambda x: x[::2],
    "even_places": lambda x: x[1::2],
    "mirror": lambda x: x + x[::-1],
    "rotate": lambda x: x[1:] + x[:1],
    "map negate": lambda x: tuple([-n for n in x]),
    "map square": lambda x: tuple([n * n for n in x]),
    "keep even": lambda x: tuple([n for n in x if n % 2 == 0]),
    "keep odd": lambda x: tuple([n for n in x if n % 2]),
    "keep records": lambda x: tuple([n for i, n in enumerate(x) if all(n > m for m in x[:i])]),
}
_WITH_NUMBER: dict[str, tuple[range, Callable[[int], Function]]] = {
    "take": (range(1, 6), lambda k: lambda x: x[:k]),
    "drop": (range(1, 6), lambda k: lambda x: x[k:]),
    "map +": (range(1, 10), lambda k: lambda x: tuple([n + k for n in x])),
    "map -": (range(1, 10), lambda k: lambda x: tuple([n - k for n in x])),
    "map *": (range(2, 10), lambda k: lambda x: tuple([n * k for n in x])),
    "map %": (range(2, 10), lambda k: lambda x: tuple([n % k for n in x])),
    "keep >": (range(1, 10), lambda k: lambda x: tuple([n for n in x if n > k])),
    "keep <": (range(1, 10), lambda k: lambda x: tuple([n for n in x if n < k])),
}
_TO_NUMBER: dict[str, Function] = {
    "sum": sum, "length": len, "max": max, "min": min, "first": lambda x: x[0], "last": lambda x: x[-1],
}  # fmt: skip
_ON_NUMBERS: dict[str, Function] = {"negate": lambda x: -x, "square": lambda x: x * x}
_NUMBER_WITH: dict[str, tuple[range, Callable[[int], Function]]] = {
    "+": (range(1, 10), lambda k: lambda x: x + k),
    "-": (range(1, 10), lambda k: lambda x: x - k),
    "*": (range(2, 10), lambda k: lambda x: x * k),
    "%": (range(2, 10), lambda k: lambda x: x % k),
}
_TO_LIST: dict[str, Function] = {
    "up_to": lambda x: tuple(range(1, min(x, MAX_ITEMS + 1) + 1)), "digits": lambda x: tuple(map(int, str(abs(x)))),
}  # fmt: skip


def _plain(takes: Type, gives: Type, functions: dict[str, Function]) -> Iterator[Stage]:
    for text, function in functions.items():
        yield Stage(text, takes, gives, function)


def _numbered(takes: Type, functions: dict[str, tuple[range, Callable[[int], Function]]]) -> Iterator[Stage]:
    for text, (numbers, function) in functions.items():
        for number in numbers:
            yield Stage(f"{text} {number}", takes, takes, function(number))


@cache
def stages(takes: Type) -> tuple[Stage, ...]:
    """Every stage that takes a value of this type, in a fixed order."""
    if takes == "list":
        kinds = _plain("list", "list", _ON_LISTS), _numbered("list", _WITH_NUMBER), _plain("list", "number", _TO_NUMBER)
    elif takes == "number":
        kinds = (
            _plain("number", "number", _ON_NUMBERS),
            _numbered("number", _NUMBER_WITH),
            _plain("number", "list", _TO_LIST),
        )
    else:
        kinds = _plain("grid", "grid", GRID_STAGES), iter(()), iter(())
    return tuple(chain(*kinds))


@cache
def _by_text(takes: Type) -> dict[str, Stage]:
    return {stage.text: stage for stage in stages(takes)}


def apply(stage: Stage, value: Value) -> Value:
    """The value behind a stage; ValueError with one sentence where there is none or it is out of bounds."""
    try:
        result = stage.function(value)
    except (ValueError, IndexError):
        raise ValueError(f"{stage.text} has no value here.") from None
    if stage.gives == "grid":
        if not result or not result[0] or max(len(result), len(result[0])) > MAX_SIDE:
            raise ValueError(f"{stage.text} would give an empty grid or one with a side above {MAX_SIDE}.")
        return result
    items = (result,) if stage.gives == "number" else result
    if len(items) > MAX_ITEMS or any(abs(item) > MAX_NUMBER for item in items):
        raise ValueError(f"{stage.text} would give more than {MAX_ITEMS} numbers or one beyond {MAX_NUMBER:,}.")
    return result


def find(text: str, takes: Type) -> Stage:
    """The stage of this text that takes a value of this type; ValueError with one sentence if there is none."""
    stage = _by_text(takes).get(" ".join(text.split()))
    if stage is None:
        others: tuple[Type, ...] = ("list", "number")
        known = any(" ".join(text.split()) in _by_text(other) for other in others)
        raise ValueError(f"{text[:30]!a} {f'does not work on a {takes}' if known else 'is no stage'}.")
    return stage


def read(text: str) -> list[str]:
    """The stages of a program as texts; ValueError with one sentence if there are none or too many."""
    found = _BETWEEN.split(text.strip())
    if not 1 <= len(found) <= MAX_STAGES or not all(found):
        raise ValueError(f"A program is 1 to {MAX_STAGES} stages joined by |.")
    return found


def run(program: list[str], value: Value) -> Value:
    """What a program makes of a value; ValueError with one sentence where a stage does not fit or has no value."""
    for text in program:
        value = apply(find(text, type_of(value)), value)
    return value
