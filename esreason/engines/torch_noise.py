"""The low-rank noise of the resident members, a flat vector a member and stage.

So choosing the members of a batch is one gather a stage, and noise takes memory for factors only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from esreason.engines.torch_weights import Linear, Stage
from esreason.es.noise import ONE, Member, Noise, factors, normals
from esreason.es.spectrum import UNIT, Spectrum

Integers = NDArray[np.int16]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


class LowRank:
    """The factors of the resident members: `flat[i]` is [members, elements] for stage i, `offsets[i]` what is where.

    Of a fused matrix: the right factors [parts * rank, inputs], the left ones [rank, outputs] times the amplitude,
    and the biases with their noise; then the stage's vectors with their noise.
    """

    def __init__(
        self,
        stages: Sequence[Stage],
        members: Sequence[Member],
        noise: Noise,
        dtype: torch.dtype,
        device: torch.device,
        spectrum: Spectrum | None = None,
    ) -> None:
        self.rank = noise.rank
        self.members = tuple(members)
        self.offsets: list[dict[str, int]] = []
        self.flat: list[torch.Tensor] = []
        for stage in stages:
            offsets, size = _layout(stage, self.rank)
            values = np.zeros((len(members), size), dtype=np.float32)
            bases = _bases(stage)
            for seed in sorted({abs(member.seed) for member in members}):
                who = [i for i, member in enumerate(members) if abs(member.seed) == seed]
                amplitudes = np.array([[members[i].amplitude] for i in who], dtype=np.float64)
                _fill(values, who, amplitudes, stage, _Source(members[who[0]], noise.rank, spectrum), bases)
            self.offsets.append(offsets)
            self.flat.append(torch.from_numpy(values).to(device, dtype))

    @property
    def elements(self) -> int:
        """Factors of one member."""
        return sum(flat.shape[1] for flat in self.flat)


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

    integers: Integers | Doubles
    unit: float
    signed: bool = True
    base: Floats | float = 0.0


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the factors of a member and its mirror image come from: its seed, or its shares of a spectrum."""

    member: Member
    rank: int
    spectrum: Spectrum | None

    @property
    def units(self) -> tuple[float, float]:
        """What 1 is worth in the right and in the left factors."""
        if self.spectrum is not None:
            return 1.0 / UNIT, 1.0 / (UNIT * ONE)
        return 1.0 / ONE, 1.0 / (ONE * math.sqrt(self.rank))

    def factors(self, name: str, shape: tuple[int, int]) -> tuple[Integers | Doubles, Integers]:
        """Of rows [rows, rank] and of columns [columns, rank]."""
        seed = self.member.seed
        if not seed:
            return _zeros(shape[0], self.rank), _zeros(shape[1], self.rank)
        if self.spectrum is None:
            return factors(seed, name, shape, self.rank)
        found = self.spectrum[name]
        return found.left * (self.spectrum.part(name, self.member.shares) * (found.unit * UNIT * UNIT)), found.right

    def vector(self, name: str, count: int) -> Integers:
        """Of a vector, which has no singular values."""
        seed = self.member.seed
        return normals(seed, name, 0, count) if seed and self.spectrum is None else np.zeros(count, dtype=np.int16)


def _bases(stage: Stage) -> dict[str, Floats]:
    """What the centre has of a stage's biases and vectors, read once from where it lies."""
    biases = {key: linear.bias for key, linear in stage.linears.items() if linear.bias is not None}
    bases: dict[str, Floats] = {key: bias.float().cpu().numpy() for key, bias in biases.items()}
    for key, vector in stage.vectors.items():
        bases[key] = vector.value.float().cpu().numpy() + np.float32(vector.shift)
    return bases


def _fill(
    values: Floats, who: list[int], amplitudes: Doubles, stage: Stage, source: _Source, bases: dict[str, Floats]
) -> None:
    """Write the factors of the members `who` (mirror images share a source), in the order of `_layout`."""
    parts = [part for key, linear in stage.linears.items() for part in _linear_parts(linear, source, bases.get(key))]
    for key, vector in stage.vectors.items():
        parts.append(_Part(source.vector(vector.name, vector.value.numel()), 1.0 / ONE, base=bases[key]))
    at = 0
    for part in parts:
        scaled = part.integers.reshape(1, -1) * part.unit
        values[who, at : at + scaled.size] = (amplitudes * scaled if part.signed else scaled) + part.base
        at += scaled.size


def _linear_parts(linear: Linear, source: _Source, bias: Floats | None) -> list[_Part]:
    pairs = []
    for name, size in zip(linear.names, linear.sizes, strict=True):
        shape = (linear.inputs, size) if linear.turned else (size, linear.inputs)
        rows, columns = source.factors(name, shape)
        pairs.append((columns, rows) if linear.turned else (rows, columns))
    left = np.concatenate([a for a, _ in pairs]).T  # [rank, outputs]
    right = np.concatenate([b.T for _, b in pairs])  # [parts * rank, inputs]
    right_unit, left_unit = source.units
    parts = [_Part(right, right_unit, signed=False), _Part(left, left_unit)]
    if bias is not None:
        noise = [source.vector(name, size) for name, size in zip(linear.biases, linear.sizes, strict=True)]
        parts.append(_Part(np.concatenate(noise), 1.0 / ONE, base=bias))
    return parts


def _zeros(rows: int, rank: int) -> Integers:
    return np.zeros((rows, rank), dtype=np.int16)
