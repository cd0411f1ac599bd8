"""A program that makes one text out of the words of another.

An observation is a line such as `"jane doe" -> "J. Doe" | "J."` for each example (text, what is wanted, what is made
so far) and `2 left`; a right action is `cap w2`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from esreason.core.errors import IllegalAction
from esreason.core.plan import PlanEnv
from esreason.core.text import CHARSET, shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.search import NoPlan, breadth_first
from esreason.verifiers.programs.strings import (
    CASES,
    MAX_LITERAL,
    MAX_PIECES,
    MAX_TEXT,
    Piece,
    read_piece,
    read_program,
    value,
    words_of,
)


class Size(NamedTuple):
    """What a level has: examples, words a text, pieces, and how often (in tenths) a word is changed and cut."""

    examples: int
    words: int
    pieces: int
    changed: int
    cut: int


LEVELS = {
    1: Size(2, 3, 3, 3, 0), 2: Size(3, 3, 3, 6, 3), 3: Size(3, 3, 4, 5, 5), 4: Size(3, 4, 4, 7, 6),
    5: Size(3, 4, 5, 6, 6), 6: Size(3, 4, 6, 6, 6), 7: Size(3, 5, 7, 7, 7), 8: Size(4, 5, 8, 7, 7),
    9: Size(4, 6, 9, 8, 8), 10: Size(4, 6, 10, 8, 8),
}  # fmt: skip
MAX_EXAMPLES, MAX_STATES = 6, 20_000
SEPARATORS, LITERALS = " -_./@", "-_./:,#()"

Texts = tuple[str, ...]
State = tuple[int, Texts]
"""How many pieces are left, and what is made so far."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts, their words, what is wanted, and in how many pieces."""

    texts: Texts
    words: tuple[tuple[str, ...], ...]
    wanted: Texts
    within: int


def values(piece: Piece, examples: Examples) -> Texts:
    """What a piece gives in every example; ValueError where it gives nothing."""
    return tuple([value(piece, words) for words in examples.words])


def shortest(examples: Examples) -> list[Piece]:
    """A program with the fewest pieces, by breadth-first search over what can be made; NoPlan if there is none."""
    table: dict[Texts, Piece] = {}
    for piece in _selections(min(map(len, examples.words)), max(len(w) for words in examples.words for w in words)):
        try:
            table.setdefault(values(piece, examples), piece)
        except ValueError:
            continue
    useful = [(made, piece) for made, piece in table.items() if all(map(str.__contains__, examples.wanted, made))]

    def moves(places: tuple[int, ...]) -> Any:
        rest = [text[place:] for text, place in zip(examples.wanted, places, strict=True)]
        for made, piece in useful:
            if all(map(str.startswith, rest, made)):
                yield piece, tuple([place + len(part) for place, part in zip(places, made, strict=True)])
        for size in range(1, MAX_LITERAL + 1):
            start = rest[0][:size]
            if len(start) < size or '"' in start or any(not text.startswith(start) for text in rest):
                break
            yield Piece(start), tuple([place + size for place in places])

    goal = tuple(map(len, examples.wanted))
    return breadth_first((0,) * len(goal), moves, goal.__eq__, MAX_STATES)


def _selections(count: int, longest: int) -> list[Piece]:
    """Every piece that selects from texts of at least `count` words, none longer than `longest`."""
    top = min(longest, 9)
    cuts = [(0, 0), *((i, 0) for n in range(1, top + 1) for i in (n, -n))]
    cuts += [(i, j) for i in range(1, top) for j in range(i + 1, top + 1)]
    numbers = [n for i in range(1, min(count, 9) + 1) for n in (i, -i)]
    return [Piece("", case, n, i, j) for i, j in cuts for case in ("", *CASES) for n in numbers]


class StringTransform(PlanEnv[Examples, State]):
    """Put pieces together so that every example gets the wanted text, with at most so many pieces.

    Levels go from 3 pieces on texts of 3 words to 10 on texts of 6. Any program that fits all examples is right; the
    solver's has the fewest pieces, proved by breadth-first search. After FlashFill (Gulwani 2011).
    """

    name = "string_transform"
    rules = (
        "String transformation: write one program that makes the wanted text behind -> out of each text before it. "
        "Words are runs of letters and digits. Pieces: w2 is the second word, w-1 the last; w2[1] its first letter, "
        "w2[-1] its last, w2[1-3] its first three; up, low, cap and rev before a piece give capitals, small letters, "
        'one capital, the reverse; "..." is the text between the quotes (at most 6 characters). Pieces are joined in '
        "order. Behind | stands what is made so far; the last line says how many pieces are left."
    )
    action_rule = 'Write the next piece, for example cap w2[1-3] or "-".'
    answer_rule = 'Answer with all pieces joined by +, for example cap w2 + ", " + w1[1].'
    action_chars = 24
    answer_chars = 200

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        size = LEVELS[level]
        while True:
            program = [_random_piece(rng, size, number) for number in range(size.pieces)]
            texts = _random_texts(rng, size)
            examples = Examples(tuple(texts), tuple(tuple(words_of(text)) for text in texts), (), 0)
            try:
                parts = [values(piece, examples) for piece in program]
            except ValueError:
                continue
            wanted = ["".join(column) for column in zip(*parts, strict=True)]
            if len(set(wanted)) == len(wanted) and all(len(text) <= MAX_TEXT for text in wanted):
                return {"examples": [list(pair) for pair in zip(texts, wanted, strict=True)], "within": size.pieces}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Examples:
        if set(payload) != {"examples", "within"}:
            raise ValueError('a string_transform payload is {"examples": [[text, wanted], ...], "within": int}')
        pairs, within = payload["examples"], payload["within"]
        if type(within) is not int or not 1 <= within <= MAX_PIECES:
            raise ValueError(f"within is 1 to {MAX_PIECES}")
        if not isinstance(pairs, list) or not 1 <= len(pairs) <= MAX_EXAMPLES:
            raise ValueError(f"there are 1 to {MAX_EXAMPLES} examples")
        if not all(isinstance(pair, list) and len(pair) == 2 and all(map(_is_text, pair)) for pair in pairs):
            raise ValueError(f"an example is a text and what is wanted, at most {MAX_TEXT} characters each")
        texts, wanted = tuple(text for text, _ in pairs), tuple(text for _, text in pairs)
        words = tuple(tuple(words_of(text)) for text in texts)
        if not all(words):
            raise ValueError("every text has a word")
        return Examples(texts, words, wanted, within)

    @classmethod
    def _start(cls, instance: Examples) -> State:
        return instance.within, ("",) * len(instance.texts)

    @classmethod
    def _observe(cls, instance: Examples, state: State) -> str:
        rows = zip(instance.texts, instance.wanted, state[1], strict=True)
        return "\n".join([*(f'"{text}" -> "{goal}" | "{made}"' for text, goal, made in rows), f"{state[0]} left"])

    @classmethod
    def _apply(cls, instance: Examples, state: State, action: str) -> State:
        if not state[0]:
            raise IllegalAction("No piece is left.")
        try:
            made = values(read_piece(action), instance)
        except ValueError as error:
            raise IllegalAction(str(error)) from None
        grown = tuple(map(str.__add__, state[1], made))
        for text, goal in zip(grown, instance.wanted, strict=True):
            if not goal.startswith(text):
                raise IllegalAction(f"This makes {shown(text)}, but {shown(goal)} does not begin so.")
        return state[0] - 1, grown

    @classmethod
    def _goal(cls, instance: Examples, state: State) -> bool:
        return state[1] == instance.wanted

    @classmethod
    def _done(cls, instance: Examples, state: State) -> bool:
        return not state[0] or state[1] == instance.wanted

    @classmethod
    def _answer(cls, instance: Examples, state: State, actions: Sequence[str]) -> str:
        return " + ".join(actions)

    @classmethod
    def _verify(cls, instance: Examples, answer: str) -> Verdict:
        try:
            program = read_program(answer)
            if len(program) > instance.within:
                return reject(f"The program has {len(program)} pieces instead of at most {instance.within}.")
            made = tuple(map("".join, zip(*[values(piece, instance) for piece in program], strict=True)))
        except ValueError as error:
            return reject(str(error))
        for text, goal in zip(made, instance.wanted, strict=True):
            if text != goal:
                return reject(f"The program makes {shown(text)} instead of {shown(goal)}.", answer)
        return accept(answer, f"{len(program)} pieces do it.")

    @classmethod
    def _solve(cls, instance: Examples) -> Solution:
        pieces = [str(piece) for piece in shortest(instance)]
        if len(pieces) > instance.within:
            raise NoPlan("the task has no solution")
        return Solution(" + ".join(pieces), pieces, optimal=True)

    @classmethod
    def _limit(cls, instance: Examples) -> int:
        return instance.within + cls.max_illegal


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= MAX_TEXT and set(value) <= set(CHARSET) - {"\n", '"'}


def _random_piece(rng: random.Random, size: Size, number: int) -> Piece:
    """A literal at most odd places, else a selection."""
    if number % 2 and rng.random() < 0.8:
        return Piece(rng.choice(LITERALS) + (" " if rng.random() < 0.2 else ""))
    word = rng.randint(1, size.words) * rng.choice([1, 1, 1, -1])
    case = rng.choice(CASES) if rng.randrange(10) < size.changed else ""
    first = last = 0
    if rng.randrange(10) < size.cut:
        first = rng.choice([1, 1, 2, 3, -1])
        last = first + rng.randint(1, 2) if first > 0 and rng.random() < 0.6 else 0
    return Piece("", case, word, first, last)


def _random_texts(rng: random.Random, size: Size) -> list[str]:
    """Texts of pronounceable words and numbers, all cut by the same separators and written in the same manner."""
    between = [rng.choice(SEPARATORS) for _ in range(size.words - 1)] + [""]
    manner = [rng.choice((str.lower, str.lower, str.capitalize, str.upper, None)) for _ in range(size.words)]
    texts = []
    for _ in range(size.examples):
        words = [_random_word(rng) if how else str(rng.randint(100, 9_999)) for how in manner]
        written = [how(word) if how else word for word, how in zip(words, manner, strict=True)]
        texts.append("".join([word + sign for word, sign in zip(written, between, strict=True)]))
    return texts


def _random_word(rng: random.Random) -> str:
    syllables = [rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(2, 3))]
    return "".join(syllables) + rng.choice(["", "", "n", "r", "s", "l"])
