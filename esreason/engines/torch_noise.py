"""Low-rank noise of many members in one forward pass: the base product is shared, each member adds its own rank.

Rows of a batch lie in groups of equally many; a group has one member. A stage's factors of one member are one
flat vector, so that choosing the members of a batch is one gather a stage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from esreason.engines.torch_weights import Linear, Stage, Vector
from esreason.es.noise import ONE, Member, Noise, factors, normals

Integers = NDArray[np.int16]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_KEPT = 2**23  # gathered elements that are kept for a batch's later steps (32 MB in float32)


class LowRank:
    """The factors of the resident members: `flat[i]` is [members, elements] for stage i."""

    def __init__(
        self, stages: Sequence[Stage], members: Sequence[Member], noise: Noise, dtype: torch.dtype, device: torch.device
    ) -> None:
        self.rank = noise.rank
        self.members = tuple(members)
        self.offsets: list[dict[str, int]] = []
        self.flat: list[torch.Tensor] = []
        for stage in stages:
            offsets, size = _layout(stage, self.rank)
            values = np.zeros((len(members), size), dtype=np.float32)
            for seed in sorted({abs(member.seed) for member in members}):
                who = [i for i, member in enumerate(members) if abs(member.seed) == seed]
                amplitudes = np.array([[members[i].amplitude] for i in who], dtype=np.float64)
                _fill(values, who, amplitudes, stage, seed, noise.rank)
            self.offsets.append(offsets)
            self.flat.append(torch.from_numpy(values).to(device, dtype))

    @property
    def elements(self) -> int:
        """Factors of one member."""
        return sum(flat.shape[1] for flat in self.flat)


class Perturbed:
    """The noise of one batch of `rows` rows: group g of them belongs to member `groups[g]`."""

    def __init__(self, population: LowRank, groups: Sequence[int], rows: int) -> None:
        self._population = population
        self._rows = rows
        self._members = torch.tensor(groups, device=population.flat[0].device)
        self.groups = len(groups)
        self._whole = list(groups) == list(range(len(population.members)))
        self._keep = population.elements * self.groups <= _KEPT
        self._picked: dict[int, torch.Tensor] = {}
        self._flat = torch.empty(0)
        self._offsets: dict[str, int] = {}

    def enter(self, stage: int) -> None:
        """Choose the stage whose parameters the next calls name."""
        self._offsets = self._population.offsets[stage]
        flat = self._population.flat[stage]
        if self._whole:
            self._flat = flat
            return
        picked = self._picked.get(stage)
        if picked is None:
            picked = flat.index_select(0, self._members)
            if self._keep:
                self._picked[stage] = picked
        self._flat = picked

    def linear(self, key: str, linear: Linear, x: torch.Tensor, parts: slice | None = None) -> torch.Tensor:
        """x @ W^T with each group's own W; `parts` takes only some of the fused matrices."""
        chosen = range(len(linear.sizes))[parts] if parts is not None else range(len(linear.sizes))
        sizes = [linear.sizes[i] for i in chosen]
        start = sum(linear.sizes[: chosen.start])
        stop = start + sum(sizes)
        weight = linear.right if parts is None else linear.right[:, start:stop]
        y = torch.mm(x, weight)
        count, inputs, rank = self.groups, linear.inputs, self._population.rank
        at = self._offsets[key]
        right = self._flat[:, at : at + len(linear.sizes) * rank * inputs].view(count, 1, -1, inputs)
        at += len(linear.sizes) * rank * inputs
        left = self._flat[:, at : at + rank * linear.outputs].view(count, 1, rank, linear.outputs)
        if parts is not None:
            right = right[:, :, chosen.start * rank : chosen.stop * rank]
            left = left[..., start:stop]
        y3 = y.view(count, -1, stop - start)
        if x.shape[0] > self._rows and right.shape[2] > 1:
            products = torch.bmm(x.view(count, -1, inputs), right.squeeze(1).transpose(1, 2)).unsqueeze(-1)
        else:
            # With one token a row, or one column, the product would be a vector's, whose bits depend on the count.
            products = (x.view(count, -1, 1, inputs) * right).sum(-1, keepdim=True)
        for r in range(rank):
            _add(y3, products[:, :, r::rank], left[:, :, r], sizes)
        if linear.bias is not None:
            at += rank * linear.outputs
            y3.add_(self._flat[:, at + start : at + stop].unsqueeze(1))
        return y

    def vector(self, key: str, vector: Vector) -> torch.Tensor:
        at = self._offsets[key]
        return self._flat[:, at : at + vector.value.numel()].unsqueeze(1)

    def embedding(self, key: str, linear: Linear, tokens: torch.Tensor) -> torch.Tensor:
        """Rows of each group's own table: tokens [n, c] -> [n * c, inputs]."""
        x = torch.nn.functional.embedding(tokens.view(-1), linear.weight)
        right, left = self._table(key, linear)
        x3 = x.view(self.groups, -1, linear.inputs)
        chosen = tokens.view(self.groups, -1)
        for r in range(self._population.rank):
            x3.addcmul_(left[:, r].gather(1, chosen).unsqueeze(-1), right[:, r].unsqueeze(1))
        return x

    def _table(self, key: str, linear: Linear) -> tuple[torch.Tensor, torch.Tensor]:
        at, rank = self._offsets[key], self._population.rank
        right = self._flat[:, at : at + rank * linear.inputs].view(self.groups, rank, linear.inputs)
        at += rank * linear.inputs
        return right, self._flat[:, at : at + rank * linear.outputs].view(self.groups, rank, linear.outputs)


def _add(y: torch.Tensor, products: torch.Tensor, left: torch.Tensor, sizes: Sequence[int]) -> None:
    """y [g, c, n] += products [g, c, parts, 1] * left [g, 1, n], part by part."""
    if len(set(sizes)) == 1:
        shape = (y.shape[0], -1, len(sizes), sizes[0])
        y.view(shape).addcmul_(products, left.unflatten(-1, (len(sizes), sizes[0])))
        return
    for i, (part, factor) in enumerate(zip(y.split(list(sizes), -1), left.split(list(sizes), -1), strict=True)):
        part.addcmul_(products[:, :, i], factor)


def _layout(stage: Stage, rank: int) -> tuple[dict[str, int], int]:
    """Where each parameter's factors begin in a stage's flat vector, and how long that is."""
    offsets: dict[str, int] = {}
    size = 0
    for key, linear in stage.linears.items():
        offsets[key] = size
        size += rank * (len(linear.names) * linear.inputs + linear.outputs)
        size += linear.outputs if linear.bias is not None else 0
    for key, vector in stage.vectors.items():
        offsets[key] = size
        size += vector.value.numel()
    return offsets, size


@dataclass(frozen=True, slots=True)
class _Part:
    """Integers of one seed on their way into the flat vectors: base + (amplitude or 1) * unit * integers."""

    integers: Integers
    unit: float
    signed: bool = True
    base: Floats | float = 0.0


def _fill(values: Floats, who: list[int], amplitudes: Doubles, stage: Stage, seed: int, rank: int) -> None:
    """Write the factors of the members `who` (mirror images share a seed), in the order of `_layout`."""
    parts = [part for linear in stage.linears.values() for part in _linear_parts(linear, seed, rank)]
    for vector in stage.vectors.values():
        base = vector.value.float().cpu().numpy() + np.float32(vector.shift)
        parts.append(_Part(_vector_noise(seed, vector.name, vector.value.numel()), 1.0 / ONE, base=base))
    at = 0
    for part in parts:
        scaled = part.integers.reshape(1, -1) * part.unit
        values[who, at : at + scaled.size] = (amplitudes * scaled if part.signed else scaled) + part.base
        at += scaled.size


def _linear_parts(linear: Linear, seed: int, rank: int) -> list[_Part]:
    pairs = []
    for name, size in zip(linear.names, linear.sizes, strict=True):
        shape = (linear.inputs, size) if linear.turned else (size, linear.inputs)
        rows, columns = factors(seed, name, shape, rank) if seed else (_zeros(shape[0], rank), _zeros(shape[1], rank))
        pairs.append((columns, rows) if linear.turned else (rows, columns))
    left = np.concatenate([a for a, _ in pairs]).T  # [rank, outputs]
    right = np.concatenate([b.T for _, b in pairs])  # [parts * rank, inputs]
    parts = [_Part(right, 1.0 / ONE, signed=False), _Part(left, 1.0 / (ONE * math.sqrt(rank)))]
    if linear.bias is not None:
        noise = [_vector_noise(seed, name, size) for name, size in zip(linear.biases, linear.sizes, strict=True)]
        parts.append(_Part(np.concatenate(noise), 1.0 / ONE, base=linear.bias.float().cpu().numpy()))
    return parts


def _zeros(rows: int, rank: int) -> Integers:
    return np.zeros((rows, rank), dtype=np.int16)


def _vector_noise(seed: int, name: str, count: int) -> Integers:
    return normals(seed, name, 0, count) if seed else np.zeros(count, dtype=np.int16)
