"""The method of «Evolution Strategies at Scale»."""

from __future__ import annotations

from typing import Any, ClassVar

from esreason.es.strategy import Strategy


class EsAtScale(Strategy):
    """Thirty dense members without mirroring, z-scored fitness, alpha = sigma / 2 (Qiu et al., section 3)."""

    name = "es-at-scale"
    paper = "Qiu et al., arXiv:2509.24372"
    preset: ClassVar[dict[str, Any]] = {
        "noise": "dense", "population": 30, "sigma": "0.001", "alpha": "0.0005",
        "mirrored": False, "shaping": "zscore", "step": "sgd",
    }  # fmt: skip
