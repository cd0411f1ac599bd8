"""Simplification of Boolean formulas.

An observation is `a & b | a & ~b`, `at most 1 signs and letters`; a right action is `a`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.verdict import Verdict, accept, reject
from esreason.envs.derivation import DerivationEnv, exact_fields, text_field, whole_field
from esreason.envs.symbolic import formulas as f
from esreason.envs.symbolic.formulas import Formula, FormulaError, letters, nodes, parse_formula, table, written

# letters, size of the formula (fewest, most)
LEVELS = {
    1: (2, 8, 12), 2: (3, 10, 14), 3: (3, 12, 16), 4: (3, 15, 20), 5: (4, 18, 22), 6: (4, 20, 24), 7: (4, 22, 26),
    8: (4, 26, 32), 9: (4, 32, 40), 10: (4, 40, 50),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """The formula, its letters, its truth table, and how long an answer may be."""

    tree: Formula
    names: str
    truth: int
    max_nodes: int


class BooleanSimplify(DerivationEnv[Question]):
    """Shorten a formula of 2 letters (level 1) up to 4 letters and 50 signs (level 10) to a stated length.

    The stated length is that of the better of the shortest disjunctive and the shortest conjunctive form, which is
    at most three quarters of what is given; equivalence is decided by truth tables.
    """

    name = "boolean_simplify"
    rules = (
        "Find an equivalent formula with at most so many letters and signs (~ & | -> count, parentheses do not). "
        "~ is not, & is and, | is or, -> is implies; they bind in this order."
    )
    action_rule = "Write an equivalent formula that is not longer than the one that stands there."
    answer_rule = "Answer with the short formula, for example a & (b | ~c)."
    action_chars = 200
    answer_chars = 200

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, low, high = LEVELS[level]
        names = "abcd"[:count]
        while True:
            tree = _random(rng, names, rng.randint(low, high))
            best = _shortest(table(tree, names), names) if letters(tree) == set(names) else None
            if best and nodes(best) <= 3 * nodes(tree) // 4:
                return {"formula": written(tree), "max_nodes": nodes(best)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "formula", "max_nodes")
        tree = parse_formula(text_field(payload, "formula"))
        limit = whole_field(payload, "max_nodes", 1, 200)
        names = "".join(sorted(letters(tree)))
        if len(names) > 4:
            raise ValueError("a formula has at most four letters")
        truth = table(tree, names)
        best = _shortest(truth, names)
        if best is None or nodes(best) > limit or limit >= nodes(tree):
            raise ValueError("max_nodes is below the size of the formula and within reach, which is no constant")
        return Question(tree, names, truth, limit)

    @classmethod
    def _first(cls, instance: Question) -> str:
        return written(instance.tree)

    @classmethod
    def _observe(cls, instance: Question, state: str) -> str:
        return f"{state}\nat most {instance.max_nodes} letters and signs"

    @classmethod
    def _next(cls, instance: Question, line: str, action: str) -> str:
        tree = parse_formula(action)
        if not _equivalent(tree, instance):
            raise ValueError("The formula is not equivalent.")
        if nodes(tree) > nodes(parse_formula(line)):
            raise ValueError("The formula is longer.")
        return written(tree)

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        try:
            tree = parse_formula(answer)
        except FormulaError as error:
            return reject(str(error))
        if not _equivalent(tree, instance):
            return reject("The formula is not equivalent.", written(tree))
        if nodes(tree) > instance.max_nodes:
            return reject(f"The formula has {nodes(tree)} letters and signs.", written(tree))
        return accept(written(tree))

    @classmethod
    def _lines(cls, instance: Question) -> list[str]:
        final = _shortest(instance.truth, instance.names)
        lines, tree = [], instance.tree
        while True:
            tree, changed = _step(tree)
            if not changed or nodes(tree) <= instance.max_nodes:
                break
            lines.append(written(tree))
        return [*dict.fromkeys(lines), written(final or instance.tree)]


def _shortest(truth: int, names: str) -> Formula | None:
    forms = [form for form in (f.shortest_sum(truth, names, negated) for negated in (False, True)) if form]
    return min(forms, key=nodes) if forms else None


def _equivalent(tree: Formula, instance: Question) -> bool:
    return letters(tree) <= set(instance.names) and table(tree, instance.names) == instance.truth


def _step(tree: Formula) -> tuple[Formula, bool]:
    """The formula with one innermost part replaced by a shorter equivalent one."""
    for place in range(1, len(tree)):
        part, changed = _step(tree[place])
        if changed:
            made: Any = (*tree[:place], part, *tree[place + 1 :])
            return made, True
    names = "".join(sorted(letters(tree)))
    best = _shortest(table(tree, names), names) if len(tree) > 1 else None
    return (best, True) if best and nodes(best) < nodes(tree) else (tree, False)


def _random(rng: random.Random, names: str, size: int) -> Formula:
    if size <= 2:
        letter: Formula = (rng.choice(names),)
        return letter if size < 2 else ("~", letter)
    if rng.random() < 0.12:
        return ("~", _random(rng, names, size - 1))
    left = rng.randint(1, size - 2)
    return (rng.choice(["&", "|", "&", "|", "->"]), _random(rng, names, left), _random(rng, names, size - 1 - left))
