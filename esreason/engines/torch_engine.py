"""The torch engine: many members and many episodes of one Hugging Face model in one batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from esreason.core.errors import ModelError
from esreason.engines.base import Completion, Request
from esreason.engines.torch_cache import STRIDE, Cache, Span
from esreason.engines.torch_checkpoint import export, open_checkpoint
from esreason.engines.torch_decoder import LlamaDecoder, supported
from esreason.engines.torch_noise import LowRank, Perturbed
from esreason.engines.torch_rows import Row, Turn, common
from esreason.engines.torch_sampling import pick
from esreason.engines.torch_text import Text
from esreason.engines.torch_weights import Loader, Plain, Weights
from esreason.es.noise import CENTRE, Member, Noise
from esreason.es.update import Update

Dtype = Literal["float32", "bfloat16", "float16", "auto"]

FEWEST = 8
"""Rows of a product: matrix libraries switch kernels, and with them the last bits, below about four."""

TOKENS = 1024
"""Tokens of a forward pass over prompts: more fall out of the processor's cache, fewer waste calls."""

WIDEST = 256
"""Prompt tokens a row in one pass: bounds the attention scores of long prompts."""

SHARED = 32
"""A common start of fresh prompts is computed once a member from this many tokens on."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """Tokens to be fed to a slot of the cache: ids[start:]."""

    slot: int
    member: int
    ids: list[int]
    start: int

    @property
    def chunk(self) -> int:
        return len(self.ids) - self.start


class TorchEngine:
    """Implements `Engine` (esreason.engines.base) on torch."""

    def __init__(
        self,
        model: str | Path,
        *,
        noise: Noise | None = None,
        dtype: Dtype = "float32",
        device: str = "cpu",
        capacity: int = 16,
        threads: int = 1,
    ) -> None:
        if threads > 0:
            torch.set_num_threads(threads)
        self.noise = noise or Noise()
        self.capacity = capacity
        self._device = torch.device(device)
        self.checkpoint, self.centre = open_checkpoint(model)
        config = self.checkpoint.config
        if not supported(config):
            raise ModelError(f"{config.model_type} models are not supported yet.")
        self._loader = Loader(self.centre, _dtype(dtype, self.centre.dtypes), self._device)
        self._decoder = LlamaDecoder(config, self.checkpoint.stored, self._loader)
        self._text = Text(self.checkpoint.directory, config)
        self.chat = self._text.chat
        self.context = int(config.max_position_embeddings)
        self.load([CENTRE], 1)

    def load(self, members: Sequence[Member], episodes: int) -> None:
        """Make `members` resident for a unit of `episodes` episodes each; forgets the last unit's caches."""
        if not 0 < len(members) <= self.capacity or episodes < 1:
            raise ValueError(f"a unit has 1 to {self.capacity} members and at least one episode")
        self._members = tuple(members)
        self._rows: dict[tuple[int, int], Row] = {}
        slots = max(FEWEST, len(members) * episodes)
        spare = max(FEWEST, len(members))
        cache: Cache | None = getattr(self, "_cache", None)
        if cache is None or cache.slots != slots + spare + FEWEST:
            self._cache = Cache(self._decoder.cache_shape, slots + spare + FEWEST)
        self._idle = slots + spare
        self._slots: list[Row | None] = [None] * slots
        self._starts: list[list[int]] = [[] for _ in range(spare)]
        self._text.forget()
        self._population: LowRank | None = None
        if any(member.amplitude for member in members):
            shape = self._decoder.cache_shape
            self._population = LowRank(self._decoder.stages, members, self.noise, shape.dtype, shape.device)

    @torch.inference_mode()
    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """One completion a request, in order. Greedy float32 results do not depend on the neighbours."""
        turns = [self._turn(request) for request in requests]
        active = [turn for turn in turns if turn.limit > 0]
        if active:
            self._arrange(active)
            self._cache.reserve(max(len(t.prompt) + t.limit for t in active) + STRIDE)
            self._share(active)
            self._decode(active)
        return [self._completion(turn) for turn in turns]

    def apply_update(self, update: Update) -> str:
        """Move the centre by one update and return its checksum."""
        self.centre.apply(update)
        self._loader.refresh()
        return self.centre.checksum()

    def export(self, directory: Path) -> None:
        """Write the centre as a Hugging Face directory (safetensors, config, tokenizer)."""
        export(self.checkpoint, self.centre, directory)

    def weights_sha256(self) -> str:
        """The digest of the centre in the checkpoint's dtype."""
        return self.centre.weights_sha256()

    def _turn(self, request: Request) -> Turn:
        if not 0 <= request.member < len(self._members):
            raise ValueError(f"there is no member {request.member} in a unit of {len(self._members)}")
        row = self._rows.setdefault((request.member, request.episode), Row(request.member))
        rendered = self._text.render(request.prompt)
        prompt = row.prompt(rendered, isinstance(request.prompt, str), self._text)
        if not prompt:
            raise ModelError("An empty prompt cannot be continued; this tokenizer puts nothing before a text.")
        limit = min(request.sampling.max_tokens, self.context - len(prompt))
        if limit < 1 and not row.computed:
            raise ModelError(
                f"The prompt has {len(prompt)} tokens, which does not fit the model's context of {self.context}."
            )
        start = min(common(prompt, row.computed), len(prompt) - 1)
        return Turn(row, rendered, prompt, request.sampling, max(limit, 0), start)

    def _completion(self, turn: Turn) -> Completion:
        if turn.limit < 1:  # the history has outgrown the context
            return Completion("", 0, 0, "length")
        finish: Literal["stop", "length"] = "stop" if turn.finish == "stop" else "length"
        return Completion(turn.close(self._text), turn.chunk, len(turn.new), finish)

    def _arrange(self, turns: list[Turn]) -> None:
        """Give the rows of this call the first slots, moving as little of the cache as possible."""
        rows = [turn.row for turn in turns]
        if len({id(row) for row in rows}) < len(rows):
            raise ValueError("two requests of one call name the same episode of the same member")
        count = len(rows)
        if count > len(self._slots):
            raise ValueError(f"the unit was loaded for {len(self._slots)} episodes in all")
        if not any(turn.start for turn in turns):
            rows.sort(key=lambda row: row.member)  # nothing to keep: members together
            for slot, row in enumerate(rows):
                self._settle(row, slot)
            turns.sort(key=lambda turn: turn.row.slot)
            return
        wanted = set(map(id, rows))
        free = [s for s in range(count) if (r := self._slots[s]) is None or id(r) not in wanted]
        homeless = [row for row in rows if not 0 <= row.slot < count]
        kept = [(row, slot) for row, slot in zip(homeless, free, strict=True) if row.slot >= 0 and row.computed]
        if kept:
            longest = max(len(row.computed) for row, _ in kept)
            self._cache.copy([row.slot for row, _ in kept], [slot for _, slot in kept], longest)
        for row, slot in zip(homeless, free, strict=True):
            self._settle(row, slot)
        turns.sort(key=lambda turn: turn.row.slot)

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
        """Compute a common start of the call's prompts once a member, and copy it to its rows."""
        first = turns[0].prompt
        length = min(min(common(first, turn.prompt), len(turn.prompt) - 1) for turn in turns)
        needy = [turn for turn in turns if turn.start < length]
        members = sorted({turn.row.member for turn in needy})
        if length < SHARED or len(needy) < 2 * len(members):
            return
        base = len(self._slots)
        missing = [m for m in members if common(self._starts[m], first) < length]
        self._feed([_Entry(base + m, m, first[:length], common(self._starts[m], first)) for m in missing])
        for m in missing:
            self._starts[m] = first[:length]
        self._cache.copy([base + t.row.member for t in needy], [t.row.slot for t in needy], length)
        for turn in needy:
            turn.start = length

    def _feed(self, entries: Sequence[_Entry]) -> torch.Tensor:
        """Compute keys and values of the entries' tokens; logits after the last of each, in order."""
        logits: list[torch.Tensor | None] = [None] * len(entries)
        for block in _blocks(entries):
            for index, row in zip(block, self._feed_block([entries[i] for i in block]), strict=True):
                logits[index] = row
        return torch.stack([row for row in logits if row is not None])

    def _feed_block(self, entries: list[_Entry]) -> torch.Tensor:
        rows = len(entries)
        entries = entries + [_Entry(self._idle + i, entries[0].member, [0], 0) for i in range(FEWEST - rows)]
        count, longest = len(entries), max(entry.chunk for entry in entries)
        weights = self._weights([entry.member for entry in entries])
        logits = torch.empty(0)
        for begin in range(0, longest, WIDEST):
            counts = [min(max(entry.chunk - begin, 1), WIDEST) for entry in entries]
            width = -(-max(counts) // FEWEST) * FEWEST
            starts = [min(entry.start + begin, len(entry.ids)) for entry in entries]
            tokens = torch.zeros(count, width, dtype=torch.long)
            for i, entry in enumerate(entries):
                part = entry.ids[starts[i] : starts[i] + counts[i]]
                tokens[i, : len(part)] = torch.tensor(part, dtype=torch.long)
            span = Span.of([entry.slot for entry in entries], starts, counts, width, self._device)
            out = self._decoder.forward(tokens.to(self._device), span, self._cache, weights)
            ended = torch.tensor([begin < entry.chunk <= begin + WIDEST for entry in entries])
            logits = out if begin == 0 else torch.where(ended.to(self._device).unsqueeze(1), out, logits)
        return logits[:rows]

    def _decode(self, turns: list[Turn]) -> None:
        """Feed the prompts, then one token after another until every turn has ended."""
        entries = [_Entry(t.row.slot, t.row.member, t.prompt, t.start) for t in turns]
        tokens = self._choose(turns, self._feed(entries))
        idle = range(FEWEST - len(turns))
        slots = [turn.row.slot for turn in turns] + [self._idle + i for i in idle]
        weights = self._weights([turn.row.member for turn in turns] + [turns[0].row.member for _ in idle])
        while not all(turn.finish for turn in turns):
            # A row that has ended writes behind its last token, where nothing is read.
            lengths = [len(turn.prompt) + len(turn.new) - 1 for turn in turns] + [0 for _ in idle]
            span = Span.of(slots, lengths, [1] * len(slots), 1, self._device)
            tokens = torch.nn.functional.pad(tokens, (0, len(idle)))
            logits = self._decoder.forward(tokens.view(-1, 1), span, self._cache, weights)
            tokens = self._choose(turns, logits[: len(turns)])

    def _choose(self, turns: list[Turn], logits: torch.Tensor) -> torch.Tensor:
        """The next token of each row, added to the turns that have not ended."""
        tokens = pick(logits, turns)
        stops = {turn.sampling.stop for turn in turns}
        may_end = {stop: self._text.stopping(stop)[tokens.cpu()].tolist() for stop in stops}
        for i, (turn, token) in enumerate(zip(turns, tokens.tolist(), strict=True)):
            if not turn.finish:
                turn.take(token, may_end[turn.sampling.stop][i], self._text)
        return tokens

    def _weights(self, members: Sequence[int]) -> Weights:
        if self._population is None:
            return Plain()
        return Perturbed(self._population, torch.tensor(_groups(members), device=self._device))


def _groups(members: Sequence[int]) -> list[int]:
    """Members of groups of equally many neighbouring rows; every row its own group where they are not equal."""
    runs: list[int] = [m for i, m in enumerate(members) if i == 0 or members[i - 1] != m]
    size, rest = divmod(len(members), len(runs))
    if rest == 0 and all(members[i] == runs[i // size] for i in range(len(members))):
        return runs
    return list(members)


def _blocks(entries: Sequence[_Entry]) -> Iterator[list[int]]:
    """Indices of entries computed together: like lengths together, at least FEWEST rows, about TOKENS tokens."""
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


def _dtype(name: Dtype, stored: dict[str, torch.dtype]) -> torch.dtype:
    if name == "auto":
        return next(iter(stored.values()))
    found: dict[str, torch.dtype] = {
        "float32": torch.float32,
        "bfloat16": torch.bfloat16,
        "float16": torch.float16,
    }
    if name not in found:
        raise ValueError(f"dtype must be float32, bfloat16, float16 or auto, not {name!r}")
    return found[name]
