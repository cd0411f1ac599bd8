"""Whether episodes that were played again are those of an entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from esreason.leaderboard.statistics import mcnemar, paired
from esreason.rollout.episode import Episode
from esreason.rollout.transcript import line_of


@dataclass(frozen=True, slots=True)
class Reproduction:
    """The outcome for a phase: the same episodes or not, and one sentence."""

    phase: str
    same: bool
    sentence: str


def compare(phase: str, lines: Sequence[dict[str, Any]], episodes: Sequence[Episode]) -> Reproduction:
    """Compare actions, prompts and tokens exactly; where they differ, say how far the scores are apart as well."""
    if len(lines) != len(episodes):
        raise ValueError(f"{len(lines)} stored episodes, {len(episodes)} played again")
    wanted = ("actions", "prompt_sha256", "tokens")
    again = [line_of(episode, phase, index, "") for index, episode in enumerate(episodes)]
    different = [i for i, (a, b) in enumerate(zip(lines, again, strict=True)) if any(a[f] != b[f] for f in wanted)]
    if not different:
        return Reproduction(phase, True, f"all {len(lines)} episodes are the same, action for action")
    stored = np.array([line["verdict"]["score"] for line in lines])
    played = np.array([episode.score for episode in episodes])
    p = mcnemar(*paired(stored, played))
    means = f"mean score {stored.mean():.4f} stored, {played.mean():.4f} played again"
    where = f"{len(different)} of {len(lines)} episodes differ, the first is {different[0]}"
    return Reproduction(phase, False, f"{where}; {means} (exact McNemar, p = {p:.2g})")
