"""Where units run: the interface of the local process pool and of Ray."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from esreason.es.update import Update
from esreason.rollout.episode import Episode
from esreason.rollout.unit import Unit


class Executor(Protocol):
    """Workers that hold the same centre: units go out, episodes come back, updates are applied by all."""

    def facts(self) -> dict[str, Any]:
        """What the workers run: base_sha256, parameters, style, device, dtype, versions."""

    def play(self, units: Sequence[Unit]) -> Iterator[tuple[int, list[list[Episode]]]]:
        """(index of the unit, its episodes by member and task) in the order in which units finish."""

    def update(self, update: Update) -> str:
        """Move every worker's centre; the checksum that all agree on."""

    def rewind(self, updates: Sequence[Update]) -> str:
        """Bring every worker to the base moved by these updates; the checksum."""

    def weights_sha256(self) -> str:
        """The digest of the centre."""

    def drift(self) -> float:
        """The L2 distance of the centre from the base, both in the checkpoint's dtype."""

    def device_seconds(self) -> float:
        """How long the workers have played and moved their centres since they started, summed over them."""

    def export(self, directory: Path) -> None:
        """Write the centre as a Hugging Face directory."""

    def close(self) -> None:
        """End the workers."""
