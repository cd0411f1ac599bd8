"""A Python function with one wrong token is to be mended.

An observation is the program, its lines numbered, and below it a line such as `f([3, 1]) = 4` for each example of
what it should give; a right action is `2: return sum(xs)`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.text import CHARSET
from esreason.core.verdict import Verdict, reject
from esreason.envs.attempts import AttemptEnv
from esreason.envs.programs.mutants import mutants, tokens
from esreason.envs.programs.python_templates import LONG, MIDDLE, SHORT, Template, filled
from esreason.envs.programs.synthesis import MAX_SOURCE, Wanted, faults, judged, read_tests
from esreason.envs.search import NoPlan
from esreason.verifiers.programs.sandbox import ProgramError, call

# templates, examples shown, calls of which all others are hidden
LEVELS: dict[int, tuple[tuple[Template, ...], int, int]] = {
    1: (SHORT, 4, 10), 2: (SHORT, 3, 10), 3: (SHORT + MIDDLE, 4, 10), 4: (MIDDLE, 5, 12), 5: (MIDDLE, 4, 12),
    6: (MIDDLE, 3, 12), 7: (MIDDLE + LONG, 4, 12), 8: (LONG, 5, 14), 9: (LONG, 4, 14), 10: (LONG, 3, 14),
}  # fmt: skip
MAX_LENGTH, MAX_TOKENS, MAX_TRIED = 900, 260, 600

_EDIT = re.compile(r"([1-9][0-9]?)\s?:[ \t]*(\S[^\n]*)")


@dataclass(frozen=True, slots=True)
class Broken:
    """The program as it is, what is wanted, and both as text."""

    source: str
    wanted: Wanted
    text: str


class Repair(AttemptEnv[Broken]):
    """Mend a Python function that differs from a right one in one token.

    Levels 1 and 2 have programs of two lines, 3 to 6 of up to six, 7 to 10 of up to ten; fewer examples are shown the
    higher the level within these. Any function that gives what is wanted in the examples and the hidden tests is
    right, however it is written. The solver tries every change of one token in the sandbox.
    """

    name = "repair"
    rules = (
        "Program repair: the Python function shown has one wrong token (an operator, a number, a variable or a word "
        "such as min). Below it stands what it should give; hidden tests of the same kind must pass too."
    )
    action_rule = (
        "Write a line number, a colon and what the line is to say, for example 2: return x + 1 (indentation is kept), "
        "or the whole function without empty lines. You are told what it gives where that is wrong. You have 5 "
        "attempts; each begins from the program shown."
    )
    answer_rule = (
        "Answer with one changed line, for example 2: return x + 1 (indentation is kept), or with the whole function "
        "without empty lines."
    )
    action_chars = MAX_SOURCE
    answer_chars = MAX_SOURCE

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        templates, shown, count = LEVELS[level]
        while True:
            template = rng.choice(templates)
            signature, source = filled(rng, template)
            inputs: list[list[Any]] = []
            while len(inputs) < count:
                args = template.inputs(rng)
                if args not in inputs:
                    inputs.append(args)
            outcomes = call(source, "f", inputs)
            if any(outcome.kind != "value" for outcome in outcomes):
                continue
            tests = [[args, outcome.value] for args, outcome in zip(inputs, outcomes, strict=True)]
            broken = rng.choice(mutants(source))
            payload = {"signature": signature, "source": broken, "examples": tests[:shown], "hidden": tests[shown:]}
            wanted = read_tests(signature, tests[:shown], tests[shown:])
            results = [str(result) for _, result in tests]
            if max(map(results.count, results)) <= count // 2 and faults(wanted, broken) is not None:
                return payload

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Broken:
        if set(payload) != {"signature", "source", "examples", "hidden"}:
            raise ValueError('a repair payload is {"signature", "source", "examples", "hidden"}')
        source = payload["source"]
        if not isinstance(source, str) or not 1 <= len(source) <= MAX_LENGTH or not set(source) <= set(CHARSET):
            raise ValueError(f"the source is a text of at most {MAX_LENGTH} ASCII characters")
        if "\n\n" in source or source != source.strip() or len(tokens(source)) > MAX_TOKENS:
            raise ValueError(f"the source has no empty lines and at most {MAX_TOKENS} tokens")
        wanted = read_tests(payload["signature"], payload["examples"], payload["hidden"])
        numbered = [f"{number}: {line}" for number, line in enumerate(source.split("\n"), 1)]
        return Broken(source, wanted, "\n".join([*numbered, *wanted.text.split("\n")[1:]]))

    @classmethod
    def _task(cls, instance: Broken) -> str:
        return instance.text

    @classmethod
    def _tried(cls, instance: Broken, program: str) -> str | None:
        return faults(instance.wanted, _whole(instance, program))

    @classmethod
    def _verify(cls, instance: Broken, answer: str) -> Verdict:
        try:
            return judged(instance.wanted, _whole(instance, answer))
        except ValueError as error:
            return reject(str(error))

    @classmethod
    def _reference(cls, instance: Broken) -> str:
        lines = instance.source.split("\n")
        for other in mutants(instance.source)[:MAX_TRIED]:
            if _passes(instance.wanted, other):
                changed = other.split("\n")
                number = next(i for i, line in enumerate(changed) if line != lines[i])
                return f"{number + 1}: {changed[number].strip()}"
        raise NoPlan("no change of one token mends the program")


def _passes(wanted: Wanted, source: str) -> bool:
    """Whether a program passes all tests; the first one is run alone, since most fail there."""
    try:
        first = call(source, wanted.name, [wanted.tests[0][0]])[0]
    except ProgramError:
        return False
    return first.kind == "value" and judged(wanted, source).passed


def _whole(broken: Broken, text: str) -> str:
    """The program that an answer stands for: itself, or the one shown with one line changed."""
    match = _EDIT.fullmatch(text)
    if not match:
        return text
    lines, number = broken.source.split("\n"), int(match[1])
    if number > len(lines):
        raise ValueError(f"There is no line {number}.")
    old = lines[number - 1]
    lines[number - 1] = old[: len(old) - len(old.lstrip())] + match[2].rstrip()
    return "\n".join(lines)
