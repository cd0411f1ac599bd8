"""Answers made of several expressions: equations, sets of solutions, lists, matrices, complex numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from esreason.verifiers.expressions.equality import equal
from esreason.verifiers.expressions.exact import Gaussian, gaussian
from esreason.verifiers.expressions.grammar import parse
from esreason.verifiers.expressions.numeric import enclosure
from esreason.verifiers.expressions.tokens import MAX_LENGTH, unwrap
from esreason.verifiers.expressions.tree import Expression, ExpressionError

MAX_PARTS: Final = 256
MAX_SOLUTIONS: Final = 24

_OPENING: Final = {"(": ")", "[": "]", "{": "}"}
_PIECES: Final = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z]+|.", re.DOTALL)
_EMPTY: Final = re.compile(
    r"(there (is|are) )?no( real)? solutions?|none|\{\s*\}|\\\{\s*\\\}|\\emptyset|∅|\\varnothing", re.IGNORECASE
)
_SOLUTION_SEPARATORS: Final = frozenset(["or", "and", ",", ";", "\\lor", "\\land"])


def parse_equation(text: str, names: Collection[str] = ("x",)) -> tuple[Expression, Expression]:
    """Left and right side of `lhs = rhs`."""
    sides = _bounded(text).replace("==", "=").split("=")
    if len(sides) != 2 or sides[0][-1:] in ("<", ">", "!", ":"):
        raise ExpressionError("An equation needs exactly one sign '='.")
    return parse(sides[0], names), parse(sides[1], names)


def parse_list(text: str, names: Collection[str] = ("x",)) -> tuple[Expression, ...]:
    """The members of `1, 2, 3`, with or without one pair of brackets around them."""
    parts = _parts(_inside(_bounded(text)), frozenset([",", ";"]))
    return tuple(parse(part, names) for part in parts)


def parse_matrix(text: str, names: Collection[str] = ("x",)) -> tuple[tuple[Expression, ...], ...]:
    r"""The rows of `[[1, 2], [3, 4]]`, of `1, 2; 3, 4` or of a LaTeX matrix; all of one length."""
    text = re.sub(r"\\(?:begin|end)\{[bp]?matrix\}", " ", _bounded(text)).replace("\\\\", ";").replace("&", ",")
    inner = _inside(text.strip())
    rows = _parts(inner, frozenset([";"])) if ";" in inner else _bracketed_rows(inner)
    matrix = tuple(tuple(parse(part, names) for part in _parts(_inside(row), frozenset([","]))) for row in rows)
    if len({len(row) for row in matrix}) != 1:
        raise ExpressionError("The rows of a matrix must have one length.")
    return matrix


def _bracketed_rows(inner: str) -> list[str]:
    rows = _parts(inner, frozenset([","]))
    return rows if rows[0][:1] in _OPENING and _inside(rows[0]) != rows[0] else [inner]


def parse_solutions(text: str, variable: str = "x", names: Collection[str] = ()) -> tuple[Expression, ...]:
    r"""The values of `x = 2 or x = -3`, `x = 2, -3`, `{2, -3}` or `x = ±2`; none for `no solution`.

    Separators are `or`, `and`, `,` and `;`. `names` may occur in the values. A repeated value is an error.
    """
    text = _bounded(text)
    if _EMPTY.fullmatch(text):
        return ()
    prefix = re.compile(rf"{re.escape(variable)}(?:_?[0-9]{{1,2}}|_\{{[0-9]{{1,2}}\}})?\s*(?:==?|∈|\\in\b|\bin\b)")
    head = prefix.match(text)
    if head is not None and text[head.end() :].lstrip().startswith(("{", "\\{")):
        text = text[head.end() :].strip()
    if text.startswith(("{", "\\{")):
        text = _inside(text.replace("\\{", "{").replace("\\}", "}"))
    values: list[Expression] = []
    for part in _parts(text, _SOLUTION_SEPARATORS):
        part = unwrap(part)
        found = prefix.match(part)
        values.extend(_signs(part[found.end() :] if found else part, names))
    if len(values) > MAX_SOLUTIONS:
        raise ExpressionError(f"There are more than {MAX_SOLUTIONS} solutions.")
    _refuse_repeats(values)
    return tuple(values)


def parse_complex(text: str) -> Gaussian:
    """Real and imaginary part of an arithmetic expression of rationals and `i`."""
    return gaussian(parse(text, (), imaginary=True))


def _signs(text: str, names: Collection[str]) -> Iterator[Expression]:
    """The value, or both values of a `±`."""
    text = text.replace("\\pm", "±")
    if text.count("±") > 1:
        raise ExpressionError("More than one '±' in a solution is ambiguous.")
    for sign in ("+", "-") if "±" in text else ("",):
        yield parse(text.replace("±", sign), names)


def _refuse_repeats(values: Sequence[Expression]) -> None:
    places = [enclosure(value) for value in values]
    for position, value in enumerate(values):
        for earlier, other in enumerate(values[:position]):
            here, there = places[position], places[earlier]
            if here and there and (here[1] < there[0] or there[1] < here[0]):
                continue
            verdict = equal(value, other)
            if verdict.result:
                raise ExpressionError("A solution is repeated.")
            if not verdict.certain:
                raise ExpressionError(f"Two solutions could not be told apart ({verdict.how}).")


def _bounded(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"The answer is longer than {MAX_LENGTH} characters.")
    return unwrap(text)


def _inside(text: str) -> str:
    """The text without one pair of brackets that encloses all of it."""
    text = text.strip()
    if text[:1] not in _OPENING or text[-1] != _OPENING[text[0]]:
        return text
    depth = 0
    for position, character in enumerate(text):
        depth += (character in _OPENING) - (character in ")]}")
        if depth == 0 and position < len(text) - 1:
            return text
    return text[1:-1].strip()


def _parts(text: str, separators: frozenset[str]) -> list[str]:
    """The text cut at separators outside brackets."""
    parts, current, depth = [], "", 0
    for piece in _PIECES.findall(text):
        depth += (piece in _OPENING) - (piece in ")]}")
        if depth == 0 and piece in separators:
            parts.append(current.strip())
            current = ""
        else:
            current += piece
    parts.append(current.strip())
    if len(parts) > MAX_PARTS:
        raise ExpressionError(f"There are more than {MAX_PARTS} parts.")
    if "" in parts:
        raise ExpressionError("A part between two separators is empty.")
    return parts
