"""Complex numbers: values by mpmath with more digits than any fraction of the texts has, the form read off a tree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import sympy
from mpmath import mp

from tests.oracles import _expressions as e
from tests.oracles import _writing
from tests.oracles.simplify import terms


def value(tree: e.Tree) -> Any:
    """The value of complex arithmetic with whole exponents."""
    kind = tree[0]
    if kind == "num":
        return mp.mpc(tree[1].numerator) / tree[1].denominator
    if kind == "name" and tree[1] == "i":
        return mp.mpc(0, 1)
    if kind in ("name", "call"):
        raise e.Refused("not arithmetic")
    parts = [value(part) for part in tree[1:]]
    if kind in ("sum", "neg"):
        return mp.fsum(parts) if kind == "sum" else -parts[0]
    if kind == "mul":
        return parts[0] * parts[1]
    base, exponent = (parts[1], -1) if kind == "div" else (parts[0], parts[1])
    if not e.agree(mp.nint(mp.re(exponent)), exponent):
        raise e.Refused("not a whole power")
    exponent = int(mp.nint(mp.re(exponent)))
    if (e.tiny(abs(base)) and exponent <= 0) or abs(exponent) * abs(mp.log(abs(base) or 1)) > 10**4:
        raise e.Nowhere("no value")
    return base**exponent * (parts[0] if kind == "div" else 1)


def kind_of(term: list[e.Tree]) -> str | None:
    """`real` for a number, `unreal` for b*i, i*b, b*i/c; None for anything else."""
    numbers = [factor[1] for factor in term if factor[0] == "num"]
    units = [factor for factor in term if factor == ("name", "i")]
    if len(numbers) + len(units) < len(term) or len(units) > 1:
        return None
    if not units:
        return "real" if len(numbers) == 1 else None
    return "unreal" if len(numbers) < 2 or (len(numbers) == 2 and numbers[1].numerator == 1) else None


def judge(payload: dict[str, Any], answer: str) -> bool:
    try:
        tree = e.parse(answer, (), imaginary=True)
        kinds = [kind_of(term) for term in terms(tree)]
        if None in kinds or len(set(kinds)) < len(kinds):
            return False
        with mp.workdps(200 + e.precision(payload["expression"], answer)):
            return e.agree(value(tree), value(e.parse(payload["expression"], (), imaginary=True)))
    except (e.Refused, e.Nowhere):
        return False


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    yield payload["expression"]
    for text in _writing.mutations(answer, rng):
        forms = ["({})*1", "({})", "{} + 0", "{}*i", "2*({})/2"]
        yield rng.choice([text, text, *(form.format(answer) for form in forms)])


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    whole = sympy.expand(_writing.to_sympy(e.parse(answer, (), imaginary=True), {}))
    real, unreal = whole.as_real_imag()
    while True:
        parts = [f"{real}", f"{rng.choice([f'{unreal}*i', f'({unreal})i', f'i*({unreal})', f'({unreal}) * i'])}"]
        rng.shuffle(parts)
        yield _writing.styled(rng.choice([" + ".join(parts).replace("+ -", "- "), answer]), rng)
