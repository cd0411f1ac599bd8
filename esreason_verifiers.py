"""The module in which Prime Intellect's verifiers looks for the task set `esreason-verifiers`."""

from __future__ import annotations

from esreason.adapters.verifiers import Chat, Games, Play

__all__ = ["Chat", "Games", "Play"]
