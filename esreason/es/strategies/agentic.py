"""Agentic ESOpt: noise that shrinks along a cosine, sampled replies."""

from __future__ import annotations

from typing import Any, ClassVar

from esreason.es.strategy import Strategy


class Agentic(Strategy):
    """Dense members, z-scored fitness, sigma from 1e-3 to a quarter of it along half a cosine, temperature 0.7.

    The schedule is `Schedule("cosine")`, which any strategy takes by `sigma_schedule` and `sigma_final`.
    """

    name = "agentic-esopt"
    paper = "Agentic ESOpt, arXiv:2608.17310"
    preset: ClassVar[dict[str, Any]] = {
        "noise": "dense", "population": 32, "sigma": "0.001", "alpha": "0.0005", "mirrored": False,
        "shaping": "zscore", "step": "sgd", "sigma_schedule": "cosine", "sigma_final": 0.25, "temperature": 0.7,
    }  # fmt: skip
