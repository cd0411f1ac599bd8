"""A member's weights written out whole, each element once from the pristine centre."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence

import torch

from esreason.engines.torch_device import free_memory
from esreason.engines.torch_weights import Linear, Plain, Stage, Vector, Weights
from esreason.es.noise import CENTRE, ONE, Member, Noise, factors, normals
from esreason.es.spectrum import Spectrum
from esreason.es.update_centre import Centre
from esreason.es.update_kernels import kernels_for
from esreason.es.update_lattice import LatticeCentre

_CHUNK = 2**16


def write(centre: Centre, name: str, member: Member, noise: Noise, out: torch.Tensor) -> None:
    """out = centre + amplitude * noise, in float64, rounded once to out's dtype; nothing is ever subtracted back.

    On a lattice: code * scale of the member's codes, or the parameter as it is if it has none.
    """
    if isinstance(centre, LatticeCentre) and name in centre.matrices:
        centre.member(name, member).to(out.device).dequantise(out)
        return
    master = centre.parameters[name]
    if member.amplitude == 0.0 or isinstance(centre, LatticeCentre):
        out.copy_(master)
    elif noise.kind == "spectral":
        _write_shares(master, name, member, centre.spectrum(noise.rank), out)
    elif noise.factorised(tuple(master.shape)):
        rows, columns = master.shape
        left, right = (torch.from_numpy(f).double() for f in factors(member.seed, name, (rows, columns), noise.rank))
        _write_product(master, left.mul_(member.amplitude / (ONE * ONE * math.sqrt(noise.rank))), right, out)
    else:
        _write_dense(master, name, member, out)


def _write_shares(master: torch.Tensor, name: str, member: Member, spectrum: Spectrum, out: torch.Tensor) -> None:
    if name not in spectrum:
        out.copy_(master)
        return
    found, shares = spectrum[name], spectrum.part(name, member.shares) * (member.amplitude / ONE)
    left = torch.from_numpy(found.left * (shares * found.unit))
    _write_product(master, left, torch.from_numpy(found.right).double(), out)


def _write_product(master: torch.Tensor, left: torch.Tensor, right: torch.Tensor, out: torch.Tensor) -> None:
    rows, columns = master.shape
    for first in range(0, rows, height := max(1, _CHUNK // columns)):
        part = slice(first, first + height)
        out[part].copy_((left[part] @ right.t()).to(master.device).add_(master[part]))


def _write_dense(master: torch.Tensor, name: str, member: Member, out: torch.Tensor) -> None:
    kernels = kernels_for(master.device)
    if kernels is not None and out.device == master.device:
        kernels.write(master, name, member.seed, member.amplitude / ONE, out)
        return
    flat, target = master.view(-1), out.view(-1)
    for first in range(0, flat.numel(), _CHUNK):
        part = slice(first, min(first + _CHUNK, flat.numel()))
        entries = torch.from_numpy(normals(member.seed, name, first, part.stop - first)).double()
        target[part].copy_(entries.mul_(member.amplitude / ONE).to(master.device).add_(flat[part]))


class Written(Plain):
    """One member's weights for a decoder whose stages name them."""

    def __init__(self, stages: Sequence[Stage], centre: Centre, member: Member, noise: Noise) -> None:
        super().__init__()
        self._stages: list[dict[str, Linear | Vector]] = []
        for stage in stages:
            own: dict[str, Linear | Vector] = {}
            for key, linear in stage.linears.items():
                own[key] = _written_linear(linear, centre, member, noise)
            for key, vector in stage.vectors.items():
                value = torch.empty_like(vector.value)
                write(centre, vector.name, member, noise, value)
                own[key] = Vector(vector.name, value, vector.shift)
            self._stages.append(own)
        self._stage = self._stages[0]

    def enter(self, stage: int) -> None:
        self._stage = self._stages[stage]

    def linear(self, key: str, linear: Linear, x: torch.Tensor, parts: slice | None = None) -> torch.Tensor:
        own = self._stage[key]
        assert isinstance(own, Linear)
        return super().linear(key, own, x, parts)

    def vector(self, key: str, vector: Vector) -> torch.Tensor:
        own = self._stage[key]
        assert isinstance(own, Vector)
        return super().vector(key, own)

    def embedding(self, key: str, linear: Linear, tokens: torch.Tensor) -> torch.Tensor:
        own = self._stage[key]
        assert isinstance(own, Linear)
        return super().embedding(key, own, tokens)


def _written_linear(linear: Linear, centre: Centre, member: Member, noise: Noise) -> Linear:
    weight = torch.empty_like(linear.weight)
    parts = [weight] if linear.turned else weight.split(list(linear.sizes))
    for name, part in zip(linear.names, parts, strict=True):
        write(centre, name, member, noise, part)
    bias = None if linear.bias is None else torch.empty_like(linear.bias)
    if bias is not None:
        for name, part in zip(linear.biases, bias.split(list(linear.sizes)), strict=True):
            write(centre, name, member, noise, part)
    return Linear(linear.names, linear.sizes, weight, linear.turned, linear.biases, bias)


class Shelf:
    """The weights of as many members as fit into half of the free memory, at least one.

    `make` makes a member's, which take `nbytes` on the device.
    """

    def __init__(self, make: Callable[[Member], Weights], nbytes: int, device: torch.device) -> None:
        self._make, self._nbytes, self._device = make, nbytes, device
        self._kept: dict[Member, Weights] = {}

    def forget(self) -> None:
        """Drop all of them: the centre has moved."""
        self._kept.clear()

    def of(self, member: Member) -> Weights:
        """A member's weights, made now unless they are kept."""
        member = member if member.amplitude else CENTRE
        if member in self._kept:
            return self._kept[member]
        while self._kept and self._nbytes * 2 > _free(self._device):
            self._kept.popitem()  # the newest: units go round their members, so the oldest come next
        made = self._kept[member] = self._make(member)
        return made


def written(stages: Sequence[Stage], centre: Centre, noise: Noise) -> Shelf:
    """A shelf of members whose matrices are written out whole."""
    def make(member: Member) -> Weights:
        return Written(stages, centre, member, noise) if member.amplitude else Plain()

    weight = stages[0].linears["embed"].weight
    return Shelf(make, weight.element_size() * centre.size, weight.device)


def _free(device: torch.device) -> int:
    """Free memory of a device, in bytes."""
    if device.type == "cuda":
        return free_memory(device.index)
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
