"""Counted work, so that a hostile expression ends at the same place on every machine."""

from __future__ import annotations


class Exhausted(Exception):
    """A way of deciding was given up: too much work, or a case that it does not cover."""


class OutOfRange(Exhausted):
    """A value at one point is too large or too small to follow; other points may do."""


class Undefined(Exception):
    """An expression certainly has no real value, at a point or anywhere; the message says why."""


class Budget:
    """Units of work left, about one a microsecond."""

    __slots__ = ("left", "total")

    def __init__(self, total: int) -> None:
        self.total = total
        self.left = total

    @property
    def spent(self) -> int:
        return self.total - self.left

    def spend(self, units: int) -> None:
        """Take units off, before the work is done; `Exhausted` when there are not that many left."""
        self.left -= units
        if self.left < 0:
            self.left = 0
            raise Exhausted("the work allowed for it was used up")
