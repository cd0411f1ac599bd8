"""Expressions of all symbolic verifiers: one parser, one tree, one equality."""

from __future__ import annotations

from esreason.verifiers.expressions.antiderivative import antiderivative_of
from esreason.verifiers.expressions.coefficients import coefficients, from_coefficients
from esreason.verifiers.expressions.derivative import derivative
from esreason.verifiers.expressions.equality import Equality, equal
from esreason.verifiers.expressions.exact import gaussian, rational_value
from esreason.verifiers.expressions.grammar import parse
from esreason.verifiers.expressions.numeric import enclosure
from esreason.verifiers.expressions.printing import to_text
from esreason.verifiers.expressions.reading import (
    parse_complex,
    parse_equation,
    parse_list,
    parse_matrix,
    parse_solutions,
)
from esreason.verifiers.expressions.sampling import POSITIVE, REAL, Interval
from esreason.verifiers.expressions.surds import is_root, surd_value
from esreason.verifiers.expressions.tree import (
    Call,
    Constant,
    Expression,
    ExpressionError,
    Name,
    Number,
    Power,
    Product,
    Sum,
    add,
    divide,
    free_names,
    invert,
    multiply,
    negate,
    number,
    power,
    size,
    substitute,
    walk,
)

__all__ = [
    "POSITIVE",
    "REAL",
    "Call",
    "Constant",
    "Equality",
    "Expression",
    "ExpressionError",
    "Interval",
    "Name",
    "Number",
    "Power",
    "Product",
    "Sum",
    "add",
    "antiderivative_of",
    "coefficients",
    "derivative",
    "divide",
    "enclosure",
    "equal",
    "free_names",
    "from_coefficients",
    "gaussian",
    "invert",
    "is_root",
    "multiply",
    "negate",
    "number",
    "parse",
    "parse_complex",
    "parse_equation",
    "parse_list",
    "parse_matrix",
    "parse_solutions",
    "power",
    "rational_value",
    "size",
    "substitute",
    "surd_value",
    "to_text",
    "walk",
]
