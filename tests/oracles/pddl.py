"""PDDL plans judged by unified-planning's reader and simulator."""

from __future__ import annotations

import heapq
import random
import re
import warnings
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any

from unified_planning.engines import UPSequentialSimulator
from unified_planning.engines.sequential_simulator import (
    evaluate_quality_metric,
    evaluate_quality_metric_in_initial_state,
)
from unified_planning.exceptions import UPInvalidActionError
from unified_planning.io import PDDLReader
from unified_planning.model.fluent import get_all_fluent_exp
from unified_planning.shortcuts import get_environment

from tests.oracles._graphs import Payload

LEVELS = (1, 4)


@cache
def _problem(domain: str, problem: str) -> Any:
    get_environment().credits_stream = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it calls pyparsing by old names
        return PDDLReader().parse_problem_string(domain, problem)


@cache
def _simulator(domain: str, problem: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it does not know whether it knows such metrics: it does
        return UPSequentialSimulator(_problem(domain, problem), error_on_failed_checks=False)


def _steps(answer: str) -> list[str]:
    without_comments = "\n".join(line.split(";")[0] for line in answer.split("\n"))
    parts = re.split(r"[,\n]", without_comments.replace(")", "),"))
    return [part.strip() for part in parts if part.strip()]


def _call(problem: Any, step: str) -> tuple[Any, list[Any]] | None:
    """The action and the objects that a step names."""
    text = step.lower()
    text = text[1:] if text.startswith("(") else text
    text = text[:-1] if text.endswith(")") else text
    words = text.split()
    if not words or not problem.has_action(words[0]) or not all(problem.has_object(word) for word in words[1:]):
        return None
    action, objects = problem.action(words[0]), [problem.object(word) for word in words[1:]]
    kinds = [parameter.type for parameter in action.parameters]
    fits = len(kinds) == len(objects) and all(k.is_compatible(o.type) for k, o in zip(kinds, objects, strict=True))
    return (action, objects) if fits else None


def judge(payload: Payload, answer: str) -> bool:
    texts = payload["domain"], payload["problem"]
    problem, simulator = _problem(*texts), _simulator(*texts)
    state = simulator.get_initial_state()
    for step in _steps(answer):
        call = _call(problem, step)
        try:
            state = simulator.apply(state, *call) if call is not None else None
        except UPInvalidActionError:  # its conditions can never hold for these objects
            return False
        if state is None:
            return False
    return bool(simulator.is_goal(state))


def mutations(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    plan = [step.split() for step in re.findall(r"\(([^()]*)\)", answer)]
    names = sorted({word for step in plan for word in step[1:]})
    while True:
        steps = [list(step) for step in plan]
        i, j = rng.randrange(len(steps)), rng.randrange(len(steps))
        kind = rng.randrange(7)
        if kind == 0 and len(steps[i]) > 1:  # another object
            steps[i][rng.randrange(1, len(steps[i]))] = rng.choice(names)
        elif kind == 1:
            steps[i], steps[j] = steps[j], steps[i]
        elif kind == 2:
            del steps[i]
        elif kind == 3:
            steps.insert(j, steps[i])
        elif kind == 4:  # its objects in another order
            steps[i][1:] = rng.sample(steps[i][1:], len(steps[i]) - 1)
        elif kind == 5:
            steps = steps[: rng.randrange(len(steps))]
        else:  # another action, one object less or more
            steps[i] = rng.choice(
                [[steps[j][0], *steps[i][1:]], steps[i][:-1] or ["x"], [*steps[i], rng.choice(names)]]
            )
        yield " ".join(f"({' '.join(step)})" for step in steps)


def rewrites(payload: Payload, answer: str, rng: random.Random) -> Iterator[str]:
    steps = re.findall(r"\(([^()]*)\)", answer)
    while True:
        bare = rng.random() < 0.3
        written = [step if bare else f"({step})" for step in steps]
        text = rng.choice([", ", "\n", ",\n"] if bare else [" ", "", ", ", "\n", " ; next\n"]).join(written)
        yield rng.choice([text, text.upper(), text.replace(" ", "  "), text + "\n; that is all"])


def legal(payload: Payload, plan: list[str]) -> tuple[set[str], set[str], bool]:
    """After these actions: the possible ones, the facts that hold, whether the goal does."""
    simulator, problem = (
        _simulator(payload["domain"], payload["problem"]),
        _problem(payload["domain"], payload["problem"]),
    )
    state = simulator.get_initial_state()
    for step in plan:
        state = simulator.apply(state, *_call(problem, step))
    possible = {f"({' '.join([a.name, *map(str, objects)])})" for a, objects in simulator.get_applicable_actions(state)}
    held = {str(fact) for fact in _facts(problem) if state.get_value(fact).is_true()}
    return possible, held, bool(simulator.is_goal(state))


def _facts(problem: Any) -> Iterator[Any]:
    for fluent in problem.fluents:
        yield from get_all_fluent_exp(problem, fluent)


def shortest(payload: Payload) -> int:
    """The length of a shortest plan by breadth-first search over unified-planning's simulator; slow."""
    simulator, problem = (
        _simulator(payload["domain"], payload["problem"]),
        _problem(payload["domain"], payload["problem"]),
    )
    facts = list(_facts(problem))
    start = simulator.get_initial_state()
    layer, length, seen = [start], 0, set()
    while True:
        length += 1
        grown = []
        for state in layer:
            for action, objects in simulator.get_applicable_actions(state):
                other = simulator.apply(state, action, objects)
                if simulator.is_goal(other):
                    return length
                key = tuple(other.get_value(fact).constant_value() for fact in facts)
                if key not in seen:
                    seen.add(key)
                    grown.append(other)
        layer = grown


def cheapest(payload: Payload) -> Fraction:
    """The least that a plan adds to the metric, by Dijkstra's search over unified-planning; slow.

    No condition may look at a number.
    """
    simulator, problem = (
        _simulator(payload["domain"], payload["problem"]),
        _problem(payload["domain"], payload["problem"]),
    )
    facts = [fact for fact in _facts(problem) if fact.fluent().type.is_bool_type()]
    metric = problem.quality_metrics[0]
    start, serial, done = simulator.get_initial_state(), 0, set()
    first = evaluate_quality_metric_in_initial_state(simulator, metric)
    queue = [(Fraction(first), serial, start)]
    while queue:
        cost, _, state = heapq.heappop(queue)
        key = tuple(state.get_value(fact).constant_value() for fact in facts)
        if key in done:
            continue
        done.add(key)
        if simulator.is_goal(state):
            return cost - Fraction(first)
        for action, objects in simulator.get_applicable_actions(state):
            other = simulator.apply(state, action, objects)
            serial += 1
            more = evaluate_quality_metric(simulator, metric, cost, state, action, objects, other)
            heapq.heappush(queue, (Fraction(more), serial, other))
    raise ValueError("no plan")


class Played:
    """An episode in unified-planning's simulator, action by action."""

    def __init__(self, domain: str, problem: str) -> None:
        self._problem, self._simulator = _problem(domain, problem), _simulator(domain, problem)
        self._state = self._simulator.get_initial_state()
        self._facts = list(_facts(self._problem))

    def legal(self) -> set[str]:
        """The possible actions."""
        actions = self._simulator.get_applicable_actions(self._state)
        return {f"({' '.join([a.name, *map(str, objects)])})" for a, objects in actions}

    def values(self) -> dict[str, bool | Fraction]:
        """Every fact and number, by its name in PDDL."""
        found: dict[str, bool | Fraction] = {}
        for fact in self._facts:
            name = f"({' '.join([fact.fluent().name, *map(str, fact.args)])})"
            value = self._state.get_value(fact).constant_value()
            found[name] = value if isinstance(value, bool) else Fraction(value)
        return found

    def won(self) -> bool:
        """Whether the goal holds."""
        return bool(self._simulator.is_goal(self._state))

    def play(self, step: str) -> None:
        """An action that is possible."""
        self._state = self._simulator.apply(self._state, *_call(self._problem, step))
        assert self._state is not None
