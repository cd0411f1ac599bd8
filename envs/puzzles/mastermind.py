"""Mastermind: find the only code that fits the feedback on some guesses.

It is shown as `code of 3 digits from 1 to 4` above lines such as `124: 1 exact, 1 misplaced`; a right action, and the
right answer, is the code, `143`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.core.env import ReasoningEnv
from esreason.core.errors import IllegalAction
from esreason.core.text import shown
from esreason.core.verdict import Solution, Verdict, accept, reject
from esreason.envs.puzzles.mastermind_solver import Feedback, consistent, feedback, openings

# colours, pegs
LEVELS = {
    1: (6, 3), 2: (5, 4), 3: (6, 4), 4: (7, 4), 5: (8, 4), 6: (9, 4), 7: (5, 5), 8: (6, 5), 9: (7, 5), 10: (6, 6),
}  # fmt: skip
MAX_CODES = 50_000
MORE_GUESSES = 5
"""Guesses that a player has beside the given ones."""
_SEPARATORS = re.compile(r"[\s,;-]+")

State = tuple[str, ...]
"""The guesses that the player made."""


@dataclass(frozen=True, slots=True)
class Secret:
    """The code, and the given guesses with their feedback."""

    colors: int
    code: str
    told: tuple[tuple[str, Feedback], ...]
    text: str


class Mastermind(ReasoningEnv[Secret, State]):
    """Guesses and feedback that leave exactly one code, proved by looking at every code; no given guess is to spare.

    An answer is the code, an action one more guess, which is told its feedback; the episode ends with the right one
    or the fifth. Levels go from 216 codes (6 colours, 3 pegs) to 46,656 (6 colours, 6 pegs). Observations show all
    guesses so far and never the code. After Mordecai Meirowitz's game (1970).
    """

    name = "mastermind"
    rules = (
        "Mastermind: find the secret code, digits that may repeat. Every line is a guess and what it was told: how "
        "many of its digits are right in the right place (exact), and how many more are in the code, but in another "
        "place (misplaced; a digit counts at most as often as it is in the code). Only one code fits all lines."
    )
    action_rule = f"Write a guess, for example 1123; you have {MORE_GUESSES} guesses to hit the code."
    answer_rule = "Answer with the code, for example 1123."
    action_chars = 8
    answer_chars = 16

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        colors, pegs = LEVELS[level]
        code = "".join([str(rng.randint(1, colors)) for _ in range(pegs)])
        return {"colors": colors, "code": code, "guesses": openings(rng, colors, pegs, code)}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Secret:
        if set(payload) != {"colors", "code", "guesses"}:
            raise ValueError('a mastermind payload is {"colors": int, "code": text, "guesses": [text, ...]}')
        colors, code, guesses = payload["colors"], payload["code"], payload["guesses"]
        if type(colors) is not int or not 2 <= colors <= 9 or not isinstance(code, str) or not 1 <= len(code) <= 8:
            raise ValueError("there are 2 to 9 colours and a code of 1 to 8 digits")
        if colors ** len(code) > MAX_CODES:
            raise ValueError(f"there are more than {MAX_CODES:,} codes")
        if not isinstance(guesses, list) or not 1 <= len(guesses) <= 30:
            raise ValueError("there are 1 to 30 guesses")
        digits = set("123456789"[:colors])
        if not all(isinstance(g, str) and len(g) == len(code) and set(g) <= digits for g in [code, *guesses]):
            raise ValueError(f"the code and the guesses are texts of the same length, digits from 1 to {colors}")
        if code in guesses:
            raise ValueError("the code is among the guesses")
        told = tuple((guess, feedback(code, guess)) for guess in guesses)
        if len(consistent(colors, len(code), told)) != 1:
            raise ValueError("more than one code fits the guesses")
        head = f"code of {len(code)} digits from 1 to {colors}"
        return Secret(colors, code, told, "\n".join([head, *(_line(guess, answer) for guess, answer in told)]))

    @classmethod
    def _start(cls, instance: Secret) -> State:
        return ()

    @classmethod
    def _observe(cls, instance: Secret, state: State) -> str:
        if not state:
            return instance.text
        lines = [_line(guess, feedback(instance.code, guess)) for guess in state]
        return "\n".join([instance.text, *lines, f"guesses left: {MORE_GUESSES - len(state)}"])

    @classmethod
    def _apply(cls, instance: Secret, state: State, action: str) -> State:
        try:
            return (*state, _read(instance, action))
        except ValueError as error:
            raise IllegalAction(str(error)) from None

    @classmethod
    def _done(cls, instance: Secret, state: State) -> bool:
        return state[-1:] == (instance.code,) or len(state) >= MORE_GUESSES

    @classmethod
    def _answer(cls, instance: Secret, state: State, actions: Sequence[str]) -> str:
        return state[-1]

    @classmethod
    def _verify(cls, instance: Secret, answer: str) -> Verdict:
        try:
            code = _read(instance, answer)
        except ValueError as error:
            return reject(str(error))
        if code == instance.code:  # the only one that fits
            return accept(code)
        misfit = next(guess for guess, told in instance.told if feedback(code, guess) != told)
        return reject(f"The code does not fit the guess {misfit}.", code)

    @classmethod
    def _solve(cls, instance: Secret) -> Solution:
        code = consistent(instance.colors, len(instance.code), instance.told)[0]
        return Solution(code, [code], optimal=True)

    @classmethod
    def _limit(cls, instance: Secret) -> int:
        return MORE_GUESSES + cls.max_illegal


def _line(guess: str, told: Feedback) -> str:
    return f"{guess}: {told[0]} exact, {told[1]} misplaced"


def _read(instance: Secret, text: str) -> str:
    """The digits of a guess; white space, commas, semicolons and - between them are ignored."""
    digits = _SEPARATORS.sub("", text)
    if len(digits) != len(instance.code):
        raise ValueError(f"A code has {len(instance.code)} digits, not {len(digits)}.")
    if not set(digits) <= set("123456789"[: instance.colors]):
        raise ValueError(f"{shown(digits)} has other digits than 1 to {instance.colors}.")
    return digits
