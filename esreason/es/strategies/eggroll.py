"""EGGROLL: low-rank noise in the forward pass."""

from __future__ import annotations

from typing import Any, ClassVar

from esreason.es.strategy import Strategy


class Eggroll(Strategy):
    """Rank-1 mirrored noise, per-question centring and one global standard deviation (Sarkar et al., section 3)."""

    name = "eggroll"
    paper = "Sarkar et al., arXiv:2511.16652"
    preset: ClassVar[dict[str, Any]] = {
        "noise": "lowrank", "rank": 1, "population": 256, "sigma": "0.001", "alpha": "0.001",
        "mirrored": True, "shaping": "task-zscore", "step": "sgd",
    }  # fmt: skip
