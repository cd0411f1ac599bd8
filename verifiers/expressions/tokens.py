"""Tokens of the expression grammar: bounded text to a list of numbers, words and signs."""

from __future__ import annotations

import re
from collections.abc import Collection
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from esreason.verifiers.expressions.tree import CONSTANTS, FUNCTIONS, ExpressionError

MAX_LENGTH: Final = 4000
MAX_DIGITS: Final = 400
_MAX_WORD: Final = 32

_TOKEN: Final = re.compile(
    r"(?P<space>[ \t\r\n]+)|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)|(?P<word>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<command>\\[A-Za-z]+|\\.)|(?P<sign>\*\*|[-+*/^(){}\[\]|])"
)
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
_UNICODE: Final = str.maketrans({"−": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "π": " pi "})
_SILENT: Final = frozenset(
    ["\\left", "\\right", "\\displaystyle", "\\quad", "\\,", "\\;", "\\:", "\\!", "\\ ", "\\limits", "\\mathrm"]
)
_COMMANDS: Final = {
    "\\cdot": ("sign", "*"),
    "\\times": ("sign", "*"),
    "\\div": ("sign", "/"),
    "\\lvert": ("sign", "|"),
    "\\rvert": ("sign", "|"),
    "\\vert": ("sign", "|"),
    "\\frac": ("frac", "\\frac"),
    "\\dfrac": ("frac", "\\frac"),
    "\\tfrac": ("frac", "\\frac"),
    "\\sqrt": ("root", "\\sqrt"),
}
_WRAPPERS: Final = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"))


class Token(NamedTuple):
    """A token: `kind` is number, function, constant, name, sign, frac, root or end."""

    kind: str
    text: str
    value: Fraction | None = None


END: Final = Token("end", "")
_PI: Final = Token("constant", "pi")


def tokenize(text: str, names: Collection[str], *, imaginary: bool = False) -> list[Token]:
    """The tokens of the text, closed by an end token; words are split into known names where that is unique."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"The expression is longer than {MAX_LENGTH} characters.")
    text = unwrap(text if text.isascii() else text.translate(_UNICODE))
    if "\n" in text or "\r" in text:
        _check_breaks(text)
    words = _vocabulary(frozenset(names), imaginary)
    tokens: list[Token] = []
    position, end = 0, len(text)
    match = _TOKEN.match
    while position < end:
        found = match(text, position)
        if found is None:
            raise ExpressionError(_complaint(text[position]))
        kind = found.lastgroup
        piece = found.group()
        position = found.end()
        if kind == "number":
            tokens.append(_number(piece))
        elif kind == "word":
            known = words.get(piece)
            if known is not None:
                tokens.append(known)
            else:
                tokens.extend(_split(piece, words))
        elif kind == "sign":
            tokens.append(_SIGNS[piece])
        elif kind == "command":
            tokens.extend(_command(piece, words))
    tokens.append(END)
    return tokens


_SIGNS: Final = {sign: Token("sign", sign) for sign in "+-*/^(){}[]|"} | {"**": Token("sign", "^")}


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
    """Known words; a function's name is never a variable, a variable's name is never a constant."""
    constants = (*CONSTANTS, "i") if imaginary else CONSTANTS
    words = {word: Token("constant", word) for word in constants}
    words |= {word: Token("name", word) for word in names}
    words |= {word: Token("function", word) for word in FUNCTIONS}
    return words | {alias: Token("function", word) for alias, word in _ALIASES.items() if alias not in names}


@lru_cache(maxsize=1024)
def _number(piece: str) -> Token:
    if len(piece) > MAX_DIGITS:
        raise ExpressionError(f"A number has more than {MAX_DIGITS} digits.")
    whole, dot, decimals = piece.partition(".")
    if not dot:
        return Token("number", piece, Fraction(int(piece)))
    return Token("number", piece, Fraction(int(whole + decimals), 10 ** len(decimals)))


def _command(piece: str, words: dict[str, Token]) -> list[Token]:
    if piece in _SILENT:
        return []
    if piece in _COMMANDS:
        return [Token(*_COMMANDS[piece])]
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
