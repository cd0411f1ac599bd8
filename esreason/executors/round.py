"""One iteration's units and who plays them: how a pool with unlike workers schedules, without a clock."""

from __future__ import annotations

from bisect import insort
from collections import deque

SLOW = 2.0
"""A unit is slow when it has run this many times as long as the median of those that ended."""

_TICK = 1e-6


class Round:
    """Units go out in order; when none is left, idle workers repeat the slow ones, each at most once.

    A repeat cannot be stopped, and its worker's next work waits for it, so a unit is repeated only when it is slow: not
    merely because somebody is idle. Times are seconds of any clock that does not run backwards.
    """

    def __init__(self, units: int, workers: int, slow: float = SLOW) -> None:
        self.missing = set(range(units))
        """Units without an answer."""
        self._waiting, self._idle = deque(range(units)), deque(range(workers))
        self._since: dict[tuple[int, int], float] = {}  # (worker, unit) -> when it went out
        self._alone: dict[int, float] = {}  # units that one worker has, in the order in which they went out
        self._took: list[float] = []
        self._slow = slow

    def give(self, now: float) -> tuple[int, int] | None:
        """(an idle worker, the unit that it plays now), or None if there is nobody or nothing to give."""
        if not self._idle:
            return None
        if self._waiting:
            unit = self._waiting.popleft()
            self._alone[unit] = now
        elif (left := self.patience(now)) is not None and left <= _TICK:
            unit = next(iter(self._alone))
            del self._alone[unit]
        else:
            return None
        worker = self._idle.popleft()
        self._since[worker, unit] = now
        return worker, unit

    def patience(self, now: float) -> float | None:
        """Seconds until a unit is slow that an idle worker could repeat; None: nothing but an answer changes that."""
        if not (self._idle and self._alone and self._took) or self._waiting:
            return None
        due = next(iter(self._alone.values())) + self._slow * self._took[len(self._took) // 2]
        return max(0.0, due - now)

    def answered(self, worker: int, unit: int, now: float) -> bool:
        """A worker is idle again; whether its answer is the unit's first."""
        insort(self._took, now - self._since.pop((worker, unit)))
        self._idle.append(worker)
        self._alone.pop(unit, None)
        first = unit in self.missing
        self.missing.discard(unit)
        return first

    def joins(self, worker: int) -> None:
        """A worker that was not there is idle now."""
        self._idle.append(worker)

    def lost(self, worker: int, unit: int) -> None:
        """A worker has ended: its unit is the next to go out, unless it is answered."""
        del self._since[worker, unit]
        self._alone.pop(unit, None)
        if unit in self.missing and unit not in self._waiting:
            self._waiting.appendleft(unit)
