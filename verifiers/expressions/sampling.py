"""Random numbers and points from a seed text, the same on every machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from typing import Final, TypeAlias

# Bounds of a variable, each of them open; None is unbounded.
Interval: TypeAlias = tuple[Fraction | int | None, Fraction | int | None]
Point: TypeAlias = dict[str, Fraction]
Stretch: TypeAlias = tuple[Fraction, Fraction]

REAL: Final[Interval] = (None, None)
POSITIVE: Final[Interval] = (0, None)

_BITS: Final = 24
_SCALES: Final = (2, 1, 4, 16, Fraction(1, 8), 128, 3, 1024)
_ORDERS: Final = (-400, -64, -16, -2, 2, 16, 64, 400, 1_400, 40_000)  # binary ones, at which a line is divided
_PARTS: Final = 8  # of a line that is bounded on both sides


class Stream:
    """Uniform integers from SHA-256 in counter mode."""

    __slots__ = ("_counter", "_pool", "_seed", "_size")

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._counter = 0
        self._pool = 0
        self._size = 0

    def bits(self, count: int) -> int:
        """A uniform integer of that many bits."""
        while self._size < count:
            block = sha256(self._counter.to_bytes(8, "big") + self._seed).digest()
            self._pool = self._pool << 256 | int.from_bytes(block, "big")
            self._size += 256
            self._counter += 1
        self._size -= count
        value = self._pool >> self._size
        self._pool &= (1 << self._size) - 1
        return value


class Sampler:
    """Points of the domain: both signs of every variable, several scales, and the surroundings of given numbers."""

    __slots__ = ("_domain", "_names", "_pivots", "_stream")

    def __init__(
        self, stream: Stream, names: Sequence[str], domain: Mapping[str, Interval], pivots: Sequence[Fraction]
    ) -> None:
        self._stream = stream
        self._names = names
        self._domain = domain
        self._pivots = pivots

    def point(self, index: int) -> Point:
        """The next random point; the index chooses signs and scales in turn, so that none is missed by chance."""
        return {name: self._coordinate(index, place, name) for place, name in enumerate(self._names)}

    def _coordinate(self, index: int, place: int, name: str) -> Fraction:
        # odd numerators: never a round number, where identities that do not hold elsewhere may hold
        unit = Fraction(2 * self._stream.bits(_BITS) + 1, 2 << _BITS)
        low, high = self._domain.get(name, REAL)
        if low is not None and high is not None:
            return low + (high - low) * unit
        size = unit * _SCALES[(index // 2 + 3 * place) % len(_SCALES)]
        if low is not None:
            return low + size
        if high is not None:
            return high - size
        sign = 1 if (index ^ (index >> (place + 1) if place else 0)) & 1 else -1
        if self._pivots and index % 4 >= 2:
            return self._pivots[(index // 4 + place) % len(self._pivots)] + sign * size
        return sign * size

    def line(self, name: str) -> list[Stretch]:
        """The values of a variable in stretches, from the middle or the closed end outwards."""
        low, high = self._domain.get(name, REAL)
        if low is not None and high is not None:
            places = [low + (high - low) * (k + self.share()) / _PARTS for k in range(_PARTS)]
            return list(pairwise(places))
        sizes = [Fraction(2) ** order * (1 + self.share()) for order in _ORDERS]
        if low is not None:
            return [(low + a, low + b) for a, b in pairwise(sizes)]
        if high is not None:
            return [(high - b, high - a) for a, b in pairwise(sizes)]
        found = [(-sizes[0], sizes[0])]
        for a, b in pairwise(sizes):
            found += [(a, b), (-b, -a)]
        return found

    def share(self) -> Fraction:
        """A random part of 1, between an eighth and seven."""
        return Fraction(1, 8) + Fraction(3, 4) * Fraction(2 * self._stream.bits(_BITS) + 1, 2 << _BITS)
