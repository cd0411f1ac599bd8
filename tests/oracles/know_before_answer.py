"""Full marks in know_before_answer: every result right, every judgement full trust."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from tests.oracles import _judged


def judge(payload: dict[str, Any], answer: str) -> bool:
    return _judged.all_right(payload["questions"], answer, r"yes[\s,]+#")


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _judged.mutations(answer, rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _judged.rewrites(answer, rng)
