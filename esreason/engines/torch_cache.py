"""Keys and values of every row, by slot, kept across the turns of an episode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch

STRIDE = 16
"""Attended lengths are multiples of this, and at least two: so the bits do not depend on the neighbours' lengths."""


def attended(positions: int) -> int:
    """How many positions a pass attends to that reaches so far."""
    return max(2, -(-positions // STRIDE)) * STRIDE


@dataclass(frozen=True, slots=True)
class CacheShape:
    """What a decoder stores of one position."""

    layers: int
    heads: int
    width: int
    dtype: torch.dtype
    device: torch.device


class Cache:
    """`keys[layer]` and `values[layer]`: [slots, heads, positions, width]; positions grow as they are needed."""

    def __init__(self, shape: CacheShape, slots: int) -> None:
        self.shape = shape
        self.slots = slots
        self.positions = 0
        self.keys: list[torch.Tensor] = []
        self.values: list[torch.Tensor] = []

    def reserve(self, positions: int) -> None:
        """Make room for that many positions in every slot."""
        if attended(positions) <= self.positions:
            return
        # Growing by half keeps copies rare; 8 over a multiple of 16 keeps the stride of a head off multiples of
        # 4096 bytes, where batched products ran at half speed.
        wanted = attended(max(positions, self.positions * 3 // 2)) + 8
        for store in (self.keys, self.values):
            old: list[torch.Tensor | None] = [*store] or [None] * self.shape.layers
            store[:] = [self._grown(tensor, wanted) for tensor in old]
        self.positions = wanted

    def _grown(self, old: torch.Tensor | None, positions: int) -> torch.Tensor:
        s = self.shape
        # Zeros, not garbage: a masked position has weight 0, and 0 * nan is nan.
        new = torch.zeros(self.slots, s.heads, positions, s.width, dtype=s.dtype, device=s.device)
        if old is not None:
            new[:, :, : old.shape[2]] = old
        return new

    def swap(self, left: Sequence[int], right: Sequence[int], positions: int) -> None:
        """Exchange the first `positions` positions of slots left[i] and right[i]."""
        self.copy([*left, *right], [*right, *left], positions)

    def copy(self, source: Sequence[int], target: Sequence[int], positions: int) -> None:
        """Copy the first `positions` positions of slot source[i] into slot target[i]."""
        index = torch.tensor(source, device=self.shape.device)
        other = torch.tensor(target, device=self.shape.device)
        for store in (*self.keys, *self.values):
            part = store[:, :, :positions]
            part.index_copy_(0, other, part.index_select(0, index))

    def spread(self, source: int, targets: Sequence[int], positions: int) -> None:
        """Copy the first `positions` positions of one slot into others: in place where those lie together."""
        where = located(targets, self.shape.device)
        for store in (*self.keys, *self.values):
            store[where, :, :positions] = store[source, :, :positions]


def located(slots: Sequence[int], device: torch.device) -> slice | torch.Tensor:
    """A slice where the slots lie together, else an index."""
    if all(b == a + 1 for a, b in pairwise(slots)):
        return slice(slots[0], slots[0] + len(slots))
    return torch.tensor(slots, device=device)


@dataclass(slots=True)
class Span:
    """Where the tokens of a forward pass go: rows `slots`, each from `lengths` on, `counts` of them valid.

    `slots` is a slice where the rows lie together (the cache is read in place), else an index.
    """

    slots: slice | torch.Tensor
    lengths: torch.Tensor
    counts: torch.Tensor
    width: int
    attended: int
    aligned: int | None
    """The common length where all rows have the same one (the cache is written by one copy)."""
    _places: torch.Tensor | None = None

    @classmethod
    def of(
        cls, slots: Sequence[int], lengths: Sequence[int], counts: Sequence[int], width: int, device: torch.device
    ) -> Span:
        """A span of rows with these lengths before the pass; `width` tokens a row are computed."""
        longest = max(length + count for length, count in zip(lengths, counts, strict=True))
        aligned = lengths[0] if min(lengths) == max(lengths) else None
        return cls(
            located(slots, device),
            torch.tensor(lengths, device=device),
            torch.tensor(counts, device=device),
            width,
            attended(longest),
            aligned,
        )

    def positions(self) -> torch.Tensor:
        """[rows, width]: where each token stands."""
        return self.lengths.unsqueeze(1) + torch.arange(self.width, device=self.lengths.device)

    def write(self, store: torch.Tensor, values: torch.Tensor) -> None:
        """Write values [rows * width, heads, head width] into the span's positions."""
        turned = values.unflatten(0, (-1, self.width)).transpose(1, 2)
        if self.aligned is not None:
            store[self.slots, :, self.aligned : self.aligned + self.width] = turned
            return
        if self._places is None:
            slots, heads, positions, _ = store.shape
            rows = torch.arange(slots, device=store.device)[self.slots]
            planes = rows[:, None, None] * heads + torch.arange(heads, device=store.device)[None, :, None]
            self._places = (planes * positions + self.positions().unsqueeze(1)).reshape(-1)
        store.view(-1, store.shape[3]).index_copy_(0, self._places, turned.reshape(-1, store.shape[3]))

    def read(self, store: torch.Tensor) -> torch.Tensor:
        """[rows * heads, attended, head width]: a view where the rows lie together."""
        positions, width = store.shape[2:]
        if isinstance(self.slots, slice):
            return store[self.slots].view(-1, positions, width)[:, : self.attended]
        return store[:, :, : self.attended].index_select(0, self.slots).view(-1, self.attended, width)

    def mask(self, dtype: torch.dtype, window: int | None) -> torch.Tensor:
        """[rows, width, attended]: 0 where a token may look, -inf elsewhere."""
        # Padding may stand beyond what is attended. It must see something even so: a row of -inf becomes nan, and
        # nan lies in the cache until a real token takes its place.
        at = self.positions().clamp_(max=self.attended - 1).unsqueeze(-1)
        keys = torch.arange(self.attended, device=at.device)
        hidden = keys > at
        if window is not None:
            hidden |= keys <= at - window
        return torch.zeros(hidden.shape, dtype=dtype, device=at.device).masked_fill_(hidden, float("-inf"))

    def last(self) -> torch.Tensor:
        """Index of each row's last valid token among rows * width tokens."""
        return torch.arange(len(self.counts), device=self.counts.device) * self.width + self.counts - 1
