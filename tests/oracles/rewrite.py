"""Rewriting judged on Python's own syntax trees."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from typing import Any

from tests.oracles import _plans

LEVELS = (1, 2, 4)
RULES = ("swap", "left", "right", "expand", "collect", "factor")


def tree(text: str) -> Any:
    def walk(node: ast.expr) -> Any:
        if isinstance(node, ast.BinOp):
            return ["+" if isinstance(node.op, ast.Add) else "*", walk(node.left), walk(node.right)]
        assert isinstance(node, ast.Name)
        return node.id

    return walk(ast.parse(text, mode="eval").body)


def spots(node: Any, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """The paths of all signs from left to right."""
    if isinstance(node, str):
        return []
    return spots(node[1], (*path, 1)) + [path] + spots(node[2], (*path, 2))


def changed(rule: str, node: Any) -> Any:
    """What a rule makes of a node, None where it does not apply."""
    sign, a, b = node
    if rule == "swap":
        return [sign, b, a] if a != b else None
    if rule == "left" and b[0] == sign:
        return [sign, [sign, a, b[1]], b[2]]
    if rule == "right" and a[0] == sign:
        return [sign, a[1], [sign, a[2], b]]
    if rule == "expand" and sign == "*" and b[0] == "+":
        return ["+", ["*", a, b[1]], ["*", a, b[2]]]
    if rule == "factor" and sign == "*" and a[0] == "+":
        return ["+", ["*", a[1], b], ["*", a[2], b]]
    if rule == "collect" and sign == "+" and a[0] == b[0] == "*":
        if a[1] == b[1]:
            return ["*", a[1], ["+", a[2], b[2]]]
        return ["*", ["+", a[1], b[1]], a[2]] if a[2] == b[2] else None
    return None


def replaced(node: Any, path: tuple[int, ...], part: Any) -> Any:
    if not path:
        return part
    return [replaced(x, path[1:], part) if i == path[0] else x for i, x in enumerate(node)]


def judge(payload: dict[str, Any], answer: str) -> bool:
    node = tree(payload["start"])
    for step in re.split(r"[,;\n]", answer):
        if not step.strip():
            continue
        match = re.fullmatch(r"([a-z]+) ([0-9]{1,2})", " ".join(step.split()))
        places = spots(node)
        if not match or match[1] not in RULES or int(match[2]) >= len(places) or match[2] != str(int(match[2])):
            return False
        path = places[int(match[2])]
        part = node
        for k in path:
            part = part[k]
        made = changed(match[1], part)
        if made is None:
            return False
        node = replaced(node, path, made)
    return bool(node == tree(payload["goal"]))


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    moves = [f"{rule}_{place}" for rule in RULES for place in range(6)]
    for text in _plans.mutations(answer.replace(" ", "_").replace(",_", ", "), moves, rng):
        yield ", ".join(move.replace("_", " ") for move in _plans.moves_of(text))


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        yield rng.choice([", ", ",", "; ", "\n", " ,\n", ";\n\n"]).join(answer.split(", "))
