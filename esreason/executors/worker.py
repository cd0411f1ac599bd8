"""A worker: one engine with its centre, playing units."""

from __future__ import annotations

import difflib
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from esreason.core.env import Mode
from esreason.core.errors import ModelError, UsageError
from esreason.engines.base import Dtype, Engine
from esreason.es.config import RunConfig
from esreason.es.update import Update
from esreason.models import BUNDLED, model_path
from esreason.rollout.driver import Driver
from esreason.rollout.episode import Episode
from esreason.rollout.prompts import Prompts, choose_style
from esreason.rollout.unit import Unit

SHARDS = "ESREASON_VLLM_SHARDS"
"""Environment variable: GPUs that share one model in --engine vllm (tensor parallelism); 1 by default."""


@dataclass(slots=True)
class Worker:
    """An engine and the driver that plays it."""

    engine: Engine
    driver: Driver
    description: dict[str, Any]
    seconds: float = 0.0
    """How long it has played and moved its centre."""

    @classmethod
    def build(cls, config: RunConfig) -> Worker:
        """The worker that a run's config describes."""
        try:
            engine = _engine(config)
        except ModelError as error:
            near = difflib.get_close_matches(config.model, BUNDLED, n=1)
            if not near or config.model in BUNDLED or Path(config.model).exists():
                raise
            raise ModelError(f"{error} Did you mean {near[0]!r}?") from None
        style = choose_style(config.prompt, config.shots, engine.chat)
        mode, tokens, temperature = cast(Mode, config.mode), config.max_tokens, config.temperature
        prompts = Prompts(
            mode, style, config.shots, tokens, temperature, config.judgement, config.judgement_temperature
        )
        facts = {"style": style, "base_sha256": engine.weights_sha256(), "python": platform.python_version()}
        return cls(engine, Driver(prompts), {**engine.facts(), **facts})

    def play(self, unit: Unit) -> list[list[Episode]]:
        """The unit's episodes by member and task."""
        began = time.monotonic()
        episodes = self.driver.play(self.engine, unit)
        self.seconds += time.monotonic() - began
        return episodes

    def update(self, update: Update) -> str:
        """The checksum of the centre after one update."""
        began = time.monotonic()
        checksum = self.engine.apply_update(update)
        self.seconds += time.monotonic() - began
        return checksum

    def rewind(self, updates: Sequence[Update]) -> str:
        """The checksum of the base moved by these updates, which the engine then holds."""
        checksum = self.engine.rewind()
        for update in updates:
            checksum = self.engine.apply_update(update)
        return checksum


def _engine(config: RunConfig) -> Engine:
    noise = config.perturbation()
    model, dtype = model_path(config.model), cast(Dtype, config.dtype)
    try:
        if config.engine == "torch":
            import esreason.engines.torch_engine as torch_module

            # Beside a GPU a few steps are made of the processor's threads, in an order that changes no bit.
            threads = _threads() if config.device == "cuda" else 1
            return torch_module.TorchEngine(
                model, noise=noise, dtype=dtype, device=config.device, threads=threads, lattice=config.lattice()
            )
        import esreason.engines.vllm_engine as vllm_module
    except ModuleNotFoundError as error:
        raise UsageError(f"this needs {error.name}: pip install 'esreason[{config.engine}]'") from None
    if config.lattice() is not None:
        raise UsageError("--quantize needs --engine torch: vLLM packs quantised weights in layouts of its own")
    return vllm_module.VLLMEngine(model, noise=noise, dtype=dtype, threads=_threads(), shards=shards_of(config))


def shards_of(config: RunConfig) -> int:
    """The processes that share one model: what the environment variable says of vLLM, else 1."""
    told = os.environ.get(SHARDS, "1") if config.engine == "vllm" else "1"
    if not (told.isascii() and told.isdecimal() and int(told)):
        raise UsageError(f"{SHARDS} is a whole number of GPUs, not {told!r}")
    return int(told)


def _threads() -> int:
    return int(os.environ.get("OMP_NUM_THREADS", "1"))
