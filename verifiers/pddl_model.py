"""A planning task as its PDDL texts say it, before objects are put for variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from esreason.verifiers.pddl_numbers import Number

Typed = tuple[str, frozenset[str]]
"""A name or a variable and the types it may have."""

Condition = tuple[Any, ...]
"""In negation normal form: ("and" | "or", parts), ("forall" | "exists", typed variables, part),
("atom", holds, predicate, arguments), ("=", holds, left, right) of objects, or ("compare", sign, left, right) of
arithmetic."""

Formula = Number | tuple[Any, ...]
"""Arithmetic: a number, ("call", function, arguments), or ("+" | "-" | "*" | "/", parts)."""

TRUE: Condition = ("and", ())


@dataclass(frozen=True, slots=True)
class Effect:
    """For all values of `variables` where `condition` holds: the fact is made true or false."""

    variables: tuple[Typed, ...]
    condition: Condition
    holds: bool
    predicate: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """For all values of `variables` where `condition` holds: the number is set, or moved by an amount."""

    variables: tuple[Typed, ...]
    condition: Condition
    kind: str
    function: str
    arguments: tuple[str, ...]
    amount: Formula


@dataclass(frozen=True, slots=True)
class Action:
    """An action schema, and its text."""

    name: str
    parameters: tuple[Typed, ...]
    condition: Condition
    effects: tuple[Effect, ...]
    changes: tuple[Change, ...]
    text: str


@dataclass(slots=True)
class Lifted:
    """A domain and a problem, read; predicates and functions with the number of their arguments."""

    parents: dict[str, str] = field(default_factory=dict)
    predicates: dict[str, int] = field(default_factory=dict)
    functions: dict[str, int] = field(default_factory=dict)
    objects: dict[str, frozenset[str]] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    init: list[tuple[str, ...]] = field(default_factory=list)
    values: dict[tuple[str, ...], Number] = field(default_factory=dict)
    goal: Condition = TRUE
    goal_text: str = ""
    metric: Formula | None = None
    """What a plan should keep small; None where the task says nothing, or something else."""
    metric_text: str = ""
