"""A task: data that names an instance completely."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SPLITS = ("train", "validation", "test")
CUSTOM = "custom"
"""The split of a task that was not generated but given."""


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces, ASCII only: one text for one value. Raises ValueError on NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class Task:
    """One instance: environment and version, where it came from, and the payload that defines it."""

    env: str
    version: int
    level: int
    split: str
    seed: int
    payload: Mapping[str, Any]
    instance: list[Any] = field(default_factory=list, repr=False, compare=False)
    """The parsed payload, kept after its first use (empty before)."""

    def to_dict(self) -> dict[str, Any]:
        """The task as JSON data."""
        return {
            "env": self.env, "version": self.version, "level": self.level,
            "split": self.split, "seed": self.seed, "payload": dict(self.payload),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Task:
        """The task that `to_dict` wrote; ValueError with one sentence if it is none."""
        wanted = {"env": str, "version": int, "level": int, "split": str, "seed": int, "payload": dict}
        if not isinstance(data, Mapping) or set(data) != set(wanted):
            raise ValueError(f"a task has exactly the fields {', '.join(wanted)}")
        for name, kind in wanted.items():
            if not isinstance(data[name], kind) or isinstance(data[name], bool):
                raise ValueError(f"the field {name} of a task is a {kind.__name__}")
        if data["split"] not in (*SPLITS, CUSTOM):
            raise ValueError(f"the split of a task is one of {', '.join(SPLITS)} or {CUSTOM}")
        return cls(**data)
