"""A decoder on an integer lattice: matrices stay packed and become floats a product at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch

from esreason.engines.torch_weights import Linear, Loader, Plain, Stage
from esreason.engines.torch_written import Shelf
from esreason.es.noise import Member
from esreason.es.update_lattice import LatticeCentre
from esreason.es.update_packed import Packed


class LatticeLoader(Loader):
    """Places what is not quantised; a matrix on the lattice gets its shape, and no memory."""

    def __init__(self, centre: LatticeCentre, dtype: torch.dtype, device: torch.device) -> None:
        super().__init__(centre, dtype, device)
        self._matrices = centre.matrices

    def _weight(self, names: Sequence[str], shapes: Sequence[tuple[int, ...]], turned: bool) -> torch.Tensor:
        if names[0] not in self._matrices:
            return super()._weight(names, shapes, turned)
        return torch.empty(sum(shape[0] for shape in shapes), shapes[0][1], dtype=self._dtype, device="meta")


class Scratch:
    """Memory for one product's matrix, as large as the largest."""

    def __init__(self, stages: Sequence[Stage], dtype: torch.dtype, device: torch.device) -> None:
        linears = [linear for stage in stages for linear in stage.linears.values()]
        size = max(linear.weight.numel() for linear in linears if linear.weight.is_meta)
        self._memory = torch.empty(size, dtype=dtype, device=device)

    def like(self, weight: torch.Tensor) -> torch.Tensor:
        """Room for a matrix of this shape; what was there is overwritten."""
        return self._memory[: weight.numel()].view(weight.shape)


class Unpacked(Plain):
    """One member's matrices, or the centre's, made floats when they are used."""

    def __init__(self, matrices: Mapping[str, Packed], scratch: Scratch) -> None:
        super().__init__()
        self._matrices = matrices
        self._scratch = scratch

    def linear(self, key: str, linear: Linear, x: torch.Tensor, parts: slice | None = None) -> torch.Tensor:
        if linear.weight.is_meta:
            weight = self._scratch.like(linear.weight)
            places = [weight] if linear.turned else weight.split(list(linear.sizes))
            for name, place in list(zip(linear.names, places, strict=True))[parts or slice(None)]:
                self._matrices[name].dequantise(place)
            linear = replace(linear, weight=weight)
        return super().linear(key, linear, x, parts)


def unpacked(stages: Sequence[Stage], centre: LatticeCentre) -> Shelf:
    """A shelf of members whose matrices are kept packed."""
    embedding = stages[0].linears["embed"].weight
    device, scratch = embedding.device, Scratch(stages, embedding.dtype, embedding.device)

    def make(member: Member) -> Unpacked:
        return Unpacked({name: centre.member(name, member).to(device) for name in centre.matrices}, scratch)

    nbytes = sum(matrix.nbytes for matrix in centre.matrices.values())
    return Shelf(make, nbytes, device)
