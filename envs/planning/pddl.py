"""Planning problems written in PDDL: eight bundled domains, or anybody's files.

An observation of the gripper domain begins with the facts, `(robot-in room2) (in a room1) ...`, then come the goal,
what never changes, the objects and the actions; a right action is `(move room2 room1)`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from esreason.core.errors import IllegalAction, UsageError
from esreason.core.plan import MAX_MOVES, PlanEnv
from esreason.core.task import Task
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept
from esreason.envs.planning.pddl_domains import DOMAINS
from esreason.envs.planning.pddl_engines import engine_plan
from esreason.envs.planning.pddl_problems import PROBLEMS, written
from esreason.envs.planning.pddl_solver import GaveUp, plan
from esreason.envs.search import NoPlan
from esreason.verifiers.pddl_grounding import plannable
from esreason.verifiers.pddl_numbers import Undefined
from esreason.verifiers.pddl_text import MAX_TEXT
from esreason.verifiers.plans import (
    Operator,
    Plannable,
    State,
    attempted,
    facts_of,
    holds,
    missing,
    price,
    successor,
)

MAX_FIXED, MAX_FACTS = 9_000, 6_000
"""Characters of an observation for what never changes and for the facts."""

DEFAULT_LIMIT = 200
"""Steps allowed when a payload does not say, as that of a file does where our own search finds a plan."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A grounded task, the steps allowed, and the texts of the domain and the problem."""

    task: Plannable
    limit: int
    texts: tuple[str, str]


class Pddl(PlanEnv[Planned, State]):
    """Plan in PDDL: blocksworld, gripper, logistics, ferry, visitall, hanoi, satellite or spanner.

    Levels go from 2 goals to 25. A payload {"domain": text, "problem": text} (and "limit": steps, if wanted) may be
    anybody's; on the command line, `--task domain.pddl problem.pddl`. Taken are typed ADL (negation, equality,
    disjunction, quantifiers, conditional effects, constants, `either`), numeric fluents in exact arithmetic, and action
    costs; durative actions, derived predicates, preferences, processes and the like are refused by name and line. Any
    plan that reaches the goal is right; a metric that adds up costs decides which are better.

    The solver's plan is a shortest one, or a cheapest where there are costs, if an exact search finishes within its
    bound, and says so. A problem that somebody else made may be beyond it: then other planners are asked, if there are
    any (`pddl_engines`), and `solve` raises NoPlan when there is still no plan.
    """

    name = "pddl"
    rules = (
        "Planning: reach the goal by actions that change facts. Shown are the facts that hold now, the goal, the facts "
        "that always hold, the objects with their types, and the actions in PDDL. A fact that is not shown does not "
        "hold."
    )
    action_rule = "Write one action with its objects, for example (move a b)."
    answer_rule = "Answer with all actions in order, for example (pick a) (move a b)."
    separator = re.compile(r"[,\n]+")
    action_chars = 64
    answer_chars = 4096
    _paid: tuple[list[str], int, int, State] | None = None
    """The actions of the episode, how many of them are counted, their total cost and the state after them."""

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        name = rng.choice(list(PROBLEMS))
        problem = PROBLEMS[name](rng, level)
        return {"domain": DOMAINS[name].strip() + "\n", "problem": written(name, problem), "limit": problem.limit}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Planned:
        domain, problem = payload.get("domain"), payload.get("problem")
        limit = payload.get("limit", DEFAULT_LIMIT)
        if set(payload) - {"limit"} != {"domain", "problem"} or not (
            isinstance(domain, str) and isinstance(problem, str)
        ):
            raise ValueError('a pddl payload is {"domain": text, "problem": text}, and "limit": steps if wanted')
        if type(limit) is not int or not 1 <= limit <= MAX_MOVES:
            raise ValueError(f"limit is a whole number from 1 to {MAX_MOVES}")
        task = plannable(domain, problem)
        if holds(task.goal, task.start[0]):
            raise ValueError("the goal holds already")
        if len(task.text) > MAX_FIXED or len(" ".join(facts_of(task, task.start))) > MAX_FACTS:
            costs = "; without its metric it is shorter, for then it shows no costs" * (task.scale > 0)
            raise ValueError(f"the task is too long to be shown{costs}")
        return Planned(task, limit, (domain, problem))

    @classmethod
    def _start(cls, instance: Planned) -> State:
        return instance.task.start

    @classmethod
    def _observe(cls, instance: Planned, state: State) -> str:
        facts = " ".join(facts_of(instance.task, state)) or "-"
        if len(facts) > MAX_FACTS:
            facts = facts[:MAX_FACTS].rpartition(" ")[0] + " ..."  # only where facts pile up far beyond the start
        return f"{facts}\n{instance.task.text}"

    @classmethod
    def _apply(cls, instance: Planned, state: State, action: str) -> State:
        task, bits = instance.task, state[0]
        operator = task.operators.get(action) or _named(task, action)
        if not holds(operator.condition, bits):
            raise IllegalAction(f"{operator.name} is not possible: {missing(task, operator.condition, bits)}")
        try:
            return successor(operator, state)
        except Undefined as error:
            raise IllegalAction(f"{operator.name} is not possible: {error}.") from None

    @classmethod
    def _goal(cls, instance: Planned, state: State) -> bool:
        return holds(instance.task.goal, state[0])

    @classmethod
    def _moves(cls, answer: str) -> list[str]:
        """The actions of a plan: in parentheses, or separated by commas or line ends; `;` begins a comment."""
        lines = [line.partition(";")[0] for line in answer.replace(")", "),").split("\n")]
        return [move for move in map(str.strip, cls.separator.split("\n".join(lines))) if move]

    @classmethod
    def _solve(cls, instance: Planned) -> Solution:
        found = _plan(*instance.texts, instance.limit)
        if isinstance(found, NoPlan):
            raise NoPlan(str(found))
        actions, optimal = found
        if len(actions) > instance.limit:
            steps = f"{len(actions)} actions, more than the {instance.limit} steps of an episode"
            raise NoPlan(f"the plan that was found has {steps}: --limit allows more")
        return Solution(" ".join(actions), list(actions), optimal, cls._cost(instance, actions))

    @classmethod
    def _verify(cls, instance: Planned, answer: str) -> Verdict:
        verdict = super()._verify(instance, answer)
        cost = cls._cost(instance, verdict.parsed) if verdict.passed else None
        if cost is None:
            return verdict
        return accept(verdict.parsed, f"{verdict.reason.removesuffix('.')} at a cost of {cost:.15g}.")

    @classmethod
    def _cost(cls, instance: Planned, actions: Sequence[str]) -> float | None:
        scale = instance.task.scale
        return cls._charged(instance, actions, 0, instance.task.start)[0] / scale if scale else None

    @classmethod
    def _charged(cls, instance: Planned, actions: Sequence[str], total: int, state: State) -> tuple[int, State]:
        """The total with what these actions cost, before it is scaled, and the state after those that are legal."""
        task = instance.task
        for action in actions:
            with suppress(IllegalAction):
                after = cls._apply(instance, state, action)
                total += price(task.operators.get(action) or _named(task, action), state[0])
                state = after
        return total, state

    def _info(self) -> dict[str, Any]:
        info, task = super()._info(), self._instance.task
        if task.scale:
            if self._paid is None or self._paid[0] is not self._actions:  # another episode, or one that was set
                self._paid = self._actions, 0, 0, task.start
            actions, count, total, state = self._paid
            total, state = self._charged(self._instance, actions[count:], total, state)
            self._paid = actions, len(actions), total, state
            info["cost"] = total / task.scale
        return info

    @classmethod
    def _legal(cls, instance: Planned, state: State) -> list[str]:
        return [
            name for name, operator in instance.task.operators.items()
            if holds(operator.condition, state[0]) and (not operator.steps or attempted(operator, state))
        ]  # fmt: skip

    @classmethod
    def _limit(cls, instance: Planned) -> int:
        return instance.limit


def _named(task: Plannable, action: str) -> Operator:
    """The ground action that a text names in its own way; IllegalAction if it names none."""
    words = action.lower().removeprefix("(").removesuffix(")").split()
    operator = task.operators.get(f"({' '.join(words)})")
    if operator is None:
        raise IllegalAction(_unknown(task, words, action))
    return operator


def _unknown(task: Plannable, words: list[str], action: str) -> str:
    """One sentence on what is wrong with words that name no ground action."""
    if not words or words[0] not in task.schemas:
        names = list(task.schemas)
        return f"{shown(action)} is none of the actions {', '.join(names[:12])}{' ...' * (len(names) > 12)}."
    taken = task.schemas[words[0]]
    if len(words) - 1 != taken:
        return f"{words[0]} takes {taken} object{'s' * (taken != 1)}, not {len(words) - 1}."
    return f"{shown(action)} is possible in no state: an object is unknown, or of another type, or does not fit."


@lru_cache(maxsize=64)
def _plan(domain: str, problem: str, steps: int) -> tuple[list[str], bool] | NoPlan:
    """The plan of a task, or why there is none; it is asked for several times in a row."""
    task = plannable(domain, problem)
    try:
        return plan(task, steps)
    except GaveUp:
        return _from_engines(task, domain, problem, steps)
    except NoPlan as none:
        return none


def _from_engines(task: Plannable, domain: str, problem: str, steps: int) -> tuple[list[str], bool] | NoPlan:
    """A plan of another planner, which counts only if it holds here: theirs read the text as they see fit."""
    try:
        actions, engine, optimal = engine_plan(domain, problem, steps, proving=not task.scale)
    except NoPlan as none:
        return none
    state: State | None = task.start
    for action in actions:
        operator = task.operators.get(action)
        state = attempted(operator, state) if operator and state else None
    if state is None or not holds(task.goal, state[0]):
        return NoPlan(f"{GaveUp()}, and that of {engine} does not hold")
    return actions, optimal


def task_from_files(domain_path: str | Path, problem_path: str | Path, limit: int | None = None) -> Task:
    """The task of a PDDL domain file and problem file; UsageError with one sentence if they cannot be read.

    Without a limit, an episode has twice the steps of the plan of our own search, and 8: the payload says how many, so
    that it is played alike wherever it goes.
    """
    payload: dict[str, Any] = {"domain": _text(domain_path), "problem": _text(problem_path)}
    try:
        if limit is None:
            Pddl.task_from_payload(payload)
            with suppress(NoPlan):
                limit = min(2 * len(plan(plannable(*payload.values()))[0]) + 8, MAX_MOVES)
        return Pddl.task_from_payload({**payload, "limit": DEFAULT_LIMIT if limit is None else limit})
    except ValueError as error:
        sentence = str(error)
        for kind, path in (("domain", domain_path), ("problem", problem_path)):
            if sentence.startswith((f"{kind} line ", f"{kind}: ")):
                raise UsageError(f"{path}{sentence.removeprefix(kind)}") from None
        raise UsageError(f"{domain_path}, {problem_path}: {sentence}") from None


def _text(path: str | Path) -> str:
    try:
        with Path(path).open("rb") as file:
            return file.read(4 * MAX_TEXT + 1).decode()  # so much is too long, however it is written
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise UsageError(f"cannot read {path}: {reason}") from None
