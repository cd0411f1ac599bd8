"""The one parser of expressions: recursive descent with counted depth, never `eval`."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import Final

from esreason.verifiers.expressions.tokens import CARET, MINUS, OVER, PLUS, TIMES, Token, tokenize
from esreason.verifiers.expressions.tree import (
    ZERO,
    Call,
    Expression,
    ExpressionError,
    Number,
    add,
    divide,
    multiply,
    negate,
    number,
    power,
)

MAX_DEPTH: Final = 64
MAX_NODES: Final = 2000
MAX_EXPONENT: Final = 10_000

_CLOSING: Final = {"(": ")", "{": "}", "[": "]", "|": "|"}
_OPENING: Final = frozenset("({|")
_STARTS: Final = frozenset(["function", "constant", "name", "frac", "root"])
_OPERATORS: Final = frozenset("+-*/")


def parse(text: str, names: Collection[str] = ("x",), *, imaginary: bool = False) -> Expression:
    """The tree of an expression over the given variable names; `ExpressionError` says in a sentence what is wrong.

    `imaginary` reads `i` as the imaginary unit (for `gaussian`; equality is over the reals).
    """
    parser = _Parser(tokenize(text, names, imaginary=imaginary))
    expression = parser.sum()
    if parser.token.kind != "end":
        raise ExpressionError(f"Unexpected '{parser.token.text}'.")
    if parser.nodes > MAX_NODES:
        raise ExpressionError(f"The expression has more than {MAX_NODES} parts.")
    return expression


class _Parser:
    """State of one parse: the tokens, the place among them, open groups and the nodes made so far."""

    __slots__ = ("bars", "depth", "nodes", "position", "token", "tokens")

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.token = tokens[0]
        self.depth = 0
        self.nodes = 0
        self.bars = 0  # bars that a `|` would close; a bracket inside them hides them

    def advance(self) -> Token:
        token = self.token
        self.position += 1
        self.token = self.tokens[self.position]
        return token

    def expect(self, sign: str) -> None:
        if self.token.kind != "sign" or self.token.text != sign:
            raise ExpressionError(f"Expected '{sign}' but found {self.found()}.")
        self.advance()

    def found(self) -> str:
        return "the end" if self.token.kind == "end" else f"'{self.token.text}'"

    def enter(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"The expression is nested deeper than {MAX_DEPTH} levels.")

    def sum(self) -> Expression:
        self.enter()
        terms = [self.product()]
        token = self.token
        while token is PLUS or token is MINUS:
            self.advance()
            term = self.product()
            terms.append(negate(term) if token is MINUS else term)
            token = self.token
        self.depth -= 1
        return terms[0] if len(terms) == 1 else add(*terms)

    def product(self) -> Expression:
        """Factors from left to right; a product without a sign binds exactly as `*` does."""
        factors: list[Expression] = []
        dividing = False
        while True:
            leaf = self.token.leaf
            if leaf is not None and self.tokens[self.position + 1] is not CARET:  # most factors: no call for them
                self.nodes += 1
                self.position += 1
                self.token = self.tokens[self.position]
                factors.append(leaf)
            else:
                factors.append(self.operand())
            if dividing:
                divisor = factors.pop()
                factors = [divide(factors[0] if len(factors) == 1 else multiply(*factors), divisor)]
            token = self.token
            dividing = token is OVER
            if token is TIMES or dividing:
                self.position += 1
                self.token = self.tokens[self.position]
            elif not self.joins(token):
                return factors[0] if len(factors) == 1 else multiply(*factors)

    def joins(self, token: Token) -> bool:
        """Whether the token begins another factor, without a sign."""
        if token.kind == "sign":
            return token.text in "({" or (token.text == "|" and not self.bars)
        if token.kind == "number":
            raise ExpressionError(f"The number {token.text[:20]} follows a factor without an operator.")
        return token.kind in _STARTS

    def operand(self) -> Expression:
        """A power behind any number of signs: `-x^2` is the negative of `x^2`."""
        negative = False
        while self.token is MINUS or self.token is PLUS:
            negative ^= self.advance() is MINUS
        value = self.power()
        return negate(value) if negative else value

    def power(self) -> Expression:
        """A primary with an exponent; powers associate to the right."""
        base = self.primary()
        if self.token is not CARET:
            return base
        self.advance()
        self.enter()
        exponent = self.operand()
        self.depth -= 1
        self.nodes += 1
        if isinstance(exponent, Number):
            _check_exponent(exponent.value)
        return power(base, exponent)

    def primary(self) -> Expression:
        self.nodes += 1
        token = self.token
        if token.leaf is not None:
            self.advance()
            return token.leaf
        kind = token.kind
        if kind == "function":
            return self.call()
        if kind == "sign" and token.text in _OPENING:
            return self.group()
        if kind == "frac":
            return self.fraction()
        if kind == "root":
            return self.root()
        raise ExpressionError(f"A number, name or bracket was expected but found {self.found()}.")

    def group(self) -> Expression:
        """The contents of brackets, or the absolute value between bars."""
        opening = self.advance().text
        outer = self.bars
        self.bars = outer + 1 if opening == "|" else 0
        value = self.sum()
        self.expect(_CLOSING[opening])
        self.bars = outer
        return Call("abs", value) if opening == "|" else value

    def braces(self) -> Expression:
        if self.token.kind != "sign" or self.token.text != "{":
            raise ExpressionError(f"Expected '{{' but found {self.found()}.")
        return self.group()

    def argument(self) -> Expression:
        """What a LaTeX command takes: a group, or one letter, digit or constant without braces."""
        token = self.token
        if token.leaf is None or (token.kind == "number" and len(token.text) > 1):
            return self.braces()
        self.nodes += 1
        self.advance()
        return token.leaf

    def fraction(self) -> Expression:
        r"""`\frac{a}{b}`; `\frac12` is a half, as LaTeX sets it."""
        self.advance()
        token = self.token
        if token.kind == "number" and len(token.text) == 2 and token.text.isdigit():
            self.nodes += 2
            self.advance()
            return divide(number(int(token.text[0])), number(int(token.text[1])))
        numerator = self.argument()
        return divide(numerator, self.argument())

    def root(self) -> Expression:
        self.advance()
        if self.token.kind != "sign" or self.token.text != "[":
            return Call("sqrt", self.argument())
        self.advance()
        index = self.token
        value = index.leaf.value if isinstance(index.leaf, Number) else ZERO.value
        if value.denominator != 1 or not 2 <= value <= MAX_EXPONENT:
            raise ExpressionError("The index of a root must be a whole number from 2.")
        self.advance()
        self.expect("]")
        return power(self.argument(), Number(1 / value))

    def call(self) -> Expression:
        """A function with its argument: in brackets or bars, or one bare number, name or LaTeX group."""
        function = self.advance().text
        exponent = self.function_exponent(function) if self.token is CARET else None
        token = self.token
        if token.kind == "sign" and token.text in _OPENING:
            argument = self.group()
        elif token.kind in ("number", "name", "constant", "frac", "root"):
            argument = self.primary()
            self.check_bare(function)
        else:
            raise ExpressionError(f"'{function}' needs an argument in parentheses.")
        value: Expression = Call(function, argument)
        return value if exponent is None else power(value, exponent)

    def function_exponent(self, function: str) -> Expression:
        """The exponent of `sin^2(x)`; a negative one could mean the inverse function and is refused."""
        self.advance()
        self.enter()
        exponent = ZERO if self.token.text == "-" else self.primary()
        self.depth -= 1
        if not isinstance(exponent, Number) or exponent.value.denominator != 1 or exponent.value < 1:
            raise ExpressionError(f"Only a positive whole exponent may stand between '{function}' and its argument.")
        _check_exponent(exponent.value)
        return exponent

    def check_bare(self, function: str) -> None:
        """Refuse `sin 2x` and `log x^2`, whose extent readers disagree about."""
        token = self.token
        closes = token.kind == "sign" and (token.text in (")", "}") or (token.text == "|" and self.bars > 0))
        operator = token.kind == "sign" and token.text in _OPERATORS
        if not (closes or operator or token.kind in ("end", "function")):
            raise ExpressionError(f"It is not clear where the argument of '{function}' ends; write parentheses.")


def _check_exponent(value: Fraction) -> None:
    if max(abs(value.numerator), value.denominator) > MAX_EXPONENT:
        raise ExpressionError(f"An exponent is larger than {MAX_EXPONENT}.")
