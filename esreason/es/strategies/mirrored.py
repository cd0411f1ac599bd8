"""The default: mirrored low-rank noise, fitness centred per task, a plain step."""

from __future__ import annotations

from typing import Any, ClassVar

from esreason.es.strategy import Strategy


class Mirrored(Strategy):
    """Rank-1 noise in mirrored pairs on common fresh tasks; sigma found by a probe, alpha from sigma."""

    name = "mirrored"
    paper = "Salimans et al. 2017, arXiv:1703.03864; rank-1 noise after arXiv:2511.16652"
    preset: ClassVar[dict[str, Any]] = {}
