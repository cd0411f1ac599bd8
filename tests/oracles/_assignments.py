"""Reading, spoiling and rewriting answers of the form `A=1 B=2`, for the oracles of several environments."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

_PAIR = r"[^\s,;=:]+\s*[=:]\s*[^\s,;=:]+"
_WHOLE = re.compile(rf"[\s,;]*{_PAIR}(?:[\s,;]+{_PAIR})*[\s,;]*")


def read(answer: str, names: Sequence[str], values: Sequence[str], default: str | None = None) -> dict[str, str] | None:
    """The value of each name; None where the text is not exactly that. Letters in either case, ASCII only."""
    if not answer.isascii() or len(answer) > 4_000 or not _WHOLE.fullmatch(answer):
        return None
    found: dict[str, str] = {}
    for pair in re.findall(_PAIR, answer):
        left, right = (part.strip() for part in re.split("[=:]", pair))
        name = [n for n in names if n.lower() == left.lower()]
        value = [v for v in values if v.lower() == right.lower()]
        if not name or not value or name[0] in found:
            return None
        found[name[0]] = value[0]
    if default is None and len(found) < len(names):
        return None
    return {name: found.get(name, default or "") for name in names}


def pairs_of(answer: str) -> list[list[str]]:
    """The pairs of a well-written answer."""
    return [pair.split("=") for pair in answer.split()]


def mutations(answer: str, values: Sequence[str], rng: random.Random) -> Iterator[str]:
    while True:
        pairs = [list(pair) for pair in pairs_of(answer)]
        i, j = rng.randrange(len(pairs)), rng.randrange(len(pairs))
        kind = rng.randrange(7)
        if kind == 0:  # another value
            pairs[i][1] = rng.choice(values)
        elif kind == 1:  # two values exchanged
            pairs[i][1], pairs[j][1] = pairs[j][1], pairs[i][1]
        elif kind == 2:  # values handed round
            pairs = [[name, value] for (name, _), (_, value) in zip(pairs, pairs[1:] + pairs[:1], strict=True)]
        elif kind == 3:  # one name left out, or named for another
            pairs[i][0] = pairs[j][0]
        elif kind == 4:
            del pairs[i]
        elif kind == 5:  # named twice, with another value or the same
            pairs.insert(j, [pairs[i][0], rng.choice([pairs[i][1], *values])])
        else:  # all the same, or all random
            one = rng.choice(values)
            pairs = [[name, one if i % 2 else rng.choice(values)] for name, _ in pairs]
        yield written(pairs, rng)


def rewrites(answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        pairs: list[Any] = pairs_of(answer)
        if rng.random() < 0.5:
            rng.shuffle(pairs)
        text = written(pairs, rng)
        yield rng.choice([text, text, text.lower(), text.upper(), text.title()])


def written(pairs: Sequence[Sequence[str]], rng: random.Random) -> str:
    equals = rng.choice(["=", ":", " = ", ": ", " : ", "=  "])
    return rng.choice([" ", ", ", ",", "; ", "\n", "  ", ",\n", "\r\n"]).join(equals.join(pair) for pair in pairs)
