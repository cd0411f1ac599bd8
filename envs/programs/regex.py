"""A regular expression that matches some words and does not match others.

An observation is `yes: ab aab abb` above `no: a ba -` and `letters ab, at most 6 characters`; a right action is
`a+b+`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.verdict import Verdict, accept, reject
from esreason.envs.attempts import AttemptEnv
from esreason.verifiers.programs.regexes import LETTERS, MAX_LENGTH, compiled

# letters, least and most characters, words of each kind, longest word
LEVELS = {
    1: (2, 4, 5, 5, 6), 2: (2, 5, 6, 6, 7), 3: (3, 5, 7, 5, 7), 4: (3, 7, 9, 6, 7), 5: (3, 8, 10, 7, 8),
    6: (3, 9, 12, 8, 8), 7: (3, 11, 14, 9, 9), 8: (3, 13, 16, 10, 9), 9: (3, 15, 18, 12, 10), 10: (3, 17, 22, 14, 10),
}  # fmt: skip
MAX_WORDS, MAX_WORD = 40, 16

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contrast:
    """The words of both kinds, the longest expression allowed, and one that is right."""

    letters: str
    yes: Words
    no: Words
    within: int
    expression: str


class Regex(AttemptEnv[Contrast]):
    """Write a regular expression, not longer than the one that made the task, that tells the words apart.

    Levels go from 4 characters over 2 letters to 22 characters over 3; half of the words not to be matched are one
    change away from words that are. Every expression that does it is right; none is claimed to be shortest. The
    payload keeps one, which is never shown.
    """

    name = "regex"
    rules = (
        "Regular expression: write one that matches every word behind yes: as a whole and none behind no: (- is the "
        "empty word). ab is a followed by b, a|b is a or b, a* any number of a, a+ at least one, a? at most one, . any "
        "letter, [ab] one of these letters, [^a] any other letter; parentheses group, nothing else is allowed. The "
        "last line says how long it may be."
    )
    action_rule = "Write a whole expression; you are told the words on which it is wrong. You have 5 attempts."
    answer_rule = "Answer with the expression alone, for example a(b|c)*a."
    action_chars = MAX_LENGTH
    answer_chars = MAX_LENGTH

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        count, least, most, wanted, longest = LEVELS[level]
        letters = LETTERS[:count]
        while True:
            expression = _random(rng, letters, most)
            if not least <= len(expression) <= most or set(expression) & set(letters) != set(letters):
                continue
            automaton = compiled(expression, letters)
            yes, near = set[str](), set[str]()
            for _ in range(8 * wanted):
                word = _walk(rng, expression, letters, longest)
                if word is not None:
                    yes.add(word)
                    near.add(_changed(rng, word, letters)[:longest])
            far = {"".join([rng.choice(letters) for _ in range(rng.randint(0, longest))]) for _ in range(4 * wanted)}
            near, far = ({word for word in sorted(words) if not automaton.matches(word)} for words in (near, far))
            if len(yes) < wanted or len(near) < wanted // 2 or len(far) < wanted:
                continue
            no = set(rng.sample(sorted(near), wanted // 2))
            no |= set(rng.sample(sorted(far - no), wanted - len(no)))
            chosen = rng.sample(sorted(yes), wanted)
            return {"letters": letters, "yes": sorted(chosen, key=_by_length), "no": sorted(no, key=_by_length),
                    "within": len(expression), "expression": expression}  # fmt: skip

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Contrast:
        if set(payload) != {"letters", "yes", "no", "within", "expression"}:
            raise ValueError('a regex payload is {"letters", "yes", "no", "within", "expression"}')
        letters, within, expression = payload["letters"], payload["within"], payload["expression"]
        if letters not in ("a", "ab", "abc") or type(within) is not int or not 1 <= within <= MAX_LENGTH:
            raise ValueError(f"the letters are a, ab or abc, and within is 1 to {MAX_LENGTH}")
        yes, no = _read_words(payload["yes"], letters), _read_words(payload["no"], letters)
        if not isinstance(expression, str):
            raise ValueError("the expression is a text")
        words = Contrast(letters, yes, no, within, expression)
        fault = _fault(words, expression)
        if fault:
            raise ValueError(f"the payload's own expression is wrong: {fault}")
        return words

    @classmethod
    def _task(cls, instance: Contrast) -> str:
        yes, no = _listed(instance.yes), _listed(instance.no)
        return f"yes: {yes}\nno: {no}\nletters {instance.letters}, at most {instance.within} characters"

    @classmethod
    def _tried(cls, instance: Contrast, program: str) -> str | None:
        if len(program) > instance.within:
            raise ValueError(f"The expression has {len(program)} characters instead of at most {instance.within}.")
        automaton = compiled(program, instance.letters)
        missed = tuple(word for word in instance.yes if not automaton.matches(word))
        caught = tuple(word for word in instance.no if automaton.matches(word))
        told = [f"does not match {_listed(missed)}"] * bool(missed) + [f"matches {_listed(caught)}"] * bool(caught)
        return "; ".join(told) or None

    @classmethod
    def _verify(cls, instance: Contrast, answer: str) -> Verdict:
        try:
            fault = _fault(instance, answer)
        except ValueError as error:
            return reject(str(error))
        return reject(fault, answer) if fault else accept(answer, "The expression tells all words apart.")

    @classmethod
    def _reference(cls, instance: Contrast) -> str:
        return instance.expression


def _fault(words: Contrast, expression: str) -> str | None:
    """One sentence on what is wrong with an expression; ValueError if it is none."""
    if len(expression) > words.within:
        return f"The expression has {len(expression)} characters instead of at most {words.within}."
    automaton = compiled(expression, words.letters)
    for word in words.yes:
        if not automaton.matches(word):
            return f"The word {word or '-'} is not matched."
    for word in words.no:
        if automaton.matches(word):
            return f"The word {word or '-'} is matched."
    return None


def _random(rng: random.Random, letters: str, size: int) -> str:
    """An expression of about `size` characters."""
    if size <= 2:
        atom = rng.choice(f"{letters}{letters}.")
        return atom + rng.choice("*+?") if size == 2 and rng.random() < 0.6 else atom
    kind = rng.random()
    if kind < 0.55 or size < 5:
        left = rng.randint(1, size - 1)
        return _random(rng, letters, left) + _random(rng, letters, size - left)
    left = rng.randint(1, size - 4) if size > 4 else 1
    inner = _random(rng, letters, left)
    if kind < 0.8:
        return f"({inner}|{_random(rng, letters, size - 3 - left)})" + rng.choice(["", "", "*", "+"])
    return f"({inner}{_random(rng, letters, size - 3 - left)})" + rng.choice("*+?")


def _walk(rng: random.Random, expression: str, letters: str, longest: int) -> str | None:
    """A random word that the expression matches, None if it became too long."""
    automaton = compiled(expression, letters)
    word, reachable, over = "", automaton.first, automaton.empty
    while reachable and not (over and rng.random() < 0.25) and len(word) <= longest:
        at = rng.choice([i for i in range(len(automaton.follow)) if reachable >> i & 1])
        word += rng.choice(sorted(automaton.letters[at]))
        reachable, over = automaton.follow[at], bool(automaton.last >> at & 1)
    return word if over and len(word) <= longest else None


def _changed(rng: random.Random, word: str, letters: str) -> str:
    """A word with one letter put in, taken away or exchanged for another."""
    at, kind = rng.randrange(len(word) + 1), rng.randrange(3)
    return word[:at] + (rng.choice(letters) if kind else "") + word[at + (kind != 1) :]


def _by_length(word: str) -> tuple[int, str]:
    return len(word), word


def _listed(words: Words) -> str:
    return " ".join([word or "-" for word in words])


def _read_words(value: object, letters: str) -> Words:
    """Words over the letters, at least one."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_WORDS:
        raise ValueError(f"there are 1 to {MAX_WORDS} words of a kind")
    if not all(isinstance(word, str) and len(word) <= MAX_WORD and set(word) <= set(letters) for word in value):
        raise ValueError(f"a word has at most {MAX_WORD} letters out of {letters}")
    return tuple(value)
