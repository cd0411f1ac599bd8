"""A matrix as integer codes with a scale a group: packed in memory, two codes a byte at int4."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from esreason.es.lattice import Lattice

_CHUNK = 2**16  # codes at a time; even, so that a chunk begins with a byte


class Packed:
    """Codes of `shape`, row-major, and `scale` [rows, groups] in the dtype that the checkpoint stores.

    At int4 a byte holds code + 8 of two neighbours, the first in its lower half. A weight is code * scale, rounded
    once to the checkpoint's dtype: what is computed with is what an export stores.
    """

    def __init__(self, codes: torch.Tensor, scale: torch.Tensor, shape: tuple[int, ...], bits: int) -> None:
        self.codes, self.scale, self.shape, self.bits = codes, scale, shape, bits

    @classmethod
    def of(cls, weight: torch.Tensor, lattice: Lattice) -> Packed:
        """The nearest codes of a matrix; a scale is its group's largest weight over the largest code.

        A group of zeros has scale 0 and stays zero. Raises ValueError if a weight is not finite.
        """
        rows, columns = weight.shape
        groups = weight.to(torch.float32).view(rows, -1, lattice.group(columns))
        largest = groups.abs().amax(-1)
        if not bool(torch.isfinite(largest).all()):
            raise ValueError("a weight is not finite")
        scale = (largest / lattice.largest).to(weight.dtype)
        step = scale.float().unsqueeze(-1)
        codes = torch.where(step > 0, groups / step, 0.0).round_().clamp_(-lattice.largest, lattice.largest)
        stored = torch.empty(math.ceil(weight.numel() * lattice.bits / 8), dtype=_stored(lattice.bits))
        packed = cls(stored, scale, (rows, columns), lattice.bits)
        flat = codes.view(-1).to(torch.int16).numpy()
        for part in packed.parts():
            packed.write(part, flat[part])
        return packed

    @property
    def size(self) -> int:
        """How many codes there are."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of codes and scales."""
        return self.codes.nbytes + self.scale.nbytes

    def parts(self) -> Iterator[slice]:
        """Ranges of codes that together are all of them."""
        for first in range(0, self.size, _CHUNK):
            yield slice(first, min(first + _CHUNK, self.size))

    def read(self, part: slice) -> NDArray[np.int16]:
        """The codes of a part, unpacked."""
        return self._unpacked(part).numpy().astype(np.int16)

    def write(self, part: slice, codes: NDArray[np.int16]) -> None:
        """Put codes in the place of a part."""
        if self.bits == 8:
            self.codes[part] = torch.from_numpy(codes.astype(np.int8))
            return
        shifted = np.append(codes, np.zeros(len(codes) % 2, codes.dtype)) + 8  # an odd end fills its byte with a zero
        halves = shifted.astype(np.uint8).reshape(-1, 2)
        self.codes[_bytes(part)] = torch.from_numpy(halves[:, 0] | halves[:, 1] << 4)

    def copy(self) -> Packed:
        """The same codes in memory of their own; the scales, which never change, are shared."""
        return Packed(self.codes.clone(), self.scale, self.shape, self.bits)

    def to(self, device: torch.device) -> Packed:
        """The same codes on a device; itself if they are there."""
        return Packed(self.codes.to(device), self.scale.to(device), self.shape, self.bits)

    def dequantise(self, out: torch.Tensor) -> torch.Tensor:
        """Write the weights into `out` [rows, columns] of any float dtype, and return it."""
        codes = self._unpacked(slice(0, self.size)).view(*self.scale.shape, -1)
        scale = self.scale.float().unsqueeze(-1)
        target = out.view(codes.shape)
        if self.scale.dtype == torch.float32 == out.dtype:
            torch.mul(codes, scale, out=target)
        else:
            target.copy_((codes * scale).to(self.scale.dtype))
        return out

    def _unpacked(self, part: slice) -> torch.Tensor:
        if self.bits == 8:
            return self.codes[part]
        both = self.codes[_bytes(part)]
        codes = torch.stack((both & 15, both >> 4), -1).view(-1)[: part.stop - part.start]
        return codes.view(torch.int8).sub_(8)


def _stored(bits: int) -> torch.dtype:
    return torch.uint8 if bits == 4 else torch.int8


def _bytes(part: slice) -> slice:
    return slice(part.start // 2, -(-part.stop // 2))
