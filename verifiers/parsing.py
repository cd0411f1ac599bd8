"""Reading small things out of hostile text: ASCII only, bounded, never raising anything but ValueError."""

from __future__ import annotations

import re

_SEPARATOR = re.compile(r"[\s,;]+")
_INTEGER = re.compile(r"-?[0-9]{1,18}")


def integer(text: str) -> int:
    """A decimal integer of at most 18 ASCII digits; ValueError otherwise."""
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"{text[:20]!a} is not a whole number")
    return int(text)


def words(text: str, limit: int = 10_000) -> list[str]:
    """The words between white space, commas and semicolons, brackets around the whole text dropped."""
    text = text.strip()
    if text[:1] in ("[", "(") and text[-1:] in ("]", ")"):
        text = text[1:-1]
    found = [word for word in _SEPARATOR.split(text) if word]
    if len(found) > limit:
        raise ValueError(f"the text has more than {limit} words")
    return found


def integers(text: str, limit: int = 10_000) -> list[int]:
    """The integers of a list written with spaces, commas or semicolons, in order; ValueError otherwise."""
    return [integer(word) for word in words(text, limit)]
