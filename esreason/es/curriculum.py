"""Which level a run trains on: the next one as soon as the present one is solved often enough."""

from __future__ import annotations

import re
from dataclasses import dataclass

from esreason.core.errors import UsageError

THRESHOLD = 0.5
_FORM = re.compile(r"([0-9]{1,4})-([0-9]{1,4})(?:@(0?\.[0-9]{1,6}|1(?:\.0)?))?")


@dataclass(frozen=True, slots=True)
class Curriculum:
    """Levels `first` to `last`; the next begins when validation on the present one reaches `threshold`.

    The rule by which automatic domain randomisation widens its range (Akkaya et al. 2019, arXiv:1910.07113, section
    5), on levels instead of ranges. A level that is reached is never left for an easier one.
    """

    first: int
    last: int
    threshold: float = THRESHOLD

    def next(self, level: int, mastery: float | None) -> int:
        """The level after a validation on the present one (None: there was none)."""
        return min(self.last, level + 1) if mastery is not None and mastery >= self.threshold else level


def read_curriculum(text: str) -> Curriculum:
    """The curriculum that `1-4` or `1-4@0.7` means; UsageError if it means none."""
    found = _FORM.fullmatch(text)
    if found is None or not 1 <= int(found[1]) < int(found[2]):
        raise UsageError(f"a curriculum is a range of levels such as 1-4, or 1-4@0.7 with its threshold, not {text!r}")
    return Curriculum(int(found[1]), int(found[2]), float(found[3] or THRESHOLD))
