"""Formulas of propositional logic: one parser, one printer, truth tables."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any, TypeAlias

Formula: TypeAlias = tuple[Any, ...]
"""("a",) a letter; ("~", f); (sign, f, g) with the sign &, | or ->."""

MAX_LENGTH = 400
MAX_DEPTH = 40
_TOKEN = re.compile(r"\s*(->|[a-z]|[~&|()])")
_BINDING = {"->": 1, "|": 2, "&": 3}


class FormulaError(ValueError):
    """A text is no formula; the message is one sentence."""


def parse_formula(text: str) -> Formula:
    """The tree of a formula over the letters a-z; `~` binds tightest, then `&`, `|` and, to the right, `->`."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"A formula has at most {MAX_LENGTH} characters.")
    tokens, place = [], 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if not match:
            raise FormulaError("A formula holds small letters, ~, &, |, -> and parentheses only.")
        tokens.append(match[1])
        place = match.end()
    tree, rest = _binary([*tokens, "end"], 0, 1, 0)
    if tokens[rest:]:
        raise FormulaError(f"Unexpected {tokens[rest]!r}.")
    return tree


def _binary(tokens: list[str], place: int, level: int, depth: int) -> tuple[Formula, int]:
    if depth > MAX_DEPTH:
        raise FormulaError(f"A formula is nested at most {MAX_DEPTH} deep.")
    left, place = _unary(tokens, place, depth)
    while _BINDING.get(tokens[place], 0) >= level:
        sign = tokens[place]
        right, place = _binary(tokens, place + 1, _BINDING[sign] + (sign != "->"), depth + 1)
        left = (sign, left, right)
    return left, place


def _unary(tokens: list[str], place: int, depth: int) -> tuple[Formula, int]:
    if depth > MAX_DEPTH:
        raise FormulaError(f"A formula is nested at most {MAX_DEPTH} deep.")
    token = tokens[place]
    if token == "~":
        inner, place = _unary(tokens, place + 1, depth + 1)
        return ("~", inner), place
    if token == "(":
        inner, place = _binary(tokens, place + 1, 1, depth + 1)
        if tokens[place] != ")":
            raise FormulaError("A parenthesis is not closed.")
        return inner, place + 1
    if len(token) == 1 and token.isalpha():
        return (token,), place + 1
    raise FormulaError("A formula ends too early." if token == "end" else f"Unexpected {token!r}.")


def written(tree: Formula, level: int = 0) -> str:
    """The formula with as few parentheses as its reading needs."""
    if len(tree) == 1:
        return str(tree[0])
    if len(tree) == 2:
        return f"~{written(tree[1], 4)}"
    sign, left, right = tree
    own = _BINDING[str(sign)]
    text = f"{written(left, own + (sign == '->'))} {sign} {written(right, own + (sign != '->'))}"
    return f"({text})" if own < level else text


def parts(tree: Formula) -> set[Formula]:
    """All formulas that occur in it, itself included."""
    found = {tree}
    for part in tree[1:]:
        found |= parts(part)
    return found


def nodes(tree: Formula) -> int:
    """Letters and signs."""
    return 1 + sum(nodes(part) for part in tree[1:])


def letters(tree: Formula) -> set[str]:
    """The letters that occur."""
    return {str(part[0]) for part in parts(tree) if len(part) == 1}


def table(tree: Formula, names: str) -> int:
    """The truth table as bits, one for each assignment of the names."""
    full = (1 << (1 << len(names))) - 1
    columns = {name: sum(1 << row for row in range(1 << len(names)) if row >> k & 1) for k, name in enumerate(names)}

    def value(node: Formula) -> int:
        if len(node) == 1:
            return columns[str(node[0])]
        if len(node) == 2:
            return full & ~value(node[1])
        left, right = value(node[1]), value(node[2])
        return left & right if node[0] == "&" else left | right if node[0] == "|" else (full & ~left) | right

    return value(tree)


def shortest_sum(truth: int, names: str, negated: bool = False) -> Formula | None:
    """A shortest disjunction of conjunctions of a table, `negated` the other way round; None if constant."""
    full = (1 << (1 << len(names))) - 1
    wanted = full & ~truth if negated else truth
    if wanted in (0, full):
        return None
    cubes = _primes(wanted, names)
    for count in range(1, len(cubes) + 1):
        covers = [chosen for chosen in combinations(cubes, count) if _union(chosen) == wanted]
        if covers:
            best = min(covers, key=lambda chosen: sum(2 * len(cube) + "".join(cube).count("~") for _, cube in chosen))
            inner = [_joined([_literal(x, negated) for x in cube], "&|"[negated]) for _, cube in best]
            return _joined(inner, "|&"[negated])
    raise AssertionError("the primes cover every truth table")


def _union(cubes: tuple[tuple[int, tuple[str, ...]], ...]) -> int:
    covered = 0
    for cube, _ in cubes:
        covered |= cube
    return covered


def _primes(wanted: int, names: str) -> list[tuple[int, tuple[str, ...]]]:
    """The largest conjunctions of literals that imply the table, with their own tables."""
    literals = [(table((name,), names), name) for name in names]
    full = (1 << (1 << len(names))) - 1
    found: list[tuple[int, tuple[str, ...]]] = []
    for count in range(1, len(names) + 1):
        for chosen in combinations(literals, count):
            for signs in range(1 << count):
                cube, texts = full, []
                for k, (column, name) in enumerate(chosen):
                    cube &= full & ~column if signs >> k & 1 else column
                    texts.append(f"~{name}" if signs >> k & 1 else name)
                if not cube & ~wanted and not any(not cube & ~larger for larger, _ in found):
                    found.append((cube, tuple(texts)))
    return found


def _literal(text: str, negated: bool) -> Formula:
    letter: Formula = (text[-1],)
    return letter if (text[0] == "~") == negated else ("~", letter)


def _joined(trees: list[Formula], sign: str) -> Formula:
    tree = trees[0]
    for other in trees[1:]:
        tree = (sign, tree, other)
    return tree
