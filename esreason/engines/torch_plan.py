"""What is computed together: a function of counts and lengths only, never of clocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FEWEST = 8
"""Rows of a product: matrix libraries switch kernels, and with them the last bits, below about four."""

TOKENS = 1024
"""Tokens of a forward pass over prompts: more fall out of the processor's cache, fewer waste calls."""

WIDEST = 256
"""Prompt tokens a row in one pass: bounds the attention scores of long prompts."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Tokens to be fed to a slot of the cache: ids[start:]."""

    slot: int
    member: int
    ids: list[int]
    start: int

    @property
    def chunk(self) -> int:
        return len(self.ids) - self.start


def groups(members: Sequence[int]) -> list[int]:
    """Members of groups of equally many neighbouring rows; every row is its own group where they are not equal."""
    runs = [member for i, member in enumerate(members) if i == 0 or members[i - 1] != member]
    size, rest = divmod(len(members), len(runs))
    if rest == 0 and all(member == runs[i // size] for i, member in enumerate(members)):
        return runs
    return list(members)


def blocks(entries: Sequence[Entry]) -> Iterator[list[int]]:
    """Indices of entries fed together: like lengths together, at least FEWEST rows, about TOKENS tokens."""
    order = list(range(len(entries)))
    widths = [-(-entry.chunk // FEWEST) for entry in entries]
    if max(widths) > min(widths):
        order.sort(key=lambda i: -widths[i])
    at = 0
    while at < len(order):
        size = max(FEWEST, TOKENS // (min(widths[order[at]] * FEWEST, WIDEST)))
        size = size if len(order) - at - size >= FEWEST else len(order) - at
        yield sorted(order[at : at + size])
        at += size
