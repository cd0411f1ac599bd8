"""The text that crosses the border between a model and an environment."""

from __future__ import annotations

import re

CHARSET = "\n" + "".join(map(chr, range(32, 127)))
"""Every character an observation may hold: printable ASCII and the newline."""

MAX_ACTION = 20_000
"""Longest text, in characters, that is looked at; anything longer is refused unread."""

_LOOKALIKES = str.maketrans(
    {
        "\u2212": "-", "\u2013": "-", "\u2014": "-", "\u00d7": "*", "\u22c5": "*", "\u00b7": "*", "\u00f7": "/",
        "\u2192": "->", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2018": "'", "\u2019": "'",
        "\u201c": '"', "\u201d": '"', "\ufeff": "", "\u200b": "",
    }
)  # fmt: skip
_FENCE = re.compile(r"```[A-Za-z0-9_+-]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)


class TextTooLong(ValueError):
    """A text that is refused unread."""


def canonical(text: str) -> str:
    """The part of a reply that counts, typographic minus, times, arrow and space as ASCII.

    Raises TextTooLong beyond MAX_ACTION characters.
    """
    return counted(text if text.isascii() or len(text) > MAX_ACTION else text.translate(_LOOKALIKES))


def counted(text: str) -> str:
    """The part of a reply that counts, as it was written.

    That is what stands in the last `<answer>...</answer>` if there is one, inside the code fence if the whole
    text is one, else the text itself. Raises TextTooLong beyond MAX_ACTION characters.
    """
    if len(text) > MAX_ACTION:
        raise TextTooLong(f"The text has more than {MAX_ACTION:,} characters.")
    if "<answer>" in text:
        text = text.rpartition("<answer>")[2].partition("</answer>")[0]
    text = text.strip()
    if text.startswith("```"):
        match = _FENCE.fullmatch(text)
        if match:
            text = match[1].strip()
    return text


def shown(text: str, limit: int = 40) -> str:
    """A text fit for one sentence: printable ASCII, quoted, cut at `limit` characters."""
    cut = text if len(text) <= limit else text[: limit - 3] + "..."
    return "'" + "".join(c if " " <= c <= "~" else "?" for c in cut) + "'"
