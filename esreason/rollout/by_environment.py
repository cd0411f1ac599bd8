"""Test episodes of several environments, summed up for each of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from esreason.core.statistics import summary_of
from esreason.rollout.draws import rates, task_means


def by_environment(lines: Iterable[dict[str, Any]], samples: int = 1) -> dict[str, dict[str, Any]]:
    """Environment -> {version, base, tuned, test_tokens} of transcript lines, in the order of their appearance.

    With several draws of each task there are `rates` as well, phase by phase.
    """
    scores: dict[str, dict[str, list[float]]] = {}
    versions: dict[str, int] = {}
    tokens: dict[str, dict[str, int]] = {}
    for line in lines:
        env, phase = line["task"]["env"], line["phase"]
        versions[env] = line["task"]["version"]
        scores.setdefault(env, {}).setdefault(phase, []).append(float(line["verdict"]["score"]))
        spent = tokens.setdefault(env, {})
        spent[phase] = spent.get(phase, 0) + int(line["tokens"])
    return {
        env: {"version": versions[env], **{p: summary_of(task_means(values, samples)) for p, values in phases.items()},
              "test_tokens": tokens[env],
              **({"rates": {p: rates(values, samples) for p, values in phases.items()}} if samples > 1 else {})}
        for env, phases in scores.items()
    }  # fmt: skip
