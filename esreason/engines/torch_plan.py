"""What is computed together: a function of counts and lengths only, never of clocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FEWEST = 8
"""Rows of a product: matrix libraries switch kernels, and with them the last bits, below about four."""

TOKENS = 768
"""Tokens of a forward pass over prompts: more fall out of the processor's cache, fewer waste calls."""

NARROWEST = 6
"""Tokens a row in one pass over prompts, padding included: the same limit, for the products of single rows."""

WASTE = 48
"""Padding that a pass over prompts may hold, in tokens: about what starting another pass costs."""

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
    order = sorted(range(len(entries)), key=lambda i: -entries[i].chunk)
    while order:
        size = _size([entries[i].chunk for i in order])
        yield sorted(order[:size])
        order = order[size:]


def _size(chunks: Sequence[int]) -> int:
    """How many of the rows, longest first, go into one pass."""
    width, padding = min(max(chunks[0], NARROWEST), WIDEST), 0
    for size in range(len(chunks) - FEWEST):
        padding += width - min(chunks[size], width)
        if size >= FEWEST and (padding > WASTE or (size + 1) * width > TOKENS):
            return size
    return len(chunks)
