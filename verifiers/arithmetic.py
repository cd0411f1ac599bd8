"""Exact arithmetic on expressions over whole numbers, + - * / and parentheses."""

from __future__ import annotations

import re
from fractions import Fraction

MAX_CHARS = 400
MAX_DEPTH = 40
_TOKEN = re.compile(r"\s*(?:([0-9]{1,9})|([-+*/()]))")


class ArithmeticFault(ValueError):
    """The text is no expression, or it divides by zero; one sentence."""


def evaluate(text: str) -> tuple[Fraction, list[int]]:
    """The exact value of an expression and the numbers it uses, from left to right.

    No sign but the binary ones, no implicit product. Raises ArithmeticFault; work is bounded by MAX_CHARS.
    """
    if len(text) > MAX_CHARS:
        raise ArithmeticFault(f"The expression is longer than {MAX_CHARS} characters.")
    reader = _Reader(_tokens(text))
    top, bottom = reader.sum(0)
    if reader.position != len(reader.tokens):
        raise ArithmeticFault(f"{reader.tokens[reader.position]!a} stands where the expression should have ended.")
    return Fraction(top, bottom), reader.numbers


def _tokens(text: str) -> list[str]:
    tokens, position, text = [], 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            raise ArithmeticFault(f"{text[position:].strip()[:1]!a} cannot stand in an expression.")
        tokens.append(match[1] or match[2])
        position = match.end()
    return tokens


class _Reader:
    """A recursive descent over the tokens; values are (numerator, denominator), denominators not zero."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.position, self.numbers = tokens, 0, list[int]()

    def _peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def sum(self, depth: int) -> tuple[int, int]:
        a, b = self.product(depth)
        while (sign := self._peek()) in ("+", "-"):
            self.position += 1
            c, d = self.product(depth)
            a, b = (a * d + c * b if sign == "+" else a * d - c * b), b * d
        return a, b

    def product(self, depth: int) -> tuple[int, int]:
        a, b = self.atom(depth)
        while (sign := self._peek()) in ("*", "/"):
            self.position += 1
            c, d = self.atom(depth)
            if sign == "*":
                a, b = a * c, b * d
            elif c == 0:
                raise ArithmeticFault("The expression divides by zero.")
            else:
                a, b = a * d, b * c
        return a, b

    def atom(self, depth: int) -> tuple[int, int]:
        token = self._peek()
        self.position += 1
        if token == "(":
            if depth >= MAX_DEPTH:
                raise ArithmeticFault(f"The parentheses are nested deeper than {MAX_DEPTH}.")
            value = self.sum(depth + 1)
            if self._peek() != ")":
                raise ArithmeticFault("A parenthesis is not closed.")
            self.position += 1
            return value
        if not token or not token[0].isdigit():
            raise ArithmeticFault(f"A number is missing{f' before {token!a}' if token else ' at the end'}.")
        number = int(token)
        self.numbers.append(number)
        return number, 1
