"""Texts that a scorer which evaluates its input may be given."""

from __future__ import annotations

import ast
import re
from math import prod

MAX_LENGTH = 1_000
MAX_EXPONENT = 64
"""The product of the exponents of powers in parentheses: nested ones multiply."""

FUNCTIONS = frozenset("sin cos tan asin acos atan sinh cosh tanh exp log sqrt".split())

_SIGNS = re.compile(r"[0-9A-Za-z+\-*/^(). \t\n]*")
_NAME = re.compile(r"[A-Za-z]+")
_LONE_DOT = re.compile(r"(?<![0-9])\.|\.(?![0-9])")
_LONG_NUMBER = re.compile(r"[0-9]{13}")
_POWER = re.compile(
    r"(\)?)\s*(?:\*\*|\^)\s*(?:(-?[0-9]{1,2})(?![0-9.])|\(\s*(-?[0-9]{1,2})(?:\s*/\s*[0-9]{1,2})?\s*\))?"
)


def expression(text: str) -> bool:
    """Whether a text holds no more than numbers, single letters, elementary functions and small powers."""
    if len(text) > MAX_LENGTH or not _SIGNS.fullmatch(text) or _LONE_DOT.search(text) or _LONG_NUMBER.search(text):
        return False
    if any(len(name) > 1 and name not in FUNCTIONS for name in _NAME.findall(text)):
        return False
    nested = []
    for power in _POWER.finditer(text):
        exponent = power[2] or power[3]
        if exponent is None or text[power.end() :].lstrip().startswith(("**", "^")):
            return False
        if power[1]:
            nested.append(max(1, abs(int(exponent))))
    return prod(nested) <= MAX_EXPONENT


def literal(text: str) -> bool:
    """Whether a text is one Python literal: lists, numbers and texts, no names and no calls."""
    if len(text) > MAX_LENGTH:
        return False
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return False
    return True
