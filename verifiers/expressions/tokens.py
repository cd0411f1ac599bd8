"""Tokens of the expression grammar: bounded text to a list of numbers, words and signs."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from esreason.verifiers.expressions.tree import (
    CONSTANTS,
    FUNCTIONS,
    Constant,
    ExpressionError,
    Name,
    Number,
    number,
)

MAX_LENGTH: Final = 4000
MAX_DIGITS: Final = 400
_MAX_WORD: Final = 32

# a number, a word, a command, a sign, or a character that is none of them
_PIECE: Final = re.compile(
    r"[ \t\r\n]*([0-9]+(?:\.[0-9]+)?|\.[0-9]+|[A-Za-z][A-Za-z0-9_]*|\\[A-Za-z]+|\\[^\n]|\*\*|.)", re.DOTALL
)
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS: Final = frozenset("0123456789")
_BREAK: Final = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")
_ALIASES: Final = {
    "ln": "log",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
}
# Never cut into letters, whatever the names: these words mean something that is not an expression.
_RESERVED: Final = frozenset(
    ("and antiderivative cannot constant d derivative diff dx else erf factorial false if inf infinity int integral "
     "integrate lambda lim limit max min mod nan none not oo or prod product sum true undefined unknown zoo").split()
)  # fmt: skip
_SUPERSCRIPTS: Final = re.compile("[⁰¹²³⁴-⁹]+")
_UNICODE: Final = str.maketrans(
    {"−": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "π": " pi ", "√": " sqrt "}
    | dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
)
_SILENT: Final = frozenset(
    ["\\left", "\\right", "\\displaystyle", "\\quad", "\\,", "\\;", "\\:", "\\!", "\\ ", "\\limits", "\\mathrm"]
)
_WRAPPERS: Final = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"))


@dataclass(frozen=True, slots=True)
class Token:
    """A token: `kind` is number, function, constant, name, sign, frac, root or end; `leaf` the node it makes alone."""

    kind: str
    text: str
    leaf: Number | Constant | Name | None = None


END: Final = Token("end", "")
PLUS: Final = Token("sign", "+")
MINUS: Final = Token("sign", "-")
TIMES: Final = Token("sign", "*")
OVER: Final = Token("sign", "/")
CARET: Final = Token("sign", "^")
_BAR: Final = Token("sign", "|")
_FRACTION: Final = Token("frac", "\\frac")
_PI: Final = Token("constant", "pi", Constant("pi"))
# every sign is one object, so that a parser may ask with `is`
_SIGNS: Final = {token.text: token for token in (PLUS, MINUS, TIMES, OVER, CARET, _BAR)} | {
    "**": CARET, **{sign: Token("sign", sign) for sign in "(){}[]"}
}  # fmt: skip
_COMMANDS: Final = {
    "\\cdot": TIMES,
    "\\times": TIMES,
    "\\div": OVER,
    "\\lvert": _BAR,
    "\\rvert": _BAR,
    "\\vert": _BAR,
    "\\frac": _FRACTION,
    "\\dfrac": _FRACTION,
    "\\tfrac": _FRACTION,
    "\\sqrt": Token("root", "\\sqrt"),
}


def tokenize(text: str, names: Collection[str], *, imaginary: bool = False) -> list[Token]:
    """The tokens of the text, closed by an end token; words are split into known names where that is unique."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"The expression is longer than {MAX_LENGTH} characters.")
    if not text.isascii():
        text = _SUPERSCRIPTS.sub(r"^\g<0> ", text).translate(_UNICODE)
    text = unwrap(text)
    if "\n" in text or "\r" in text:
        _check_breaks(text)
    known = _vocabulary(frozenset(names), imaginary)
    tokens: list[Token] = []
    for piece in _PIECE.findall(text.rstrip(" \t\r\n")):
        token = known.get(piece)
        if token is not None:
            tokens.append(token)
        elif piece[0] in _DIGITS or (piece[0] == "." and len(piece) > 1):
            tokens.append(_number(piece))
        elif piece[0] in _LETTERS:
            tokens.extend(_split(piece, known))
        elif piece[0] == "\\" and len(piece) > 1:
            tokens.extend(_command(piece, known))
        else:
            raise ExpressionError(_complaint(piece))
    tokens.append(END)
    return tokens


def unwrap(text: str) -> str:
    """The text without outer mathematics signs, boxes and a closing full stop."""
    for _ in range(4):
        text = text.strip()
        if text.endswith(".") and not text.endswith(".."):
            text = text[:-1].rstrip()
        for opening, closing in _WRAPPERS:
            inner = text[len(opening) : -len(closing)]
            if text == f"{opening}{inner}{closing}" and opening not in inner:  # `$1$, $2$` are two texts
                text = inner
                break
        else:
            if not (text.startswith("\\boxed{") and _closes_last(text)):
                return text
            text = text[len("\\boxed{") : -1]
    return text


def _closes_last(text: str) -> bool:
    """Whether the first brace is closed by the last character, and not before."""
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if character == "}" and depth == 0:
            return position == len(text) - 1
    return False


def _check_breaks(text: str) -> None:
    """Refuse two lines that could be two answers: a line break never stands for a product or before a minus."""
    for found in _BREAK.finditer(text):
        before, after = text[found.start() - 1], text[found.end()]
        if before not in "+-*/^({" and after not in "+*/^)}":
            raise ExpressionError("A line breaks where the expression could end; write it on one line.")


@lru_cache(maxsize=256)
def _vocabulary(names: frozenset[str], imaginary: bool) -> dict[str, Token]:
    """Signs and words; a function's name is never a variable, a variable's name is never a constant."""
    constants = (*CONSTANTS, "i") if imaginary else CONSTANTS
    words = {word: Token("constant", word, Constant(word)) for word in constants}
    words |= {word: Token("name", word, Name(word)) for word in names}
    words |= {word: Token("function", word) for word in FUNCTIONS}
    words |= {alias: Token("function", word) for alias, word in _ALIASES.items() if alias not in names}
    return words | _SIGNS


@lru_cache(maxsize=1024)
def _number(piece: str) -> Token:
    if len(piece) > MAX_DIGITS:
        raise ExpressionError(f"A number has more than {MAX_DIGITS} digits.")
    whole, dot, decimals = piece.partition(".")
    if not dot:
        return Token("number", piece, number(int(piece)))
    return Token("number", piece, number(Fraction(int(whole + decimals), 10 ** len(decimals))))


def _command(piece: str, words: dict[str, Token]) -> list[Token]:
    if piece in _SILENT:
        return []
    if piece in _COMMANDS:
        return [_COMMANDS[piece]]
    known = words.get(piece[1:])
    if known is None or (known.kind != "function" and known != _PI):
        raise ExpressionError(f"Unknown command '{piece[:20]}'.")
    return [known]


def _split(word: str, words: dict[str, Token]) -> list[Token]:
    """A run of letters such as `xsin` as the one sequence of known words that spells it."""
    if len(word) > _MAX_WORD or not word.isalpha() or word.lower() in _RESERVED:
        raise ExpressionError(f"Unknown name '{word[:_MAX_WORD]}'.")
    ways: list[list[list[Token]]] = [[[]]]  # ways[k]: up to two spellings of the first k letters
    for stop in range(1, len(word) + 1):
        spellings: list[list[Token]] = []
        for start in range(stop):
            token = words.get(word[start:stop])
            if token is not None and len(spellings) < 2:
                spellings.extend([*spelling, token] for spelling in ways[start])
        ways.append(spellings[:2])
    if not ways[-1]:
        raise ExpressionError(f"Unknown name '{word}'.")
    if len(ways[-1]) > 1:
        raise ExpressionError(f"'{word}' can be read in more than one way; write the products with '*'.")
    return ways[-1][0]


def _complaint(character: str) -> str:
    if character in "=<>≤≥≠":
        return "An expression was expected, not an equation or a comparison."
    if character == "!":
        return "Factorials are not part of the grammar."
    if character == ",":
        return "A comma has no meaning inside an expression."
    return f"Unexpected character {character!a}."
