"""Simplification: an equal expression with few enough parts.

An observation is `(x^2 - 1)/(x - 1) + 2*x`, `at most 5 parts`; a right action is `3*x + 1`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.verdict import Verdict, accept, reject
from esreason.envs.derivation import DerivationEnv, text_field, whole_field
from esreason.envs.symbolic import polynomials as p
from esreason.envs.symbolic.polynomials import poly, text_of
from esreason.verifiers.expressions import (
    Call,
    Expression,
    ExpressionError,
    Name,
    Power,
    Product,
    Sum,
    add,
    coefficients,
    divide,
    equal,
    free_names,
    from_coefficients,
    multiply,
    number,
    parse,
    power,
    size,
    substitute,
    to_text,
)

NAMES = ("x", "y")
MAX_SIZE = 150

# kinds of part, so many parts, largest number
LEVELS = {
    1: ("like", 1, 9), 2: ("like product", 2, 9), 3: ("quotient", 1, 9), 4: ("like quotient", 2, 9),
    5: ("circle", 1, 9), 6: ("circle quotient", 2, 9), 7: ("product circle", 2, 9),
    8: ("quotient product circle", 3, 9), 9: ("quotient quotient circle", 3, 9),
    10: ("quotient product circle like", 4, 9),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """The expression, how long an answer may be, and the shortest form that the solver finds."""

    tree: Expression
    max_nodes: int
    best: Expression


class Simplify(DerivationEnv[Question]):
    """Simplify like terms (level 1), quotients that cancel and sin^2 + cos^2 up to sums of four such parts (level 10).

    `max_nodes` is the size of what the solver finds; a payload without it gets that. A part is a number, a name, a
    function or an operator (docs/expressions.md). The answer must have a value wherever the expression has one.
    """

    name = "simplify"
    rules = (
        "Find an equal expression with at most so many parts. Parts are numbers, names, functions and operators: "
        "3*x + 1 has 5, sin(x)^2 has 4; parentheses do not count."
    )
    action_rule = "Write an equal expression that is nearer to the end."
    answer_rule = "Answer with the short expression, for example 3*x + 1."
    task_space = {3: 972, 5: 6_910}
    action_chars = 400
    answer_chars = 400

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        kinds, count, top = LEVELS[level]
        names = kinds.split()
        while True:
            tree = add(*(_part(rng, names[k % len(names)], top) for k in range(count)))
            if len(text := to_text(tree)) > 350:
                continue
            tree = parse(text, NAMES)
            best = shortest(tree)
            if size(best) <= 0.75 * size(tree) and free_names(best):
                return {"expression": text, "max_nodes": size(best)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Question:
        if set(payload) - {"max_nodes"} != {"expression"}:
            raise ValueError("the payload has the field expression, and max_nodes where it is not left to the solver")
        tree = parse(text_field(payload, "expression"), NAMES)
        if size(tree) > MAX_SIZE:
            raise ValueError(f"the expression has more than {MAX_SIZE} parts")
        best = shortest(tree)
        if not equal(tree, tree) or not equal(best, tree, covering=True):
            raise ValueError("the expression has no value, or it cannot be followed")
        limit = whole_field(payload, "max_nodes", 1, 400) if "max_nodes" in payload else size(best)
        if limit < size(best):
            raise ValueError(f"the shortest form that is known has {size(best)} parts")
        return Question(tree, limit, best)

    @classmethod
    def _first(cls, instance: Question) -> str:
        return to_text(instance.tree)

    @classmethod
    def _observe(cls, instance: Question, state: str) -> str:
        return f"{state}\nat most {instance.max_nodes} parts"

    @classmethod
    def _next(cls, instance: Question, line: str, action: str) -> str:
        tree = parse(action, NAMES)
        verdict = equal(tree, instance.tree, covering=True)
        if not verdict:
            raise ValueError("The expression is not equal to the one before.")
        return to_text(tree)

    @classmethod
    def _verify(cls, instance: Question, answer: str) -> Verdict:
        try:
            tree = parse(answer, NAMES)
        except ExpressionError as error:
            return reject(str(error))
        if size(tree) > instance.max_nodes:
            return reject(f"The expression has {size(tree)} parts.", to_text(tree))
        verdict = equal(tree, instance.tree, covering=True)
        if not verdict:
            return reject(f"The expression is not equal to the given one: {verdict.how}.", to_text(tree))
        return accept(to_text(tree))

    @classmethod
    def _lines(cls, instance: Question) -> list[str]:
        final, lines = to_text(instance.best), []
        terms = list(instance.tree.terms) if isinstance(instance.tree, Sum) else []
        for place, term in enumerate(terms):
            best = shortest(term)
            if size(best) < size(term):
                terms[place] = best
                line = parse(to_text(add(*terms)), NAMES)
                if size(line) > instance.max_nodes:
                    lines.append(to_text(line))
        return [*[line for line in dict.fromkeys(lines) if line != cls._first(instance)], final]


def shortest(tree: Expression) -> Expression:
    """The shortest of the forms that the solver knows, the expression itself at worst."""
    found = {text: parse(text, NAMES) for text in map(to_text, _forms(tree))}
    for form in sorted(found.values(), key=size):
        if size(form) < size(tree) and equal(form, tree, covering=True):
            return form
    return tree


def _forms(tree: Expression) -> Iterator[Expression]:
    """The expression collected, cancelled and factored, with functions as unknowns and squares of sines exchanged."""
    atoms: dict[str, Expression] = {}
    flat = _flattened(tree, atoms)
    back = dict(atoms)
    names = sorted(free_names(flat))
    sines = [(s, c) for s, a in atoms.items() for c, b in atoms.items() if _partners(a, b)]
    for swapped in (None, *sines, *[(c, s) for s, c in sines]):
        try:
            if len(names) == 1:
                for form in _cancelled(flat, names[0]):
                    yield substitute(form, back)
            summands = flat.terms if isinstance(flat, Sum) else (flat,)
            total: dict[tuple[int, ...], Any] = {}
            for summand in summands:
                for exponents, value in _polynomial(summand, names).items():
                    total[exponents] = total.get(exponents, 0) + value
            if swapped is not None:
                total = _exchanged(total, names.index(swapped[0]), names.index(swapped[1]))
            yield substitute(from_coefficients(total, names), back)
        except ExpressionError:
            continue


def _polynomial(tree: Expression, names: list[str]) -> dict[tuple[int, ...], Any]:
    """The coefficients of a summand, which may be a quotient of polynomials in one name that divides out."""
    try:
        return coefficients(tree, names)
    except ExpressionError:
        own = sorted(free_names(tree))
        if len(own) != 1:
            raise
        top, bottom, _ = p.fraction_of(tree, own[0])
        quotient, rest = p.divide(top, bottom)
        if rest:
            raise
        place = names.index(own[0])
        return {tuple(k * (i == place) for i in range(len(names))): c for k, c in enumerate(quotient) if c}


def _cancelled(tree: Expression, name: str) -> Iterator[Expression]:
    top, bottom, _ = p.fraction_of(tree, name)
    if not top:
        yield number(0)
        return
    shared = p.common(top, bottom)
    (a, above), (b, below) = (p.whole(p.divide(side, shared)[0]) for side in (top, bottom))
    content = a / b
    above, below = p.scale(above, content.numerator), p.scale(below, content.denominator)
    for up in (p.tree_of(above, name), _product(above, name)):
        for down in (p.tree_of(below, name), _product(below, name)):
            yield up if len(below) == 1 and below[0] == 1 else divide(up, down)


def _product(a: p.Polynomial, name: str) -> Expression:
    try:
        content, found = p.factors(a)
    except ExpressionError:
        return p.tree_of(a, name)
    counted = {factor: found.count(factor) for factor in found}
    factors = [p.tree_of(f, name) if k == 1 else power(p.tree_of(f, name), number(k)) for f, k in counted.items()]
    return multiply(*([number(content)] if content != 1 or not factors else []), *factors)


def _flattened(tree: Expression, atoms: dict[str, Expression]) -> Expression:
    """The expression with each function replaced by a name of its own."""
    if isinstance(tree, Call):
        for name, known in atoms.items():
            if known == tree:
                return Name(name)
        name = f"f{len(atoms)}"
        atoms[name] = tree
        return Name(name)
    if isinstance(tree, Sum):
        return add(*(_flattened(term, atoms) for term in tree.terms))
    if isinstance(tree, Product):
        return multiply(*(_flattened(factor, atoms) for factor in tree.factors))
    if isinstance(tree, Power):
        return power(_flattened(tree.base, atoms), _flattened(tree.exponent, atoms))
    return tree


def _partners(a: Expression, b: Expression) -> bool:
    both = isinstance(a, Call) and isinstance(b, Call) and a.argument == b.argument
    return both and (a.function, b.function) == ("sin", "cos")  # type: ignore[union-attr]


def _exchanged(total: Mapping[tuple[int, ...], Any], s: int, c: int) -> dict[tuple[int, ...], Any]:
    """The polynomial with the square of the unknown s replaced by 1 minus that of c."""
    found: dict[tuple[int, ...], Any] = dict(total)
    while high := next((e for e, v in found.items() if e[s] > 1 and v), None):
        value = found.pop(high)
        for shift, sign in ((0, 1), (2, -1)):
            key = tuple(k - 2 if i == s else k + shift if i == c else k for i, k in enumerate(high))
            found[key] = found.get(key, 0) + sign * value
    return found


def _part(rng: random.Random, kind: str, top: int) -> Expression:
    def n() -> int:
        return rng.choice([-1, 1]) * rng.randint(1, top)

    if kind == "like":
        shapes = rng.sample(["x", "x^2", "y", "x*y"], 2)
        return parse(" + ".join(f"{n()}*{rng.choice(shapes)}" for _ in range(4)).replace("+ -", "- "), NAMES)
    if kind == "product":
        return parse(
            f"({rng.randint(1, 5)}*x + {n()})*(x + {n()}) - x*({rng.randint(1, 5)}*x + {n()})".replace("+ -", "- ")
        )
    if kind == "quotient":
        root, other = poly([n(), 1]), poly([n(), rng.randint(1, 3)])
        return parse(f"({text_of(p.multiply(root, other))})/({text_of(root)})")
    a, u = rng.randint(2, top), rng.choice(["x", f"{rng.randint(2, 5)}*x", "y"])
    b = a if rng.random() < 0.5 else rng.randint(1, top)
    forms = (
        f"{a}*sin({u})^2 + {b}*cos({u})^2", f"({a}*sin({u}) + {b}*cos({u}))^2 - {2 * a * b}*sin({u})*cos({u})",
        f"(1 - sin({u}))*({a} + {a}*sin({u}))", f"{a}*cos({u})^4 + {a}*sin({u})^2*cos({u})^2",
    )  # fmt: skip
    return parse(f"{n()}*{rng.choice('xy')} + " + rng.choice(forms), NAMES)
