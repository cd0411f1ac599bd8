"""The parser against a second one, written from docs/expressions.md alone, on random runs of pieces of the grammar."""

from __future__ import annotations

import random

import pytest
from mpmath import mp, mpf

from esreason.verifiers.expressions import ExpressionError, parse, to_text
from tests.oracles import _expressions as second

NAMES = ("x", "y")
PIECES = (
    "x", "y", "2", "3", "0.5", ".5", "10", "pi", "e", "sin", "cos", "log", "ln", "sqrt", "exp", "abs", "tan", "asin",
    "+", "-", "*", "/", "^", "**", "(", ")", "(", ")", "|", "|", "{", "}", "\\frac", "\\sqrt", "\\cdot", "\\left(",
    "\\right)", " ", "\n", "$", ".", "xy", "sinx", "2x", "xe", "[", "]", "\\sin", "\\ln", "\\pi", "^2", "(x)", "(x+1)",
    "\\,", "-", "+", "√", "²", "¹⁰", "\\frac12", "\\sqrt2", "\\sqrt[3]",
)  # fmt: skip
PLACES = ({"x": "0.37", "y": "1.9"}, {"x": "2.3", "y": "-0.4"})


def values(tree: second.Tree) -> list[object]:
    found: list[object] = []
    for place in PLACES:
        try:
            found.append(second.value(tree, {name: mpf(text) for name, text in place.items()}))
        except second.Nowhere:
            found.append(None)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_both_read_the_same_texts_with_the_same_meaning(seed: int) -> None:
    rng, read = random.Random(seed), 0
    for _ in range(1_500):
        text = "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 8)))
        try:
            printed = to_text(parse(text, NAMES))
        except ExpressionError:
            with pytest.raises(second.Refused):
                second.parse(text, NAMES)
            continue
        read += 1
        with mp.workdps(60):
            ours, theirs = values(second.parse(printed, NAMES)), values(second.parse(text, NAMES))
            for a, b in zip(ours, theirs, strict=True):
                assert (a is None) == (b is None) and (a is None or second.agree(a, b)), (text, printed)
    assert read > 60
