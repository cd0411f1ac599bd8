"""Context-free grammars without empty and unit rules, and shortest derivations in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

MAX_RULES, MAX_RIGHT, MAX_WORD = 16, 4, 24
START = "S"

Rule = tuple[str, str]
"""A nonterminal (a capital letter) and what replaces it."""

_RULE = re.compile(r"([A-Z])>([A-Za-z]{1,4})")


def read_rules(texts: Sequence[str]) -> tuple[Rule, ...]:
    """Rules such as `S>aSb`; ValueError with one sentence if they are no grammar of this kind."""
    rules = []
    for text in texts:
        match = _RULE.fullmatch(text)
        if not match:
            raise ValueError(f"{text[:20]!a} is no rule such as S>aSb")
        if len(match[2]) == 1 and match[2].isupper():
            raise ValueError(f"{text} replaces a capital letter by another alone")
        rules.append((match[1], match[2]))
    if not any(left == START for left, _ in rules):
        raise ValueError(f"no rule begins with {START}")
    return tuple(rules)


def first_capital(form: str) -> int:
    """The place of the leftmost capital letter, -1 if there is none."""
    return next((place for place, letter in enumerate(form) if letter.isupper()), -1)


def derivation(rules: Sequence[Rule], word: str) -> list[int] | None:
    """The places of the rules in a leftmost derivation of `word` from S, as few as possible; None if there is none."""

    by_letter: dict[str, list[tuple[int, str]]] = {}
    for number, (left, form) in enumerate(rules):
        by_letter.setdefault(left, []).append((number, form))

    @cache
    def best(letter: str, start: int, end: int) -> tuple[int, tuple[int, ...]] | None:
        """The cheapest way from a letter to a part of the word: how many rules, and which."""
        if letter.islower():
            return (0, ()) if end - start == 1 and word[start] == letter else None
        found: tuple[int, tuple[int, ...]] | None = None
        for place, right in by_letter.get(letter, ()):
            if len(right) <= end - start:
                rest = spread(right, start, end)
                if rest is not None and (found is None or rest[0] + 1 < found[0]):
                    found = rest[0] + 1, (place, *rest[1])
        return found

    @cache
    def spread(letters: str, start: int, end: int) -> tuple[int, tuple[int, ...]] | None:
        """The same for several letters in a row, each at least one letter of the word."""
        if len(letters) == 1:
            return best(letters, start, end)
        found: tuple[int, tuple[int, ...]] | None = None
        last = start + 1 if letters[0].islower() else end - len(letters) + 1
        for middle in range(start + 1, last + 1):
            first = best(letters[0], start, middle)
            rest = spread(letters[1:], middle, end) if first is not None else None
            if first is not None and rest is not None and (found is None or first[0] + rest[0] < found[0]):
                found = first[0] + rest[0], first[1] + rest[1]
        return found

    whole = best(START, 0, len(word)) if word else None
    return list(whole[1]) if whole is not None else None
