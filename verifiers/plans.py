"""Grounded planning tasks: a state is a bit mask of facts and comparisons beside the numbers that change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from esreason.verifiers.pddl_numbers import (
    Arithmetic,
    Number,
    Undefined,
    Value,
    applied,
    compares,
    evaluated,
    number_text,
    stored,
)

Ground = tuple[int, int, tuple[tuple["Ground", ...], ...]]
"""A ground condition: facts that hold, facts that do not, and clauses, of each of which one part holds."""

State = tuple[int, tuple[Value, ...]]
"""JSON: the bits of what holds, and the numbers."""

ALWAYS: Ground = (0, 0, ())

MAX_WEIGHT = 400
"""Conditional effects and alternatives of one action: 4,000 moves are judged in well under a second."""

Test = tuple[int, str, Arithmetic, Arithmetic]
"""A comparison: its bit, its sign and its sides. The bit is kept true to the numbers, so that conditions are masks."""

Step = tuple[Ground, int, str, Arithmetic]
"""Where the condition holds, the number in this place is changed: assign, increase, ... by an amount."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A ground action: its condition, the facts it adds and deletes, and what it does beside under conditions.

    `steps` change numbers; `tests` are the comparisons that look at these, `tested` their bits, `effort` the size of it
    all.
    """

    name: str
    condition: Ground
    add: int
    delete: int
    conditional: tuple[tuple[Ground, int, int], ...]
    steps: tuple[Step, ...] = ()
    tests: tuple[Test, ...] = ()
    tested: int = 0
    effort: int = 0
    cost: int = 0
    costs: tuple[tuple[Ground, int], ...] = ()
    """What it costs beside `cost` under conditions."""


@dataclass(frozen=True, slots=True, eq=False)
class Plannable:
    """A grounded task; `facts` and `numbers` name bits and places, `schemas` count the objects of actions.

    `text` is all that does not change, for a reader.
    """

    facts: tuple[str, ...]
    numbers: tuple[str, ...]
    tests: int
    """The bits that are comparisons."""
    start: State
    goal: Ground
    operators: Mapping[str, Operator]
    schemas: Mapping[str, int]
    text: str
    scale: int = 0
    """What the costs of operators are to be divided by; 0 where no metric says what they cost."""


def holds(condition: Ground, bits: int) -> bool:
    """Whether a ground condition holds where these bits do."""
    yes, no, clauses = condition
    if bits & yes != yes or bits & no:
        return False
    return not clauses or all(any(holds(part, bits) for part in clause) for clause in clauses)


def successor(operator: Operator, state: State) -> State:
    """The state after an operator whose condition holds; what is both deleted and added holds afterwards.

    Undefined where a number would have no value, or two: then the operator is not possible.
    """
    bits, values = state
    add, delete = operator.add, operator.delete
    for condition, more, less in operator.conditional:
        if holds(condition, bits):
            add |= more
            delete |= less
    if not operator.steps:
        return bits & ~delete | add, values
    changed = _changed(operator.steps, bits, values)
    bits = bits & ~(delete | operator.tested) | add
    for bit, sign, left, right in operator.tests:
        if compares(sign, left, right, changed):
            bits |= bit
    return bits, changed


def price(operator: Operator, bits: int) -> int:
    """What an operator costs where these bits hold."""
    return operator.cost + sum(cost for condition, cost in operator.costs if holds(condition, bits))


def attempted(operator: Operator, state: State) -> State | None:
    """The state after an operator, None where it is not possible."""
    if not holds(operator.condition, state[0]):
        return None
    try:
        return successor(operator, state)
    except Undefined:
        return None


def _changed(steps: tuple[Step, ...], bits: int, values: tuple[Value, ...]) -> tuple[Value, ...]:
    """The numbers after all changes at once: amounts are those of before; increases add up, scalings multiply."""
    found: dict[int, tuple[str, Number]] = {}
    for condition, place, kind, amount in steps:
        if condition != ALWAYS and not holds(condition, bits):
            continue
        by = evaluated(amount, values)
        sign = _SIGNS[kind]
        if place not in found:
            found[place] = ("", by) if not sign else (_FAMILY[sign], _moved(values[place], sign, by))
        elif found[place][0] != _FAMILY[sign] or (not sign and found[place][1] != by):
            raise Undefined("a number would be changed in two ways at once")
        elif sign:
            found[place] = (_FAMILY[sign], applied(sign, (found[place][1], by)))
    after = list(values)
    for place, (_, value) in found.items():
        after[place] = stored(value)
    return tuple(after)


_SIGNS = {"assign": "", "increase": "+", "decrease": "-", "scale-up": "*", "scale-down": "/"}
_FAMILY = {"": "", "+": "+", "-": "+", "*": "*", "/": "*"}
"""Changes of one family may be done in any order."""


def _moved(value: Value, sign: str, by: Number) -> Number:
    if value is None:
        raise Undefined("a number that has no value would be changed")
    return applied(sign, (Fraction(*value) if isinstance(value, tuple) else value, by))


def missing(task: Plannable, condition: Ground, bits: int) -> str:
    """One sentence on why a condition does not hold."""
    lacking, forbidden = condition[0] & ~bits, condition[1] & bits
    if lacking:
        return f"{task.facts[(lacking & -lacking).bit_length() - 1]} does not hold."
    if forbidden:
        return f"{task.facts[(forbidden & -forbidden).bit_length() - 1]} holds."
    return "none of its alternative conditions holds."


def facts_of(task: Plannable, state: State) -> list[str]:
    """The facts of a state, then its numbers."""
    found, names = [], task.facts
    bits = state[0] & ~task.tests
    while bits:
        bit = bits & -bits
        found.append(names[bit.bit_length() - 1])
        bits ^= bit
    if task.numbers:
        known = zip(task.numbers, state[1], strict=True)
        found += [f"(= {name} {number_text(value)})" for name, value in known if value is not None]
    return found


def weight(condition: Ground) -> int:
    """The number of alternatives in a condition."""
    return sum(1 + weight(part) for clause in condition[2] for part in clause)
