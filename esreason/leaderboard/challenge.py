"""Challenges: test tasks that are derived from the digest of the weights that play them.

Whoever changes the weights, by training on these tasks for example, gets other tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from esreason.core.errors import UsageError
from esreason.core.seeding import digest

MAX_NONCE = 100


def challenge_seeds(weights_sha256: str, nonce: str, env: str, version: int, level: int, count: int) -> list[int]:
    """The seeds of a challenge's tasks in the test split: 48 bits each, a function of the arguments."""
    parts = ("challenge", weights_sha256, nonce, env, version, level)
    return [int.from_bytes(digest(*parts, k, size=6), "big") for k in range(count)]


def first_other_task(lines: Iterable[Mapping[str, Any]], result: Mapping[str, Any]) -> int | None:
    """The index of the first transcript line whose task is not the one that the result commits to; None if all are."""
    told = list(lines)
    given = (str(result["weights_sha256"]), str(result["nonce"]), str(result["env"]))
    seeds = challenge_seeds(*given, int(result["env_version"]), int(result["level"]), len(told))
    differ = (i for i, (line, seed) in enumerate(zip(told, seeds, strict=True)) if line["task"]["seed"] != seed)
    return next(differ, None)


def good_nonce(nonce: object) -> bool:
    """Whether a nonce is a short line of printable ASCII."""
    return isinstance(nonce, str) and len(nonce) <= MAX_NONCE and nonce.isascii() and (nonce.isprintable() or not nonce)


def check_nonce(nonce: str) -> None:
    """UsageError unless `good_nonce`."""
    if not good_nonce(nonce):
        raise UsageError(f"a nonce is at most {MAX_NONCE} printable ASCII characters, not {nonce[:40]!r}")
