"""Games of the small machines written from their rules alone, on the interpreters of the oracles.

A game says of an action whether it is legal, and of the legal ones so far whether they win or end the episode.
Nothing of esreason is imported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from tests.oracles import (
    automaton,
    boolean_circuit,
    brainfuck,
    grammar,
    list_functions,
    regex,
    sorting_network,
    stack_machine,
    string_transform,
    turing,
)
from tests.oracles._registers import Machine

Payload = dict[str, Any]
Legal = Callable[[Payload, list[str], str], bool]
"""Whether an action may follow legal ones."""
Judge = Callable[[Payload, list[str]], bool]
"""Whether legal actions win, or end the episode."""


def stack_legal(payload: Payload, before: list[str], action: str) -> bool:
    stacks: list[list[int]] | None = [start for start, _ in payload["stacks"]]
    for word in [*before, action]:
        stacks = stack_machine.after(word, stacks) if stacks is not None else None
    return stacks is not None and len(before) < payload["within"]


def comparator_legal(payload: Payload, before: list[str], action: str) -> bool:
    match = re.fullmatch(r"([1-9])\s*[-:]\s*([1-9])", action)
    wires = len(payload["lists"][0])
    return match is not None and int(match[1]) < int(match[2]) <= wires and len(before) < payload["within"]


def gate_legal(payload: Payload, before: list[str], action: str) -> bool:
    """A gate is one wherever it gives 0 or 1 in every single row."""
    if len(before) >= payload["within"] or re.search("[,;\n]", action):
        return False
    first = {"inputs": [column[0] for column in payload["inputs"]]}
    circuit = "; ".join([*before, action])
    return any(boolean_circuit.judge(payload | first | {"want": bit}, circuit) for bit in "01")


def piece_legal(payload: Payload, before: list[str], action: str) -> bool:
    for text, wanted in payload["examples"]:
        made = [string_transform._value(piece, text) for piece in [*before, action]]
        if None in made or not wanted.startswith("".join(map(str, made))):
            return False
    return len(before) < payload["within"]


def stage_legal(payload: Payload, before: list[str], action: str) -> bool:
    try:
        for start, _ in payload["examples"]:
            list_functions.run([*before, action], start)
    except list_functions.Refused:
        return False
    return len(before) < payload["within"]


def rule_legal(payload: Payload, before: list[str], action: str) -> bool:
    form: str | None = "S"
    for word in [*before, action]:
        if form is None or not re.fullmatch("[1-9][0-9]?", word) or int(word) > len(payload["rules"]):
            return False
        form = grammar._step(form, payload["rules"][int(word) - 1])
    return form is not None and len(form) <= len(payload["word"])


def stuck(payload: Payload, before: list[str]) -> bool:
    """Whether no rule can follow."""
    return not any(rule_legal(payload, before, str(n + 1)) for n in range(len(payload["rules"])))


def values(names: Sequence[str], options: Sequence[str], actions: Sequence[str]) -> dict[str, str] | None:
    """What names stand for after actions such as `Pa=Q`, `Pa=?`; None where one of them is illegal."""
    found = dict.fromkeys(names, "?")
    for action in actions:
        match = re.fullmatch(r"([A-Za-z]+)\s*[=:]\s*([A-Za-z0-9]+|\?)", action)
        name = [n for n in names if match and n.lower() == match[1].lower()]
        value = [v for v in [*options, "?"] if match and v.lower() == match[2].lower()]
        if not name or not value or found[name[0]] == value[0]:
            return None
        found[name[0]] = value[0]
    return found


def filled(oracle: Any, names: Callable[[Payload], Sequence[str]], options: Callable[[Payload], Sequence[str]]) -> Any:
    """The game of giving names values: legal, won, over."""

    def text(payload: Payload, actions: list[str]) -> str:
        found = values(names(payload), options(payload), actions) or {}
        return " ".join(f"{name}={value}" for name, value in found.items())

    return (
        lambda payload, before, action: values(names(payload), options(payload), [*before, action]) is not None,
        lambda payload, actions: oracle.judge(payload, text(payload, actions)),
        lambda payload, actions: bool(actions) and "?" not in text(payload, actions),
    )


def line_legal(payload: Payload, before: list[str], action: str) -> bool:
    """The line that follows, and the registers."""
    whole = Machine(dict(zip("ABCDE", payload["registers"], strict=False))).load(payload["program"])
    at, registers = 1, whole.registers
    for _ in range(len(before) + 1):
        machine = Machine(dict(registers)).load(payload["program"])
        machine.lines = [machine.lines[at - 1]]
        name, *words = machine.lines[0]
        at += 1
        if name == "jmp" or (name == "jz" and registers[words[0]] == 0):
            at = int(words[-1])
        if name not in ("jmp", "jz"):
            registers = machine.run(1).registers
    return action.split() == [str(at), *map(str, registers.values())]


def run_over(payload: Payload, actions: list[str]) -> bool:
    machine = Machine(dict(zip("ABCDE", payload["registers"], strict=False))).load(payload["program"]).run(200)
    return len(actions) == machine.steps


def program_legal(payload: Payload, _before: list[str], action: str) -> bool:
    program = "".join(action.split())
    depths = [program[: i + 1].count("[") - program[: i + 1].count("]") for i in range(len(program))]
    good = bool(program) and not set(program) - set("+-<>.,[]") and min(depths) >= 0 and not depths[-1]
    return good and len(program) <= payload["within"]


def expression_legal(payload: Payload, _before: list[str], action: str) -> bool:
    return bool(action) and len(action) <= payload["within"] and regex._well_formed(action, payload["letters"])


def joined(oracle: Any, sign: str) -> Judge:
    return lambda payload, actions: bool(actions) and oracle.judge(payload, sign.join(actions))


def spent(judge: Judge) -> Judge:
    return lambda payload, actions: len(actions) == payload["within"] or judge(payload, actions)


def attempts(oracle: Any) -> tuple[Judge, Judge]:
    def won(payload: Payload, actions: list[str]) -> bool:
        return bool(actions) and oracle.judge(payload, actions[-1])

    return won, lambda payload, actions: len(actions) == 5 or won(payload, actions)


PLANS: dict[str, tuple[Legal, Any, str]] = {
    "stack_machine": (stack_legal, stack_machine, " "), "sorting_network": (comparator_legal, sorting_network, " "),
    "boolean_circuit": (gate_legal, boolean_circuit, "; "), "string_transform": (piece_legal, string_transform, " + "),
    "list_functions": (stage_legal, list_functions, " | "),
}  # fmt: skip

GAMES: dict[str, tuple[Legal, Judge, Judge]] = {
    **{name: (legal, joined(judge, sign), spent(joined(judge, sign))) for name, (legal, judge, sign) in PLANS.items()},
    "grammar": (rule_legal, joined(grammar, " "), stuck),
    "automaton": filled(automaton, automaton._names, lambda payload: "PQRSTU"[: payload["states"]]),
    "turing": filled(turing, lambda payload: "pqrstuvw"[: len(turing._gaps(payload))], turing._options),
    "register_machine": (line_legal, run_over, run_over),
    "brainfuck": (program_legal, *attempts(brainfuck)),
    "regex": (expression_legal, *attempts(regex)),
}
