"""Circuits judged row by row; the fewest gates by trying all small circuits."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

LEVELS = (1, 2, 4)
TABLE = {
    "and": lambda a, b: a and b, "or": lambda a, b: a or b, "xor": lambda a, b: a != b,
    "nand": lambda a, b: not (a and b), "nor": lambda a, b: not (a or b),
}  # fmt: skip


def _gates(answer: str) -> list[list[str]]:
    """The words of every gate, `=` among them."""
    texts = [text for text in re.split(r"[,;\n]", answer) if text.strip()]
    return [text.replace("=", " = ", 1).split() for text in texts]


def judge(payload: dict[str, Any], answer: str) -> bool:
    letters = "abcdefghijklmnopqrstuvwxyz"
    signals = [[bit == "1" for bit in column] for column in payload["inputs"]]
    gates = _gates(answer)
    if not gates or len(gates) > payload["within"] or not answer.isascii():
        return False
    for words in gates:
        known = letters[: len(signals)]
        if words[:2] != [letters[len(signals)], "="] or len(words) not in (4, 5):
            return False
        if len(words) == 4 and words[2] == "not" and "not" in payload["gates"] and words[3] in list(known):
            signals.append([not bit for bit in signals[known.index(words[3])]])
        elif len(words) == 5 and words[3] in TABLE and words[3] in payload["gates"]:
            first, second = words[2], words[4]
            if first == second or first not in list(known) or second not in list(known):
                return False
            rows = zip(signals[known.index(first)], signals[known.index(second)], strict=True)
            signals.append([bool(TABLE[words[3]](a, b)) for a, b in rows])
        else:
            return False
    return signals[-1] == [bit == "1" for bit in payload["want"]]


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    letters = "abcdefgh"
    while True:
        gates = [gate.split() for gate in answer.split("; ")]
        gate = rng.choice(gates)
        kind = rng.randrange(7)
        if kind == 0:
            gate[rng.randrange(len(gate))] = rng.choice([*letters, *TABLE, "not", "=", "1"])
        elif kind == 1 and len(gate) == 5:
            gate[3] = rng.choice(list(TABLE))
        elif kind == 2:
            gate[-1] = rng.choice(letters)
        elif kind == 3:
            gates.remove(gate)
        elif kind == 4:
            rng.shuffle(gates)
        elif kind == 5:
            gates.append([rng.choice(letters), "=", rng.choice(letters), "and", rng.choice(letters)])
        else:
            gates[-1] = gates[-1][:2] + ["not", rng.choice(letters)]
        yield rng.choice(["; ", ", ", "\n"]).join(" ".join(words) for words in gates)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        texts = []
        for words in _gates(answer):
            if len(words) == 5 and rng.random() < 0.5:
                words[2], words[4] = words[4], words[2]
            texts.append(" ".join(words).replace(" = ", rng.choice([" = ", "=", "= ", "  =  "])))
        yield rng.choice(["; ", ";", ", ", "\n", " ;\n", ",\n"]).join(texts)


def optimal_steps(payload: dict[str, Any]) -> int:
    """Fewest gates, looked for up to three."""
    columns = [tuple(bit == "1" for bit in column) for column in payload["inputs"]]
    goal = tuple(bit == "1" for bit in payload["want"])
    layer = {frozenset(columns)}
    for steps in range(1, 4):
        grown = set[frozenset[tuple[bool, ...]]]()
        for signals in layer:
            pairs = list(combinations(sorted(signals), 2))
            new = {tuple(bool(TABLE[k](*ab)) for ab in zip(*pair, strict=True)) for pair in pairs
                   for k in payload["gates"] if k != "not"}  # fmt: skip
            new |= {tuple(not a for a in column) for column in signals if "not" in payload["gates"]}
            if goal in new:
                return steps
            grown |= {signals | {column} for column in new}
        layer = grown
    return 4
