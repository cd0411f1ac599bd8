"""The centre of a search on an integer lattice: packed codes, moved by whole grid steps, the rest carried in integers.

Everything that a weight depends on is an integer or one float64 expression, so any order, chunking or device gives
the same bits: with gamma 1, code * 65536 + residual is exactly the sum of the steps so far, until a gate fires.
"""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Collection, Iterable

import numpy as np
import torch
from numpy.typing import NDArray

from esreason.es.lattice import FRACTION, Lattice, gated, in_steps, moves, spread
from esreason.es.noise import Member, uniforms
from esreason.es.update import Update
from esreason.es.update_centre import Centre, to_bytes
from esreason.es.update_packed import Packed

Codes = NDArray[np.int16]
Sums = NDArray[np.int64]

FARTHEST = 1024
"""No step is longer than so many grid steps: four times the range of the widest codes."""

_LARGEST = 2**22  # coefficients of a seed and its mirror image: times a move within the range they fit 32 bits


class LatticeCentre(Centre):
    """The named matrices on a lattice, and every other parameter as the checkpoint stores it: those never move.

    `step` is the mean scale of all codes: sigma and alpha, given in the units of the weights, are divided by it.
    """

    def __init__(
        self, parameters: Iterable[tuple[str, torch.Tensor]], matrices: Collection[str], lattice: Lattice
    ) -> None:
        """Takes the parameters one by one, so that no more than one matrix is a float at any time."""
        super().__init__({}, copy=False)
        self.lattice = lattice
        self.residuals: dict[str, Codes] = {}
        self._history: deque[Update] = deque(maxlen=lattice.window)
        kept, packed = {}, {}
        for name, tensor in parameters:
            self.dtypes[name] = tensor.dtype
            if name not in matrices:
                kept[name] = tensor.clone()  # a reader's tensor may keep the whole file mapped
                continue
            packed[name] = Packed.of(tensor, lattice)
            if lattice.residual == "full":
                self.residuals[name] = _start(tensor, packed[name], lattice)
        self.parameters, self.matrices = dict(sorted(kept.items())), dict(sorted(packed.items()))
        self.step = _mean_scale(self.matrices.values())

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        matrices = {name: matrix.shape for name, matrix in self.matrices.items()}
        return dict(sorted({**super().shapes, **matrices}.items()))

    def codes(self) -> Codes:
        """All codes in order of name and place, unpacked."""
        return np.concatenate([matrix.read(slice(0, matrix.size)) for matrix in self.matrices.values()])

    def member(self, name: str, member: Member) -> Packed:
        """A matrix of a member: codes moved by rounded noise, those that would leave the range left where they are."""
        centre = self.matrices[name]
        if member.amplitude == 0.0:
            return centre
        sigma, moved = in_steps(member.sigma, self.step), centre.copy()
        for part in centre.parts():
            move = moves(member.seed, name, part.start, part.stop - part.start, sigma)
            moved.write(part, gated(centre.read(part), move, self.lattice.largest))
        return moved

    @torch.no_grad()
    def apply(self, update: Update) -> None:
        """Move the codes by one update; raises ValueError before anything moves if it does not fit."""
        self._check(update)
        self._rule = update.rule
        for name, matrix in self.matrices.items():
            for part in matrix.parts():
                codes = matrix.read(part)
                whole, rest = self._split(update, name, part, codes)
                matrix.write(part, gated(codes, whole, self.lattice.largest))
                if self.lattice.residual == "full":
                    self.residuals[name][part] = rest
        self.steps += 1
        self._history.append(update)

    def restart(self, base: Centre) -> None:
        """Go back to a base that has taken no step, in the same storage."""
        assert isinstance(base, LatticeCentre)
        super().restart(base)
        self._history.clear()
        for name, matrix in self.matrices.items():
            matrix.codes.copy_(base.matrices[name].codes)
        for name, residual in self.residuals.items():
            residual[:] = base.residuals[name]

    def tensor(self, name: str) -> torch.Tensor:
        """A parameter in the checkpoint's dtype, on the CPU: code * scale, rounded once."""
        if name not in self.matrices:
            return super().tensor(name)
        matrix = self.matrices[name]
        return matrix.dequantise(torch.empty(matrix.shape, dtype=self.dtypes[name]))

    def checksum(self) -> str:
        """A digest of codes and residuals, for workers to compare: 16 hexadecimal digits."""
        digest = hashlib.sha256()
        for name, matrix in self.matrices.items():
            digest.update(name.encode())
            digest.update(to_bytes(matrix.codes))
            if name in self.residuals:
                digest.update(to_bytes(torch.from_numpy(self.residuals[name])))
        return digest.hexdigest()[:16]

    def _check(self, update: Update) -> None:
        super()._check(update)
        if update.noise.kind != "dense" or update.rule.kind != "sgd" or update.rule.decay:
            raise ValueError("a lattice takes plain steps of dense noise, without decay")
        if any(abs(plus) + abs(minus) >= _LARGEST for _, plus, minus in update.pairs()):
            raise ValueError("the integer sum of this update is too large to be exact; use fewer members")
        in_steps(update.sigma, self.step)

    def _split(self, update: Update, name: str, part: slice, codes: Codes) -> tuple[Codes, Codes]:
        """The whole grid steps that an update moves these codes, and the parts of a step that are left over."""
        total = self._increment(update, name, part, codes)
        residual = self.lattice.residual
        if residual == "quzo":
            total += uniforms(abs(update.seeds[0]), f"{name}:step", part.start, part.stop - part.start)
            return _bounded(total // FRACTION), np.zeros_like(codes)
        if residual == "full":
            total += self._faded(self._first(name, part, update) if self.steps == 0 else self.residuals[name][part])
        if residual == "replay":
            total += self._faded(self._replayed(update, name, part, codes))
        return _rounded(total)

    def _increment(self, update: Update, name: str, part: slice, codes: Codes) -> Sums:
        """alpha * g in parts of a grid step: g the mean of coefficient * move over the members, in units of its spread.

        A member's move is what the gate lets through, from the codes as they stand. Dividing by the spread, not by
        sigma, gives a step of the size that float noise gives: rounding widens the noise, most of all a small one.
        """
        sigma = in_steps(update.sigma, self.step)
        total = np.zeros(len(codes), dtype=np.int64)
        for seed, plus, minus in update.pairs():
            move = moves(seed, name, part.start, len(codes), sigma)
            up = np.abs(codes + move) <= self.lattice.largest
            down = np.abs(codes - move) <= self.lattice.largest
            total += (np.int32(plus) * up - np.int32(minus) * down) * move
        factor = update.scale * (update.alpha / self.step / spread(sigma)) * FRACTION
        increment: Sums = np.rint(total * factor).astype(np.int64)
        return increment

    def _faded(self, residual: Codes) -> Sums:
        gamma = self.lattice.gamma
        return residual.astype(np.int64) if gamma == 1.0 else np.rint(residual * gamma).astype(np.int64)

    def _replayed(self, update: Update, name: str, part: slice, codes: Codes) -> Codes:
        """The residual that the last updates leave behind, from the start if they are all there are, else from 0.

        The gate is today's: it is the one thing of the past that is not kept.
        """
        past = list(self._history)
        whole = len(past) == self.steps
        rest = self._first(name, part, past[0] if past else update) if whole else np.zeros_like(codes)
        for old in past:
            _, rest = _rounded(self._increment(old, name, part, codes) + self._faded(rest))
        return rest

    def _first(self, name: str, part: slice, update: Update) -> Codes:
        """The residual before the first update."""
        if self.lattice.start == "uniform":
            words = uniforms(abs(update.seeds[0]), f"{name}:start", part.start, part.stop - part.start)
            return (words.astype(np.int32) - FRACTION // 2).astype(np.int16)
        if self.lattice.start == "master":
            return self.residuals[name][part]
        return np.zeros(part.stop - part.start, dtype=np.int16)


def _rounded(total: Sums) -> tuple[Codes, Codes]:
    """Parts of a step as the nearest whole number of steps, halves up, and what is left, in [-1/2, 1/2)."""
    whole = (total + FRACTION // 2) // FRACTION
    return _bounded(whole), (total - whole * FRACTION).astype(np.int16)


def _bounded(whole: Sums) -> Codes:
    """As 16-bit numbers; what is cut off would leave the range of the codes anyway."""
    return whole.clip(-FARTHEST, FARTHEST).astype(np.int16)


def _start(weight: torch.Tensor, packed: Packed, lattice: Lattice) -> Codes:
    """Memory for a matrix's residuals; at a master start, what rounding took from its weights."""
    rest = np.zeros(packed.size, dtype=np.int16)
    if lattice.start != "master":
        return rest
    scale = packed.scale.double().unsqueeze(-1)
    exact = weight.double().view(*packed.scale.shape, -1) / torch.where(scale > 0, scale, torch.inf)
    flat = exact.view(-1).numpy()
    for part in packed.parts():
        lost = np.rint((flat[part] - packed.read(part)) * FRACTION)
        rest[part] = lost.clip(-FRACTION // 2, FRACTION // 2 - 1).astype(np.int16)
    return rest


def _mean_scale(matrices: Collection[Packed]) -> float:
    """The mean of all codes' scales, the same in any order; groups of zeros do not count."""
    scales = [(matrix.scale.double(), matrix.size // matrix.scale.numel()) for matrix in matrices]
    count = sum(int((scale > 0).sum()) * each for scale, each in scales)
    if not count:
        raise ValueError("it has no linear layer, or all of them are zero")
    return math.fsum(value * each for scale, each in scales for value in scale.view(-1).tolist()) / count
