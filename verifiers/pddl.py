"""Reading PDDL text: typed STRIPS with negation, equality, disjunction, quantifiers, conditional effects, action costs.

Everything is bounded, and whatever the text holds, nothing but ValueError with one sentence is raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

from esreason.verifiers.pddl_text import Expression, Located, expression, located, short, written

MAX_OBJECTS = 400

Typed = tuple[str, frozenset[str]]
"""A name or a variable and the types it may have."""

Condition = tuple[Any, ...]
"""In negation normal form: ("and" | "or", parts), ("forall" | "exists", typed variables, part),
("atom", holds, predicate, arguments) or ("=", holds, left, right)."""

TRUE: Condition = ("and", ())

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_VARIABLE = re.compile(r"\?[a-z][a-z0-9_-]{0,39}")
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class Effect:
    """For all values of `variables` where `condition` holds: the fact is made true or false."""

    variables: tuple[Typed, ...]
    condition: Condition
    holds: bool
    predicate: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """An action schema, and its text."""

    name: str
    parameters: tuple[Typed, ...]
    condition: Condition
    effects: tuple[Effect, ...]
    text: str


@dataclass(slots=True)
class Lifted:
    """A domain and a problem, read."""

    parents: dict[str, str] = field(default_factory=dict)
    predicates: dict[str, int] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    objects: dict[str, frozenset[str]] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    init: list[tuple[str, ...]] = field(default_factory=list)
    goal: Condition = TRUE
    goal_text: str = ""


def read(domain: str, problem: str) -> Lifted:
    """A domain and a problem of it; the sentence of a ValueError begins with which of them, and the line."""
    task = Lifted()
    with _within("domain"):
        name, sections = _define(expression(domain), "domain")
        _read_domain(task, sections)
    with _within("problem"):
        _, sections = _define(expression(problem), "problem")
        _read_problem(task, name, sections)
    return task


@contextmanager
def _within(kind: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{kind}{' ' if isinstance(error, Located) else ': '}{error}") from None


def _fail(sentence: str) -> NoReturn:
    raise ValueError(sentence)


def _define(form: list[Any], kind: str) -> tuple[str, list[list[Any]]]:
    """The name and the sections of (define (kind name) section...)."""
    head = form[1] if len(form) > 1 else None
    if form[:1] != ["define"] or not isinstance(head, list) or len(head) != 2 or head[0] != kind:
        _fail(f"a {kind} begins with (define ({kind} name)")
    sections = form[2:]
    if any(not isinstance(s, list) or not s or not isinstance(s[0], str) for s in sections):
        _fail(f"every section of a {kind} is (:keyword ...)")
    return str(head[1]), sections


def _name(item: Expression, what: str) -> str:
    if not isinstance(item, str) or not _NAME.fullmatch(item):
        _fail(f"{short(item)} is no name of {what}")
    return item


def _typed(items: list[Any], known: dict[str, str], what: str, variables: bool = False) -> list[Typed]:
    """A typed list: names (or variables), where `- type` gives all before it their type."""
    found: list[Typed] = []
    waiting: list[str] = []
    position = 0
    while position < len(items):
        item = items[position]
        if item == "-":
            if position + 1 == len(items) or not waiting:
                _fail(f"a - stands before no type in the list of {what}")
            types = _types(items[position + 1], known)
            found += [(name, types) for name in waiting]
            waiting = []
            position += 2
            continue
        if variables and not (isinstance(item, str) and _VARIABLE.fullmatch(item)):
            _fail(f"{short(item)} is no variable")
        waiting.append(item if variables else _name(item, what))
        position += 1
    return found + [(name, frozenset(["object"])) for name in waiting]


def _types(item: Expression, known: dict[str, str]) -> frozenset[str]:
    names = item[1:] if isinstance(item, list) and item[:1] == ["either"] else [item]
    for name in names:
        if not isinstance(name, str) or (name != "object" and name not in known):
            _fail(f"there is no type {short(name)}")
    return frozenset(names)


def _read_domain(task: Lifted, sections: list[list[Any]]) -> None:
    later: list[list[Any]] = []
    for section in sections:
        keyword, rest = section[0], section[1:]
        with located(section):
            if keyword == ":types":
                _read_types(task, rest)
            elif keyword in (":constants", ":predicates", ":functions", ":action"):
                later.append(section)
            elif keyword != ":requirements":
                _fail(f"{short(keyword)} in a domain is not supported")
    order = (":constants", ":predicates", ":functions", ":action")
    readers = (_read_objects, _read_predicates, _read_functions, _read_action)
    for section in sorted(later, key=lambda s: order.index(s[0])):
        with located(section):
            readers[order.index(section[0])](task, section[1:])


def _read_types(task: Lifted, items: list[Any]) -> None:
    every = dict.fromkeys((i for i in items if isinstance(i, str) and i != "-"), "object")
    for name, above in _typed(items, every, "types"):
        if name != "object":
            task.parents[name] = next(iter(above)) if len(above) == 1 else _fail("a type has one parent")
    for name in every:
        if name != "object":
            task.parents.setdefault(name, "object")
    for kind in task.parents:
        seen = {kind}
        while (kind := task.parents.get(kind, "object")) != "object":
            if kind in seen:
                _fail(f"the type {kind} is above itself")
            seen.add(kind)


def _read_objects(task: Lifted, items: list[Any]) -> None:
    for name, types in _typed(items, task.parents, "objects"):
        if name in task.objects:
            _fail(f"the object {name} is there twice")
        task.objects[name] = types
    if len(task.objects) > MAX_OBJECTS:
        _fail(f"there are more than {MAX_OBJECTS} objects")


def _read_predicates(task: Lifted, items: list[Any]) -> None:
    for item in items:
        with located(item):
            if not isinstance(item, list) or not item:
                _fail(f"{short(item)} is no predicate")
            name = _name(item[0], "a predicate")
            if name in task.predicates or name in ("and", "or", "not", "imply", "forall", "exists", "when"):
                _fail(f"the predicate {name} is there twice or has a reserved name")
            task.predicates[name] = len(_typed(item[1:], task.parents, "parameters", variables=True))


def _read_functions(task: Lifted, items: list[Any]) -> None:
    for item in items:
        if isinstance(item, list) and item:
            task.functions.add(_name(item[0], "a function"))
        elif item not in ("-", "number"):
            _fail(f"{short(item)} is no function")


def _read_action(task: Lifted, items: list[Any]) -> None:
    name = _name(items[0] if items else "", "an action")
    parts = dict(zip((str(key) for key in items[1::2]), items[2::2], strict=False))
    if (
        len(items) % 2 == 0
        or set(parts) - {":parameters", ":precondition", ":effect"}
        or len(parts) * 2 != len(items) - 1
    ):
        _fail(f"the action {name} has :parameters, :precondition and :effect, once each")
    if name in {action.name for action in task.actions}:
        _fail(f"the action {name} is there twice")
    listed = parts.get(":parameters", [])
    if not isinstance(listed, list):
        _fail(f"the parameters of {name} are a list")
    parameters = _typed(listed, task.parents, "parameters", variables=True)
    scope = {variable for variable, _ in parameters}
    if len(scope) < len(parameters):
        _fail(f"the action {name} has a parameter twice")
    condition = _condition(task, parts.get(":precondition", []), scope, True)
    effects = _effects(task, parts.get(":effect", []), scope, (), TRUE)
    text = written([":action", *items])
    task.actions.append(Action(name, tuple(parameters), condition, tuple(effects), text))


def _atom(task: Lifted, item: list[Any], scope: set[str]) -> tuple[str, tuple[str, ...]]:
    predicate = item[0]
    if not isinstance(predicate, str) or predicate not in task.predicates:
        _fail(f"there is no predicate {short(predicate)}")
    if len(item) - 1 != task.predicates[predicate]:
        _fail(f"{short(item)} does not give {predicate} its {task.predicates[predicate]} arguments")
    return predicate, tuple(_term(task, term, scope) for term in item[1:])


def _term(task: Lifted, term: Expression, scope: set[str]) -> str:
    if not isinstance(term, str) or (term not in scope and term not in task.objects):
        _fail(f"there is no {'variable' if str(term).startswith('?') else 'object'} {short(term)} here")
    return term


def _variables(task: Lifted, items: Expression, scope: set[str]) -> tuple[Typed, ...]:
    if not isinstance(items, list):
        _fail("a quantifier is followed by a list of variables")
    found = _typed(items, task.parents, "variables", variables=True)
    if scope & {name for name, _ in found} or len({name for name, _ in found}) < len(found):
        _fail("a quantifier names a variable that is there already")
    return tuple(found)


def _condition(task: Lifted, item: Expression, scope: set[str], holds: bool) -> Condition:
    """A condition, negated unless `holds`."""
    with located(item):
        return _condition_here(task, item, scope, holds)


def _condition_here(task: Lifted, item: Expression, scope: set[str], holds: bool) -> Condition:
    if not isinstance(item, list):
        _fail(f"{short(item)} is no condition")
    if not item:
        return TRUE if holds else ("or", ())
    head, rest = item[0], item[1:]
    if head in ("and", "or"):
        kind = head if holds else {"and": "or", "or": "and"}[head]
        return kind, tuple(_condition(task, part, scope, holds) for part in rest)
    if head == "not" and len(rest) == 1:
        return _condition(task, rest[0], scope, not holds)
    if head == "imply" and len(rest) == 2:
        return _condition(task, ["or", ["not", rest[0]], rest[1]], scope, holds)
    if head in ("forall", "exists") and len(rest) == 2:
        kind = head if holds else {"forall": "exists", "exists": "forall"}[head]
        variables = _variables(task, rest[0], scope)
        inner = scope | {name for name, _ in variables}
        return kind, variables, _condition(task, rest[1], inner, holds)
    if head == "=" and len(rest) == 2 and all(isinstance(term, str) for term in rest):
        return "=", holds, _term(task, rest[0], scope), _term(task, rest[1], scope)
    if head in ("=", "<", ">", "<=", ">="):
        _fail("numeric conditions are not supported")
    return "atom", holds, *_atom(task, item, scope)


def _effects(
    task: Lifted, item: Expression, scope: set[str], variables: tuple[Typed, ...], condition: Condition
) -> list[Effect]:
    with located(item):
        return _effects_here(task, item, scope, variables, condition)


def _effects_here(
    task: Lifted, item: Expression, scope: set[str], variables: tuple[Typed, ...], condition: Condition
) -> list[Effect]:
    if not isinstance(item, list):
        _fail(f"{short(item)} is no effect")
    if not item:
        return []
    head, rest = item[0], item[1:]
    if head == "and":
        return [effect for part in rest for effect in _effects(task, part, scope, variables, condition)]
    if head == "forall" and len(rest) == 2:
        more = _variables(task, rest[0], scope)
        return _effects(task, rest[1], scope | {name for name, _ in more}, variables + more, condition)
    if head == "when" and len(rest) == 2:
        if condition != TRUE:
            _fail("a when stands in another when")
        return _effects(task, rest[1], scope, variables, ("and", (_condition(task, rest[0], scope, True),)))
    if head == "increase" and rest[:1] == [["total-cost"]]:
        return []  # costs are read over: every plan that reaches the goal is right
    if head in ("increase", "decrease", "assign", "scale-up", "scale-down"):
        _fail("numeric effects are not supported")
    holds = head != "not"
    if not holds and (len(rest) != 1 or not isinstance(rest[0], list) or not rest[0]):
        _fail(f"{short(item)} is no effect")
    predicate, arguments = _atom(task, item if holds else rest[0], scope)
    return [Effect(variables, condition, holds, predicate, arguments)]


def _read_problem(task: Lifted, domain: str, sections: list[list[Any]]) -> None:
    parts: dict[str, list[Any]] = {}
    for section in sections:
        keyword = section[0]
        with located(section):
            if keyword not in (":domain", ":requirements", ":objects", ":init", ":goal", ":metric"):
                _fail(f"{short(keyword)} in a problem is not supported")
            if keyword in parts:
                _fail(f"a problem has one {keyword}")
        parts[keyword] = section
    if parts.get(":domain", [])[1:] != [domain]:
        _fail(f"the problem is not one of the domain {short(domain)}")
    with located(parts.get(":objects")):
        _read_objects(task, parts.get(":objects", [])[1:])
    for item in parts.get(":init", [])[1:]:
        with located(item):
            if not isinstance(item, list) or not item:
                _fail(f"{short(item)} is no fact")
            if not _is_value(task, item):
                predicate, arguments = _atom(task, item, set())
                task.init.append((predicate, *arguments))
    goal = parts.get(":goal", [])[1:]
    if len(goal) != 1:
        _fail("a problem has one goal")
    task.goal, task.goal_text = _condition(task, goal[0], set(), True), written(goal[0])


def _is_value(task: Lifted, item: list[Any]) -> bool:
    """Whether an initial fact gives a function (of costs) its value."""
    if item[0] != "=" or len(item) != 3 or not isinstance(item[1], list) or not item[1]:
        return False
    if item[1][0] not in task.functions or not isinstance(item[2], str) or not _NUMBER.fullmatch(item[2]):
        _fail(f"{short(item)} gives no function a number")
    return True
