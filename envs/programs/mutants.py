"""Changes of one token in Python source; each can be undone by a change of the same kind."""

from __future__ import annotations

import keyword
import re

_TOKEN = re.compile(r"'[^'\n]*'|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|//|[<>=!]=|[-+*/%]=?|[<>=()\[\]{}:.,]|\s+")
_CLASSES = (
    ("+", "-", "*"), ("//", "%"), ("+=", "-=", "*="), ("<", "<=", ">", ">=", "==", "!="), ("and", "or"),
    ("min", "max"), ("any", "all"), ("True", "False"),
)  # fmt: skip
_OTHERS = {token: [other for other in kind if other != token] for kind in _CLASSES for token in kind}
_GIVEN = "abs all any append dict enumerate f get len list max min range set sorted sum values zip"
_BUILTINS = frozenset(_GIVEN.split())


def tokens(source: str) -> list[str]:
    """The tokens of a source, spaces among them; joined they are the source again. ValueError for anything else."""
    found = _TOKEN.findall(source)
    if "".join(found) != source:
        raise ValueError("the source holds something else than plain Python")
    return found


def mutants(source: str) -> list[str]:
    """Every source that differs in one token: another operator of the same kind, a number one larger or smaller, a
    variable in the place of another.
    """
    parts = tokens(source)
    names = sorted({token for token in parts if is_variable(token)})
    made = []
    for place, token in enumerate(parts):
        for other in _instead(token, parts, place, names):
            made.append("".join([*parts[:place], other, *parts[place + 1 :]]))
    return list(dict.fromkeys(made))


def _instead(token: str, parts: list[str], place: int, names: list[str]) -> list[str]:
    if token in _OTHERS:
        return _OTHERS[token]
    if token.isdigit() and len(token) < 5:
        return [str(int(token) + 1), *([str(int(token) - 1)] if int(token) else [])]
    binding = place > 1 and parts[place - 2] in ("def", "for", "lambda")
    if is_variable(token) and not binding and parts[:2] != ["def", token]:
        return [name for name in names if name != token]
    return []


def is_variable(token: str) -> bool:
    """Whether a token names a variable: no keyword, no function or method that templates use."""
    return token.isidentifier() and not keyword.iskeyword(token) and token not in _BUILTINS
