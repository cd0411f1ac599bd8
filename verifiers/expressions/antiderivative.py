"""Whether an expression is an antiderivative of another."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from esreason.verifiers.expressions.derivative import derivative
from esreason.verifiers.expressions.equality import Equality, equal
from esreason.verifiers.expressions.sampling import Interval
from esreason.verifiers.expressions.tree import (
    Expression,
    ExpressionError,
    Name,
    Number,
    Product,
    Sum,
    add,
    free_names,
)


def antiderivative_of(
    answer: Expression,
    integrand: Expression,
    variable: str = "x",
    *,
    constants: Collection[str] = ("C", "c"),
    domain: Mapping[str, Interval] | None = None,
) -> Equality:
    """Whether the answer's derivative equals the integrand wherever answer and integrand have a value; never raises.

    One of the `constants` may be added (`+ C`, also with a number before it); elsewhere in the answer it is an error.
    A name that occurs in the integrand is no such constant. On the answer's domain `log(x)`, `log(-x)` and
    `log(abs(x))` are each an antiderivative of `1/x`.
    """
    free = frozenset(constants) - free_names(integrand) - {variable}
    rest = _without_constant(answer, free)
    if free_names(rest) & free:
        return Equality(False, "a constant of integration may only be added", True)
    try:
        slope = derivative(rest, variable)
    except ExpressionError as reason:
        return Equality(False, f"could not be decided: {reason}", False)
    return equal(slope, integrand, domain=domain, within=(rest,))


def _without_constant(answer: Expression, free: frozenset[str]) -> Expression:
    terms = answer.terms if isinstance(answer, Sum) else (answer,)
    return add(*(term for term in terms if not _is_constant(term, free)))


def _is_constant(term: Expression, free: frozenset[str]) -> bool:
    if isinstance(term, Product) and len(term.factors) == 2 and isinstance(term.factors[0], Number):
        term = term.factors[1]
    return isinstance(term, Name) and term.name in free
