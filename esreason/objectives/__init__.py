"""What a member's fitness is, by name."""

from __future__ import annotations

import re
from collections.abc import Callable

from esreason.core.errors import UnknownNameError, UsageError
from esreason.objectives.coverage import Coverage
from esreason.objectives.discernment import Discernment
from esreason.objectives.esma import Esma
from esreason.objectives.novelty import Novelty
from esreason.objectives.objective import Objective
from esreason.objectives.returns import Return

OBJECTIVES: dict[str, str] = {
    "return": "the score",
    "pass@8": "that one of 8 draws succeeds, or of any other number",
    "novelty": "half the score, half how rare the answer is in the population",
    "metacognition": "to be right, and to judge beforehand whether one will be",
    "discernment": "to be surer of what is solved than of what is not",
}
"""Every objective and what it rewards."""

_PASS = re.compile(r"pass@([1-9][0-9]{0,2})")


def objective(name: str, samples: int = 0, judgement: str = "none") -> Objective:
    """The objective of a name, with the draws of a task and the judgement asked for before it.

    UnknownNameError suggests the nearest name; UsageError where the options do not fit it.
    """
    found = _PASS.fullmatch(name)
    if found:
        k = int(found[1])
        if 0 < samples < k:
            raise UsageError(f"{name} needs at least {k} samples of a task, not {samples}")
        return Coverage(k, samples)
    plain: dict[str, Callable[[], Objective]] = {"return": Return, "novelty": Novelty}
    judging: dict[str, Callable[[str], Objective]] = {"metacognition": Esma, "discernment": Discernment}
    if name not in plain | judging:
        raise UnknownNameError("objective", name, OBJECTIVES)
    if samples:
        raise UsageError(f"samples of a task belong to an objective such as pass@8, not to {name!r}")
    if name in plain:
        return plain[name]()
    if judgement == "none":
        raise UsageError(f"the objective {name} needs a judgement: yes-no or graded")
    return judging[name](judgement)
