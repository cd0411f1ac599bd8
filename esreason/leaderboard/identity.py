"""What makes a submission another run than its like."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from esreason.leaderboard.audit import RESULT, SEEDLOG, TRANSCRIPTS
from esreason.leaderboard.reading import json_of, lines_of, text_of


@dataclass(frozen=True, slots=True)
class Identity:
    """Digests of what was played, of how the search began, and of the trained weights; "" where there is none."""

    played: str
    search: str
    weights: str

    def same(self, other: Identity) -> bool:
        """Whether two submissions are one run: the same actions on the same tasks, and the same search or weights.

        Actions alone make no run: two that solve every task play alike, and so do two that never beat their base. A
        search that never began is told apart from none.
        """
        search = self.search == other.search or not (self.search and other.search)
        return self.played == other.played and (search or self.weights == other.weights != "")


def identity(files: dict[str, bytes]) -> Identity:
    """The identity of an audited submission.

    It leaves out what may be claimed at will: the digest of a base that is not at hand and all that it leads to, where
    the log ends, which checkpoint was chosen, names, scores of validation, tokens, seconds. The first update
    follows from seed, settings and scores; with other ones, a log has to be told anew.
    """
    result = json_of(text_of(files[RESULT], RESULT), RESULT)
    played = hashlib.sha256(_digest([result.get("schema"), result.get("mode")]).encode())
    for line in lines_of(files[TRANSCRIPTS], TRANSCRIPTS):
        played.update(_digest([line.get(name) for name in ("phase", "task", "actions")]).encode())
    first = files.get(SEEDLOG, b"").split(b"\n", 2)[1:2]
    search = ""
    if first and first[0]:
        update = json_of(text_of(first[0], SEEDLOG), SEEDLOG, 2)
        search = _digest([update.get(name) for name in ("seeds", "coefficients", "alpha", "sigma")])
    weights = str(result.get("weights_sha256"))
    return Identity(played.hexdigest(), search, "" if weights == result.get("base_sha256") else weights)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
