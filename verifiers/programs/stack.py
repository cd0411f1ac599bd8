"""A stack machine of straight-line programs."""

from __future__ import annotations

Stack = tuple[int, ...]
"""Numbers, the top at the end."""

WORDS = ("dup", "drop", "swap", "over", "rot", "add", "sub", "mul", "neg", "1", "2")
NEEDS = {"dup": 1, "drop": 1, "swap": 2, "over": 2, "rot": 3, "add": 2, "sub": 2, "mul": 2, "neg": 1, "1": 0, "2": 0}
"""How many numbers a word needs."""

MAX_DEPTH, MAX_VALUE = 8, 9_999


def execute(word: str, stack: Stack) -> Stack:
    """The stack after one word of WORDS; ValueError with one sentence where the word cannot be executed."""
    if len(stack) < NEEDS[word]:
        raise ValueError(f"{word} needs {NEEDS[word]} numbers on the stack.")
    *rest, top = stack or (0,)
    if word in ("1", "2"):
        result = (*stack, int(word))
    elif word == "dup":
        result = (*stack, top)
    elif word == "drop":
        result = stack[:-1]
    elif word == "swap":
        result = (*rest[:-1], top, rest[-1])
    elif word == "over":
        result = (*stack, rest[-1])
    elif word == "rot":
        result = (*rest[:-2], rest[-1], top, rest[-2])
    elif word == "neg":
        result = (*rest, -top)
    else:
        below = rest[-1]
        value = below + top if word == "add" else below - top if word == "sub" else below * top
        result = (*rest[:-1], value)
    if len(result) > MAX_DEPTH:
        raise ValueError(f"A stack holds at most {MAX_DEPTH} numbers.")
    if word in ("add", "sub", "mul") and not -MAX_VALUE <= result[-1] <= MAX_VALUE:
        raise ValueError(f"{word} would give a number of more than {MAX_VALUE:,}.")
    return result
