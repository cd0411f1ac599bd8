"""A small language that puts texts together from the words of a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

CASES = ("up", "low", "cap", "rev")
MAX_PIECES, MAX_LITERAL, MAX_TEXT = 12, 6, 60

_WORD = re.compile(r"[A-Za-z0-9]+")
_PIECE = re.compile(
    r'"(?P<literal>[ !#-~]{1,6})"'
    r"|(?:(?P<case>up|low|cap|rev)\s+)?w(?P<word>-?[1-9])(?:\[(?P<first>-?[1-9])(?:-(?P<last>[1-9]))?\])?"
)
_PLUS = re.compile(r"\s*\+\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A literal text, or a word (counted from 1, or from the end from -1), cut and changed."""

    literal: str = ""
    case: str = ""
    word: int = 0
    first: int = 0
    last: int = 0

    def __str__(self) -> str:
        if self.literal:
            return f'"{self.literal}"'
        cut = f"[{self.first}{f'-{self.last}' if self.last else ''}]" if self.first else ""
        return f"{self.case} w{self.word}{cut}".lstrip()


def words_of(text: str) -> list[str]:
    """The runs of letters and digits in a text."""
    return _WORD.findall(text)


def read_piece(text: str) -> Piece:
    """One piece; ValueError with one sentence if it is none."""
    match = _PIECE.fullmatch(text)
    if not match:
        raise ValueError(f'{text[:30]!a} is no piece such as w2, cap w1[1-3] or "-".')
    return _piece(match)


def _piece(match: re.Match[str]) -> Piece:
    literal, case, word, first, last = match.group("literal", "case", "word", "first", "last")
    if literal:
        return Piece(literal)
    if last and not 0 < int(first) < int(last):
        raise ValueError(f"{match[0]!a} does not go from a letter to a later one.")
    return Piece("", case or "", int(word), int(first or 0), int(last or 0))


def read_program(text: str) -> list[Piece]:
    """Pieces joined by +; ValueError with one sentence if the text is something else."""
    pieces, at = [], 0
    while True:
        match = _PIECE.match(text, at)
        if not match:
            raise ValueError(f'{text[at : at + 30]!a} does not begin with a piece such as w2, cap w1[1-3] or "-".')
        pieces.append(_piece(match))
        if len(pieces) > MAX_PIECES:
            raise ValueError(f"The program has more than {MAX_PIECES} pieces.")
        at = match.end()
        plus = _PLUS.match(text, at)
        if at == len(text):
            return pieces
        if not plus:
            raise ValueError(f"A + is missing before {text[at : at + 30]!a}.")
        at = plus.end()


def value(piece: Piece, words: Sequence[str]) -> str:
    """What a piece gives for a text of these words; ValueError with one sentence where it gives nothing."""
    if piece.literal:
        return piece.literal
    number = piece.word
    if abs(number) > len(words):
        raise ValueError(f"There is no word {number} in every text.")
    word = words[number - 1 if number > 0 else number]
    if piece.first:
        if max(abs(piece.first), piece.last) > len(word):
            raise ValueError(f"{piece} is not in every text.")
        start = piece.first - 1 if piece.first > 0 else len(word) + piece.first
        word = word[start : piece.last or start + 1]
    if piece.case == "up":
        return word.upper()
    if piece.case == "low":
        return word.lower()
    if piece.case == "cap":
        return word[:1].upper() + word[1:].lower()
    return word[::-1] if piece.case == "rev" else word
