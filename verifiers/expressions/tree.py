"""Expressions as immutable trees, and the structural constructors that parser and generators share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias


class ExpressionError(ValueError):
    """A text is not an expression, or an expression is not of the kind asked for; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Number:
    """An exact rational number."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Constant:
    """One of the constants `pi`, `e` and, where the parser allows it, the imaginary unit `i`."""

    name: str


@dataclass(frozen=True, slots=True)
class Name:
    """A real variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Two or more terms in the order written; no term is itself a sum."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Two or more factors in the order written; no factor is itself a product, a divisor is a negative power."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """A base raised to an exponent."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """A named function of one argument."""

    function: str
    argument: Expression


Expression: TypeAlias = Number | Constant | Name | Sum | Product | Power | Call

FUNCTIONS: Final = (
    "sin", "cos", "tan", "sec", "csc", "cot", "exp", "log", "sqrt", "abs",
    "asin", "acos", "atan", "sinh", "cosh", "tanh",
)  # fmt: skip
CONSTANTS: Final = ("pi", "e")
_TOTAL: Final = frozenset({"sin", "cos", "exp", "abs", "atan", "sinh", "cosh", "tanh"})

_SMALL: Final = {n: Number(Fraction(n)) for n in range(-64, 257)}
ZERO: Final = _SMALL[0]
ONE: Final = _SMALL[1]
MINUS_ONE: Final = _SMALL[-1]
E: Final = Constant("e")


def number(value: int | Fraction) -> Number:
    """A number node for an integer or a fraction."""
    known = _SMALL.get(value.numerator) if value.denominator == 1 else None
    return known or Number(Fraction(value))


def add(*terms: Expression) -> Expression:
    """The sum of the terms, with nested sums spliced in and nothing else changed."""
    flat: list[Expression] = []
    for term in terms:
        if isinstance(term, Sum):
            flat.extend(term.terms)
        else:
            flat.append(term)
    if len(flat) == 1:
        return flat[0]
    return Sum(tuple(flat)) if flat else ZERO


def multiply(*factors: Expression) -> Expression:
    """The product of the factors, with nested products spliced in and nothing else changed."""
    flat: list[Expression] = []
    for factor in factors:
        if isinstance(factor, Product):
            flat.extend(factor.factors)
        else:
            flat.append(factor)
    if len(flat) == 1:
        return flat[0]
    return Product(tuple(flat)) if flat else ONE


def negate(expression: Expression) -> Expression:
    """Minus the expression; the sign goes into a leading number where there is one."""
    if isinstance(expression, Number):
        return number(-expression.value)
    if not isinstance(expression, Product):
        return Product((MINUS_ONE, expression))
    first, rest = expression.factors[0], expression.factors[1:]
    if not isinstance(first, Number):
        return Product((MINUS_ONE, *expression.factors))
    if first == MINUS_ONE:
        return multiply(*rest)
    return Product((number(-first.value), *rest))


def divide(numerator: Expression, denominator: Expression) -> Expression:
    """The quotient; two numbers make a number, and `1/u` is a negative power alone."""
    if isinstance(numerator, Number) and isinstance(denominator, Number) and denominator.value:
        return number(numerator.value / denominator.value)
    inverse = invert(denominator)
    return inverse if numerator == ONE else multiply(numerator, inverse)


def invert(expression: Expression) -> Expression:
    """One over the expression."""
    if isinstance(expression, Number) and expression.value:
        return number(1 / expression.value)
    if isinstance(expression, Power) and isinstance(expression.exponent, Number) and expression.exponent.value > 0:
        return Power(expression.base, number(-expression.exponent.value))
    return Power(expression, MINUS_ONE)


def power(base: Expression, exponent: Expression) -> Expression:
    """The base raised to the exponent; a power of `e` is a call of `exp`."""
    return Call("exp", exponent) if base == E else Power(base, exponent)


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct parts of a node."""
    if isinstance(expression, Sum):
        return expression.terms
    if isinstance(expression, Product):
        return expression.factors
    if isinstance(expression, Power):
        return (expression.base, expression.exponent)
    if isinstance(expression, Call):
        return (expression.argument,)
    return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """Every node of the tree, parents before their parts."""
    stack = [expression]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def free_names(*expressions: Expression) -> frozenset[str]:
    """The variables that occur in any of the expressions."""
    return frozenset(node.name for tree in expressions for node in walk(tree) if isinstance(node, Name))


def defined_everywhere(expression: Expression) -> bool:
    """Whether the form alone shows that the expression has a real value for all real values of its names."""
    return all(_defined_everywhere(node) for node in walk(expression))


def _defined_everywhere(node: Expression) -> bool:
    if isinstance(node, Call):
        return node.function in _TOTAL
    if isinstance(node, Power):
        exponent = node.exponent
        return isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value > 0
    return True


def size(expression: Expression) -> int:
    """The number of numbers, names, constants, calls and operators in the printed expression.

    A rational number with its sign is one; a sum or product of k parts has k - 1 operators; the minus of `-u` is
    one; a divisor counts as what it divides by, so `a/b` is `size(a) + 1 + size(b)`.
    """
    if isinstance(expression, Sum):
        return len(expression.terms) - 1 + sum(_term_size(term, first=not k) for k, term in enumerate(expression.terms))
    return _term_size(expression, first=True)


def _term_size(term: Expression, *, first: bool) -> int:
    """The size of a term of a sum, whose minus is the operator before it unless it comes first."""
    if isinstance(term, Product):
        if term.factors[0] == MINUS_ONE:
            return int(first) + _factors_size(term.factors[1:])
        return _factors_size(term.factors)
    return _plain_size(term)


def _factors_size(factors: tuple[Expression, ...]) -> int:
    total = len(factors) - 1
    for position, factor in enumerate(factors):
        after_one = position == 1 and factors[0] == ONE
        divisor = divisor_of(factor) if position and not after_one else None
        total += _plain_size(factor if divisor is None else divisor)
    return total


def _plain_size(expression: Expression) -> int:
    if isinstance(expression, Power):
        divisor = divisor_of(expression)
        if divisor is not None:
            return 2 + _plain_size(divisor)
        return 1 + _plain_size(expression.base) + _plain_size(expression.exponent)
    if isinstance(expression, Call):
        return 1 + size(expression.argument)
    if isinstance(expression, Sum | Product):
        return size(expression)
    return 1


def divisor_of(expression: Expression) -> Expression | None:
    """What the expression divides by when it prints as a quotient."""
    if not isinstance(expression, Power) or not isinstance(expression.exponent, Number):
        return None
    value = expression.exponent.value
    if value.numerator >= 0 or isinstance(expression.base, Number):
        return None
    divisor = expression.base if value == -1 else Power(expression.base, Number(-value))
    return divisor if invert(divisor) == expression else None


def substitute(expression: Expression, values: Mapping[str, Expression]) -> Expression:
    """The expression with each named variable replaced, all at once."""
    if isinstance(expression, Name):
        return values.get(expression.name, expression)
    if isinstance(expression, Sum):
        return add(*(substitute(term, values) for term in expression.terms))
    if isinstance(expression, Product):
        return multiply(*(substitute(factor, values) for factor in expression.factors))
    if isinstance(expression, Power):
        return power(substitute(expression.base, values), substitute(expression.exponent, values))
    if isinstance(expression, Call):
        return Call(expression.function, substitute(expression.argument, values))
    return expression
