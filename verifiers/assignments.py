"""Reading values given to names out of text."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SEPARATOR = re.compile(r"[ ,;]+")


def read_assignment(
    text: str, names: Sequence[str], choices: Sequence[str], missing: str | None = None
) -> tuple[str, ...]:
    """The values of the names, in their order, out of `A=1 B=2`: either = or :, separated by white space, commas or ;.

    Letters are read in either case. Raises ValueError with one sentence when a name is unknown, comes twice or is
    left out (unless `missing` is its value then), or a value is none of the choices.
    """
    place = {name.lower(): index for index, name in enumerate(names)}
    value_of = {choice.lower(): choice for choice in choices}
    if not text.isascii():
        raise ValueError("The answer holds characters outside ASCII.")
    plain = " ".join(text.lower().replace(":", "=").split()).replace(" =", "=").replace("= ", "=")
    words = [word for word in _SEPARATOR.split(plain) if word]
    if len(words) > len(names):
        raise ValueError(f"There are {len(words)} entries for {len(names)} names.")
    values: list[str | None] = [None] * len(names)
    for word in words:
        name, _, value = word.partition("=")
        index = place.get(name)
        if index is None:
            raise ValueError(f"{name[:20]!a} is not one of the names.")
        if value not in value_of:
            raise ValueError(f"{value[:20]!a} is not one of the values {', '.join(choices)}.")
        if values[index] is not None:
            raise ValueError(f"{names[index]} is given two values.")
        values[index] = value_of[value]
    if not words:
        raise ValueError("No values are given.")
    if missing is None and None in values:
        raise ValueError(f"{names[values.index(None)]} is given no value.")
    return tuple(missing or "" if value is None else value for value in values)
