"""Automata judged word by word, found by CP-SAT."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

from ortools.sat.python import cp_model

from tests.oracles import _assignments


def _names(payload: dict[str, Any]) -> list[str]:
    return [state + letter for state, letter in product("PQRSTU"[: payload["states"]], payload["letters"])]


def judge(payload: dict[str, Any], answer: str) -> bool:
    follows = _assignments.read(answer, _names(payload), "PQRSTU"[: payload["states"]])
    if follows is None:
        return False
    accepting = {"PQRSTU"[state] for state in payload["accepting"]}

    def accepted(word: str) -> bool:
        state = "P"
        for letter in word:
            state = follows[state + letter]
        return state in accepting

    return all(map(accepted, payload["yes"])) and not any(map(accepted, payload["no"]))


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    return _assignments.mutations(answer, "PQRSTU"[: payload["states"]], rng)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    other = another(json.dumps(payload)) or answer
    mine, theirs = _assignments.rewrites(answer, rng), _assignments.rewrites(other, rng)
    while True:
        yield next(mine)
        yield next(theirs)


@cache
def another(payload_text: str) -> str | None:
    """An automaton that CP-SAT finds: which state follows, and where each beginning of a word ends."""

    payload = json.loads(payload_text)
    count, model = payload["states"], cp_model.CpModel()
    names = _names(payload)
    follows = {name: [model.new_bool_var("") for _ in range(count)] for name in names}
    for options in follows.values():
        model.add_exactly_one(options)
    beginnings = sorted({word[:i] for word in payload["yes"] + payload["no"] for i in range(len(word) + 1)})
    at = {word: [model.new_bool_var("") for _ in range(count)] for word in beginnings}
    for word, states in at.items():
        model.add_exactly_one(states)
        if not word:
            model.add(states[0] == 1)
            continue
        for before, after in product(range(count), repeat=2):
            step = follows["PQRSTU"[before] + word[-1]][after]
            model.add_bool_or(at[word[:-1]][before].Not(), step.Not(), states[after])
    for kind in ("yes", "no"):
        for word in payload[kind]:
            accepted = sum(at[word][state] for state in payload["accepting"])
            model.add(accepted == (kind == "yes"))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers, solver.parameters.random_seed = 1, 7
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    chosen = {name: next(i for i, o in enumerate(options) if solver.value(o)) for name, options in follows.items()}
    return " ".join(f"{name}={'PQRSTU'[state]}" for name, state in chosen.items())


def optimal_steps(payload: dict[str, Any]) -> int:
    return len(_names(payload))
