"""Derivations carried out by string replacement; shortest ones by breadth-first search over what is derived."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from tests.oracles import _plans

LEVELS = (1, 2, 3)


def _step(form: str, rule: str) -> str | None:
    left, right = rule.split(">")
    capitals = [letter for letter in form if letter != letter.lower()]
    return form.replace(left, right, 1) if capitals[:1] == [left] else None


def judge(payload: dict[str, Any], answer: str) -> bool:
    form: str | None = "S"
    for word in _plans.moves_of(answer):
        if not re.fullmatch("[1-9][0-9]?", word) or int(word) > len(payload["rules"]):
            return False
        form = _step(form, payload["rules"][int(word) - 1])
        if form is None or len(form) > len(payload["word"]):
            return False
    return form == payload["word"]


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _plans.mutations(answer, [str(n) for n in range(len(payload["rules"]) + 2)], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _plans.rewrites(answer, rng)


def optimal_steps(payload: dict[str, Any]) -> int:
    word, layer, steps = payload["word"], {"S"}, 0
    while word not in layer:
        steps += 1
        grown = {_step(form, rule) for form in layer for rule in payload["rules"]} - {None}
        layer = {form for form in grown if form and len(form) <= len(word) and _beginning(form, word)}
    return steps


def _beginning(form: str, word: str) -> bool:
    """Whether the letters before the first capital are those of the word."""
    fixed = re.match("[a-z]*", form)
    return fixed is not None and word.startswith(fixed[0])
