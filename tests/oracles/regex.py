"""Expressions checked for their form by rewriting, and matched by Python's `re`."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any


def _well_formed(text: str, letters: str) -> bool:
    """Whether nothing is left but one sequence when sets, then innermost parentheses, are written as one letter."""
    text = re.sub(rf"\[\^?[{letters}]+\]", "a", text)
    if not set(text) <= set(letters) | set(".|*+?()"):
        return False
    text = re.sub(rf"[{letters}.]", "a", text)
    sequence = r"(?:a[*+?]?)+"
    while True:
        shorter = re.sub(rf"\({sequence}(?:\|{sequence})*\)", "a", text)
        if shorter == text:
            return re.fullmatch(rf"{sequence}(?:\|{sequence})*", text) is not None
        text = shorter


def judge(payload: dict[str, Any], answer: str) -> bool:
    if len(answer) > payload["within"] or not _well_formed(answer, payload["letters"]):
        return False
    return all(re.fullmatch(answer, word) for word in payload["yes"]) and not any(
        re.fullmatch(answer, word) for word in payload["no"]
    )


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    signs = payload["letters"] + payload["letters"] + "..*+?|()[]^"
    while True:
        text = list(answer)
        i, j = rng.randrange(len(text)), rng.randrange(len(text))
        kind = rng.randrange(7)
        if kind == 0:
            text[i] = rng.choice(signs)
        elif kind == 1:
            del text[i]
        elif kind == 2:
            text[i], text[j] = text[j], text[i]
        elif kind == 3:
            text.insert(i, rng.choice(signs))
        elif kind == 4:  # constructs that Python knows and this language does not
            text = list(rng.choice(["(?:{})", "{}*?", "{}{{2}}", "^{}$", "{}|", "(?i){}", "{}\\b", "()" + "{}"]))
            text = list("".join(text).replace("{}", answer).replace("{{", "{").replace("}}", "}"))
        elif kind == 5:
            text = list("|".join(payload["yes"]))
        else:
            text = rng.choices(signs, k=len(text))
        yield "".join(text)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    """Sets for dots and alternatives turned round, where there is room."""
    letters = payload["letters"]
    while True:
        text = answer
        match = rng.choice(list(re.finditer(r"\(([abc]+)\|([abc]+)\)", text)) or [None])
        if match and rng.random() < 0.8:
            text = text.replace(match[0], f"({match[2]}|{match[1]})", 1)
        if len(text) + 3 <= payload["within"]:
            letter = rng.choice(letters)
            text = text.replace(letter, f"[{letter}]", 1)
        yield text
