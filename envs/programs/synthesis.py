"""A Python function from examples of what it gives.

An observation is the signature, `f(xs)`, and a line such as `f([3, 1, 2]) = 6` for each example; a right action is
`def f(xs):` and, below it, `    return sum(xs)`.
"""

from __future__ import annotations

import json
import keyword
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esreason.core.text import CHARSET
from esreason.core.verdict import Verdict, accept, reject
from esreason.envs.attempts import AttemptEnv
from esreason.envs.programs.python_pieces import of_level
from esreason.envs.programs.synthesis_solver import solution
from esreason.verifiers.programs.sandbox import ProgramError, call, same

SHOWN = {1: 4, 2: 6, 3: 6, 4: 5, 5: 3, 6: 5, 7: 5, 8: 6, 9: 6, 10: 6}
"""Examples shown; the rest of 10 to 16 calls is hidden."""
MAX_TESTS, MAX_DATA, MAX_SOURCE = 30, 2_000, 4_000

_NAME = r"[A-Za-z][A-Za-z0-9_]{0,30}"
_SIGNATURE = re.compile(rf"({_NAME})\(({_NAME}(?:, ?{_NAME}){{0,4}})\)")

Test = tuple[list[Any], Any]
"""Arguments and the result, JSON data that nobody changes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A function by name and parameters, and tests of it: shown first, then hidden."""

    name: str
    parameters: tuple[str, ...]
    tests: tuple[Test, ...]
    shown: int
    text: str


class Synthesis(AttemptEnv[Wanted]):
    """Write a Python function that fits the examples and hidden tests like them.

    Levels: 1 a linear function of a number, 2 one by cases, 3 and 5 two operations on a list (5 with half as many
    examples), 7 three, 4 and 8 operations with a second argument, 6 operations on a text, 9 two lists, 10 five
    operations of any of these. The tests are what a random program gave; any function that passes them all is right.
    Programs run in a sandbox only (docs/sandbox.md), which knows no yield and few modules. The solver enumerates
    short programs; where it finds none it writes one that looks its arguments up among the tests.
    """

    name = "synthesis"
    rules = (
        "Program synthesis: write a Python function with the signature shown that gives the result behind = in every "
        "example, and also in hidden tests of the same kind. It runs in a sandbox with little time, without files or "
        "network; what it prints does not count."
    )
    action_rule = (
        "Write the whole function, without empty lines. It is run on the examples and you are told what it gives where "
        "that is wrong. You have 5 attempts; the first that fits all examples is final."
    )
    answer_rule = "Answer with the source of the function, without empty lines."
    action_chars = MAX_SOURCE
    answer_chars = MAX_SOURCE
    multiline = True

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        while True:
            function = of_level(rng, level)
            inputs = [args for i, args in enumerate(function.inputs) if args not in function.inputs[:i]]
            outcomes = call(function.source, "f", inputs)
            tests = [[args, outcome.value] for args, outcome in zip(inputs, outcomes, strict=True)]
            if all(outcome.kind == "value" for outcome in outcomes) and _telling(tests):
                shown = SHOWN[level]
                return {"signature": function.signature, "examples": tests[:shown], "hidden": tests[shown:]}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Wanted:
        if set(payload) != {"signature", "examples", "hidden"}:
            raise ValueError('a synthesis payload is {"signature", "examples": [[args, result], ...], "hidden": [...]}')
        return read_tests(payload["signature"], payload["examples"], payload["hidden"])

    @classmethod
    def _task(cls, instance: Wanted) -> str:
        return instance.text

    @classmethod
    def _tried(cls, instance: Wanted, program: str) -> str | None:
        return faults(instance, program)

    @classmethod
    def _verify(cls, instance: Wanted, answer: str) -> Verdict:
        return judged(instance, answer)

    @classmethod
    def _reference(cls, instance: Wanted) -> str:
        return solution(instance.name, instance.parameters, instance.tests)


def faults(wanted: Wanted, source: str) -> str | None:
    """What a program gives in the examples where it is wrong, None if nowhere; ValueError if it is no program."""
    try:
        outcomes = call(source, wanted.name, [args for args, _ in wanted.tests[: wanted.shown]])
    except ProgramError as error:
        return str(error)
    told = []
    for (args, result), outcome in zip(wanted.tests, outcomes, strict=False):
        if outcome.kind != "value" or not same(outcome.value, result):
            text = f"= {_shown(outcome.value)}" if outcome.kind == "value" else str(outcome)
            told.append(f"{_called(wanted.name, args)} {text}")
    return "\n".join(told) or None


def judged(wanted: Wanted, source: str) -> Verdict:
    """The verdict on a program; it says nothing of what the hidden tests hold."""
    if len(source) > MAX_SOURCE:
        return reject(f"A program has at most {MAX_SOURCE:,} characters.")
    try:
        outcomes = call(source, wanted.name, [args for args, _ in wanted.tests])
    except ProgramError as error:
        return reject(str(error))
    for number, ((_, result), outcome) in enumerate(zip(wanted.tests, outcomes, strict=True), 1):
        if outcome.kind != "value" or not same(outcome.value, result):
            hidden = number > wanted.shown
            return reject(f"{'Hidden test' if hidden else 'Example'} {number - hidden * wanted.shown} fails.", source)
    return accept(source, f"All {len(wanted.tests)} tests pass.")


def read_tests(signature: object, examples: object, hidden: object) -> Wanted:
    """A signature and tests out of a payload; ValueError with one sentence if they are malformed or contradict."""
    match = _SIGNATURE.fullmatch(signature) if isinstance(signature, str) else None
    parameters = tuple(match[2].replace(" ", "").split(",")) if match else ()
    if not match or any(map(keyword.iskeyword, (match[1], *parameters))) or len(set(parameters)) < len(parameters):
        raise ValueError("a signature is a name and 1 to 5 different parameters, such as f(xs, k)")
    tests: list[Test] = []
    for kind, some in (("examples", examples), ("hidden", hidden)):
        if not isinstance(some, list) or len(some) > MAX_TESTS or not (some or kind == "hidden"):
            raise ValueError(f"there are 1 to {MAX_TESTS} examples and at most as many hidden tests")
        for test in some:
            if not isinstance(test, list) or len(test) != 2 or not isinstance(test[0], list):
                raise ValueError("a test is a list of arguments and a result")
            if len(test[0]) != len(parameters) or not _is_data(test):
                raise ValueError(f"a test has {len(parameters)} arguments, and is JSON data of {MAX_DATA} characters")
            if any(same(test[0], args) and not same(test[1], result) for args, result in tests):
                raise ValueError("two tests contradict each other")
            tests.append((test[0], test[1]))
    assert isinstance(examples, list)
    lines = [f"{_called(match[1], args)} = {_shown(result)}" for args, result in tests[: len(examples)]]
    text = "\n".join([f"{match[1]}({', '.join(parameters)})", *lines])
    if len(text) > 8_000:
        raise ValueError("the examples are too long")
    return Wanted(match[1], parameters, tuple(tests), len(examples), text)


def _is_data(value: Any) -> bool:
    """Whether this is JSON data of bounded size, keys and texts in ASCII, numbers not huge."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return False
    longest = max(map(len, re.findall("[0-9]+", text)), default=0)
    return len(text) <= MAX_DATA and set(text) <= set(CHARSET) and longest <= 40


def _telling(tests: list[list[Any]]) -> bool:
    """Whether the results differ enough that no constant, and no argument itself, is right often."""
    results = [json.dumps(result) for _, result in tests]
    echoes = sum(any(same(result, arg) for arg in args) for args, result in tests)
    return max(max(map(results.count, results)), echoes) <= len(tests) // 3


def _called(name: str, args: list[Any]) -> str:
    return f"{name}({', '.join(map(_shown, args))})"


def _shown(value: Any) -> str:
    """A value as Python writes it, cut where it is long."""
    text = repr(value)
    text = "".join([c if " " <= c <= "~" else "?" for c in text])
    return text if len(text) <= 200 else text[:197] + "..."
