"""Linear systems by sympy's linsolve; values are exact fractions."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy

from tests.oracles import _answers, _writing
from tests.oracles import _expressions as e


@lru_cache(maxsize=64)
def solution(equations: tuple[str, ...], variables: tuple[str, ...]) -> dict[str, Fraction]:
    symbols = {name: sympy.Symbol(name) for name in variables}
    rows = []
    for text in equations:
        left, right = (_writing.to_sympy(e.parse(side, variables), symbols) for side in text.split("="))
        rows.append(left - right)
    (values,) = sympy.linsolve(rows, *symbols.values())
    return {name: Fraction(int(x.p), int(x.q)) for name, x in zip(variables, values, strict=True)}


def judge(payload: dict[str, Any], answer: str) -> bool:
    wanted, found = solution(tuple(payload["equations"]), tuple(payload["variables"])), dict[str, Fraction]()
    if len(answer) > 500:
        return False
    for part in re.split(r"\s*[,;\n]\s*", answer):
        match = re.fullmatch(r"([^=]+?)\s*==?(?!=)(.*)", part.strip(), re.DOTALL)
        if not match or match[1] not in wanted or match[1] in found:
            return False
        name, text = match.groups()
        try:
            found[name] = _answers.rational(e.parse(text, ()), {})
        except (e.Refused, e.Nowhere):
            return False
    return found == wanted


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    for text in _writing.mutations(answer, rng):
        values = re.findall(r"= ([^,]+)", answer)
        rng.shuffle(values)
        names = payload["variables"]
        yield rng.choice(
            [text, ", ".join(map(" = ".join, zip(names, values, strict=True))), ", ".join(values), answer[:-1]]
        )


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        parts = answer.split(", ")
        rng.shuffle(parts)
        if rng.random() < 0.5:
            parts = [re.sub(r"= (.*)", rng.choice(["=\\1", "= (\\1)", "= 2*\\1/2", "= \\1 + 0"]), p) for p in parts]
        yield rng.choice([", ", ",", "; ", "\n", " , ", ",\n"]).join(parts)
