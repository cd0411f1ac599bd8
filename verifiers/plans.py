"""Planning tasks read from PDDL and grounded: states are bit masks of facts, actions masks of conditions, effects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from esreason.verifiers.pddl import Action, Condition, Lifted, Typed, read

MAX_WORK = 300_000
"""Nodes of conditions and effects looked at while grounding."""
MAX_ACTIONS = 8_000
MAX_WEIGHT = 400
"""Conditional effects and alternatives of one action: 4,000 moves are judged in well under a second."""

Ground = tuple[int, int, tuple[tuple["Ground", ...], ...]]
"""A ground condition: facts that hold, facts that do not, and clauses, of each of which one part holds."""

ALWAYS: Ground = (0, 0, ())


@dataclass(frozen=True, slots=True)
class Operator:
    """A ground action: its condition, the facts it adds and deletes, and what it does beside under conditions."""

    name: str
    condition: Ground
    add: int
    delete: int
    conditional: tuple[tuple[Ground, int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Plannable:
    """A grounded task; `facts` names the bits, `text` is all that does not change, for a reader."""

    facts: tuple[str, ...]
    start: int
    goal: Ground
    operators: Mapping[str, Operator]
    schemas: frozenset[str]
    text: str


def holds(condition: Ground, state: int) -> bool:
    """Whether a ground condition holds in a state."""
    yes, no, clauses = condition
    if state & yes != yes or state & no:
        return False
    return not clauses or all(any(holds(part, state) for part in clause) for clause in clauses)


def successor(operator: Operator, state: int) -> int:
    """The state after an operator whose condition holds; what is both deleted and added holds afterwards."""
    add, delete = operator.add, operator.delete
    for condition, more, less in operator.conditional:
        if holds(condition, state):
            add |= more
            delete |= less
    return state & ~delete | add


def missing(task: Plannable, condition: Ground, state: int) -> str:
    """One sentence on why a condition does not hold."""
    lacking, forbidden = condition[0] & ~state, condition[1] & state
    if lacking:
        return f"{task.facts[(lacking & -lacking).bit_length() - 1]} does not hold."
    if forbidden:
        return f"{task.facts[(forbidden & -forbidden).bit_length() - 1]} holds."
    return "none of its alternative conditions holds."


def facts_of(task: Plannable, state: int) -> list[str]:
    """The facts of a state."""
    found = []
    while state:
        bit = state & -state
        found.append(task.facts[bit.bit_length() - 1])
        state ^= bit
    return found


@lru_cache(maxsize=64)
def plannable(domain: str, problem: str) -> Plannable:
    """The grounded task of a domain and a problem; ValueError if it cannot be read or is too large."""
    return _Grounder(read(domain, problem)).task()


class _Grounder:
    """Puts objects for variables; facts that no action changes are decided here and get no bit."""

    def __init__(self, lifted: Lifted) -> None:
        self.lifted = lifted
        self.work = MAX_WORK
        changed = {effect.predicate for action in lifted.actions for effect in action.effects}
        self.static = {fact for fact in lifted.init if fact[0] not in changed}
        self.changed = changed
        self.bits: dict[tuple[str, ...], int] = {}
        self.by_type: dict[frozenset[str], list[str]] = {}

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
                    if len(operators) > MAX_ACTIONS:
                        raise ValueError(f"the task has more than {MAX_ACTIONS:,} ground actions")
        facts = tuple(f"({' '.join(fact)})" for fact in self.bits)
        schemas = frozenset(action.name for action in lifted.actions)
        return Plannable(facts, start, goal, operators, schemas, self.text())

    def text(self) -> str:
        lifted = self.lifted
        of_type: dict[str, list[str]] = {}
        for name, types in lifted.objects.items():
            of_type.setdefault("/".join(sorted(types)), []).append(name)
        objects = ", ".join(f"{' '.join(names)} - {kind}" for kind, names in of_type.items())
        always = " ".join(f"({' '.join(fact)})" for fact in lifted.init if fact in self.static)
        lines = [f"goal {lifted.goal_text}", *([f"always {always}"] if always else []), f"objects {objects}"]
        if lifted.parents and set(lifted.parents.values()) != {"object"}:
            lines.append("types " + ", ".join(f"{name} - {above}" for name, above in lifted.parents.items()))
        return "\n".join([*lines, *(action.text for action in lifted.actions)])

    def spend(self) -> None:
        self.work -= 1
        if self.work < 0:
            raise ValueError("the task is too large to ground")

    def bit(self, fact: tuple[str, ...]) -> int:
        return 1 << self.bits.setdefault(fact, len(self.bits))

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
        return Operator(f"({name})", condition, add, delete, tuple(conditional))

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
        if kind in ("and", "or"):
            parts = (self.ground(part, binding) for part in condition[1])
        else:
            parts = (self.ground(condition[2], scope) for scope in self.scopes(condition[1], binding))
        return _all(parts) if kind in ("and", "forall") else _any(parts)


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


def weight(condition: Ground) -> int:
    """The number of alternatives in a condition."""
    return sum(1 + weight(part) for clause in condition[2] for part in clause)
