"""A finite automaton that accepts some words and refuses others.

An observation is `accepting Q | yes: ab aab b | no: a ba -` above `Pa=? Pb=? Qa=? Qb=?` (in state P, reading a, go
to...); a right action is `Pa=P`.
"""

from __future__ import annotations

import random
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import product, repeat
from typing import Any

from esreason.envs.assignment import AssignmentEnv, Values
from esreason.envs.search import NoPlan

# states, letters, words of each kind, longest word; none of so many random automata may do
LEVELS = {
    1: (3, 2, 5, 4, 60), 2: (3, 2, 7, 5, 100), 3: (3, 2, 9, 6, 100), 4: (4, 2, 10, 6, 100), 5: (4, 2, 12, 7, 100),
    6: (3, 3, 8, 5, 100), 7: (5, 2, 15, 8, 100), 8: (4, 3, 12, 6, 100), 9: (6, 2, 22, 9, 100), 10: (5, 3, 18, 7, 100),
}  # fmt: skip
STATES, LETTERS = "PQRSTU", "abc"
MAX_WORDS, MAX_LENGTH, MAX_SEARCH = 60, 12, 5_000


@dataclass(frozen=True, slots=True)
class Samples:
    """The states and letters, which states accept, and the words, each with whether it is to be accepted."""

    names: Values
    choices: Values
    letters: str
    accepting: frozenset[int]
    words: tuple[tuple[str, bool], ...]
    text: str
    table: tuple[int, ...]
    """A fitting automaton: for every state and letter the state that follows."""


def consistent(
    states: int, letters: str, accepting: Container[int], samples: Sequence[tuple[str, bool]]
) -> tuple[int, ...]:
    """For every state and letter the state that follows, in an automaton that fits.

    Words are run one after the other; a transition is chosen when a word first needs it. Raises NoPlan if none fits,
    or too many choices were tried.
    """
    width = len(letters)
    words = [([letters.index(letter) for letter in word], len(word), right) for word, right in samples]
    count, table, left = len(words), [-1] * (states * width), MAX_SEARCH
    options, accepts = range(states), [state in accepting for state in range(states)]

    def search(number: int, at: int, state: int) -> bool:
        nonlocal left
        while number < count:
            word, end, right = words[number]
            while at < end:
                place = state * width + word[at]
                following = table[place]
                at += 1
                if following < 0:
                    for option in options:
                        left -= 1
                        if left < 0:
                            raise NoPlan("the search for an automaton was given up")
                        table[place] = option
                        if search(number, at, option):
                            return True
                    table[place] = -1
                    return False
                state = following
            if accepts[state] != right:
                return False
            number, at, state = number + 1, 0, 0
        return True

    if not search(0, 0, 0):
        raise NoPlan("no automaton of so many states fits the words")
    return tuple([max(state, 0) for state in table])


class Automaton(AssignmentEnv[Samples]):
    """Give every state and letter the state that follows, so that all words are decided as shown.

    Levels go from 3 states, 2 letters and 10 words to 5 states, 3 letters and 36 words (6 states and 2 letters at
    level 9). Words are decided by a minimal automaton of that many states; every one that fits is right, and in
    generated tasks none of 60 random ones at level 1, of 100 at the others, does. After Gold, Complexity of
    automaton identification from given data (1978).
    """

    name = "automaton"
    rules = (
        "Automaton: say for every state and letter which state follows. A word is read letter by letter from state P "
        "on (- is the empty word); it is accepted if the last state is an accepting one. All words behind yes: must be "
        "accepted, none behind no:."
    )
    action_rule = "Write a state and a letter and the state that follows, for example Pa=Q; Pa=? takes it back."
    answer_rule = "Answer with all of them, for example Pa=Q Pb=P Qa=Q Qb=P."
    action_chars = 8
    answer_chars = 256

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, width, wanted, longest, tries = LEVELS[level]
        letters = LETTERS[:width]
        while True:
            accepting = sorted(rng.sample(range(count), rng.randint(1, count - 1)))
            table = [rng.randrange(count) for _ in range(count * width)]
            kinds: tuple[list[str], list[str]] = ([], [])
            for word in dict.fromkeys(_random_words(rng, letters, longest, 6 * wanted)):
                kinds[_end(table, word, letters) in accepting].append(word)
            if min(map(len, kinds)) < wanted or not _minimal(table, set(accepting), count, width):
                continue
            no, yes = (sorted(words[:wanted], key=lambda word: (len(word), word)) for words in kinds)
            payload = {"states": count, "letters": letters, "accepting": accepting, "yes": yes, "no": no}
            try:
                samples = cls._parse(payload)
            except NoPlan:  # there is an automaton, but the search for one takes too long
                continue
            if not any(_fits(samples, [rng.randrange(count) for _ in table]) for _ in range(tries)):
                return payload

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Samples:
        if set(payload) != {"states", "letters", "accepting", "yes", "no"}:
            raise ValueError('an automaton payload is {"states", "letters", "accepting", "yes", "no"}')
        count, letters, accepting = payload["states"], payload["letters"], payload["accepting"]
        if type(count) is not int or not 2 <= count <= len(STATES) or letters not in ("a", "ab", "abc"):
            raise ValueError(f"there are 2 to {len(STATES)} states, and the letters are a, ab or abc")
        states = range(count)
        if not isinstance(accepting, list) or not all(type(state) is int and state in states for state in accepting):
            raise ValueError("accepting lists some of the states, counted from 0")
        yes, no = _read_words(payload["yes"], letters), _read_words(payload["no"], letters)
        if not yes or not no or set(yes) & set(no):
            raise ValueError("there are words of both kinds, and none is of both")
        ordered = sorted([*((word, True) for word in yes), *((word, False) for word in no)], key=_by_length)
        shown = [f"accepting {' '.join(STATES[state] for state in sorted(set(accepting))) or 'none'}"]
        shown += [f"{kind}: {' '.join(word or '-' for word in words)}" for kind, words in (("yes", yes), ("no", no))]
        names = tuple(STATES[state] + letter for state, letter in product(states, letters))
        found, accepted = consistent(count, letters, accepting, ordered), frozenset(accepting)
        return Samples(names, tuple(STATES[:count]), letters, accepted, tuple(ordered), " | ".join(shown), found)

    @classmethod
    def _clues(cls, instance: Samples) -> str:
        return instance.text

    @classmethod
    def _violation(cls, instance: Samples, values: Values) -> str | None:
        table = [STATES.index(value) for value in values]
        for word, right in instance.words:
            if (_end(table, word, instance.letters) in instance.accepting) != right:
                return f"The word {word or '-'} is {'refused' if right else 'accepted'}."
        return None

    @classmethod
    def _filled(cls, instance: Samples) -> Values:
        return tuple([STATES[state] for state in instance.table])


def _end(table: Sequence[int], word: str, letters: str) -> int:
    """The state in which a word ends."""
    state, width = 0, len(letters)
    for letter in word:
        state = table[state * width + letters.index(letter)]
    return state


def _minimal(table: Sequence[int], accepting: set[int], count: int, width: int) -> bool:
    """Whether every state can be reached and no two accept the same words (Moore 1956)."""
    reached, todo = {0}, [0]
    while todo:
        state = todo.pop()
        new = set(table[state * width : state * width + width]) - reached
        reached |= new
        todo += new
    classes = [int(state in accepting) for state in range(count)]
    for _ in range(count):
        told = [(classes[s], *(classes[o] for o in table[s * width : s * width + width])) for s in range(count)]
        numbers = {kind: number for number, kind in enumerate(sorted(set(told)))}
        classes = [numbers[kind] for kind in told]
    return len(reached) == len(set(classes)) == count


def _fits(samples: Samples, table: Sequence[int]) -> bool:
    return all((_end(table, word, samples.letters) in samples.accepting) == right for word, right in samples.words)


def _random_words(rng: random.Random, letters: str, longest: int, count: int) -> list[str]:
    choice, randint = rng.choice, rng.randint
    return ["".join(map(choice, repeat(letters, randint(0, longest)))) for _ in range(count)]


def _by_length(item: tuple[str, bool]) -> tuple[int, str]:
    return len(item[0]), item[0]


def _read_words(value: object, letters: str) -> list[str]:
    """Different words over the letters."""
    if not isinstance(value, list) or len(value) > MAX_WORDS:
        raise ValueError(f"there are at most {MAX_WORDS} words of a kind")
    if not all(isinstance(word, str) and len(word) <= MAX_LENGTH and set(word) <= set(letters) for word in value):
        raise ValueError(f"a word has at most {MAX_LENGTH} letters out of {letters}")
    if len(set(value)) < len(value):
        raise ValueError("a word comes twice")
    return value
