"""Putting objects for the variables of a planning task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import Any

from esreason.verifiers.pddl import read
from esreason.verifiers.pddl_costs import Costs, NoCosts, Priced, charged
from esreason.verifiers.pddl_model import Action, Condition, Formula, Lifted, Typed
from esreason.verifiers.pddl_numbers import (
    Arithmetic,
    Number,
    Undefined,
    Value,
    applied,
    arithmetic_text,
    bounded,
    compares,
    number_text,
    places,
    size,
    stored,
)
from esreason.verifiers.plans import ALWAYS, MAX_WEIGHT, Ground, Operator, Plannable, Step, Test, weight

MAX_WORK = 300_000
"""Nodes of conditions, effects and arithmetic looked at while grounding."""
MAX_ACTIONS = 8_000
MAX_EFFORT = 150
"""Numbers and operations that one action looks at, its comparisons included: slower, and so fewer."""
MAX_NUMBERS = 400


@lru_cache(maxsize=64)
def plannable(domain: str, problem: str) -> Plannable:
    """The grounded task of a domain and a problem; ValueError if it cannot be read or is too large."""
    return _Grounder(read(domain, problem)).task()


class _Grounder:
    """Puts objects for variables; facts and numbers that no action changes are decided here and get no place."""

    def __init__(self, lifted: Lifted) -> None:
        self.lifted = lifted
        self.work = MAX_WORK
        changed = {effect.predicate for action in lifted.actions for effect in action.effects}
        self.static = {fact for fact in lifted.init if fact[0] not in changed}
        self.changed = changed
        self.read = read_functions(lifted)
        self.moving = {change.function for action in lifted.actions for change in action.changes} & self.read
        self.bits: dict[tuple[Any, ...], int] = {}
        self.places: dict[tuple[str, ...], int] = {}
        self.tests: list[Test] = []
        self.by_type: dict[frozenset[str], list[str]] = {}
        self.costs: Costs | None = None
        self.priced: dict[str, Priced] = {}
        with suppress(NoCosts):
            self.costs = Costs(lifted)

    def task(self) -> Plannable:
        lifted = self.lifted
        start = 0
        for fact in lifted.init:
            if fact[0] in self.changed:
                start |= self.bit(fact)
        goal = self.ground(lifted.goal, {})
        if goal is None or weight(goal) > MAX_WEIGHT:
            raise ValueError("the goal can never hold" if goal is None else "the goal has too many alternatives")
        operators: dict[str, Operator] = {}
        for action in lifted.actions:
            for binding in self.bindings(action):
                operator = self.operator(action, binding)
                if operator is not None:
                    operators[operator.name] = operator
                    self.price(action, binding, operator.name)
                    if len(operators) > MAX_ACTIONS:
                        raise ValueError(f"the task has more than {MAX_ACTIONS:,} ground actions")
        scale = 0
        with suppress(NoCosts):
            operators, scale = charged(operators, self.priced if self.costs else {})
        self.costs = self.costs if scale else None
        values = tuple(self.value(number) for number in self.places)
        for bit, sign, left, right in self.tests:
            self.spend(size(left) + size(right))
            start |= bit if compares(sign, left, right, values) else 0
        return Plannable(
            tuple(map(_fact_text, self.bits)), tuple(f"({' '.join(number)})" for number in self.places),
            sum(test[0] for test in self.tests), (start, values), goal, self.tested(operators),
            {action.name: len(action.parameters) for action in lifted.actions}, self.text(), scale,
        )  # fmt: skip

    def price(self, action: Action, binding: dict[str, str], name: str) -> None:
        """Note what a ground action costs; where that cannot be said of one, it is said of none."""
        costs, found = self.costs, list[tuple[Ground, Number]]()
        if costs is None:
            return
        try:
            for change in action.changes:
                for scope in self.scopes(change.variables, binding) if change.function in costs.functions else ():
                    share = costs.weights.get((change.function, *(scope.get(term, term) for term in change.arguments)))
                    when = self.ground(change.condition, scope) if share else None
                    if share and when is not None:
                        found.append((when, bounded(share * costs.amount(change, scope))))
            self.priced[name] = tuple(found)
        except (NoCosts, Undefined):
            self.costs = None

    def tested(self, operators: dict[str, Operator]) -> dict[str, Operator]:
        """The operators with the comparisons that look at the numbers they change."""
        looking: dict[int, list[Test]] = {}
        for test in self.tests:
            for place in places(test[2]) | places(test[3]):
                looking.setdefault(place, []).append(test)
        found: dict[str, Operator] = {}
        for name, operator in operators.items():
            if not operator.steps:
                found[name] = operator
                continue
            touched = dict.fromkeys(place for _, place, _, _ in operator.steps)
            tests = tuple({test[0]: test for place in touched for test in looking.get(place, ())}.values())
            effort = sum(2 + weight(step[0]) + size(step[3]) for step in operator.steps)
            effort += sum(size(left) + size(right) for _, _, left, right in tests)
            self.spend(effort)
            if effort > MAX_EFFORT:
                raise ValueError(f"the action {name} looks at more than {MAX_EFFORT} numbers")
            tested = sum(test[0] for test in tests)
            found[name] = replace(operator, tests=tests, tested=tested, effort=effort)
        return found

    def text(self) -> str:
        lifted = self.lifted
        of_type: dict[str, list[str]] = {}
        for name, types in lifted.objects.items():
            of_type.setdefault("/".join(sorted(types)), []).append(name)
        objects = ", ".join(f"{' '.join(names)} - {kind}" for kind, names in of_type.items())
        always = [f"({' '.join(fact)})" for fact in lifted.init if fact in self.static]
        shown = (self.read - self.moving) | (self.costs.told if self.costs else set())
        always += [
            f"(= ({' '.join(number)}) {number_text(value)})"
            for number, value in lifted.values.items()
            if number[0] in shown
        ]
        lines = [f"goal {lifted.goal_text}", *([lifted.metric_text] if self.costs else [])]
        lines += [*([f"always {' '.join(always)}"] if always else []), f"objects {objects}"]
        if lifted.parents and set(lifted.parents.values()) != {"object"}:
            lines.append("types " + ", ".join(f"{name} - {above}" for name, above in lifted.parents.items()))
        return "\n".join([*lines, *(action.text for action in lifted.actions)])

    def spend(self, work: int = 1) -> None:
        self.work -= work
        if self.work < 0:
            raise ValueError("the task is too large to ground")

    def bit(self, key: tuple[Any, ...]) -> int:
        return 1 << self.bits.setdefault(key, len(self.bits))

    def value(self, number: tuple[str, ...]) -> Value:
        value = self.lifted.values.get(number)
        return None if value is None else stored(value)

    def objects(self, types: frozenset[str]) -> list[str]:
        """The objects of one of the types or of one below it."""
        if types not in self.by_type:
            self.by_type[types] = [name for name, own in self.lifted.objects.items() if self.is_a(own, types)]
        return self.by_type[types]

    def is_a(self, own: frozenset[str], types: frozenset[str]) -> bool:
        for kind in own:
            while kind not in types and kind != "object":
                kind = self.lifted.parents.get(kind, "object")
            if kind not in types:
                return False
        return True

    def bindings(self, action: Action) -> Iterator[dict[str, str]]:
        """The objects for the parameters with which every unchanging part of the condition holds."""
        checks = self.checks(action)
        binding: dict[str, str] = {}

        def bind(index: int) -> Iterator[dict[str, str]]:
            self.spend()
            if any(self.ground(part, binding) is None for part in checks[index]):
                return
            if index == len(action.parameters):
                yield binding
                return
            variable, types = action.parameters[index]
            for name in self.objects(types):
                binding[variable] = name
                yield from bind(index + 1)
            binding.pop(variable, None)

        return bind(0)

    def checks(self, action: Action) -> list[list[Condition]]:
        """For each number of bound parameters the unchanging literals of the condition that they decide."""
        place = {variable: index for index, (variable, _) in enumerate(action.parameters, 1)}
        found: list[list[Condition]] = [[] for _ in range(len(place) + 1)]
        for part in _conjuncts(action.condition):
            if part[0] == "=" or (part[0] == "atom" and part[2] not in self.changed):
                terms = part[2:] if part[0] == "=" else part[3]
                found[max((place.get(term, 0) for term in terms), default=0)].append(part)
        return found

    def operator(self, action: Action, binding: dict[str, str]) -> Operator | None:
        condition = self.ground(action.condition, binding)
        if condition is None:
            return None
        add = delete = 0
        conditional: list[tuple[Ground, int, int]] = []
        for effect in action.effects:
            for scope in self.scopes(effect.variables, binding):
                when = self.ground(effect.condition, scope)
                bit = self.bit((effect.predicate, *(scope.get(term, term) for term in effect.arguments)))
                if when == ALWAYS:
                    add, delete = (add | bit, delete) if effect.holds else (add, delete | bit)
                elif when is not None:
                    conditional.append((when, bit, 0) if effect.holds else (when, 0, bit))
        if weight(condition) + sum(1 + weight(when) for when, _, _ in conditional) > MAX_WEIGHT:
            raise ValueError(f"an action {action.name} has more than {MAX_WEIGHT} conditional effects and alternatives")
        name = " ".join([action.name, *(binding[variable] for variable, _ in action.parameters)])
        return Operator(f"({name})", condition, add, delete, tuple(conditional), tuple(self.steps(action, binding)))

    def steps(self, action: Action, binding: dict[str, str]) -> Iterator[Step]:
        """The changes of numbers that something depends on."""
        for change in action.changes:
            if change.function not in self.moving:
                continue
            for scope in self.scopes(change.variables, binding):
                when = self.ground(change.condition, scope)
                if when is not None:
                    number = (change.function, *(scope.get(term, term) for term in change.arguments))
                    yield when, self.place(number), change.kind, self.arithmetic(change.amount, scope)

    def scopes(self, variables: tuple[Typed, ...], binding: dict[str, str]) -> Iterator[dict[str, str]]:
        names = [name for name, _ in variables]
        for values in product(*(self.objects(types) for _, types in variables)):
            self.spend()
            yield {**binding, **dict(zip(names, values, strict=True))} if names else binding

    def ground(self, condition: Condition, binding: dict[str, str]) -> Ground | None:
        """A condition with objects for variables; None if it can never hold."""
        self.spend()
        kind = condition[0]
        if kind == "atom":
            _, wanted, predicate, arguments = condition
            fact = (predicate, *[binding.get(term, term) for term in arguments])
            if predicate not in self.changed:
                return ALWAYS if (fact in self.static) == wanted else None
            return (self.bit(fact), 0, ()) if wanted else (0, self.bit(fact), ())
        if kind == "=":
            _, wanted, left, right = condition
            return ALWAYS if (binding.get(left, left) == binding.get(right, right)) == wanted else None
        if kind == "compare":
            return self.comparison(condition, binding)
        if kind in ("and", "or"):
            parts = (self.ground(part, binding) for part in condition[1])
        else:
            parts = (self.ground(condition[2], scope) for scope in self.scopes(condition[1], binding))
        return _all(parts) if kind in ("and", "forall") else _any(parts)

    def comparison(self, condition: Condition, binding: dict[str, str]) -> Ground | None:
        """A comparison decided, where nothing in it changes, else its bit."""
        sign = condition[1]
        left, right = (self.arithmetic(side, binding) for side in condition[2:])
        if not places(left) | places(right):
            return ALWAYS if compares(sign, left, right, ()) else None
        known = len(self.bits)
        bit = self.bit((sign, left, right))
        if len(self.bits) > known:
            self.tests.append((bit, sign, left, right))
        return bit, 0, ()

    def arithmetic(self, item: Formula, binding: dict[str, str]) -> Arithmetic:
        """An expression with objects for variables; what does not change is computed."""
        self.spend()
        if not isinstance(item, tuple):
            return item
        if item[0] == "call":
            number = (item[1], *[binding.get(term, term) for term in item[2]])
            value = self.lifted.values.get(number)
            if number[0] in self.moving or value is None:
                return "number", self.place(number), f"({' '.join(number)})"
            return value
        parts = tuple(self.arithmetic(part, binding) for part in item[1])
        if any(isinstance(part, tuple) for part in parts):
            return item[0], parts
        try:
            return applied(item[0], parts)  # type: ignore[arg-type]
        except Undefined:
            return item[0], parts

    def place(self, number: tuple[str, ...]) -> int:
        """Where a number stands in a state."""
        if number not in self.places and len(self.places) >= MAX_NUMBERS:
            raise ValueError(f"more than {MAX_NUMBERS} numbers change")
        return self.places.setdefault(number, len(self.places))


def read_functions(lifted: Lifted) -> set[str]:
    """The functions that a condition depends on, be it through the amounts of changes; costs usually are none."""
    conditions = [lifted.goal]
    for action in lifted.actions:
        conditions += [action.condition, *(effect.condition for effect in action.effects)]
        conditions += [change.condition for change in action.changes]
    amounts: dict[str, list[Formula]] = {}
    for action in lifted.actions:
        for change in action.changes:
            amounts.setdefault(change.function, []).append(change.amount)
    waiting = [name for condition in conditions for name in _functions(condition)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for amount in amounts.get(name, ()) for other in _functions(amount)]
    return found


def _functions(item: Any) -> Iterator[str]:
    """The functions called anywhere in a condition or expression."""
    if isinstance(item, tuple) and item:
        if item[0] == "call":
            yield item[1]
        elif item[0] not in ("atom", "="):
            for part in item:
                yield from _functions(part)


def _fact_text(key: tuple[Any, ...]) -> str:
    """A fact, or a comparison, as PDDL."""
    if all(isinstance(part, str) for part in key):
        return f"({' '.join(key)})"
    sign, *sides = key
    text = " ".join(map(arithmetic_text, sides))
    return f"(not (= {text}))" if sign == "!=" else f"({sign} {text})"


def _conjuncts(condition: Condition) -> Iterator[Condition]:
    if condition[0] == "and":
        for part in condition[1]:
            yield from _conjuncts(part)
    else:
        yield condition


def _all(parts: Iterator[Ground | None]) -> Ground | None:
    yes = no = 0
    clauses: list[tuple[Ground, ...]] = []
    for part in parts:
        if part is None:
            return None
        yes, no = yes | part[0], no | part[1]
        clauses += part[2]
    return None if yes & no else (yes, no, tuple(clauses))


def _any(parts: Iterator[Ground | None]) -> Ground | None:
    found: list[Ground] = []
    for part in parts:
        if part == ALWAYS:
            return ALWAYS
        if part is not None:
            found.append(part)
    if len(found) < 2:
        return found[0] if found else None
    return 0, 0, (tuple(found),)
