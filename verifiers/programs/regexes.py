"""Regular expressions over a few letters, decided by position automata (Glushkov 1961)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

LETTERS, REPEATS = "abc", "*+?"
MAX_LENGTH = 60


@dataclass(slots=True)
class _Part:
    """What a piece of an expression may begin and end with (masks of positions), and whether it matches nothing."""

    empty: bool
    first: int
    last: int


@dataclass(slots=True)
class Automaton:
    """Positions 0, 1... of an expression: which letters stand there and which positions may follow."""

    letters: list[frozenset[str]] = field(default_factory=list)
    follow: list[int] = field(default_factory=list)
    masks: dict[str, int] = field(default_factory=dict)
    first: int = 0
    last: int = 0
    empty: bool = False

    def matches(self, word: str) -> bool:
        """Whether the expression matches the whole word."""
        if not word:
            return self.empty
        now, reachable = 0, self.first
        for letter in word:
            now = reachable & self.masks.get(letter, 0)
            reachable, rest = 0, now
            while rest:
                low = rest & -rest
                reachable |= self.follow[low.bit_length() - 1]
                rest ^= low
        return bool(now & self.last)


class _Reader:
    """Reads one expression from left to right into an automaton."""

    def __init__(self, text: str, alphabet: str) -> None:
        self.text, self.at, self.alphabet = text, 0, alphabet
        self.automaton = Automaton()

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def choice(self) -> _Part:
        whole = self.sequence()
        while self.peek() == "|":
            self.at += 1
            other = self.sequence()
            whole = _Part(whole.empty or other.empty, whole.first | other.first, whole.last | other.last)
        return whole

    def sequence(self) -> _Part:
        whole = self.repeated()
        while self.peek() and self.peek() not in "|)":
            part = self.repeated()
            self.link(whole.last, part.first)
            whole = _Part(
                whole.empty and part.empty,
                whole.first | part.first if whole.empty else whole.first,
                whole.last | part.last if part.empty else part.last,
            )
        return whole

    def repeated(self) -> _Part:
        part = self.atom()
        sign = self.peek()
        if sign and sign in REPEATS:
            self.at += 1
            if sign != "?":
                self.link(part.last, part.first)
            part.empty = part.empty or sign != "+"
            if self.peek() and self.peek() in REPEATS:
                raise ValueError(f"A {self.peek()} follows a {sign}: put parentheses between them.")
        return part

    def atom(self) -> _Part:
        sign = self.peek()
        self.at += 1
        if sign == "(":
            part = self.choice()
            if self.peek() != ")":
                raise ValueError("A ( has no ) behind it.")
            self.at += 1
            return part
        if sign == "[":
            return self.position(self.set_of_letters())
        if sign == ".":
            return self.position(frozenset(self.alphabet))
        if sign and sign in self.alphabet:
            return self.position(frozenset(sign))
        found = f"{sign!a} stands" if sign else "Nothing stands"
        raise ValueError(f"{found} where a letter, a dot, [ or ( is expected.")

    def set_of_letters(self) -> frozenset[str]:
        inside, bracket, rest = self.text[self.at :].partition("]")
        self.at = len(self.text) - len(rest)
        bare = inside.removeprefix("^")
        if not bracket or not bare or not set(bare) <= set(self.alphabet):
            raise ValueError(f"A set is some of the letters {self.alphabet} in brackets, a ^ before them or not.")
        return frozenset(self.alphabet) - frozenset(bare) if bare != inside else frozenset(bare)

    def position(self, letters: frozenset[str]) -> _Part:
        automaton, bit = self.automaton, 1 << len(self.automaton.letters)
        automaton.letters.append(letters)
        automaton.follow.append(0)
        for letter in letters:
            automaton.masks[letter] = automaton.masks.get(letter, 0) | bit
        return _Part(False, bit, bit)

    def link(self, before: int, after: int) -> None:
        for place in range(len(self.automaton.follow)):
            if before >> place & 1:
                self.automaton.follow[place] |= after


@lru_cache(maxsize=512)
def compiled(text: str, alphabet: str) -> Automaton:
    """The automaton of an expression; ValueError with one sentence if it is none.

    `ab` one after the other, `a|b` either, `a*` `a+` `a?` any number of times, at least once, at most once, `.` any
    letter, `[ab]` one of these, `[^a]` any other, parentheses. It matches whole words.
    """
    if not 1 <= len(text) <= MAX_LENGTH:
        raise ValueError(f"An expression has 1 to {MAX_LENGTH} characters, not {len(text)}.")
    reader = _Reader(text, alphabet)
    whole = reader.choice()
    if reader.peek():
        raise ValueError("A ) has no ( before it.")
    automaton = reader.automaton
    automaton.first, automaton.last, automaton.empty = whole.first, whole.last, whole.empty
    return automaton
