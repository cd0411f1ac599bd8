"""Integer normal noise: a pure function of (member seed, parameter name, element index).

Philox4x64-10 words, viewed as little-endian uint16, index a table of 65,536 integer normals (value = entry / 256),
so the same bits come out on every device, in any chunking and any order. No floating-point step is involved.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b, sha256
from statistics import NormalDist
from struct import unpack
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["dense", "lowrank", "spectral"]

ONE = 256
"""The table entry that stands for 1.0."""

LARGEST = 1107
"""The largest absolute entry of the table (4.32 standard deviations)."""

MAX_SEED = 2**53

_PER_BLOCK = 16  # a Philox block is four 64-bit words, 16 table indices
_TABLE_SHA256 = "586fabbefab1ca027691c6b3d5704762521173d6ce9ad1624f04c5fbc16b9968"
_local = threading.local()


@dataclass(frozen=True, slots=True)
class Noise:
    """What a perturbation looks like: dense, or of rank `rank` on matrices (full on vectors).

    Spectral: along the `rank` largest singular directions of each matrix of the base, and nothing on vectors. There a
    "seed" of an update is the number of a direction, from 1 to `directions` (rank times matrices; 0: not known yet).
    """

    kind: Kind = "lowrank"
    rank: int = 1
    directions: int = 0

    def __post_init__(self) -> None:
        if self.kind not in ("dense", "lowrank", "spectral"):
            raise ValueError(f"noise must be dense, lowrank or spectral, not {self.kind!r}")
        if not 1 <= self.rank <= 64:
            raise ValueError(f"rank must be between 1 and 64, not {self.rank}")
        if self.directions and (self.kind != "spectral" or self.directions % self.rank or self.directions < 0):
            raise ValueError(f"{self.directions} directions are no multiple of the rank of spectral noise")

    @property
    def batched(self) -> bool:
        """Whether members differ by factors that the forward pass takes along, so that they share a batch."""
        return self.kind != "dense"

    def factorised(self, shape: tuple[int, ...]) -> bool:
        """Whether a parameter of this shape gets the product A B^T / sqrt(rank) (matrices, in lowrank mode)."""
        return self.kind == "lowrank" and len(shape) == 2


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a population: centre + sigma * sign * noise(|seed|).

    `seed` is in (0, 2**53); a negative one is its mirror image; 0 is the centre itself. In spectral noise the seed
    only tells members apart: each adds `shares`, in parts of sigma / 256, of the singular directions in their order.
    """

    seed: int
    sigma: float
    shares: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if abs(self.seed) >= MAX_SEED:
            raise ValueError(f"a member's seed must lie within +-2**53, not {self.seed}")
        if not 0.0 <= self.sigma < float("inf"):
            raise ValueError(f"sigma must be a finite number >= 0, not {self.sigma}")

    @property
    def amplitude(self) -> float:
        """Sigma with the sign of the seed; 0 for the centre."""
        return 0.0 if self.seed == 0 else self.sigma if self.seed > 0 else -self.sigma


CENTRE = Member(seed=0, sigma=0.0)


@cache
def table() -> NDArray[np.int16]:
    """The 65,536 integer normals: entry i = round(256 * Phi^-1((i + 1/2) / 65536)), in ascending order."""
    inverse = NormalDist().inv_cdf
    entries = np.array([round(ONE * inverse((i + 0.5) / 65536)) for i in range(65536)], dtype=np.int16)
    if sha256(entries.astype("<i2").tobytes()).hexdigest() != _TABLE_SHA256:
        # A libm whose logarithm is off could move an entry; a wrong table would silently break every seed log.
        raise RuntimeError("this machine computes a different table of integer normals; its runs would not repeat")
    entries.flags.writeable = False
    return entries


def normals(seed: int, name: str, start: int, count: int) -> NDArray[np.int16]:
    """Entries `start` to `start + count` of the endless noise vector of (|seed|, name), as int16 in units of 1/256.

    The key is the 128-bit BLAKE2b digest of "|seed|:name", little-endian; block b = index // 16 is what
    `numpy.random.Philox(key=key, counter=b)` returns first (numpy counts up before it generates).
    """
    if seed == 0:
        raise ValueError("seed 0 is the centre, which has no noise")
    chosen: NDArray[np.int16] = table().take(uniforms(abs(seed), name, start, count))
    return chosen


def uniforms(seed: int, name: str, start: int, count: int) -> NDArray[np.uint16]:
    """Entries `start` to `start + count` of the endless vector of 16-bit words of (seed, name): the noise's indices."""
    skip = start % _PER_BLOCK
    blocks = -(-(skip + count) // _PER_BLOCK)
    words = _philox(seed, name, start // _PER_BLOCK).random_raw(4 * blocks)
    return words.astype("<u8", copy=False).view("<u2")[skip : skip + count]


def factors(seed: int, name: str, shape: tuple[int, int], rank: int) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """A [rows, rank] and B [columns, rank] of the noise A B^T / sqrt(rank), row-major in `name:A`, `name:B`."""
    rows, columns = shape
    left = normals(seed, f"{name}:A", 0, rows * rank).reshape(rows, rank)
    right = normals(seed, f"{name}:B", 0, columns * rank).reshape(columns, rank)
    return left, right


def _philox(seed: int, name: str, block: int) -> np.random.Philox:
    """This thread's generator, set to a key and a block (setting a state costs a tenth of making a generator)."""
    digest = blake2b(f"{seed}:{name}".encode(), digest_size=16).digest()
    generator: np.random.Philox | None = getattr(_local, "generator", None)
    if generator is None:
        generator = _local.generator = np.random.Philox(key=0)
        _local.state = generator.state | {"buffer": [0, 0, 0, 0]}
    state: Any = _local.state
    # Lists, for numpy reads them an element at a time, three times as fast as arrays.
    state["state"] = {"key": list(unpack("<2Q", digest)), "counter": [block, 0, 0, 0]}
    state["buffer_pos"] = 4  # nothing left over from the last key
    generator.state = state
    return generator
