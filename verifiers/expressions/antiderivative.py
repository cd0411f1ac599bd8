"""Whether an expression is an antiderivative of another."""

from __future__ import annotations

from collections.abc import Mapping

from esreason.verifiers.expressions.derivative import derivative
from esreason.verifiers.expressions.equality import Equality, equal
from esreason.verifiers.expressions.sampling import Interval
from esreason.verifiers.expressions.tree import Expression, ExpressionError


def antiderivative_of(
    answer: Expression,
    integrand: Expression,
    variable: str = "x",
    *,
    domain: Mapping[str, Interval] | None = None,
) -> Equality:
    """Whether the answer's derivative equals the integrand wherever answer and integrand have a value; never raises.

    Names that do not occur in the integrand are constants of integration: they may stand anywhere as long as the
    derivative does not depend on them (`+ C`, `(x^2 + C)/2`, but not `C*x`). On the answer's domain `log(x)`,
    `log(-x)` and `log(abs(x))` are each an antiderivative of `1/x`.
    """
    try:
        slope = derivative(answer, variable)
    except ExpressionError as reason:
        return Equality(False, f"could not be decided: {reason}", False)
    return equal(integrand, slope, domain=domain, within=(answer,))  # the slope shares its parts with the answer
