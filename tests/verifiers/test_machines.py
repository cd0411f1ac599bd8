"""The small machines and languages: total and bounded on any text, and right on known programs."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esreason.verifiers.programs import (
    brainfuck,
    circuits,
    grammars,
    pipelines,
    regexes,
    registers,
    stack,
    strings,
    turing,
)
from tests.bounds import LONG
from tests.oracles import regex as regex_oracle

# Müller's greeting
HELLO = "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++."


def test_brainfuck_greets() -> None:
    assert bytes(brainfuck.run(HELLO, [])) == b"Hello World!\n"


def test_brainfuck_adds_and_wraps() -> None:
    assert brainfuck.run(",>,[<+>-]<.", [200, 100]) == [44]
    assert brainfuck.run("-.", []) == [255]
    assert brainfuck.run(",.,.", [7]) == [7, 0]


@pytest.mark.parametrize("program", ["+[]", "<", ">" * 32, "+[.]", "[", "]", "][", "", "+x", "+" * 401, "+[>+]"])
def test_brainfuck_refuses_in_one_sentence(program: str) -> None:
    begun = time.process_time()
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        brainfuck.run(program, [])
    assert time.process_time() - begun < LONG


def test_a_register_program_multiplies() -> None:
    program = registers.read_program("1 jz B 5; 2 dec B; 3 add C A; 4 jmp 1", 3)
    assert registers.run(program, [6, 7, 0], 100) == ((6, 0, 42), 4 * 7 + 1)
    assert registers.numbered(program) == "1 jz B 5; 2 dec B; 3 add C A; 4 jmp 1"
    with pytest.raises(registers.RunsTooLong):
        registers.run(registers.read_program("jmp 1", 1), [0], 50)
    with pytest.raises(ValueError, match="exceeds"):
        registers.run(registers.read_program("inc A; add A A; jmp 2", 1), [0], 500)


@pytest.mark.parametrize(
    "text", ["", "nop", "add A", "add A 3", "set A B", "set A 99999", "jz A B", "jmp A", "inc", "jmp 0", "jmp 9",
             "mov D A", "inc A B", "set A \u0663", "inc A;" * 41],
)  # fmt: skip
def test_register_programs_are_read_strictly(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        registers.read_program(text, 3)


def test_a_turing_machine_adds_one_in_binary() -> None:
    """To the right end, then carry: 1011 + 1 = 1100."""
    table = {"A0": "0RA", "A1": "1RA", "Ab": "bLB", "B1": "0LB", "B0": "1LH", "Bb": "1LH"}
    visited: list[str] = []
    assert turing.run(table, "1011", 40, visited) == "1100"
    assert turing.run(table, "111", 40) == "1000"
    assert visited == ["A1", "A0", "A1", "A1", "Ab", "B1", "B1", "B0"]
    with pytest.raises(ValueError, match="does not halt"):
        turing.run(dict.fromkeys(("A0", "A1", "Ab"), "0RA"), "1", 40)


@pytest.mark.parametrize(
    ("word", "before", "after"),
    [("dup", (1, 2), (1, 2, 2)), ("drop", (1, 2), (1,)), ("swap", (1, 2), (2, 1)), ("over", (1, 2), (1, 2, 1)),
     ("rot", (1, 2, 3), (2, 3, 1)), ("sub", (5, 7), (-2,)), ("mul", (0, 5, 7), (0, 35)), ("neg", (3,), (-3,)),
     ("2", (), (2,))],
)  # fmt: skip
def test_stack_words(word: str, before: tuple[int, ...], after: tuple[int, ...]) -> None:
    assert stack.execute(word, before) == after


def test_stacks_are_bounded() -> None:
    for word, numbers in (("dup", ()), ("swap", (1,)), ("dup", (1,) * 8), ("mul", (9_999, 2)), ("rot", (1, 2))):
        with pytest.raises(ValueError, match=r"\.$"):
            stack.execute(word, numbers)


LETTERS = "abc"


@given(st.text(alphabet="abc.|*+?()[]^", max_size=14), st.lists(st.text(alphabet=LETTERS, max_size=6), max_size=6))
def test_expressions_match_as_python_does(text: str, words: list[str]) -> None:
    good = bool(text) and regex_oracle._well_formed(text, LETTERS)
    try:
        automaton = regexes.compiled(text, LETTERS)
    except ValueError as error:
        assert not good and str(error).endswith((".", "them."))
        return
    assert good
    for word in words:
        assert automaton.matches(word) == bool(re.fullmatch(text, word))


def test_expressions_that_explode_elsewhere_are_cheap() -> None:
    begun = time.process_time()
    for text in (
        "(a+)+",
        "(a|a)*b",
        "((a*)*)*b",
        "(a|aa)+b",
        "(a?)" * 14 + "a" * 4,
        "(" * 19 + "a" + ")*" * 19,
    ):
        regexes.compiled(text, LETTERS).matches("a" * 16)
    assert time.process_time() - begun < LONG


@given(st.text(alphabet="abc", min_size=1, max_size=9))
def test_derivations_are_found_by_dynamic_programming(word: str) -> None:
    """S derives exactly the palindromes over a, b, c."""
    rules = grammars.read_rules(
        [*(f"S>{c}S{c}" for c in "abc"), *(f"S>{c}" for c in "abc"), *(f"S>{c}{c}" for c in "abc")]
    )
    plan = grammars.derivation(rules, word)
    assert (plan is not None) == (word == word[::-1])
    if plan is not None:
        form = "S"
        for place in plan:
            form = form.replace("S", rules[place][1], 1)
        assert form == word and len(plan) == (len(word) + 1) // 2


def test_a_dense_grammar_is_parsed_in_time() -> None:
    rules = grammars.read_rules([f"S>{a}{b}" for a in "SAB" for b in "SAB"] + ["S>a", "A>SS", "A>a", "B>AA", "B>a"][:5])
    begun = time.process_time()
    assert grammars.derivation(rules, "a" * 24) is not None
    assert time.process_time() - begun < LONG


@pytest.mark.parametrize(
    ("program", "value", "result"),
    [("sort | take 2 | sum", (3, 1, 2), 3), ("keep records | length", (1, 3, 2, 5), 3),
     ("sum | digits", (60, 7), (6, 7)), ("length | up_to | map square", (9, 9, 9), (1, 4, 9)),
     ("map % 3", (-1, 4), (2, 1)), ("reverse", (), ()),
     ("rot90 | recolor 1 2", ((1, 0), (0, 0)), ((0, 2), (0, 0))), ("crop | mirror_h", ((0, 0), (0, 3)), ((3, 3),))],
)  # fmt: skip
def test_pipelines(program: str, value: Any, result: Any) -> None:
    assert pipelines.run(pipelines.read(program), value) == result


@pytest.mark.parametrize(
    ("program", "value"),
    [("max", ()), ("sum | sort", (1,)), ("rot90", (1,)), ("map + 10", (1,)), ("take 0", (1,)),
     ("double" + " | double" * 8, (1, 2)), ("map * 9" + " | map * 9" * 8, (9,)),
     ("scale" + " | scale" * 5, ((1, 0), (0, 1))), ("", (1,)), ("sort |", (1,)),
     ("crop", ((0,),)), ("left_half", ((1,),)), ("recolor 1 1", ((1,),))],
)  # fmt: skip
def test_pipelines_are_typed_and_bounded(program: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        pipelines.run(pipelines.read(program), value)


def test_string_programs() -> None:
    words = strings.words_of("jane q. doe-smith")
    assert words == ["jane", "q", "doe", "smith"]
    program = strings.read_program('cap w-1 + ", " + up w1[1] + "+" + rev w3[1-2]')
    assert "".join(strings.value(piece, words) for piece in program) == "Smith, J+od"
    assert " + ".join(map(str, program)) == 'cap w-1 + ", " + up w1[1] + "+" + rev w3[1-2]'


def test_circuits() -> None:
    """An exclusive or of four nands."""
    columns, ones = [0b0011, 0b0101], 0b1111
    for text in ("c = a nand b", "d = a nand c", "e = b nand c", "f = d nand e"):
        operation, i, j = circuits.read_gate(text, len(columns))
        columns.append(circuits.output(operation, columns[i], columns[j], ones))
    assert columns[-1] == 0b0110
    assert circuits.reached([0b0011, 0b0101], 0b0110, ["nand"], 4, ones)
    assert not circuits.reached([0b0011, 0b0101], 0b0110, ["nand"], 3, ones)


READERS: dict[str, Callable[[str], object]] = {
    "brainfuck": lambda text: brainfuck.run(text, [1, 2]),
    "registers": lambda text: registers.run(registers.read_program(text, 3), [1, 2, 3], 200),
    "regex": lambda text: regexes.compiled(text, LETTERS).matches("abc"),
    "strings": lambda text: [strings.value(piece, ["ab", "cd"]) for piece in strings.read_program(text)],
    "circuits": lambda text: circuits.read_gate(text, 3),
    "pipelines": lambda text: pipelines.run(pipelines.read(text), (3, 1, 2)),
    "grids": lambda text: pipelines.run(pipelines.read(text), ((1, 2), (0, 3))),
    "grammars": lambda text: grammars.read_rules(text.split()),
}


@pytest.mark.parametrize("name", READERS)
@given(text=st.one_of(st.text(max_size=60), st.text(alphabet='abcw|+-*.[]()<>,"1239 =;SA\n', max_size=60)))
def test_any_text_is_read_or_refused(name: str, text: str) -> None:
    try:
        READERS[name](text)
    except ValueError as error:
        assert str(error) and "\n" not in str(error)


@pytest.mark.parametrize("name", READERS)
def test_long_texts_are_refused_at_once(name: str) -> None:
    rng = random.Random(name)
    for piece in ("+", "(", "[", "a|", "w1+", "inc A;", "sort|", "scale|", "S>aS ", '"', "-", "9", "\u0663", "\0"):
        begun = time.process_time()
        with suppress(ValueError):
            READERS[name](piece * rng.randint(3_000, 9_000))
        assert time.process_time() - begun < LONG
