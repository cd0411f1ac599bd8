"""The engine protocol: many members and many episodes answered in one batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from esreason.core.errors import RunError
from esreason.es.noise import Member
from esreason.es.update import Update

Role = Literal["system", "user", "assistant"]
Dtype = Literal["float32", "bfloat16", "float16", "auto"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen; temperature 0 is greedy, otherwise `seed` fixes the episode's draws.

    `stop` ends a completion (and is cut from its text); `max_tokens` bounds it.
    """

    max_tokens: int = 64
    temperature: float = 0.0
    seed: int = 0
    stop: str = "\n"

    def __post_init__(self) -> None:
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, not {self.max_tokens}")
        if not 0.0 <= self.temperature < 100.0:
            raise ValueError(f"temperature must be in [0, 100), not {self.temperature}")


@dataclass(frozen=True, slots=True)
class Request:
    """One completion wanted from one member.

    `prompt` is the whole prompt, never a delta: raw text to be continued, or the whole chat so far.
    `episode` names the episode inside the unit: a request whose prompt continues the episode's last
    one (text: old prompt + completion + more; chat: old messages + assistant reply + more) reuses its cache.
    """

    member: int
    episode: int
    prompt: str | tuple[Message, ...]
    sampling: Sampling = Sampling()


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back: text without the stop string, token counts, and why it ended.

    `tokens_in` counts the prompt tokens that were new (not in the episode's cache). `ids` are the generated tokens,
    the one that ended the completion included; empty where the engine does not know them.
    """

    text: str
    tokens_in: int
    tokens_out: int
    finish: Literal["stop", "length"] = "stop"
    ids: tuple[int, ...] = ()


class EngineLost(RunError):
    """A process that an engine computes with has ended, and the engine with it; another one could go on."""


class Policy(Protocol):
    """A model that can be asked: all that the driver needs.

    The life of a unit: `load(members)`, then `generate` once a turn with the requests of every live
    episode, member indices pointing into `members`. `CENTRE` (a member without noise) is the model itself.
    """

    capacity: int
    """Members that can be resident at once."""

    chat: bool
    """Whether the tokenizer has a chat template."""

    context: int
    """Longest prompt plus completion, in tokens."""

    def load(self, members: Sequence[Member], episodes: int) -> None:
        """Make `members` resident for a unit of `episodes` episodes each; forgets the last unit's caches."""

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """One completion a request, in order. Greedy float32 results do not depend on the neighbours."""


Answer = Callable[[int, Completion], Request | None]
"""What follows a completion in the conversation of this number: its next request, or None at its end."""


@runtime_checkable
class Scheduler(Protocol):
    """An engine that schedules by itself: no conversation has to wait for another one's turn."""

    def converse(self, requests: Sequence[Request], answer: Answer) -> None:
        """Carry conversations to their ends, the first request of each given; it is `answer` that goes on.

        A conversation's number is the place of its first request.
        """


class Engine(Policy, Protocol):
    """A model that can also be perturbed, updated and written out."""

    def apply_update(self, update: Update) -> str:
        """Move the centre by one update and return a checksum of it (same bits on every engine)."""

    def rewind(self) -> str:
        """Go back to the base checkpoint and return a checksum of it."""

    def facts(self) -> dict[str, Any]:
        """What a result says of the engine: its name, the parameters, device, dtype, versions."""

    def export(self, directory: Path) -> None:
        """Write the centre as a Hugging Face directory (safetensors, config, tokenizer)."""

    def weights_sha256(self) -> str:
        """The digest of CONTRACT section 4, computed from the centre in the checkpoint's dtype."""

    def drift(self) -> float:
        """The L2 distance of the centre from the base checkpoint, both in the checkpoint's dtype."""
