"""Reading PDDL text: the ADL and numeric-fluents levels (PDDL 2.1 level 2 without time), and action costs.

Everything is bounded, and whatever the text holds, nothing but ValueError with one sentence is raised.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from esreason.verifiers.pddl_formula import (
    CHANGES,
    CONNECTIVES,
    Effects,
    atom,
    call,
    condition,
    dashed,
    fail,
    formula,
    name_of,
    typed,
)
from esreason.verifiers.pddl_model import Action, Lifted
from esreason.verifiers.pddl_numbers import NUMBER, read_number
from esreason.verifiers.pddl_text import Located, expression, located, short, written

MAX_OBJECTS = 400


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


def _define(form: list[Any], kind: str) -> tuple[str, list[list[Any]]]:
    """The name and the sections of (define (kind name) section...)."""
    head = form[1] if len(form) > 1 else None
    if form[:1] != ["define"] or not isinstance(head, list) or len(head) != 2 or head[0] != kind:
        fail(f"a {kind} begins with (define ({kind} name)")
    sections = form[2:]
    if any(not isinstance(s, list) or not s or not isinstance(s[0], str) for s in sections):
        fail(f"every section of a {kind} is (:keyword ...)")
    return str(head[1]), sections


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
                fail(f"{short(keyword)} in a domain is not supported")
    order = (":constants", ":predicates", ":functions", ":action")
    readers = (_read_objects, _read_predicates, _read_functions, _read_action)
    for section in sorted(later, key=lambda s: order.index(s[0])):
        with located(section):
            readers[order.index(section[0])](task, section[1:])


def _read_types(task: Lifted, items: list[Any]) -> None:
    every = dict.fromkeys((i for i in dashed(items) if isinstance(i, str) and i != "-"), "object")
    for name, above in typed(items, every, "types"):
        if name != "object":
            task.parents[name] = next(iter(above)) if len(above) == 1 else fail("a type has one parent")
    for name in every:
        if name != "object":
            task.parents.setdefault(name, "object")
    for kind in task.parents:
        seen = {kind}
        while (kind := task.parents.get(kind, "object")) != "object":
            if kind in seen:
                fail(f"the type {kind} is above itself")
            seen.add(kind)


def _read_objects(task: Lifted, items: list[Any]) -> None:
    for name, types in typed(items, task.parents, "objects"):
        if name in task.objects:
            fail(f"the object {name} is there twice")
        task.objects[name] = types
    if len(task.objects) > MAX_OBJECTS:
        fail(f"there are more than {MAX_OBJECTS} objects")


def _read_predicates(task: Lifted, items: list[Any]) -> None:
    for item in items:
        with located(item):
            _declare(task, item, task.predicates, "predicate")


def _read_functions(task: Lifted, items: list[Any]) -> None:
    items = dashed(items)
    for place, item in enumerate(items):
        if item == "-" or (item == "number" and place and items[place - 1] == "-"):
            continue
        with located(item):
            if isinstance(item, str) and place and items[place - 1] == "-":
                fail(f"functions to {short(item)} are not supported, only to number")
            _declare(task, item, task.functions, "function")


def _declare(task: Lifted, item: Any, known: dict[str, int], what: str) -> None:
    if not isinstance(item, list) or not item:
        fail(f"{short(item)} is no {what}")
    name = name_of(item[0], f"a {what}")
    if name in known or name in CONNECTIVES or name in CHANGES:
        fail(f"the {what} {name} is there twice or has a reserved name")
    known[name] = len(typed(item[1:], task.parents, "parameters", variables=True))


def _read_action(task: Lifted, items: list[Any]) -> None:
    name = name_of(items[0] if items else "", "an action")
    parts = dict(zip((str(key) for key in items[1::2]), items[2::2], strict=False))
    if (
        len(items) % 2 == 0
        or set(parts) - {":parameters", ":precondition", ":effect"}
        or len(parts) * 2 != len(items) - 1
    ):
        fail(f"the action {name} has :parameters, :precondition and :effect, once each")
    if name in {action.name for action in task.actions}:
        fail(f"the action {name} is there twice")
    listed = parts.get(":parameters", [])
    if not isinstance(listed, list):
        fail(f"the parameters of {name} are a list")
    parameters = typed(listed, task.parents, "parameters", variables=True)
    scope = {variable for variable, _ in parameters}
    if len(scope) < len(parameters):
        fail(f"the action {name} has a parameter twice")
    needed = condition(task, parts.get(":precondition", []), scope)
    effects = Effects(task)
    effects.add(parts.get(":effect", []), scope)
    text = written([":action", *items])
    task.actions.append(Action(name, tuple(parameters), needed, tuple(effects.facts), tuple(effects.changes), text))


def _read_problem(task: Lifted, domain: str, sections: list[list[Any]]) -> None:
    parts: dict[str, list[Any]] = {}
    for section in sections:
        keyword = section[0]
        with located(section):
            if keyword not in (":domain", ":requirements", ":objects", ":init", ":goal", ":metric"):
                fail(f"{short(keyword)} in a problem is not supported")
            if keyword in parts:
                fail(f"a problem has one {keyword}")
        parts[keyword] = section
    if parts.get(":domain", [])[1:] != [domain]:
        fail(f"the problem is not one of the domain {short(domain)}")
    with located(parts.get(":objects")):
        _read_objects(task, parts.get(":objects", [])[1:])
    for item in parts.get(":init", [])[1:]:
        with located(item):
            _read_fact(task, item)
    goal = parts.get(":goal", [])[1:]
    if len(goal) != 1:
        fail("a problem has one goal")
    task.goal, task.goal_text = condition(task, goal[0], set()), written(goal[0])
    with located(parts.get(":metric")):
        _read_metric(task, parts.get(":metric", [])[1:])


def _read_fact(task: Lifted, item: Any) -> None:
    """An initial fact, one that is said not to hold, or an initial value."""
    if not isinstance(item, list) or not item:
        fail(f"{short(item)} is no fact")
    if item[0] == "at" and len(item) == 3 and isinstance(item[2], list):
        fail("timed initial literals are not supported")
    if item[0] == "not" and len(item) == 2 and isinstance(item[1], list) and item[1]:
        atom(task, item[1], set())  # what is not said to hold does not
    elif item[0] == "=" and len(item) == 3 and isinstance(item[1], list) and item[1]:
        name, arguments = call(task, item[1], set())
        if not isinstance(item[2], str) or not NUMBER.fullmatch(item[2]):
            fail(f"{short(item)} gives no function a number")
        if (name, *arguments) in task.values:
            fail(f"{short(item[1])} has a value already")
        task.values[(name, *arguments)] = read_number(item[2])
    else:
        predicate, arguments = atom(task, item, set())
        task.init.append((predicate, *arguments))


def _read_metric(task: Lifted, items: list[Any]) -> None:
    """A metric; one of time alone says nothing, for here every action takes one step."""
    if not items:
        return
    if len(items) != 2 or items[0] not in ("minimize", "maximize"):
        fail("a metric is minimize or maximize and an expression")
    if items[1] == ["total-time"] and "total-time" not in task.functions:
        return
    metric = formula(task, items[1], set())
    if items[0] == "minimize":
        task.metric, task.metric_text = metric, f"metric minimize {written(items[1])}"
