"""Anchored weight decay: every step also pulls the weights back towards the base."""

from __future__ import annotations

from typing import Any, ClassVar

from esreason.es.strategies.es_at_scale import EsAtScale


class Anchored(EsAtScale):
    """ES at Scale with w <- w0 + (1 - alpha lambda)(w - w0) after the step, lambda = 10 (Schweighofer et al.).

    Any strategy takes the same decay by `--decay`; `decay_norm = "l1"` soft-thresholds w - w0 at alpha lambda instead.
    """

    name = "anchored"
    paper = "Schweighofer et al., arXiv:2605.30148"
    preset: ClassVar[dict[str, Any]] = {**EsAtScale.preset, "decay": 10.0, "decay_norm": "l2"}
