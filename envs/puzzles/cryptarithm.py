"""Cryptarithms: sums whose digits are written as letters, with exactly one solution.

One is shown as `SEND + MORE = MONEY` above `D=? E=? M=? N=? O=? R=? S=? Y=?`; a right action is `M=1`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations
from string import ascii_uppercase
from typing import Any

from esreason.envs.assignment import AssignmentEnv, Values
from esreason.envs.puzzles.cryptarithm_solver import solutions

# addends, digits of an addend (fewest, most), letters (fewest, most)
LEVELS = {
    1: (2, 4, 5, 4, 5), 2: (2, 5, 5, 5, 6), 3: (2, 5, 6, 6, 7), 4: (2, 6, 6, 7, 7), 5: (2, 6, 7, 8, 8),
    6: (2, 6, 7, 8, 9), 7: (2, 6, 7, 9, 9), 8: (3, 5, 6, 9, 9), 9: (3, 5, 7, 9, 10), 10: (4, 5, 7, 10, 10),
}  # fmt: skip
MAX_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Sum:
    """The words of a sum, and its letters in order."""

    addends: Values
    total: str
    names: Values
    choices: Values
    text: str


class Cryptarithm(AssignmentEnv[Sum]):
    """Different letters stand for different digits; exactly one solution, proved by listing all.

    Levels go from two addends of 4-5 digits with 4-5 letters to four of 5-7 digits with all ten. Two sums that only
    differ in the choice of letters and the order of addends count as one task.
    After Henry Dudeney's SEND + MORE = MONEY (Strand Magazine, July 1924).
    """

    name = "cryptarithm"
    rules = (
        "Cryptarithm: every letter stands for a digit from 0 to 9, different letters for different digits, no word "
        "begins with 0, and the sum is right. Find the digit of every letter (? where none is written yet)."
    )
    action_rule = "Write <letter>=<digit>, for example S=9, to give a letter a digit, or S=? to take it back."
    answer_rule = "Answer with <letter>=<digit> for every letter, for example A=1 B=0."
    action_chars = 6
    answer_chars = 80

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        while True:
            addends, total = _draw(rng, *LEVELS[level])
            if len(solutions(addends, total)[1]) == 1:
                return {"addends": addends, "sum": total}

    @classmethod
    def _identity(cls, payload: Mapping[str, Any]) -> Any:
        shapes = []
        for addends in permutations(payload["addends"]):
            names: dict[str, str] = {}
            words = [payload["sum"], *addends]
            shapes.append(["".join([names.setdefault(c, ascii_uppercase[len(names)]) for c in word]) for word in words])
        return min(shapes)

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Sum:
        if set(payload) != {"addends", "sum"}:
            raise ValueError('a cryptarithm payload is {"addends": [word, ...], "sum": word}')
        addends, total = payload["addends"], payload["sum"]
        if not isinstance(addends, list) or not 2 <= len(addends) <= 5 or not all(map(_is_word, [*addends, total])):
            raise ValueError(f"a sum has 2 to 5 addends, words of at most {MAX_LENGTH} capital letters like its sum")
        if len(set("".join(addends) + total)) > 10:
            raise ValueError("a sum has at most ten letters")
        letters, rows = solutions(addends, total)
        if len(rows) != 1:
            raise ValueError(f"the sum has {len(rows) or 'no'} solutions instead of one")
        return Sum(tuple(addends), total, tuple(letters), tuple("0123456789"), f"{' + '.join(addends)} = {total}")

    @classmethod
    def _clues(cls, instance: Sum) -> str:
        return instance.text

    @classmethod
    def _violation(cls, instance: Sum, values: Values) -> str | None:
        digit_of = dict(zip(instance.names, values, strict=True))
        if len(set(values)) < len(values):
            return "Two letters stand for the same digit."
        words = [*instance.addends, instance.total]
        numbers = ["".join([digit_of[letter] for letter in word]) for word in words]
        for word, number in zip(words, numbers, strict=True):
            if number[0] == "0" and len(word) > 1:
                return f"{word} begins with 0."
        result = sum(map(int, numbers[:-1]))
        if result != int(numbers[-1]):
            return f"The addends give {result}, not {numbers[-1]}."
        return None

    @classmethod
    def _filled(cls, instance: Sum) -> Values:
        return tuple(str(digit) for digit in solutions(instance.addends, instance.total)[1][0])


def _is_word(item: object) -> bool:
    return isinstance(item, str) and 1 <= len(item) <= MAX_LENGTH and set(item) <= set(ascii_uppercase)


def _draw(rng: random.Random, count: int, shortest: int, longest: int, fewest: int, most: int) -> tuple[list[str], str]:
    """A random sum in letters, that may have other solutions."""
    while True:
        pool = rng.sample("0123456789", rng.randint(fewest, most))
        numbers = ["".join(rng.choices(pool, k=rng.randint(shortest, longest))) for _ in range(count)]
        if len(set(numbers)) < count or any(number[0] == "0" for number in numbers):
            continue
        total = str(sum(map(int, numbers)))
        digits = sorted(set("".join(numbers) + total))
        if fewest <= len(digits) <= most:
            table = str.maketrans("".join(digits), "".join(rng.sample(ascii_uppercase, len(digits))))
            return [number.translate(table) for number in numbers], total.translate(table)
