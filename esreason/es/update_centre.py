"""The centre of a search: a float32 master of every parameter, moved by integer sums of noise.

A centre is a pure function of (base checkpoint, updates applied so far). The sums are integers held in float64,
so any order, chunking or device gives the same bits; the step after them is one expression an element.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from esreason.es.noise import LARGEST, ONE, Noise, factors, normals
from esreason.es.spectrum import Spectrum
from esreason.es.update import StepRule, Update
from esreason.es.update_kernels import fused, kernels_for
from esreason.es.update_step import Step

_CHUNK = 2**18  # elements in float64 at a time: 2 MB, about a core's second-level cache
_EXACT = 2**53


class Centre:
    """Every parameter once, by canonical Hugging Face name, with the dtype that the checkpoint stores it in.

    With `copy=False` the centre moves float32 tensors that it is given in place: for tensors that nobody else has.
    """

    def __init__(self, parameters: Mapping[str, torch.Tensor], *, copy: bool = True) -> None:
        self.dtypes = {name: tensor.dtype for name, tensor in parameters.items()}
        self.parameters = {
            name: tensor.detach().to(torch.float32, copy=copy) for name, tensor in sorted(parameters.items())
        }
        scalars = [name for name, tensor in self.parameters.items() if tensor.dim() == 0]
        if scalars:
            raise ValueError(f"parameters without a dimension cannot be perturbed: {scalars[0]}")
        self.steps = 0
        self._rule: StepRule | None = None
        self._state: dict[str, dict[str, torch.Tensor]] = {}
        self._spectrum: Spectrum | None = None

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter, in order of name."""
        return {name: tuple(parameter.shape) for name, parameter in self.parameters.items()}

    @property
    def size(self) -> int:
        """How many numbers the parameters hold."""
        return sum(map(math.prod, self.shapes.values()))

    def to(self, device: torch.device) -> None:
        """Keep every parameter on a device from now on; before the first step, for the rule's state stays behind."""
        if self.steps:
            raise ValueError("a centre that has moved stays on its device")
        self.parameters = {name: parameter.to(device) for name, parameter in self.parameters.items()}

    def decomposed(self, k: int) -> list[str]:
        """The names of the matrices; ValueError if one has no k singular values."""
        shapes = {name: shape for name, shape in self.shapes.items() if len(shape) == 2}
        for name, shape in shapes.items():
            if min(shape) < k:
                raise ValueError(f"{name} has {min(shape)} singular values, not {k}: take a smaller rank")
        return list(shapes)

    def spectrum(self, k: int) -> Spectrum:
        """The k largest singular directions of each matrix of the base, found before the first step and kept."""
        if self._spectrum is None or self._spectrum.k != k:
            if self.steps:
                raise ValueError("the singular directions are those of the base, which this centre has left")
            self._spectrum = Spectrum({name: self.parameters[name].cpu().numpy() for name in self.decomposed(k)}, k)
        return self._spectrum

    def rebind(self, name: str, storage: torch.Tensor) -> None:
        """Keep a parameter in `storage` from now on (an engine's fused buffer), its values copied there."""
        with torch.no_grad():
            self.parameters[name] = storage.copy_(self.parameters[name])

    @torch.no_grad()
    def apply(self, update: Update) -> None:
        """Move every parameter by one update; raises ValueError before anything moves if it does not fit."""
        self._check(update)
        spectrum = self.spectrum(update.noise.rank) if update.noise.kind == "spectral" else None
        self._rule = update.rule
        self.steps += 1
        terms = update.terms()
        step = Step(update.rule, update.alpha, self.steps)
        for name, parameter in self.parameters.items():
            shape, device = tuple(parameter.shape), parameter.device
            kernels = kernels_for(device) if spectrum is None and fused(update.rule) else None
            if kernels is not None:
                factor = update.scale * _unit(update.noise, shape)
                kernels.move(parameter, name, terms, update.noise, factor, update.alpha)
                continue
            if spectrum is None:
                unit, parts = _unit(update.noise, shape), _sums(terms, name, shape, update.noise, device)
            elif name in spectrum:
                found = spectrum[name]
                block = _ProductSum(found.left, spectrum.terms(name, terms), found.right, device)
                unit, parts = found.unit, ((rows, block.rows(rows)) for rows in _blocks(shape))
            else:
                continue  # a vector has no singular values
            state = self._state.setdefault(name, step.state(parameter))
            factor = update.scale * unit
            for rows, sums in parts:
                step.move(parameter[rows], sums.mul_(factor), {key: tensor[rows] for key, tensor in state.items()})

    def replay(self, updates: Iterable[Update]) -> None:
        """Apply a seed log's updates in order."""
        for update in updates:
            self.apply(update)

    def restart(self, base: Centre) -> None:
        """Go back to a base that has taken no step, in the same storage."""
        for name, parameter in self.parameters.items():
            parameter.copy_(base.parameters[name])
        self.steps, self._rule, self._state = 0, None, {}

    def tensor(self, name: str) -> torch.Tensor:
        """A parameter in the checkpoint's dtype, on the CPU (rounded to nearest, ties to even)."""
        return self.parameters[name].to(self.dtypes[name]).cpu().contiguous()

    def checksum(self) -> str:
        """A digest of the float32 master, for workers to compare: 16 hexadecimal digits."""
        digest = hashlib.sha256()
        for name, parameter in self.parameters.items():
            digest.update(name.encode())
            digest.update(to_bytes(parameter))
        return digest.hexdigest()[:16]

    def weights_sha256(self) -> str:
        """The digest of the contract: see `weights_sha256`."""
        return weights_sha256((name, self.tensor(name)) for name in self.shapes)

    def drift(self, base: Centre) -> float:
        """The L2 distance from another centre, both in the checkpoint's dtype; the same number on any machine."""
        squares: list[float] = []
        for name, shape in self.shapes.items():
            here, there = self.tensor(name).reshape(-1), base.tensor(name).reshape(-1)
            squares += (_squares(here, there, first) for first in range(0, math.prod(shape), _CHUNK))
        return math.sqrt(math.fsum(squares))

    def _check(self, update: Update) -> None:
        if self._rule is not None and update.rule != self._rule:
            raise ValueError("the step rule must not change within a run: its state would mean something else")
        terms = update.terms()
        if update.noise.kind == "spectral":  # exact by the ranges of rank and coefficients: 2**6 * 2**17 * 2**28
            last = update.noise.rank * len(self.decomposed(update.noise.rank))
            if any(seed > last for seed in update.seeds) or min(update.seeds, default=1) < 1:
                raise ValueError(f"an update of singular values names directions from 1 to {last}")
            if len(set(update.seeds)) != len(update.seeds):
                raise ValueError("an update names each singular direction once")
            return
        bound = sum(abs(c) for _, c in terms) * LARGEST**2 * update.noise.rank
        if bound >= _EXACT or any(abs(c) >= 2**20 for _, c in terms):
            raise ValueError("the integer sum of this update is too large to be exact; use fewer members")


def weights_sha256(tensors: Iterable[tuple[str, torch.Tensor]]) -> str:
    """SHA-256 over parameters in order of name: "name dtype [shape]" and a line feed, then the little-endian bytes.

    For example `model.norm.weight bfloat16 [576]`. Tied parameters appear once, under the name the checkpoint stores.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors, key=lambda item: item[0]):
        dtype = str(tensor.dtype).removeprefix("torch.")
        digest.update(f"{name} {dtype} {list(tensor.shape)}\n".encode())
        digest.update(to_bytes(tensor))
    return digest.hexdigest()


def _squares(a: torch.Tensor, b: torch.Tensor, first: int) -> float:
    """The sum of squared differences of a chunk, folded in halves: no library chooses the order of additions."""
    total = torch.zeros(_CHUNK, dtype=torch.float64)
    part = a[first : first + _CHUNK].double() - b[first : first + _CHUNK].double()
    total[: len(part)] = part.mul_(part)
    while len(total) > 1:
        half = len(total) // 2
        total = total[:half] + total[half:]
    return float(total[0])


def to_bytes(tensor: torch.Tensor) -> memoryview:
    """A tensor's elements in little-endian order."""
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    array = flat.view(torch.uint8).numpy() if flat.numel() else np.zeros(0, dtype=np.uint8)
    if sys.byteorder == "big":
        array = array.reshape(-1, flat.element_size())[:, ::-1].copy()
    return array.data.cast("B")


def _unit(noise: Noise, shape: tuple[int, ...]) -> float:
    """What one unit of the integer sum is worth, as a float."""
    return 1.0 / (ONE * ONE * math.sqrt(noise.rank)) if noise.factorised(shape) else 1.0 / ONE


def _blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Rows that are summed together."""
    height = max(1, _CHUNK // max(1, math.prod(shape[1:])))
    return (slice(first, min(first + height, shape[0])) for first in range(0, shape[0], height))


def _sums(
    terms: tuple[tuple[int, int], ...], name: str, shape: tuple[int, ...], noise: Noise, device: torch.device
) -> Iterator[tuple[slice, torch.Tensor]]:
    """Rows of a parameter and sum_i c_i * noise_i over them, exact integers in float64."""
    width = math.prod(shape[1:])
    block = _low_rank_sum(terms, name, shape, noise.rank, device) if noise.factorised(shape) else None
    for rows in _blocks(shape):
        if block is not None:
            yield rows, block.rows(rows)
        else:
            sums = _dense_sum(terms, name, rows.start * width, (rows.stop - rows.start) * width)
            yield rows, torch.from_numpy(sums).to(device).view(rows.stop - rows.start, *shape[1:])


def _dense_sum(terms: tuple[tuple[int, int], ...], name: str, start: int, count: int) -> NDArray[np.float64]:
    total = np.zeros(count, dtype=np.int64)
    for seed, coefficient in terms:
        total += np.multiply(normals(seed, name, start, count), coefficient, dtype=np.int32)
    return total.astype(np.float64)


class _ProductSum:
    """sum_i c_i * A_i B_i^T by rows: one float64 product of integer matrices, exact in any order of summation."""

    def __init__(
        self, left: NDArray[np.int16], coefficients: NDArray[np.float64], right: NDArray[np.int16], device: torch.device
    ) -> None:
        self._left = torch.from_numpy(left)
        self._coefficients = torch.from_numpy(coefficients).to(device)
        self._right = torch.from_numpy(right).to(device, torch.float64).t()

    def rows(self, rows: slice) -> torch.Tensor:
        left = self._left[rows].to(self._right.device, torch.float64)
        return torch.mm(left.mul_(self._coefficients), self._right)


def _low_rank_sum(
    terms: tuple[tuple[int, int], ...], name: str, shape: tuple[int, ...], rank: int, device: torch.device
) -> _ProductSum:
    pairs = [factors(seed, name, (shape[0], shape[1]), rank) for seed, _ in terms]
    coefficients = np.repeat(np.array([c for _, c in terms], dtype=np.float64), rank)
    left = np.concatenate([a for a, _ in pairs], axis=1) if pairs else np.zeros((shape[0], 0), dtype=np.int16)
    right = np.concatenate([b for _, b in pairs], axis=1) if pairs else np.zeros((shape[1], 0), dtype=np.int16)
    return _ProductSum(left, coefficients, right, device)
