"""What a Python program prints, foretold line by line.

An observation is the program and, below `prints`, the lines known so far; a right action is the next line, `17`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.text import CHARSET
from esreason.core.verdict import Verdict, accept, reject
from esreason.envs.programs.printing_programs import of_level
from esreason.envs.traces import TraceEnv
from esreason.verifiers.programs.sandbox import printed

MAX_SOURCE, MAX_LINES, MAX_LINE = 1_500, 40, 80


@dataclass(frozen=True, slots=True)
class Printing:
    """A program and the lines that it prints."""

    source: str
    lines: tuple[str, ...]


class OutputPrediction(TraceEnv[Printing]):
    """Foretell what a program prints; there is one right answer, found by running the program in the sandbox.

    Levels: 1 and 2 two and three assignments with arithmetic, 3 a loop, 4 a condition in a loop, 5 operations on
    lists, 6 on texts, 7 nested loops, 8 a dictionary, 9 a recursive function, 10 several of these. Every level prints
    as it goes, so that an episode walks through the run.
    """

    name = "output_prediction"
    rules = (
        "Output prediction: the Python program shown is run. Foretell what it prints, line by line, exactly as Python "
        "writes it. Below the word prints stand the lines that are known."
    )
    action_rule = "Write the next line that the program prints, for example 17 or [1, 2]."
    answer_rule = "Answer with all lines that the program prints, in order, separated by ; or line ends."
    action_chars = MAX_LINE
    answer_chars = 1_000

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        while True:
            source = of_level(rng, level)
            try:
                lines = _lines(source)
            except ValueError:
                continue
            # a last line that varies, and is not known from the one before
            if len(set(lines)) == len(lines) and sum(map(len, lines)) < 400 and lines[-1].strip("-") not in _PLAIN:
                return {"program": source}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Printing:
        if set(payload) != {"program"}:
            raise ValueError('an output_prediction payload is {"program": text}')
        source = payload["program"]
        if not isinstance(source, str) or not 1 <= len(source) <= MAX_SOURCE or not set(source) <= set(CHARSET):
            raise ValueError(f"the program is a text of at most {MAX_SOURCE:,} ASCII characters")
        return Printing(source.strip("\n"), _lines(source))

    @classmethod
    def _observe(cls, instance: Printing, state: int) -> str:
        return "\n".join([instance.source, "prints", *instance.lines[:state]])

    @classmethod
    def _final(cls, instance: Printing) -> str:
        return "; ".join(instance.lines)

    @classmethod
    def _verify(cls, instance: Printing, answer: str) -> Verdict:
        lines = [cls._normal(line) for line in answer.replace(";", "\n").split("\n") if line.strip()]
        for number, (line, right) in enumerate(zip(lines, instance.lines, strict=False), 1):
            if line != right:
                return reject(f"Line {number} is wrong.", lines)
        if len(lines) != len(instance.lines):
            return reject(f"The program prints {len(instance.lines)} lines, not {len(lines)}.", lines)
        return accept(lines)


_PLAIN = {"", "0", "1", "[]", "None", "True", "False"}


def _lines(source: str) -> tuple[str, ...]:
    """The lines that a program prints, white space in them made single; ValueError where they are none of this kind."""
    lines = tuple([" ".join(line.split()) for line in printed(source).split("\n") if line.strip()])
    if not 1 <= len(lines) <= MAX_LINES:
        raise ValueError(f"the program prints 1 to {MAX_LINES} lines, not {len(lines)}")
    for line in lines:
        if len(line) > MAX_LINE or not set(line) <= set(CHARSET) - {";"}:
            raise ValueError(f"a line has at most {MAX_LINE} ASCII characters and no ;")
    return lines
