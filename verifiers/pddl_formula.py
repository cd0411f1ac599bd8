"""Reading the conditions, effects and arithmetic of PDDL."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from esreason.verifiers.pddl_model import TRUE, Change, Condition, Effect, Formula, Lifted, Typed
from esreason.verifiers.pddl_numbers import NUMBER, read_number
from esreason.verifiers.pddl_text import Expression, located, short

CONNECTIVES = ("and", "or", "not", "imply", "forall", "exists", "when")
COMPARISONS = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!="}
"""Each sign and the one that says the opposite."""
CHANGES = ("increase", "decrease", "assign", "scale-up", "scale-down")
_REFUSED = ("preference", "always", "sometime", "within", "at-most-once", "sometime-after", "sometime-before",
            "always-within", "hold-during", "hold-after", "over", "oneof", "probabilistic", "unknown")  # fmt: skip

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_VARIABLE = re.compile(r"\?[a-z][a-z0-9_-]{0,39}")


def fail(sentence: str) -> NoReturn:
    """Refuse a text."""
    raise ValueError(sentence)


def name_of(item: Expression, what: str) -> str:
    """A name; ValueError if it is none."""
    if not isinstance(item, str) or not _NAME.fullmatch(item):
        fail(f"{short(item)} is no name of {what}")
    return item


def typed(items: list[Any], known: dict[str, str], what: str, variables: bool = False) -> list[Typed]:
    """A typed list: names (or variables), where `- type` gives all before it their type."""
    items = dashed(items)
    found: list[Typed] = []
    waiting: list[str] = []
    position = 0
    while position < len(items):
        item = items[position]
        if item == "-":
            if position + 1 == len(items) or not waiting:
                fail(f"a - stands before no type in the list of {what}")
            types = _types(items[position + 1], known)
            found += [(name, types) for name in waiting]
            waiting = []
            position += 2
            continue
        if variables and not (isinstance(item, str) and _VARIABLE.fullmatch(item)):
            fail(f"{short(item)} is no variable")
        waiting.append(item if variables else name_of(item, what))
        position += 1
    return found + [(name, frozenset(["object"])) for name in waiting]


def dashed(items: list[Any]) -> list[Any]:
    """A typed list in which every dash stands alone: some write `ship -object`."""
    pairs = (("-", item[1:]) if isinstance(item, str) and item[:1] == "-" != item else (item,) for item in items)
    return [part for pair in pairs for part in pair]


def _types(item: Expression, known: dict[str, str]) -> frozenset[str]:
    names = item[1:] if isinstance(item, list) and item[:1] == ["either"] else [item]
    for name in names:
        if not isinstance(name, str) or (name != "object" and name not in known):
            fail(f"there is no type {short(name)}")
    return frozenset(names)


def atom(task: Lifted, item: list[Any], scope: set[str]) -> tuple[str, tuple[str, ...]]:
    """A predicate and its arguments."""
    return _applied(item, task.predicates, "predicate", task, scope)


def call(task: Lifted, item: list[Any], scope: set[str]) -> tuple[str, tuple[str, ...]]:
    """A function and its arguments."""
    return _applied(item, task.functions, "function", task, scope)


def _applied(
    item: list[Any], known: dict[str, int], what: str, task: Lifted, scope: set[str]
) -> tuple[str, tuple[str, ...]]:
    name = item[0]
    if not isinstance(name, str) or name not in known:
        fail(f"{name} is not supported" if name in _REFUSED else f"there is no {what} {short(name)}")
    if len(item) - 1 != known[name]:
        fail(f"{short(item)} does not give {name} its {known[name]} arguments")
    return name, tuple(_term(task, term, scope) for term in item[1:])


def _term(task: Lifted, term: Expression, scope: set[str]) -> str:
    if not isinstance(term, str) or (term not in scope and term not in task.objects):
        fail(f"there is no {'variable' if str(term).startswith('?') else 'object'} {short(term)} here")
    return term


def _variables(task: Lifted, items: Expression, scope: set[str]) -> tuple[Typed, ...]:
    if not isinstance(items, list):
        fail("a quantifier is followed by a list of variables")
    found = typed(items, task.parents, "variables", variables=True)
    if scope & {name for name, _ in found} or len({name for name, _ in found}) < len(found):
        fail("a quantifier names a variable that is there already")
    return tuple(found)


def formula(task: Lifted, item: Expression, scope: set[str]) -> Formula:
    """Arithmetic over numbers and functions."""
    if isinstance(item, str):
        return read_number(item) if NUMBER.fullmatch(item) else fail(f"{short(item)} is no number")
    with located(item):
        head, rest = item[0] if item else "", item[1:]
        if head not in ("+", "-", "*", "/"):
            return ("call", *call(task, item or [""], scope))
        parts = tuple(formula(task, part, scope) for part in rest)
        if len(parts) < (1 if head == "-" else 2) or (head in "-/" and len(parts) > 2):
            fail(f"{short(item)} does not give {head} its arguments")
        return (head, (0, *parts) if len(parts) == 1 else parts)


def condition(task: Lifted, item: Expression, scope: set[str], holds: bool = True) -> Condition:
    """A condition, negated unless `holds`."""
    with located(item):
        return _condition(task, item, scope, holds)


def _condition(task: Lifted, item: Expression, scope: set[str], holds: bool) -> Condition:
    if not isinstance(item, list):
        fail(f"{short(item)} is no condition")
    if not item:
        return TRUE if holds else ("or", ())
    head, rest = item[0], item[1:]
    if head in ("and", "or"):
        kind = head if holds else {"and": "or", "or": "and"}[head]
        return kind, tuple(condition(task, part, scope, holds) for part in rest)
    if head == "not" and len(rest) == 1:
        return condition(task, rest[0], scope, not holds)
    if head == "imply" and len(rest) == 2:
        return condition(task, ["or", ["not", rest[0]], rest[1]], scope, holds)
    if head in ("forall", "exists") and len(rest) == 2:
        kind = head if holds else {"forall": "exists", "exists": "forall"}[head]
        variables = _variables(task, rest[0], scope)
        inner = scope | {name for name, _ in variables}
        return kind, variables, condition(task, rest[1], inner, holds)
    if isinstance(head, str) and head in COMPARISONS and len(rest) == 2:
        if head == "=" and all(isinstance(term, str) and not NUMBER.fullmatch(term) for term in rest):
            return "=", holds, _term(task, rest[0], scope), _term(task, rest[1], scope)
        sign = head if holds else COMPARISONS[head]
        return "compare", sign, formula(task, rest[0], scope), formula(task, rest[1], scope)
    return "atom", holds, *atom(task, item, scope)


@dataclass(slots=True)
class Effects:
    """What an action does, as it is read."""

    task: Lifted
    facts: list[Effect] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def add(
        self, item: Expression, scope: set[str], variables: tuple[Typed, ...] = (), when: Condition = TRUE
    ) -> None:
        """Read an effect and what is in it."""
        with located(item):
            self._add(item, scope, variables, when)

    def _add(self, item: Expression, scope: set[str], variables: tuple[Typed, ...], when: Condition) -> None:
        if not isinstance(item, list):
            fail(f"{short(item)} is no effect")
        head, rest = item[0] if item else "and", item[1:]
        if head == "and":
            for part in rest:
                self.add(part, scope, variables, when)
        elif head == "forall" and len(rest) == 2:
            more = _variables(self.task, rest[0], scope)
            self.add(rest[1], scope | {name for name, _ in more}, variables + more, when)
        elif head == "when" and len(rest) == 2:
            if when != TRUE:
                fail("a when stands in another when")
            self.add(rest[1], scope, variables, ("and", (condition(self.task, rest[0], scope),)))
        elif head in CHANGES and len(rest) == 2 and isinstance(rest[0], list) and rest[0]:
            target = call(self.task, rest[0], scope)
            self.changes.append(Change(variables, when, head, *target, formula(self.task, rest[1], scope)))
        else:
            holds = head != "not"
            if not holds and (len(rest) != 1 or not isinstance(rest[0], list) or not rest[0]):
                fail(f"{short(item)} is no effect")
            fact = atom(self.task, item if holds else rest[0], scope)
            self.facts.append(Effect(variables, when, holds, *fact))
