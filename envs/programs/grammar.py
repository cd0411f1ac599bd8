"""A word is derived from a grammar, always replacing the leftmost capital letter.

An observation is `1 S>aSb 2 S>AB 3 A>a 4 B>b | aabb | aSb` (the rules, the word, what has been derived); a right
action is `2`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.core.errors import IllegalAction
from esreason.core.plan import PlanEnv
from esreason.core.text import shown
from esreason.core.verdict import Solution
from esreason.verifiers.programs.grammars import (
    MAX_RULES,
    MAX_WORD,
    START,
    Rule,
    derivation,
    first_capital,
    read_rules,
)

# capitals, rules of each, letters, shortest and longest word, fewest rules used, random plays that must fail
LEVELS = {
    1: (2, 2, 2, 5, 7, 4, 30), 2: (2, 3, 2, 6, 8, 5, 30), 3: (3, 2, 2, 7, 9, 6, 30), 4: (3, 2, 3, 8, 10, 7, 20),
    5: (3, 3, 2, 9, 12, 8, 20), 6: (3, 3, 3, 10, 14, 9, 20), 7: (4, 2, 3, 12, 16, 10, 10),
    8: (4, 3, 2, 14, 18, 11, 10), 9: (5, 3, 3, 16, 20, 12, 10), 10: (5, 3, 3, 20, 24, 14, 10),
}  # fmt: skip
_ACTION = re.compile(r"[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class Derivation:
    """The rules, the word, both as text, and a shortest derivation."""

    rules: tuple[Rule, ...]
    word: str
    text: str
    plan: tuple[int, ...]


class Grammar(PlanEnv[Derivation, str]):
    """Derive a word by a context-free grammar, rule by rule.

    Levels go from 4 rules and words of 5 to 7 letters to 15 rules and words of 20 to 24. Rules never shorten what is
    derived. Every leftmost derivation of the word is right; the solver's is shortest, proved by dynamic programming
    over all parts of the word. In generated tasks 30 random derivations at level 1, 10 at level 10, fail. After
    Chomsky (1956).
    """

    name = "grammar"
    rules = (
        "Grammar: derive the word between the two | from S. Rule 2 S>aB replaces a capital S by aB. Every step applies "
        "one rule to the leftmost capital letter. What has been derived so far stands behind the last |; it may never "
        "be longer than the word."
    )
    action_rule = "Write the number of a rule for the leftmost capital letter, for example 2."
    answer_rule = "Answer with the numbers of the rules in order, for example 1 2 4 3."
    action_chars = 4
    answer_chars = 200

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        capitals, each, letters, least, most, steps, tries = LEVELS[level]
        while True:
            texts = _random_rules(rng, "SABCD"[:capitals], each, "abc"[:letters])
            rules = read_rules(texts)
            word = _random_word(rng, rules, most)
            if word is None or len(word) < least:
                continue
            plan = derivation(rules, word)
            used = {rules[place][0] for place in plan or ()}
            if not plan or len(plan) < steps or len(used) < capitals:
                continue
            if not any(_random_word(rng, rules, len(word)) == word for _ in range(tries)):
                return {"rules": texts, "word": word}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Derivation:
        if set(payload) != {"rules", "word"}:
            raise ValueError('a grammar payload is {"rules": ["S>aSb", ...], "word": text}')
        texts, word = payload["rules"], payload["word"]
        if not isinstance(texts, list) or not 1 <= len(texts) <= MAX_RULES or len(set(map(str, texts))) < len(texts):
            raise ValueError(f"there are 1 to {MAX_RULES} rules, none twice")
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("rules are texts")
        if not isinstance(word, str) or not 1 <= len(word) <= MAX_WORD or not (word.isascii() and word.islower()):
            raise ValueError(f"the word has 1 to {MAX_WORD} small letters")
        rules = read_rules(texts)
        plan = derivation(rules, word)
        if plan is None:
            raise ValueError("the word cannot be derived")
        numbered = " ".join([f"{number} {text}" for number, text in enumerate(texts, 1)])
        return Derivation(rules, word, f"{numbered} | {word}", tuple(plan))

    @classmethod
    def _start(cls, instance: Derivation) -> str:
        return START

    @classmethod
    def _observe(cls, instance: Derivation, state: str) -> str:
        return f"{instance.text} | {state}"

    @classmethod
    def _apply(cls, instance: Derivation, state: str, action: str) -> str:
        if not _ACTION.fullmatch(action) or int(action) > len(instance.rules):
            raise IllegalAction(f"{shown(action)} is not the number of a rule.")
        left, right = instance.rules[int(action) - 1]
        place = first_capital(state)
        if place < 0 or state[place] != left:
            raise IllegalAction(f"The leftmost capital is {state[place] if place >= 0 else 'missing'}, not {left}.")
        if len(state) + len(right) - 1 > len(instance.word):
            raise IllegalAction("That would be longer than the word.")
        return state[:place] + right + state[place + 1 :]

    @classmethod
    def _goal(cls, instance: Derivation, state: str) -> bool:
        return state == instance.word

    @classmethod
    def _done(cls, instance: Derivation, state: str) -> bool:
        return not cls._legal(instance, state)

    @classmethod
    def _answer(cls, instance: Derivation, state: str, actions: Sequence[str]) -> str:
        return " ".join(actions)

    @classmethod
    def _solve(cls, instance: Derivation) -> Solution:
        actions = [str(place + 1) for place in instance.plan]
        return Solution(" ".join(actions), actions, optimal=True)

    @classmethod
    def _legal(cls, instance: Derivation, state: str) -> list[str]:
        place = first_capital(state)
        if place < 0:
            return []
        letter, room = state[place], len(instance.word) - len(state) + 1
        return [str(n) for n, (left, right) in enumerate(instance.rules, 1) if left == letter and len(right) <= room]

    @classmethod
    def _limit(cls, instance: Derivation) -> int:
        return 2 * len(instance.word) + cls.max_illegal


def _random_rules(rng: random.Random, capitals: str, each: int, letters: str) -> list[str]:
    """Different rules, among them one without capitals for every capital."""
    texts: list[str] = []
    for capital in capitals:
        rights = {"".join(rng.choice(letters) for _ in range(rng.randint(1, 2)))}
        while len(rights) < each:
            size = rng.randint(2, 3)
            right = [rng.choice(capitals) if rng.random() < 0.55 else rng.choice(letters) for _ in range(size)]
            rights.add("".join(right))
        texts += [f"{capital}>{right}" for right in rng.sample(sorted(rights), each)]
    return texts


def _random_word(rng: random.Random, rules: Sequence[Rule], longest: int) -> str | None:
    """A word derived by random rules, None if it grew too long."""
    form = START
    while (place := first_capital(form)) >= 0:
        fitting = [r for left, r in rules if left == form[place] and len(form) + len(r) - 1 <= longest]
        if not fitting:
            return None
        form = form[:place] + rng.choice(fitting) + form[place + 1 :]
    return form
