"""What counts of a reply, written a second time from the documentation of `esreason.core.text`."""

from __future__ import annotations

LONGEST = 20_000
TYPOGRAPHIC = {
    "−–—": "-", "×⋅·": "*", "÷": "/", "→": "->", "\u00a0\u2009\u202f": " ", "‘’": "'", "“”": '"', "\ufeff\u200b": "",
}  # fmt: skip


def counted(reply: str) -> str | None:
    """The answer inside a reply (tags, one fence around everything, typographic signs), None if it is too long."""
    if len(reply) > LONGEST:
        return None
    for signs, plain in TYPOGRAPHIC.items():
        for sign in signs:
            reply = reply.replace(sign, plain)
    if "<answer>" in reply:
        reply = reply.split("<answer>")[-1].split("</answer>")[0]
    reply = reply.strip()
    first, newline, rest = reply.partition("\n")
    fenced = newline and first.startswith("```") and rest.endswith("```")
    if fenced and all(c.isascii() and (c.isalnum() or c in "_+-") for c in first[3:].rstrip(" \t")):
        reply = rest[: -len("```")].strip()
    return reply
