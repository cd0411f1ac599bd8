"""Python functions run by CPython."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from tests.oracles import _python

EXPENSIVE = True


def judge(payload: dict[str, Any], answer: str) -> bool:
    return _python.passes(answer, payload)


def mutations(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    head = f"def {payload['signature']}:"
    constants = [repr(result) for _, result in payload["examples"]]
    while True:
        kind = rng.randrange(8)
        if kind == 0:
            yield f"{head}\n    return {rng.choice(constants)}"
        elif kind == 1:
            yield re.sub(r"\d+", lambda m: str(int(m[0]) + rng.choice([-1, 0, 1])), answer)
        elif kind == 2:
            instead = rng.choice(["print", "yield", "return str(", "return not", "pass; return"])
            yield answer.replace("return", instead, 1)
        elif kind == 3:  # knows the examples, not the hidden tests
            rows = ", ".join(f"[{args!r}, {result!r}]" for args, result in payload["examples"])
            names = payload["signature"].partition("(")[2].rstrip(")")
            yield f"{head}\n    for args, result in [{rows}]:\n        if args == [{names}]:\n            return result"
        elif kind == 4:
            yield answer.replace("def f", rng.choice(["def g", "def F", "f =", "class f", "async def f"]), 1)
        elif kind == 5:
            more = ["f = None", "raise SystemExit(0)", "while True:\n    pass", "1 / 0", "f(1, 2, 3)"]
            yield f"{answer}\n{rng.choice(more)}"
        elif kind == 6:
            yield f"{head}\n    return {payload['signature']}"
        else:
            yield answer.replace("    ", rng.choice(["  ", "\t", " ", ""]), 1)


def rewrites(payload: dict[str, Any], answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        text = answer
        if rng.random() < 0.5:
            text = "\n".join(line + rng.choice(["", "  ", "  # so"]) for line in text.split("\n"))
        if rng.random() < 0.5:
            text = text.replace("    ", rng.choice(["  ", "   ", "\t"]))
        before = rng.choice(["", "import math\n", "# a function\n", "x = 1\n", "print('hello')\n"])
        after = rng.choice(["", "\nprint(f)", "\ng = f", "\n# done"])
        yield before + text + after
