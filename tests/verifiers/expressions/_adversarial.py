"""Pairs of expressions that are hard to tell apart, or hard to see as equal; the truth is known by construction."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import factorial
from random import Random

from tests.verifiers.expressions._written_pairs import EQUAL, UNEQUAL

Pair = tuple[str, str, bool]

def written() -> Iterator[tuple[str, list[Pair]]]:
    """The pairs written out, by kind."""
    for kinds, truth in ((EQUAL, True), (UNEQUAL, False)):
        for kind, block in kinds.items():
            lines = [line.strip().split(" = ") for line in block.strip().split("\n")]
            yield f"{kind}, {'equal' if truth else 'unequal'}", [(a, b, truth) for a, b in lines]


def radicals() -> Iterator[Pair]:
    for a, b in combinations((2, 3, 5, 6, 7, 10, 11, 13), 2):
        yield f"sqrt({a}+{b}+2*sqrt({a * b}))", f"sqrt({a})+sqrt({b})", True
        yield f"sqrt({a}+{b}+2*sqrt({a * b + 1}))", f"sqrt({a})+sqrt({b})", False
    for p, q in ((1, 1), (2, 3), (3, 1), (5, 7), (1, 4), (4, 9)):  # Cardano: a root of t^3 + 3pt - 2q
        root = f"((sqrt({q * q + p**3})+{q})^(1/3) - (sqrt({q * q + p**3})-{q})^(1/3))"
        yield f"{root}^3 + {3 * p}*{root}", f"{2 * q}", True
        yield f"{root}^3 + {3 * p}*{root}", f"{2 * q}+10^-40", False
    for n in range(1, 25):  # Vieta
        nested = "sqrt(2+" * n + "sqrt(2)" + ")" * n
        yield nested, f"2*cos(pi/2^{n + 2})", True
        yield nested, f"2*cos(pi/(2^{n + 2}+1))", False
        yield nested, "2", False


def products_of_angles() -> Iterator[Pair]:
    for n in range(2, 16):
        sines = "*".join(f"sin({k}*pi/{n})" for k in range(1, n))
        yield sines, f"{n}/2^{n - 1}", True
        yield sines, f"{n}/2^{n}", False
        cosines = "+".join(f"cos({k}*x)" for k in range(1, n + 1))
        yield cosines, f"(sin({2 * n + 1}*x/2)/sin(x/2)-1)/2", True
        yield cosines, f"(sin({2 * n - 1}*x/2)/sin(x/2)-1)/2", False
        yield "*".join(f"cos(2^{k}*x)" for k in range(n)), f"sin(2^{n}*x)/(2^{n}*sin(x))", True


def perturbed() -> Iterator[Pair]:
    """Differences far below the values: added, multiplied, inside the argument, as a slow wave."""
    hosts = ("x", "sin(x)*E(x)", "sqrt(x^2+1)", "log(x^2+2)/x", "|x-1|+|x+1|", "x^7-3x+1/x", "atan(x)*cos(3x)",
             "E(-x^2)", "1/(x^2+1)^5", "tan(x)+sec(x)")  # fmt: skip
    for host in hosts:
        plain = host.replace("E", "exp")
        for k in (3, 12, 33, 70, 150, 390):
            yield f"{plain}+10^-{k}", plain, False
            yield f"({plain})*(1+10^-{k})", plain, False
        for k in (5, 40, 200):
            yield host.replace("x", f"(x+10^-{k})").replace("E", "exp"), plain, False
            yield f"{plain}+sin(x/10^{k})", plain, False
            yield f"{plain}*cos(x/10^{k})", plain, False
            yield f"{plain}+x^200/10^{k}", plain, False
    for n in (5, 9, 15, 25, 41, 61):
        yield "+".join(f"({(-1) ** (k // 2)})*x^{k}/{factorial(k)}" for k in range(1, n + 1, 2)), "sin(x)", False
        yield "+".join(f"x^{k}/{factorial(k)}" for k in range(n + 1)), "exp(x)", False


def narrow() -> Iterator[Pair]:
    """Equal but on a stretch of width 10^-k, or of 10^(-k/2)."""
    for k in (2, 6, 15, 60):
        d = f"10^-{k}"
        for u in ("x", "x-3", "x/3-1", "x-sqrt(2)", "exp(x)-1", "x-y", "log(x)", "x^3+x-5"):
            yield f"|{u}|+|{u}-{d}|", f"|2*({u})-{d}|", False
        yield f"sqrt(x^2)+sqrt((x-{d})^2)", f"|2x-{d}|", False
        for u in (f"x^2-{d}x", f"x^2-{d}", f"(x-7)^2-{d}", f"x*(x-{d})", f"sin(x)^2-{d}"):
            yield f"|{u}|", u, False
        yield f"|(x-7)^2-{d}|", f"x^2-14x+49-{d}", False
        yield f"|x|+|x-{d}|+|x-2*{d}|", f"|x-{d}|+|2x-2*{d}|", False


def far() -> Iterator[Pair]:
    """Equal up to a border at 10^k, or from 10^-k."""
    for k in (2, 5, 9, 20, 60):
        for u in (f"x-10^{k}", f"x/10^{k}-1", f"x-exp({k})"):
            yield f"|{u}|", f"-({u})", False
        for u in (f"x+sin(x)+10^{k}", f"x^3+10^{k}", f"log|x|+{k}", f"x*y+10^{k}"):
            yield f"|{u}|", u, False
        yield f"sqrt((x+10^{k})^2)", f"x+10^{k}", False


def fractions() -> Iterator[Pair]:
    fibonacci = [0, 1]
    while len(fibonacci) < 60:
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    for n in (5, 10, 20, 30, 40, 55):
        deep = "1+1/(" * n + "1" + ")" * n
        yield deep, f"{fibonacci[n + 2]}/{fibonacci[n + 1]}", True
        yield deep, f"{fibonacci[n + 3]}/{fibonacci[n + 2]}", False
        yield deep, "(1+sqrt(5))/2", False
    for n in (5, 10, 25):
        deep = r"\frac{1}{1+" * n + "x" + "}" * n
        a, b, c = fibonacci[n - 1], fibonacci[n], fibonacci[n + 1]
        yield deep, f"({b}+{a}*x)/({c}+{b}*x)", True
        yield deep, f"({b}+{a}*x)/({c}+{b}*x+1)", False
    rng = Random(7)
    for _ in range(40):
        a, b, c = rng.sample(range(-20, 20), 3)
        whole = f"1/((x-({a}))*(x-({b}))*(x-({c})))"
        first = f"1/(({a - b})*({a - c})*(x-({a})))+1/(({b - a})*({b - c})*(x-({b})))"
        yield whole, f"{first}+1/(({c - a})*({c - b})*(x-({c})))", True
        yield whole, f"{first}+1/(({c - a})*({b - c})*(x-({c})))", False


FAMILIES = {
    "radicals": radicals, "products of angles": products_of_angles, "perturbed": perturbed, "narrow": narrow,
    "far": far, "fractions": fractions,
}  # fmt: skip
KINDS = {**dict(written()), **{kind: list(family()) for kind, family in FAMILIES.items()}}
