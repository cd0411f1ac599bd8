"""String programs cut at their plus signs by hand and evaluated by slicing."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any


def _split(answer: str) -> list[str] | None:
    """The pieces between plus signs that stand outside quotes."""
    pieces, quoted = [""], False
    for letter in answer:
        if letter == '"':
            quoted = not quoted
        if letter == "+" and not quoted:
            pieces.append("")
        else:
            pieces[-1] += letter
    return None if quoted else pieces


def _value(piece: str, text: str) -> str | None:
    if piece.startswith('"'):
        inner = piece[1:-1]
        good = len(piece) >= 3 and piece.endswith('"') and '"' not in inner and len(inner) <= 6
        return inner if good and all(" " <= c <= "~" for c in inner) else None
    case, letter, rest = piece.rpartition("w")
    if not letter or not re.fullmatch(r"(?:(up|low|cap|rev)\s+)?", case):
        return None
    match = re.fullmatch(r"(-?[1-9])(\[(-?[1-9])(-([1-9]))?\])?", rest)
    if not match:
        return None
    words = re.sub("[^A-Za-z0-9]", " ", text).split()
    place = int(match[1]) - (int(match[1]) > 0)
    try:
        word = words[place]
        if match[2] and not match[4]:
            word = word[int(match[3]) - (int(match[3]) > 0)]
        elif match[4]:
            low, high = int(match[3]), int(match[5])
            if not 0 < low < high <= len(word):
                return None
            word = "".join(word[i - 1] for i in range(low, high + 1))
    except IndexError:
        return None
    change = {"up": str.upper, "low": str.lower, "cap": str.capitalize, "rev": lambda w: "".join(reversed(w))}
    return change.get(case.strip(), str)(word)


def judge(payload: dict[str, Any], answer: str) -> bool:
    pieces = _split(answer)
    if pieces is None or len(pieces) > payload["within"]:
        return False
    for text, wanted in payload["examples"]:
        parts = [_value(piece.strip(), text) for piece in pieces]
        if None in parts or "".join(map(str, parts)) != wanted:
            return False
    return True


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    selections = [f"{case}w{n}{cut}" for case in ("", "up ", "low ", "cap ", "rev ") for n in (1, 2, 3, -1, -2, 9)
                  for cut in ("", "[1]", "[-1]", "[1-2]", "[2-3]", "[3-1]", "[1-9]")]  # fmt: skip
    while True:
        pieces = [piece.strip() for piece in _split(answer) or []]
        i, j = rng.randrange(len(pieces)), rng.randrange(len(pieces))
        kind = rng.randrange(7)
        if kind == 0:
            pieces[i] = rng.choice(selections)
        elif kind == 1:
            pieces[i], pieces[j] = pieces[j], pieces[i]
        elif kind == 2:
            del pieces[i]
        elif kind == 3:
            pieces[i] = rng.choice(['""', '"-"', '" "', '"+"', '"toolong"', "'-'", pieces[i] + '"', "w0", "w1[0]"])
        elif kind == 4:
            pieces = [f'"{payload["examples"][0][1][:6]}"']
        elif kind == 5:
            pieces.insert(i, rng.choice(selections))
        else:  # a literal for what the piece gives in the first example
            value = _value(pieces[i], payload["examples"][0][0])
            pieces[i] = f'"{value}"'
        yield rng.choice([" + ", "+", " +", "  ", ", "]).join(pieces)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    """Other spacing, words counted from the other end, changes that change nothing here."""
    counts = {len(re.findall("[A-Za-z0-9]+", text)) for text, _ in payload["examples"]}
    while True:
        pieces = [piece.strip() for piece in _split(answer) or []]
        if len(counts) == 1 and rng.random() < 0.6:
            pieces = [re.sub(r"^((?:\w+ )?w)([1-9])", lambda m: f"{m[1]}{int(m[2]) - max(counts) - 1}", p)
                      if not p.startswith('"') else p for p in pieces]  # fmt: skip
        text = rng.choice([" + ", "+", " +", "\n+ ", "  +  ", "\t+\t"]).join(pieces)
        yield text


def optimal_steps(payload: dict[str, Any]) -> int:
    """The fewest pieces, by dynamic programming from the front over places in all examples."""
    wanted = [goal for _, goal in payload["examples"]]
    cuts = ["", *(f"[{i}]" for n in range(1, 10) for i in (n, -n)),
            *(f"[{i}-{j}]" for i in range(1, 9) for j in range(i + 1, 10))]  # fmt: skip
    made = set[tuple[str, ...]]()
    for number in (*range(1, 10), *range(-9, 0)):
        for cut in cuts:
            for case in ("", "up ", "low ", "cap ", "rev "):
                values = [_value(f"{case}w{number}{cut}", text) for text, _ in payload["examples"]]
                if None not in values and all(v in goal for v, goal in zip(map(str, values), wanted, strict=True)):
                    made.add(tuple(map(str, values)))
    layer, steps, end = {(0,) * len(wanted)}, 0, tuple(map(len, wanted))
    while end not in layer:
        steps += 1
        grown = set[tuple[int, ...]]()
        for places in layer:
            rest = [goal[place:] for goal, place in zip(wanted, places, strict=True)]
            literals = {(rest[0][:n],) * len(rest) for n in range(1, 7) if len(rest[0]) >= n and '"' not in rest[0][:n]}
            for values in made | literals:
                if all(text.startswith(value) for text, value in zip(rest, values, strict=True)):
                    grown.add(tuple(p + len(v) for p, v in zip(places, values, strict=True)))
        layer = grown
    return steps
