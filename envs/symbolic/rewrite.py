"""Rewriting one expression into another by named rules, one a step.

An observation is `a*(b+c)`, `goal c*a+b*a`; right actions are `expand 0`, `swap 0`, `swap 1`, `swap 4`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from esreason.core.errors import IllegalAction
from esreason.core.plan import PHRASES, PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.envs.derivation import exact_fields

# letters, nodes of the start (fewest, most), rules away
LEVELS = {
    1: (8, 7, 7, 2), 2: (6, 9, 9, 3), 3: (6, 9, 11, 4), 4: (6, 11, 11, 4), 5: (6, 9, 11, 5), 6: (6, 11, 11, 5),
    7: (6, 11, 13, 5), 8: (6, 11, 11, 6), 9: (6, 11, 13, 6), 10: (6, 13, 13, 6),
}  # fmt: skip

Tree: TypeAlias = str
"""A letter, or a sign and its two parts: `+*abc` is a*b+c. Texts are compared and cut faster than nested tuples."""
Move: TypeAlias = tuple[str, int, Tree]
"""A rule, the place of its sign, and what it makes."""
Origin: TypeAlias = tuple[Tree, str, int]
"""The tree that a tree was made of, and by which rule at which place."""

RULES = ("swap", "left", "right", "expand", "collect", "factor")
MAX_NODES = 31
_ACTION = re.compile(r"([a-z]+) ([0-9]{1,2})")


@dataclass(frozen=True, slots=True)
class Question:
    """Start and goal, which are equal for all values of the letters."""

    start: Tree
    goal: Tree
    solution: tuple[str, ...]


class Rewrite(PlanEnv[Question, Tree]):
    """Reach an equal expression that is 2 rules away (level 1) up to 6 (level 10), in sums and products of 4-7 letters.

    The rules are the commutative, associative and distributive laws, each also backwards, so every step can be
    undone. The number of rules is the distance, found by searching from both ends.
    """

    name = "rewrite"
    rules = (
        "Rewrite the expression into the goal, exactly as it is written there, by rules at places. The places of signs "
        "are counted from 0 in the order in which the signs are written. Rules: swap (x+y to y+x, x*y to y*x), left "
        "(x+(y+z) to (x+y)+z, also with *), right ((x+y)+z to x+(y+z), also with *), expand (x*(y+z) to x*y+x*z), "
        "factor ((x+y)*z to x*z+y*z), collect (the reverse of expand, or of factor)."
    )
    action_rule = "Write a rule and the place of the sign on top of the part it changes, for example swap 0."
    answer_rule = "Answer with the rules in order, separated by commas, for example expand 1, swap 0."
    separator = PHRASES
    action_chars = 12
    answer_chars = 200

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, low, high, steps = LEVELS[level]
        while True:
            start = _random(rng, "abcdefgh"[:count], rng.randint(low // 2, high // 2) + 1)
            goal = start
            for _ in range(steps):
                options = [tree for _, _, tree in moves(goal) if len(tree) <= high + 6]
                if not options:
                    break
                goal = rng.choice(options)
            path = shortest(start, goal, steps)
            if path and len(path) == steps:
                return {"start": as_text(start), "goal": as_text(goal)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        exact_fields(payload, "start", "goal")
        start, goal = (_read(payload[key]) for key in ("start", "goal"))
        if start == goal:
            raise ValueError("start and goal differ")
        path = shortest(start, goal, 6)
        if path is None:
            raise ValueError("the goal is at most 6 rules away from the start")
        return Question(start, goal, tuple(path))

    @classmethod
    def _start(cls, instance: Question) -> Tree:
        return instance.start

    @classmethod
    def _observe(cls, instance: Question, state: Tree) -> str:
        return f"{as_text(state)}\ngoal {as_text(instance.goal)}"

    @classmethod
    def _apply(cls, instance: Question, state: Tree, action: str) -> Tree:
        match = _ACTION.fullmatch(action)
        if not match or match[1] not in RULES:
            raise IllegalAction(f"{shown(action)} is not a rule and a place such as swap 0.")
        for rule, place, tree in moves(state):
            if action == f"{rule} {place}":
                return tree
        raise IllegalAction(f"{match[1]} does not apply at {match[2]}.")

    @classmethod
    def _goal(cls, instance: Question, state: Tree) -> bool:
        return state == instance.goal

    @classmethod
    def _legal(cls, instance: Question, state: Tree) -> list[str]:
        return [f"{rule} {place}" for rule, place, _ in moves(state)]

    @classmethod
    def _solve(cls, instance: Question) -> Solution:
        return cls._solution(list(instance.solution))

    @classmethod
    def _limit(cls, instance: Question) -> int:
        return 2 * len(instance.solution) + 2


def as_text(tree: Tree) -> str:
    """The tree with parentheses around every part that is no letter and no product in a sum."""
    text, rest = _written(tree)
    assert not rest
    return text


def _written(tree: Tree) -> tuple[str, Tree]:
    """The text of the part in front, and what follows it."""
    if tree[0] not in "+*":
        return tree[0], tree[1:]
    sign, rest, parts = tree[0], tree[1:], list[str]()
    for _ in range(2):
        bare = rest[0] not in "+*" or (sign == "+" and rest[0] == "*")
        part, rest = _written(rest)
        parts.append(part if bare else f"({part})")
    return sign.join(parts), rest


def moves(tree: Tree) -> list[Move]:
    """Every rule that applies, with the place of its sign as signs are written, and what it makes."""
    order, middles, ends = _signs(tree)
    found = list[Move]()
    for place, at in enumerate(order):
        middle, end = middles[at], ends[at]
        head, sign, a, b, tail = tree[:at], tree[at], tree[at + 1 : middle], tree[middle:end], tree[end:]
        # where the second parts of a and b begin, if they are no letters
        cut, split = (middles[at + 1] - at - 1, middles[middle] - middle) if end - at > 3 else (0, 0)
        if a != b:
            found.append(("swap", place, f"{head}{sign}{b}{a}{tail}"))
        if b[0] == sign:
            found.append(("left", place, f"{head}{sign}{sign}{a}{b[1:]}{tail}"))
        if a[0] == sign:
            found.append(("right", place, f"{head}{sign}{a[1:cut]}{sign}{a[cut:]}{b}{tail}"))
        if sign == "*":
            if b[0] == "+":
                found.append(("expand", place, f"{head}+*{a}{b[1:split]}*{a}{b[split:]}{tail}"))
            if a[0] == "+":
                found.append(("factor", place, f"{head}+*{a[1:cut]}{b}*{a[cut:]}{b}{tail}"))
        elif a[0] == b[0] == "*":
            if a[:cut] == b[:split]:
                found.append(("collect", place, f"{head}{a[:cut]}+{a[cut:]}{b[split:]}{tail}"))
            elif a[cut:] == b[split:]:
                found.append(("collect", place, f"{head}*+{a[1:cut]}{b[1:split]}{a[cut:]}{tail}"))
    return found


def _signs(tree: Tree) -> tuple[list[int], list[int], list[int]]:
    """Where signs stand, in the order in which they are written; where the second part of each begins, and it ends."""
    order, middles, ends = list[int](), [0] * len(tree), [0] * len(tree)
    waiting = list[int]()  # signs whose first part is not over
    for at, character in enumerate(tree):
        if character == "+" or character == "*":
            waiting.append(at)
        elif waiting:  # a letter ends the first part of the last of them
            middles[waiting[-1]] = at + 1
            order.append(waiting.pop())
    for at in range(len(tree) - 1, -1, -1):
        ends[at] = ends[middles[at]] if middles[at] else at + 1
    return order, middles, ends


def shortest(start: Tree, goal: Tree, limit: int) -> list[str] | None:
    """The fewest rules from start to goal, searched from both ends; None beyond the limit."""
    ahead: dict[Tree, Origin | None] = {start: None}
    behind: dict[Tree, Tree | None] = {goal: None}
    front, back = [start], [goal]
    for _ in range(limit):
        if goal in ahead or start in behind:
            break
        if len(front) <= len(back):
            front = _grow(front, ahead)
            met = [tree for tree in front if tree in behind]
        else:
            back = _grow_back(back, behind)
            met = [tree for tree in back if tree in ahead]
        if met:
            return _path(met[0], ahead, behind)
        if len(ahead) + len(behind) > 20_000:
            return None
    return None


def _grow(front: list[Tree], seen: dict[Tree, Origin | None]) -> list[Tree]:
    grown = []
    for tree in front:
        for rule, place, made in moves(tree):
            if made not in seen and len(made) <= MAX_NODES:
                seen[made] = tree, rule, place
                grown.append(made)
    return grown


def _grow_back(back: list[Tree], seen: dict[Tree, Tree | None]) -> list[Tree]:
    """Trees from which a rule leads into the layer: every rule but factor is undone by a rule."""
    grown = []
    for tree in back:
        for rule, _, made in moves(tree):
            if made in seen or len(made) > MAX_NODES:
                continue
            if rule == "factor" and all(other != tree for _, _, other in moves(made)):
                continue  # (a+a)*b becomes a*b+a*b, from which collect makes a*(b+b)
            seen[made] = tree
            grown.append(made)
    return grown


def _path(middle: Tree, ahead: Mapping[Tree, Origin | None], behind: Mapping[Tree, Tree | None]) -> list[str]:
    actions: list[str] = []
    before = ahead[middle]
    while before:
        tree, rule, place = before
        actions.insert(0, f"{rule} {place}")
        before = ahead[tree]
    tree = middle
    while (after := behind[tree]) is not None:
        actions.append(next(f"{rule} {place}" for rule, place, made in moves(tree) if made == after))
        tree = after
    return actions


def _random(rng: random.Random, names: str, leaves: int) -> Tree:
    if leaves == 1:
        return rng.choice(names)
    left = rng.randint(1, leaves - 1)
    return rng.choice("+*") + _random(rng, names, left) + _random(rng, names, leaves - left)


def _read(text: Any) -> Tree:
    """The tree of a text in the form of `as_text`; ValueError for any other."""
    if not isinstance(text, str) or not re.fullmatch(r"[a-h+*()]{1,120}", text):
        raise ValueError("an expression holds letters a-h, +, * and parentheses, at most 120 characters")
    tree, place = _sum(text, 0, 0)
    if place != len(text) or as_text(tree) != text or len(tree) > 25:
        raise ValueError(
            "an expression has parentheses around every part but letters and products in sums, up to 25 nodes"
        )
    return tree


def _sum(text: str, place: int, depth: int) -> tuple[Tree, int]:
    tree, place = _product(text, place, depth)
    while text[place : place + 1] == "+":
        right, place = _product(text, place + 1, depth)
        tree = f"+{tree}{right}"
    return tree, place


def _product(text: str, place: int, depth: int) -> tuple[Tree, int]:
    tree, place = _atom(text, place, depth)
    while text[place : place + 1] == "*":
        right, place = _atom(text, place + 1, depth)
        tree = f"*{tree}{right}"
    return tree, place


def _atom(text: str, place: int, depth: int) -> tuple[Tree, int]:
    sign = text[place : place + 1]
    if sign.isalpha():
        return sign, place + 1
    if sign == "(" and depth < 30:
        tree, place = _sum(text, place + 1, depth + 1)
        if text[place : place + 1] == ")":
            return tree, place + 1
    raise ValueError("the expression is malformed")
