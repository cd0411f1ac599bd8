"""Stated numbers of tasks against counts of what a level can draw, made from its description and not from its draws.

The effective number of tasks is 1 / (probability that two draws are equal): a plain count where all are equally likely.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from fractions import Fraction
from itertools import combinations_with_replacement, product
from math import factorial, prod

import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import shortest_path

from esreason.core.registry import env_class

Weighted = Iterator[tuple[Hashable, float]]


def effective(outcomes: Weighted) -> float:
    """One over the chance that two independent outcomes are the same."""
    weights: Counter[Hashable] = Counter()
    for outcome, weight in outcomes:
        weights[outcome] += weight  # type: ignore[assignment]
    return sum(weights.values()) ** 2 / sum(w * w for w in weights.values())


def signed(top: int, low: int = 1) -> list[int]:
    return [s * k for k in range(low, top + 1) for s in (1, -1)]


def times(*polynomials: tuple[int, ...]) -> tuple[int, ...]:
    """The product of polynomials given by their coefficients."""
    row: tuple[int, ...] = (1,)
    for other in polynomials:
        longer = [0] * (len(row) + len(other) - 1)
        for (i, a), (j, b) in product(enumerate(row), enumerate(other)):
            longer[i + j] += a * b
        row = tuple(longer)
    return row


def factor(count: int, lead: int, last: int, quadratic: bool, content: int) -> Weighted:
    linear = [(c, a) for c in signed(last) for a in range(1, lead + 1)]
    # x^2 - 2x + 1 and x^2 + 2x + 1 are the only ones of these that fall apart
    squares = [(c, b, 1) for c in range(1, 10) for b in range(-2, 3) if b * b < 4 * c] if quadratic else [(1,)]
    for parts in combinations_with_replacement(linear, count):
        orders = factorial(count) / prod(factorial(k) for k in Counter(parts).values())
        whole = times(*parts)
        for square, scale in product(squares, range(1, content + 1)):
            yield times(whole, square, (scale,)), orders


def equation(level: int) -> Weighted:
    if level == 1:  # a*x + b = a*root + b
        yield from ((key, 1.0) for key in product(range(2, 13), signed(12), signed(12)))
    elif level == 3:
        yield from ((times((p, 1), (q, 1)), 1.0) for p, q in product(signed(60), repeat=2))
    elif level == 4:  # the same on both sides of which two numbers of 18 are added
        moved = list(product(signed(9), repeat=2))
        for p, q in combinations_with_replacement(signed(9), 2):
            yield from (((p, q, m), 2.0 - (p == q)) for m in moved)
    elif level == 5:  # (d*x + n)/(x + m) = k, which has a solution unless d = k or its root is the pole
        for d, n, m, k in product(range(1, 4), signed(9), signed(9), signed(9)):
            if d != k and (n - k * m) != m * (d - k):
                yield (d, n, m, k), 1.0
    else:
        yield from (((a, b, c), 1.0) for a, b, c in product(range(1, 5), signed(9), signed(9)) if b * b >= 4 * a * c)


def inequality(level: int) -> Weighted:
    """Factors with different roots, in order where they are written as factors, and one of four relations."""
    count, top, lead, expanded = {
        1: (2, 25, 1, False), 2: (2, 25, 1, True), 3: (2, 12, 3, False), 4: (2, 9, 3, True), 5: (3, 12, 1, False),
        6: (3, 12, 1, False),
    }[level]  # fmt: skip
    factors = list(product(range(-top, top + 1), range(1, lead + 1)))
    for parts in product(factors, repeat=count):
        if len({Fraction(r, a) for r, a in parts}) == count:
            yield from (((times(*parts) if expanded else parts, relation), 1.0) for relation in "<>≤≥")


def power_terms() -> Iterator[tuple[str, float]]:
    for c in signed(9, 2):
        yield f"{c}x", 0.3 / 16
        yield from ((f"{c}x^{k}", 0.7 / 96) for k in range(2, 8))


def simple_terms() -> Iterator[tuple[str, float]]:
    for c in signed(9, 2):
        yield from ((f"{c}{form}", 1 / 80) for form in ("sin", "cos", "exp", "/x"))
        yield from ((f"{c}/x^{k}", 1 / 320) for k in range(2, 6))


def integrand(level: int) -> Weighted:
    if level == 6:
        for c, n in product(signed(9, 2), range(2, 5)):
            for r in range(1, 10):
                each = (0.6 + 0.4 / 3) / 16 / 3 / 9 / 5
                yield from (((c, n, r, form), each) for form in ("sin", "cos", "exp", "-1"))
                yield from (((c, n, r, k), each / 4) for k in range(2, 6))
            yield from (((c, n, form), 0.4 / 3 / 16 / 3) for form in ("sin", "cos"))
        return
    power, simple = list(power_terms()), list(simple_terms())
    either = [(t, w / 2) for t, w in power + simple]
    first, second = {1: (power, power), 3: (power, either), 4: (simple, simple)}[level]
    yield from (((s, t), v * w) for (s, v), (t, w) in product(first, second) if s != t)


def simplification(level: int) -> Weighted:
    if level == 3:
        yield from ((key, 1.0) for key in product(signed(9), signed(9), range(1, 4)))
        return
    inner = [("x", 1 / 3), ("y", 1 / 3), *((f"{k}x", 1 / 12) for k in range(2, 6))]
    for n, letter, a, (u, weight) in product(signed(9), "xy", range(2, 10), inner):
        for form in ("sum", "square"):
            yield (n, letter, a, u, form, a), weight / 2
            yield from (((n, letter, a, u, form, b), weight / 18) for b in range(1, 10))
        yield from (((n, letter, a, u, form), weight) for form in ("product", "fourth"))


def hanoi(fewest: int, most: int, least: int, longest: int) -> Weighted:
    """Pairs of positions by their distance in the graph of legal moves, which scipy finds."""
    for disks in range(fewest, most + 1):
        positions = list(product(range(3), repeat=disks))
        place = {position: k for k, position in enumerate(positions)}
        edges = [
            (place[here], place[(*here[:disk], peg, *here[disk + 1 :])])
            for here in positions
            for disk, peg in product(range(disks), range(3))
            if peg != here[disk] and not {here[disk], peg} & set(here[:disk])
        ]
        rows, columns = zip(*edges, strict=True)
        graph = csr_matrix(([1] * len(edges), (rows, columns)), shape=(len(positions), len(positions)))
        steps = shortest_path(graph, unweighted=True)
        count = int(((steps >= least) & (steps <= longest)).sum())
        yield from (((disks, k), 9.0**-disks) for k in range(count))


COUNTED: dict[tuple[str, int], Callable[[], Weighted]] = {
    ("factor", 1): lambda: factor(2, 1, 60, False, 1),
    ("factor", 2): lambda: factor(2, 1, 40, False, 3),
    ("factor", 3): lambda: factor(2, 3, 30, False, 1),
    ("factor", 4): lambda: factor(3, 1, 20, False, 1),
    ("factor", 5): lambda: factor(2, 2, 7, True, 1),
    ("factor", 6): lambda: factor(3, 2, 7, False, 2),
    **{("solve_equation", level): lambda level=level: equation(level) for level in (1, 3, 4, 5, 6)},  # type: ignore[misc]
    **{("inequality", level): lambda level=level: inequality(level) for level in range(1, 7)},  # type: ignore[misc]
    **{("integrate", level): lambda level=level: integrand(level) for level in (1, 3, 4, 6)},  # type: ignore[misc]
    **{("simplify", level): lambda level=level: simplification(level) for level in (3, 5)},  # type: ignore[misc]
    ("hanoi", 1): lambda: hanoi(3, 5, 2, 5),
    ("hanoi", 2): lambda: hanoi(3, 5, 6, 10),
    ("hanoi", 3): lambda: hanoi(4, 5, 10, 15),
    ("hanoi", 4): lambda: hanoi(4, 6, 14, 20),
    ("hanoi", 5): lambda: hanoi(5, 6, 20, 31),
}


@pytest.mark.parametrize(("name", "level"), COUNTED)
def test_a_stated_number_of_tasks_is_the_counted_one(name: str, level: int) -> None:
    check(name, level, effective(COUNTED[name, level]()))


def check(name: str, level: int, counted: float) -> None:
    stated = env_class(name).task_space[level]
    assert abs(stated - counted) <= 0.05 * counted, f"{name} level {level} states {stated:,}, counted {counted:,.0f}"
