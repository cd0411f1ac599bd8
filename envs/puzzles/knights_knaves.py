"""Knights and knaves: who always tells the truth and who always lies, with exactly one solution.

A small one is shown as `Ann: Bob is a knave.` and a line for each other person, above `Ann=? Bob=?`; a right action
is `Ann=knight`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from esreason.envs.assignment import AssignmentEnv, Values

PEOPLE = (
    "Ann", "Bob", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ida", "Jon", "Kai", "Lea", "Max", "Nora", "Otto", "Pia",
    "Quin", "Rosa", "Sam", "Tess", "Uma", "Vera", "Walt", "Zoe",
)  # fmt: skip
MOST = 12
KINDS = ("knave", "knight")

# people, kinds of statements (one named twice is drawn twice as often)
LEVELS = {
    1: (4, ("is", "same", "differ")), 2: (5, ("is", "same", "differ")), 3: (5, ("is", "differ", "both", "either")),
    4: (6, ("is", "differ", "both", "either", "if")), 5: (7, ("is", "same", "differ", "both", "either", "if")),
    6: (8, ("is", "same", "both", "either", "if", "exactly")),
    7: (9, ("same", "differ", "both", "either", "if", "exactly", "atleast")),
    8: (10, ("same", "both", "either", "if", "if", "exactly", "atleast")),
    9: (11, ("both", "either", "either", "if", "if", "exactly", "atleast")),
    10: (12, ("same", "either", "either", "if", "if", "exactly", "atleast")),
}  # fmt: skip

Literal = tuple[int, int]
"""A person and 1 for a knight, 0 for a knave."""

Statement = tuple[str, tuple[int, ...]]
"""A kind, and its numbers: one literal, two people, two literals, or a number of knights."""

_SHAPES = {
    "is": "pk", "same": "pp", "differ": "pp", "both": "pkpk", "either": "pkpk", "if": "pkpk",
    "exactly": "n", "atleast": "n",
}  # fmt: skip
_TEXT = {
    "is": "{0}.", "same": "{0} and {1} are of the same kind.", "differ": "{0} and {1} are of different kinds.",
    "both": "{0} and {1}.", "either": "{0} or {1}, or both.", "if": "if {0}, then {1}.",
    "exactly": "exactly {0} of us are knights.", "atleast": "at least {0} of us are knights.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Island:
    """The people and what each says."""

    names: Values
    choices: Values
    statements: tuple[Statement, ...]
    text: str


class KnightsKnaves(AssignmentEnv[Island]):
    """Knights tell the truth, knaves lie; exactly one solution, proved by a whole truth table.

    Levels go from 4 people who speak of one or two others to 12 with conditions and counts.
    After Raymond Smullyan, What Is the Name of This Book? (1978).
    """

    name = "knights_knaves"
    rules = (
        "Knights and knaves: every person is either a knight, who only says what is true, or a knave, who only says "
        "what is false. Each line tells what a person says. 'A or B, or both' is true if at least one holds; "
        "'if A, then B' is false only if A holds and B does not; 'us' means everybody named. "
        "Find out what everybody is (? where nothing is written yet)."
    )
    action_rule = "Write <person>=knight or <person>=knave, for example Ann=knight, or Ann=? to take it back."
    answer_rule = "Answer with knight or knave for every person, for example Ann=knight Bob=knave."
    action_chars = 13
    answer_chars = 176

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, kinds = LEVELS[level]
        while True:
            statements = [_draw(rng, count, person, rng.choice(kinds)) for person in range(count)]
            if _consistent(count, statements).bit_count() == 1:
                break
        names = rng.sample(PEOPLE, count)
        return {"people": names, "statements": [[kind, *numbers] for kind, numbers in statements]}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Island:
        if set(payload) != {"people", "statements"}:
            raise ValueError('a knights_knaves payload is {"people": [name, ...], "statements": [[kind, ...], ...]}')
        names, lines = payload["people"], payload["statements"]
        if not isinstance(names, list) or not 2 <= len(names) <= MOST or not all(map(_is_name, names)):
            raise ValueError(f"people is a list of 2 to {MOST} names of 1 to 6 ASCII letters")
        if len({name.lower() for name in names}) < len(names):
            raise ValueError("two people have the same name")
        if not isinstance(lines, list) or len(lines) != len(names):
            raise ValueError("there is one statement for each person")
        statements = tuple(_read(line, len(names)) for line in lines)
        count = _consistent(len(names), statements).bit_count()
        if count != 1:
            raise ValueError(f"the island has {count or 'no'} solutions instead of one")
        text = "\n".join(f"{name}: {_say(statement, names)}" for name, statement in zip(names, statements, strict=True))
        return Island(tuple(names), KINDS, statements, text)

    @classmethod
    def _clues(cls, instance: Island) -> str:
        return instance.text

    @classmethod
    def _violation(cls, instance: Island, values: Values) -> str | None:
        knights = [value == "knight" for value in values]
        for person, (name, (kind, numbers)) in enumerate(zip(instance.names, instance.statements, strict=True)):
            if _TRUTH[kind](knights, *numbers) != knights[person]:
                return f"{name} would be a {values[person]} whose statement is {not knights[person]}."
        return None

    @classmethod
    def _filled(cls, instance: Island) -> Values:
        only = _consistent(len(instance.names), instance.statements).bit_length() - 1
        return tuple(KINDS[only >> person & 1] for person in range(len(instance.names)))


_TRUTH: dict[str, Callable[..., bool]] = {
    "is": lambda knights, a, k: knights[a] == k,
    "same": lambda knights, a, b: knights[a] == knights[b],
    "differ": lambda knights, a, b: knights[a] != knights[b],
    "both": lambda knights, a, k, b, m: knights[a] == k and knights[b] == m,
    "either": lambda knights, a, k, b, m: knights[a] == k or knights[b] == m,
    "if": lambda knights, a, k, b, m: knights[a] != k or knights[b] == m,
    "exactly": lambda knights, n: sum(knights) == n,
    "atleast": lambda knights, n: sum(knights) >= n,
}
"""Whether a statement is true, given who is a knight."""


@cache
def _tables(count: int) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    """Sets of assignments (bit p of an assignment: person p is a knight) as big bit masks.

    All of them, those in which each person is a knight, those with each number of knights.
    """
    size = 1 << count
    full = (1 << size) - 1
    persons = tuple(sum(1 << a for a in range(size) if a >> person & 1) for person in range(count))
    numbers = tuple(sum(1 << a for a in range(size) if a.bit_count() == n) for n in range(count + 1))
    return full, persons, numbers


def _consistent(count: int, statements: list[Statement] | tuple[Statement, ...]) -> int:
    """The assignments in which exactly the knights' statements are true, as a bit mask."""
    full, persons, numbers = _tables(count)
    left = full
    for person, (kind, args) in enumerate(statements):
        left &= ~(_where(kind, args, full, persons, numbers) ^ persons[person])
    return left & full


def _where(kind: str, args: tuple[int, ...], full: int, persons: tuple[int, ...], numbers: tuple[int, ...]) -> int:
    """The assignments in which a statement is true."""
    if kind == "exactly":
        return numbers[args[0]]
    if kind == "atleast":
        return sum(numbers[args[0] :])
    if kind in ("same", "differ"):
        unlike = persons[args[0]] ^ persons[args[1]]
        return unlike if kind == "differ" else full ^ unlike
    first = persons[args[0]] if args[1] else full ^ persons[args[0]]
    if kind == "is":
        return first
    second = persons[args[2]] if args[3] else full ^ persons[args[2]]
    return first & second if kind == "both" else (first if kind == "either" else full ^ first) | second


def _draw(rng: random.Random, count: int, speaker: int, kind: str) -> Statement:
    """A random statement about people other than the speaker."""
    a, b = rng.sample([person for person in range(count) if person != speaker], 2)
    if kind in ("exactly", "atleast"):
        return kind, (rng.randrange(1, count),)
    if kind == "is":
        return kind, (a, rng.randrange(2))
    if kind in ("same", "differ"):
        return kind, (a, b)
    return kind, (a, rng.randrange(2), b, rng.randrange(2))


def _is_name(item: object) -> bool:
    return isinstance(item, str) and 1 <= len(item) <= 6 and item.isascii() and item.isalpha()


def _read(line: object, count: int) -> Statement:
    if not isinstance(line, list) or not line or not isinstance(line[0], str) or line[0] not in _SHAPES:
        raise ValueError(f"a statement is a list that begins with one of {', '.join(_SHAPES)}")
    kind, *numbers = line
    bounds = {"p": count, "k": 2, "n": count + 1}
    shape = _SHAPES[kind]
    fits = len(numbers) == len(shape) and all(
        type(n) is int and 0 <= n < bounds[part] for n, part in zip(numbers, shape, strict=True)
    )
    if not fits:
        raise ValueError(
            f"the numbers of a statement {kind!r} are people from 0, 1 for knight or 0 for knave, or a count"
        )
    return kind, tuple(numbers)


def _say(statement: Statement, names: list[str]) -> str:
    kind, args = statement
    if kind in ("exactly", "atleast"):
        return _TEXT[kind].format(args[0])
    if kind in ("same", "differ"):
        return _TEXT[kind].format(names[args[0]], names[args[1]])
    literals = [f"{names[a]} is a {KINDS[k]}" for a, k in zip(args[::2], args[1::2], strict=True)]
    return _TEXT[kind].format(*literals)
