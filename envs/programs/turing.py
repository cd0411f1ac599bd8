"""A Turing machine whose table has gaps, and what it is to do.

An observation is `Ab=bRH A0=p A1=0RA | 0110 -> 1001 | 10 -> 01` (the table with a gap `p`, tapes at the beginning
and the end of runs) above `p=?`; a right action is `p=1RA`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esreason.envs.assignment import AssignmentEnv, Values
from esreason.verifiers.programs.turing import BLANK, STATES, SYMBOLS, run, transitions

# states, gaps, runs, longest tape, fewest steps of all runs together
LEVELS = {
    1: (2, 2, 3, 4, 9), 2: (2, 3, 3, 5, 12), 3: (3, 3, 4, 5, 16), 4: (2, 4, 4, 5, 16), 5: (3, 4, 4, 6, 20),
    6: (4, 4, 5, 6, 24), 7: (3, 5, 5, 6, 24), 8: (4, 5, 5, 6, 28), 9: (4, 6, 5, 7, 32), 10: (4, 7, 6, 7, 36),
}  # fmt: skip
MAX_STEPS, MAX_RUNS, MAX_TAPE, MAX_GAPS = 40, 8, 12, 8
GAPS = "pqrstuvw"

Runs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """A table with gaps (named in order of their places), the runs, and transitions that fill the gaps."""

    names: Values
    choices: Values
    places: Values
    table: Mapping[str, str]
    runs: Runs
    text: str
    filling: Values


class Turing(AssignmentEnv[Machine]):
    """Fill the gaps in a table so that the machine turns every tape into the wanted one and halts within 40 steps.

    Levels go from two gaps in a table of 2 states to seven in one of 4 states. Every filling that works is right;
    every gap is used in some run, and in generated tasks none of a hundred random fillings works. The payload keeps
    one filling, which is never shown. After Turing, On computable numbers (1936).
    """

    name = "turing"
    rules = (
        "Turing machine: fill the gaps p, q... of the table. A1=0RB says: in state A, reading 1, write 0, move one "
        "cell to the right (L: left) and go on in state B; H halts. b is a blank cell; the tape is blank without end "
        "around what is shown. Every run begins in state A on the leftmost cell shown before -> and must halt within "
        f"{MAX_STEPS} steps with the tape behind ->, where blanks at both ends are left out (- is an empty tape)."
    )
    action_rule = "Write a gap and what is to stand there, for example p=1RA; p=? empties it again."
    answer_rule = "Answer with all gaps, for example p=1RA q=0LH."
    action_chars = 8
    answer_chars = 64

    @classmethod
    def _generate(cls, rng: random.Random, level: int) -> dict[str, Any]:
        states, gaps, count, longest, least = LEVELS[level]
        options = transitions(states)
        while True:
            table = {state + symbol: rng.choice(options) for state in STATES[:states] for symbol in SYMBOLS}
            runs, visited = _random_runs(rng, table, count, longest)
            if len(runs) < count or len(set(visited)) < gaps or len(visited) < least:
                continue
            places = rng.sample(sorted(set(visited)), gaps)
            if not any(_works(rng, table, places, runs, options) for _ in range(100)):
                rest = {place: done for place, done in table.items() if place not in places}
                filling = [table[place] for place in table if place in places]
                return {"states": states, "table": rest, "runs": runs, "filling": filling}

    @classmethod
    def _parse(cls, payload: Mapping[str, Any]) -> Machine:
        if set(payload) != {"states", "table", "runs", "filling"}:
            raise ValueError('a turing payload is {"states", "table", "runs", "filling"}')
        states, table, filling = payload["states"], payload["table"], payload["filling"]
        if type(states) is not int or not 1 <= states <= len(STATES):
            raise ValueError(f"there are 1 to {len(STATES)} states")
        options = transitions(states)
        keys = [state + symbol for state in STATES[:states] for symbol in SYMBOLS]
        if not isinstance(table, Mapping) or not set(table) <= set(keys):
            raise ValueError("the table says for a state and a symbol, such as A1, what is done")
        gaps = [key for key in keys if key not in table]
        if not 1 <= len(gaps) <= MAX_GAPS or not isinstance(filling, list) or len(filling) != len(gaps):
            raise ValueError(f"the table has 1 to {MAX_GAPS} gaps, and as many transitions fill them")
        if not all(isinstance(done, str) and done in options for done in (*table.values(), *filling)):
            raise ValueError("what is done is a symbol, L or R, and a state or H")
        runs = _read_runs(payload["runs"])
        lines = [f"{key}={table[key] if key in table else GAPS[gaps.index(key)]}" for key in keys]
        text = " | ".join([" ".join(lines), *(f"{tape} -> {end or '-'}" for tape, end in runs)])
        names, fixed = tuple(GAPS[: len(gaps)]), {key: table[key] for key in keys if key in table}
        machine = Machine(names, tuple(options), tuple(gaps), fixed, runs, text, tuple(filling))
        fault = cls._violation(machine, machine.filling)
        if fault:
            raise ValueError(f"the payload's own filling is wrong: {fault}")
        return machine

    @classmethod
    def _clues(cls, instance: Machine) -> str:
        return instance.text

    @classmethod
    def _violation(cls, instance: Machine, values: Values) -> str | None:
        table = {**instance.table, **dict(zip(instance.places, values, strict=True))}
        for tape, wanted in instance.runs:
            try:
                end = run(table, tape, MAX_STEPS)
            except ValueError as error:
                return str(error)
            if end != wanted:
                return f"The tape {tape} becomes {end[:20] or '-'}."
        return None

    @classmethod
    def _filled(cls, instance: Machine) -> Values:
        return instance.filling


def _random_runs(
    rng: random.Random, table: Mapping[str, str], count: int, longest: int
) -> tuple[list[list[str]], list[str]]:
    """Up to `count` runs on different tapes that halt and change the tape, and every place they come to."""
    runs, visited = list[list[str]](), list[str]()
    tapes = ["".join([rng.choice("01") for _ in range(rng.randint(1, longest))]) for _ in range(2 * count)]
    for tape in dict.fromkeys(tapes):
        places: list[str] = []
        try:
            end = run(table, tape, MAX_STEPS, places)
        except ValueError:
            continue
        if len(runs) < count and end != tape and len(end) <= MAX_TAPE:
            runs.append([tape, end])
            visited += places
    return runs, visited


def _works(
    rng: random.Random, table: Mapping[str, str], places: Sequence[str], runs: Sequence[Sequence[str]],
    options: Sequence[str],
) -> bool:  # fmt: skip
    """Whether a random filling works."""
    filled = {**table, **{place: rng.choice(options) for place in places}}
    try:
        return all(run(filled, tape, MAX_STEPS) == end for tape, end in runs)
    except ValueError:
        return False


def _read_runs(value: object) -> Runs:
    """The tapes at the beginning and the end of runs."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_RUNS:
        raise ValueError(f"there are 1 to {MAX_RUNS} runs")
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(tape, str) for tape in pair):
            raise ValueError("a run is a tape at its beginning and one at its end")
        start, end = pair
        if not 1 <= len(start) <= MAX_TAPE or len(end) > MAX_TAPE or not set(start + end) <= set(SYMBOLS):
            raise ValueError(f"tapes hold at most {MAX_TAPE} symbols, at the beginning at least one")
        if end != end.strip(BLANK):
            raise ValueError("a tape at the end has no blanks around it")
    return tuple((start, end) for start, end in value)
