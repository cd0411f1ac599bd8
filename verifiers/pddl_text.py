"""PDDL text as nested lists that know their lines; bounded in length and depth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MAX_TEXT = 60_000
MAX_DEPTH = 40

Expression = str | list[Any]
"""A word, or a list of expressions."""

_TOKEN = re.compile(r"[()]|[^\s()]+")


class Form(list[Any]):
    """A list of expressions, and the line on which it begins."""

    __slots__ = ("line",)

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


class Located(ValueError):
    """A malformed text; the sentence says on which line."""


def tokens(text: str) -> Iterator[tuple[int, str]]:
    """The words and parentheses of a text in lower case with their lines, comments dropped."""
    if len(text) > MAX_TEXT:
        raise ValueError(f"a PDDL text has at most {MAX_TEXT:,} characters")
    line = 1
    for row in text.lower().split("\n"):
        code = row.partition(";")[0]
        if not code.isascii():
            raise Located(f"line {line}: a PDDL text is ASCII but for its comments")
        yield from ((line, token) for token in _TOKEN.findall(code))
        line += 1


def expression(text: str) -> list[Any]:
    """The one parenthesised expression that a text consists of."""
    stack = [Form(1)]
    for line, token in tokens(text):
        if token == "(":
            if len(stack) > MAX_DEPTH:
                raise Located(f"line {line}: PDDL expressions nest at most {MAX_DEPTH} deep")
            stack.append(Form(line))
        elif token == ")":
            if len(stack) == 1:
                raise Located(f"line {line}: a parenthesis is closed that was not opened")
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    if len(stack) > 1:
        raise Located(f"line {stack[-1].line}: a parenthesis is not closed")
    if len(stack[0]) != 1 or not isinstance(stack[0][0], list):
        raise ValueError("a PDDL text is one expression in parentheses")
    return stack[0][0]


def written(item: Expression) -> str:
    """An expression as text on one line."""
    return item if isinstance(item, str) else f"({' '.join([written(part) for part in item])})"


def short(item: Expression) -> str:
    """The beginning of an expression, to be quoted in a sentence."""
    return ascii(written(item)[:40])


@contextmanager
def located(item: object) -> Iterator[None]:
    """Say of a sentence that goes out which line it is about; the innermost form says it."""
    try:
        yield
    except Located:
        raise
    except ValueError as error:
        if not isinstance(item, Form):
            raise
        raise Located(f"line {item.line}: {error}") from None
