"""Natural deduction in propositional logic, a rule a line.

An observation is `1. a -> b`, `2. a & c`, `prove b`; right actions are `left 2`, then `mp 1 3`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PHRASES, PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.derivation import exact_fields
from esreason.envs.symbolic.formulas import Formula, FormulaError, nodes, parse_formula, parts, written

# letters, forward steps of the generator, steps of the proof (fewest, most), a goal that needs an assumption
LEVELS = {
    1: (8, 2, 2, False), 2: (8, 2, 3, False), 3: (8, 3, 4, False), 4: (8, 2, 4, True), 5: (8, 4, 5, False),
    6: (6, 4, 6, True), 7: (7, 5, 7, False), 8: (7, 6, 8, True), 9: (8, 7, 9, False), 10: (8, 8, 12, True),
}  # fmt: skip

MAX_LINES = 60
_NUMBERED = re.compile(r"(mp|mt|hs|ds|and|left|right|dn|imp) ([0-9]{1,2})(?: ([0-9]{1,2}))?")
_WITH_FORMULA = re.compile(r"(?:(assume) (.+)|or ([0-9]{1,2}) (.+))")

Entry = tuple[str, tuple[int, ...]]
"""A formula and the lines of the assumptions under which it stands."""
State = tuple[tuple[Entry, ...], tuple[int, ...]]
"""The lines, and the assumptions that are open now."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Premises and goal."""

    premises: tuple[Formula, ...]
    goal: Formula


class PropositionalProof(PlanEnv[Claim, State]):
    """Prove a goal in 2 lines (level 1) up to 8-12 lines (level 10); from level 4 on some goals need an assumption.

    Every premise is needed by the proof that the solver finds, which need not be the shortest.
    """

    name = "propositional_proof"
    rules = (
        "Prove the goal from the numbered lines by natural deduction. ~ is not, & is and, | is or, -> is implies. "
        "Rules: mp i j (from A -> B and A: B), mt i j (from A -> B and ~B: ~A), hs i j (from A -> B and B -> C: "
        "A -> C), ds i j (from A | B and ~A: B, or from A | B and ~B: A), and i j (A & B), left i and right i (a side "
        "of A & B), or i F (from A: A | F), dn i (from ~~A: A), assume F (opens an assumption), imp i (from line i, "
        "under the last open assumption A: A -> line i, which closes it). The goal counts when no assumption is open."
    )
    action_rule = "Write one rule with the numbers of the lines it uses, for example mp 1 3."
    answer_rule = "Answer with the rules of a whole proof in order, separated by commas, for example left 2, mp 1 3."
    separator = PHRASES
    # benchmarks/spaces.py: how often draws agree, from seeds that no test draws.
    task_space = {1: 29_600, 2: 34_000, 4: 8_550, 6: 7_350}
    action_chars = 120
    answer_chars = 600

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, fewest, most, assumption = LEVELS[level]
        while True:
            premises, goal = _random_claim(rng, "abcdefgh"[:count], most)
            if assumption and len(premises) > 1:
                *premises, first = premises
                goal = ("->", first, goal)
            if goal in premises or nodes(goal) > 9:
                continue
            claim = Claim(tuple(premises), goal)
            proof = _proof(claim)
            if not proof or not fewest <= len(proof) <= most:
                continue
            used = {int(n) for step in proof for n in re.findall(r"\b[0-9]+\b", step)}
            if set(range(1, len(premises) + 1)) <= used:
                return {"premises": [written(x) for x in premises], "goal": written(goal)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Claim:
        exact_fields(payload, "premises", "goal")
        texts, goal = payload["premises"], payload["goal"]
        if not isinstance(texts, list | tuple) or not 1 <= len(texts) <= 12 or not isinstance(goal, str):
            raise ValueError("there are one to twelve premises and a goal")
        if not all(isinstance(text, str) and len(text) <= 100 for text in (*texts, goal)):
            raise ValueError("a formula is a text of at most 100 characters")
        claim = Claim(tuple(map(parse_formula, texts)), parse_formula(goal))
        if claim.goal in claim.premises or not _proof(claim):
            raise ValueError("the goal is a premise, or the solver finds no proof of it")
        return claim

    @classmethod
    def _start(cls, instance: Claim) -> State:
        return tuple((written(premise), ()) for premise in instance.premises), ()

    @classmethod
    def _observe(cls, instance: Claim, state: State) -> str:
        lines = [f"{'| ' * len(path)}{k}. {text}" for k, (text, path) in enumerate(state[0], 1)]
        open_now = f", open: {' '.join(map(str, state[1]))}" if state[1] else ""
        return "\n".join([*lines, f"prove {written(instance.goal)}{open_now}"])

    @classmethod
    def _apply(cls, instance: Claim, state: State, action: str) -> State:
        lines, path = state
        if len(lines) >= MAX_LINES:
            raise IllegalAction(f"A proof has at most {MAX_LINES} lines.")
        try:
            formula, path = _line(state, action)
        except FormulaError as error:
            raise IllegalAction(str(error)) from None
        text = written(formula)
        if len(text) > 200:
            raise IllegalAction("The formula is too long.")
        return (*lines, (text, path)), path

    @classmethod
    def _goal(cls, instance: Claim, state: State) -> bool:
        return not state[1] and state[0][-1][0] == written(instance.goal)

    @classmethod
    def _solve(cls, instance: Claim) -> Solution:
        proof = _proof(instance)
        if not proof:
            raise ValueError("the solver finds no proof")
        return cls._solution(proof, optimal=False)

    @classmethod
    def _limit(cls, instance: Claim) -> int:
        return 32


def _line(state: State, action: str) -> tuple[Formula, tuple[int, ...]]:
    """The formula that a rule yields, and the assumptions open after it; FormulaError where it does not apply."""
    lines, path = state
    match = _NUMBERED.fullmatch(action)
    if not match:
        other = _WITH_FORMULA.fullmatch(action)
        if not other:
            raise FormulaError(f"{shown(action)} is no rule with its lines.")
        if other[1]:
            return parse_formula(other[2]), (*path, len(lines) + 1)
        return ("|", _at(state, other[3]), parse_formula(other[4])), path
    rule, first, second = match.groups()
    if (second is None) != (rule in ("left", "right", "dn", "imp")):
        raise FormulaError(f"{rule} takes {'one line' if second else 'two lines'}.")
    a = _at(state, first)
    if rule == "imp":
        if not path:
            raise FormulaError("No assumption is open.")
        return ("->", parse_formula(lines[path[-1] - 1][0]), a), path[:-1]
    result = _consequence(rule, a, _at(state, second) if second else None)
    if result is None:
        raise FormulaError(f"{rule} does not apply to these lines.")
    return result, path


def _at(state: State, number: str) -> Formula:
    place = int(number)
    if not 1 <= place <= len(state[0]):
        raise FormulaError(f"There is no line {place}.")
    text, path = state[0][place - 1]
    if state[1][: len(path)] != path:
        raise FormulaError(f"Line {place} stands under an assumption that is closed.")
    return parse_formula(text)


def _consequence(rule: str, a: Any, b: Any) -> Formula | None:
    """What a rule yields from one or two formulas; None where it does not apply."""
    if rule == "and":
        return ("&", a, b)
    if rule in ("left", "right"):
        return None if a[0] != "&" else a[1] if rule == "left" else a[2]
    if rule == "dn":
        return a[1][1] if a[0] == "~" and a[1][0] == "~" else None
    if rule == "ds":
        if a[0] != "|":
            return None
        return a[2] if b == ("~", a[1]) else a[1] if b == ("~", a[2]) else None
    if a[0] != "->":
        return None
    if rule == "mp":
        return a[2] if b == a[1] else None
    if rule == "mt":
        return ("~", a[1]) if b == ("~", a[2]) else None
    return ("->", a[1], b[2]) if b[0] == "->" and b[1] == a[2] else None


def _proof(claim: Claim) -> list[str] | None:
    """A proof by saturation, under the assumption of the left side where the goal is an implication."""
    found = _saturated(claim.premises, claim.goal, None)
    if found is None and claim.goal[0] == "->":
        found = _saturated(claim.premises, claim.goal[2], claim.goal[1])
    return found


def _saturated(premises: tuple[Formula, ...], goal: Formula, assumed: Formula | None) -> list[str] | None:
    """The lines that lead to the goal, found breadth first among formulas that occur in the claim."""
    given = [*premises, *([assumed] if assumed else [])]
    wanted: Any = set().union(*map(parts, [*given, goal]))
    wanted = dict.fromkeys(sorted(wanted | {("~", x) for x in wanted}, key=str))
    reasons: dict[Formula, tuple[str, tuple[Formula, ...]]] = dict.fromkeys(given, ("", ()))
    grown = True
    while grown and goal not in reasons and len(reasons) < 120:
        grown = False
        for rule, sources, made in list(_consequences(list(reasons), wanted)):
            if made not in reasons:
                reasons[made], grown = (rule, sources), True
    if goal not in reasons:
        return None
    needed: dict[Formula, None] = {}

    def need(x: Formula) -> None:
        if x not in needed:
            for source in reasons[x][1]:
                need(source)
            needed[x] = None

    need(goal)
    numbers = {x: k for k, x in reversed(list(enumerate(given, 1)))}
    steps = [f"assume {written(assumed)}"] if assumed else []
    for x in needed:
        rule, sources = reasons[x]
        if rule:
            tail = f" {written(x[2])}" if rule == "or" else ""
            steps.append(f"{rule} {' '.join(str(numbers[s]) for s in sources)}{tail}")
            numbers[x] = len(given) + len(steps) - bool(assumed)
    return [*steps, f"imp {numbers[goal]}"] if assumed else steps


_WITH_ANOTHER = {"->": ("mp", "mt", "hs"), "|": ("ds",)}
"""The rules that yield something from a formula of this kind and another one."""


def _consequences(
    known: list[Formula], wanted: Mapping[Formula, None]
) -> Iterator[tuple[str, tuple[Formula, ...], Formula]]:
    for a in known:
        for rule in ("left", "right", "dn"):
            made = _consequence(rule, a, None)
            if made:
                yield rule, (a,), made
        rules = _WITH_ANOTHER.get(a[0])
        for b in known if rules else ():
            for rule in rules or ():
                made = _consequence(rule, a, b)
                if made and (rule != "hs" or made in wanted):
                    yield rule, (a, b), made
    have = set(known)
    for x in wanted:
        if x[0] == "&" and x[1] in have and x[2] in have:
            yield "and", (x[1], x[2]), x
        if x[0] == "|" and x[1] in have:
            yield "or", (x[1],), x


def _random_claim(rng: random.Random, names: str, steps: int) -> tuple[list[Formula], Formula]:
    """Premises that lead to a goal by a chain of rules run backwards from it."""

    def atom() -> Formula:
        letter: Formula = (rng.choice(names),)
        return ("~", letter) if rng.random() < 0.25 else letter

    goal = atom() if rng.random() < 0.7 else (rng.choice("&|"), atom(), atom())
    open_goals, premises = [goal], list[Formula]()
    for _ in range(rng.randint(max(1, steps - 2), steps)):
        x: Any = open_goals.pop(rng.randrange(len(open_goals)))
        kind, other = rng.randrange(6), atom()
        if x[0] == "&":
            open_goals += [x[1], x[2]]
        elif x[0] == "->":
            open_goals += [("->", x[1], other), ("->", other, x[2])]
        elif kind == 0:
            premises.append(("&", *rng.sample([x, other], 2)))
        elif kind == 1:
            premises.append(("|", x, other))
            open_goals.append(("~", other))
        elif kind == 2 and x[0] == "~":
            premises.append(("->", x[1], other))
            open_goals.append(("~", other))
        elif kind == 3:
            premises.append(("~", ("~", x)))
        else:
            premises.append(("->", other, x))
            open_goals.append(other)
        if not open_goals:
            break
    premises += open_goals
    premises = list(dict.fromkeys(premises))
    rng.shuffle(premises)
    return premises, goal
