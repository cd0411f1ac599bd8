"""Random numbers and points from a seed text, the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from hashlib import sha256
from typing import Final, TypeAlias

# Bounds of a variable, each of them open; None is unbounded.
Interval: TypeAlias = tuple[Fraction | int | None, Fraction | int | None]
Point: TypeAlias = dict[str, Fraction]

REAL: Final[Interval] = (None, None)
POSITIVE: Final[Interval] = (0, None)

_BITS: Final = 24
_SCALES: Final = (2, 1, 4, 16, Fraction(1, 8), 128, 3, 1024)
_LINE: Final = range(-16, 25)  # binary orders of magnitude that a line visits on each side
_MAX_PIVOTS: Final = 12


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

    def line(self, name: str) -> list[Point]:
        """Points that differ in one variable, in rising order over many scales and close to the given numbers."""
        base = self.point(0)
        return [{**base, name: value} for value in sorted(self._along(name))]

    def _along(self, name: str) -> Iterator[Fraction]:
        low, high = self._domain.get(name, REAL)
        steps = [Fraction(self._stream.bits(_BITS) | 1, 1 << _BITS) for _ in range(2 * len(_LINE))]
        if low is not None and high is not None:
            yield from (low + (high - low) * (k + step) / len(steps) for k, step in enumerate(steps))
            return
        sizes = [(1 + step / 2) * Fraction(2) ** k for k, step in zip([*_LINE, *_LINE], steps, strict=True)]
        if low is not None or high is not None:
            yield from (low + size if low is not None else (high or 0) - size for size in sizes)
            return
        yield from sizes[: len(_LINE)]
        yield from (-size for size in sizes[len(_LINE) :])
        for pivot in self._pivots[:_MAX_PIVOTS]:
            yield from (pivot + sign * sizes[k] for k in (0, 6, 12) for sign in (1, -1))
