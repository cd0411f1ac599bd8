"""Completes a call's turns on a decoder of our own: shared starts, prompts in blocks, then token by token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch

from esreason.engines.torch_cache import Cache, CacheShape, Span
from esreason.engines.torch_noise import LowRank
from esreason.engines.torch_perturbed import Perturbed
from esreason.engines.torch_plan import FEWEST, NARROWEST, WIDEST, Entry, blocks, groups
from esreason.engines.torch_rows import Row, Turn, common
from esreason.engines.torch_sampling import choose
from esreason.engines.torch_text import Text
from esreason.engines.torch_weights import Loader, Stage, Weights
from esreason.engines.torch_written import Shelf
from esreason.es.noise import Member, Noise
from esreason.es.spectrum import Spectrum

SHARED = 32
"""A common start of a call's prompts is computed once a member from this many tokens on."""

DENSEST = 0.75
"""Rows that have ended are dropped from a decode step once no more than this share is still at work."""


class Decoder(Protocol):
    """An architecture's forward pass."""

    stages: list[Stage]
    cache_shape: CacheShape

    def forward(self, tokens: torch.Tensor, span: Span, cache: Cache, weights: Weights) -> torch.Tensor:
        """Logits [rows, vocabulary] after each row's last valid token; keys and values go to the cache."""


class BatchRunner:
    """All rows of a call advance together; the cache outlives the call."""

    keeps = True

    def __init__(
        self,
        decoder: Decoder,
        loader: Loader,
        shelf: Shelf,
        noise: Noise,
        text: Text,
        spectrum: Spectrum | None = None,
    ) -> None:
        self._decoder = decoder
        self._loader = loader
        self._noise = noise
        self._spectrum = spectrum
        self._text = text
        self._shelf = shelf
        self._cache: Cache | None = None

    def load(self, members: Sequence[Member], episodes: int) -> None:
        """Make room for a unit and prepare its noise."""
        self._members = tuple(members)
        shape, slots, spare = self._decoder.cache_shape, len(members) * episodes, max(FEWEST, len(members))
        if self._cache is None or self._cache.slots != slots + spare + FEWEST:
            self._cache = None  # free the old one first
            self._cache = Cache(shape, slots + spare + FEWEST)
        self._slots: list[Row | None] = [None] * slots
        self._starts: list[list[int]] = [[] for _ in range(spare)]  # what lies in slot `slots` + member
        self._idle = slots + spare
        self._population: LowRank | None = None
        if self._noise.batched and any(member.amplitude for member in members):
            self._population = LowRank(
                self._decoder.stages, members, self._noise, shape.dtype, shape.device, self._spectrum
            )

    def moved(self) -> None:
        """The centre has moved: nothing derived from it is valid any more."""
        self._loader.refresh()
        self._shelf.forget()

    def run(self, turns: list[Turn]) -> None:
        """Complete every turn."""
        assert self._cache is not None
        self._arrange(turns)
        self._cache.reserve(max(len(turn.prompt) + turn.limit for turn in turns))
        if self._noise.batched:
            self._complete(turns)
            return
        for member in sorted({turn.row.member for turn in turns}):
            self._complete([turn for turn in turns if turn.row.member == member])

    def _complete(self, turns: list[Turn]) -> None:
        self._share(turns)
        logits = self._feed([Entry(turn.row.slot, turn.row.member, turn.prompt, turn.start) for turn in turns])
        tokens, weights, fed = choose(logits, turns, self._text), None, 0
        while any(not turn.finish for turn in turns):
            turns, tokens = self._compacted(turns, tokens)
            if weights is None or len(turns) != fed:
                members = [turn.row.member for turn in turns]
                fed, weights = len(turns), self._weights(members + members[:1] * (FEWEST - len(turns)))
            tokens = self._step(turns, tokens, weights)

    def _step(self, turns: list[Turn], tokens: torch.Tensor, weights: Weights) -> torch.Tensor:
        """Feed one token a row."""
        assert self._cache is not None
        idle = range(FEWEST - len(turns))
        slots = [turn.row.slot for turn in turns] + [self._idle + i for i in idle]
        # A row that has ended writes behind its last token, where nothing is read.
        lengths = [len(turn.prompt) + len(turn.new) - 1 for turn in turns] + [0 for _ in idle]
        span = Span.of(slots, lengths, [1] * len(slots), 1, self._decoder.cache_shape.device)
        tokens = torch.nn.functional.pad(tokens, (0, len(idle))).view(-1, 1)
        return choose(self._decoder.forward(tokens, span, self._cache, weights)[: len(turns)], turns, self._text)

    def _compacted(self, turns: list[Turn], tokens: torch.Tensor) -> tuple[list[Turn], torch.Tensor]:
        """Leave out rows that have ended, if there are enough of them; the others exchange slots with them."""
        assert self._cache is not None
        live = [i for i, turn in enumerate(turns) if not turn.finish]
        if len(live) > DENSEST * len(turns) or len(turns) <= FEWEST:
            return turns, tokens
        ended = [i for i in range(len(live)) if turns[i].finish]
        movers = [i for i in live if i >= len(live)]
        left, right = [turns[i].row.slot for i in ended], [turns[i].row.slot for i in movers]
        longest = max(len(turns[i].prompt) + len(turns[i].new) for i in (*ended, *movers)) if movers else 0
        if movers:
            self._cache.swap(left, right, longest)
        order = list(range(len(turns)))
        for a, b in zip(ended, movers, strict=True):
            order[a], order[b] = b, a
            one, other = turns[a].row, turns[b].row
            one.slot, other.slot = other.slot, one.slot
            self._slots[one.slot], self._slots[other.slot] = one, other
        kept = order[: len(live)]
        return [turns[i] for i in kept], tokens[torch.tensor(kept, device=tokens.device)]

    def _arrange(self, turns: list[Turn]) -> None:
        """Give the rows of this call the first slots, moving as little of the cache as possible."""
        rows = [turn.row for turn in turns]
        if len({id(row) for row in rows}) < len(rows):
            raise ValueError("two requests of one call name the same episode of the same member")
        if len(rows) > len(self._slots):
            raise ValueError(f"the unit was loaded for {len(self._slots)} episodes in all")
        if any(turn.start for turn in turns):
            self._move(rows)
        else:
            rows.sort(key=lambda row: row.member)  # nothing to keep: members together
            for slot, row in enumerate(rows):
                self._settle(row, slot)
        turns.sort(key=lambda turn: turn.row.slot)

    def _move(self, rows: list[Row]) -> None:
        assert self._cache is not None
        count, wanted = len(rows), set(map(id, rows))
        homeless = [row for row in rows if not 0 <= row.slot < count]
        free = [slot for slot in range(count) if id(self._slots[slot]) not in wanted]
        pairs = list(zip(homeless, free, strict=True))
        carried = [(row, slot) for row, slot in pairs if row.slot >= 0 and row.computed]
        if carried:
            longest = max(len(row.computed) for row, _ in carried)
            self._cache.copy([row.slot for row, _ in carried], [slot for _, slot in carried], longest)
        for row, slot in pairs:
            self._settle(row, slot)

    def _settle(self, row: Row, slot: int) -> None:
        """Put a row into a slot; whoever was there has to compute its prompt again if it comes back."""
        if row.slot >= 0 and self._slots[row.slot] is row:
            self._slots[row.slot] = None
        guest = self._slots[slot]
        if guest is not None and guest is not row:
            guest.slot, guest.computed = -1, []
        row.slot = slot
        self._slots[slot] = row

    def _share(self, turns: list[Turn]) -> None:
        """Compute a common start of the prompts once a member, and copy it to its rows."""
        assert self._cache is not None
        first, base = turns[0].prompt, len(self._slots)
        length = min(min(common(first, turn.prompt), len(turn.prompt) - 1) for turn in turns)
        needy = [turn for turn in turns if turn.start < length]
        members = sorted({turn.row.member for turn in needy})
        if length < SHARED or not needy or len(needy) < 2 * len(members):
            return
        known = {m: min(common(self._starts[m], first), length) for m in members}
        missing = [m for m in members if known[m] < length]
        if missing:
            self._feed([Entry(base + m, m, first[:length], known[m]) for m in missing])
        for m in missing:
            self._starts[m] = first[:length]
        for m in members:
            self._cache.spread(base + m, [turn.row.slot for turn in needy if turn.row.member == m], length)
        for turn in needy:
            turn.start = length

    def _feed(self, entries: Sequence[Entry]) -> torch.Tensor:
        """Compute keys and values of the entries' tokens; logits after the last of each, in order."""
        order: list[int] = []
        parts: list[torch.Tensor] = []
        for block in blocks(entries):
            parts.append(self._feed_block([entries[i] for i in block]))
            order.extend(block)
        logits = torch.cat(parts)
        if order == sorted(order):
            return logits
        return logits[torch.tensor(order, device=logits.device).argsort()]

    def _feed_block(self, entries: list[Entry]) -> torch.Tensor:
        assert self._cache is not None
        rows, device = len(entries), self._decoder.cache_shape.device
        entries = entries + [Entry(self._idle + i, entries[0].member, [0], 0) for i in range(FEWEST - rows)]
        weights = self._weights([entry.member for entry in entries])
        logits = torch.empty(0)
        for begin in range(0, max(entry.chunk for entry in entries), WIDEST):
            counts = [min(max(entry.chunk - begin, 1), WIDEST) for entry in entries]
            width = max(*counts, NARROWEST)
            starts = [min(entry.start + begin, len(entry.ids)) for entry in entries]
            self._cache.reserve(max(starts) + width)
            padded = [
                (entry.ids[start : start + width] + [0] * width)[:width]
                for entry, start in zip(entries, starts, strict=True)
            ]
            span = Span.of([entry.slot for entry in entries], starts, counts, width, device)
            out = self._decoder.forward(torch.tensor(padded, device=device), span, self._cache, weights)
            ends = torch.tensor([begin < entry.chunk <= begin + WIDEST for entry in entries], device=device)
            logits = out if begin == 0 else torch.where(ends.unsqueeze(1), out, logits)
        return logits[:rows]

    def _weights(self, members: Sequence[int]) -> Weights:
        if self._population is not None:
            return Perturbed(self._population, groups(members), len(members))
        return self._shelf.of(self._members[members[0]])
