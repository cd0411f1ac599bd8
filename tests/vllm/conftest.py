"""Small models that vLLM's attention takes, and engines on them; vLLM runs in the test process itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import GemmaConfig, LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config

from esreason.engines.base import Engine, Request, Sampling
from esreason.engines.vllm_engine import VLLMEngine
from esreason.es.noise import CENTRE, Member
from tests.engines.conftest import SIZE, plain, save_checkpoint

__all__ = ["plain"]

# vLLM's attention on a CPU has no heads of 16.
WIDE: dict[str, Any] = {**SIZE, "num_attention_heads": 2}
CONFIGS: dict[str, Callable[[], Any]] = {
    "tied": lambda: LlamaConfig(**WIDE, num_key_value_heads=1, tie_word_embeddings=True),
    "biased": lambda: LlamaConfig(
        **WIDE, num_key_value_heads=2, attention_bias=True, mlp_bias=True, tie_word_embeddings=True
    ),
    "mistral": lambda: MistralConfig(**WIDE, num_key_value_heads=1, head_dim=32),
    "qwen2": lambda: Qwen2Config(**WIDE, num_key_value_heads=1),  # biases
    "qwen3": lambda: Qwen3Config(**WIDE, num_key_value_heads=1, head_dim=32),  # norms of heads
    "gemma": lambda: GemmaConfig(**WIDE, num_key_value_heads=1, head_dim=32),  # norms about 1, a scaled embedding
}
MEMBERS = [Member(5, 0.03), Member(-5, 0.03), CENTRE, Member(77, 0.05)]
PROMPTS = ["sort 5 3 2 9: ", "sort 8 1: ", "1+2+3"]


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The directory of a small model by name, made once a session."""

    @cache
    def make(name: str, dtype: torch.dtype = torch.float32) -> Path:
        return save_checkpoint(tmp_path_factory.mktemp(name), name, dtype, CONFIGS)

    return make


@pytest.fixture(scope="session", autouse=True)
def threads() -> Iterator[None]:
    """vLLM replaces `torch.set_num_threads` for good; what comes after these tests gets it back."""
    saved = torch.set_num_threads
    yield
    torch.set_num_threads = saved


@pytest.fixture
def opened() -> Iterator[Callable[..., VLLMEngine]]:
    """Opens an engine, closing the last one; closes it after the test."""
    engines: list[VLLMEngine] = []

    def close() -> None:
        while engines:
            engines.pop().close()

    def make(folder: Path, **options: Any) -> VLLMEngine:
        close()
        engines.append(VLLMEngine(folder, **options))
        return engines[0]

    yield make
    close()


def said(engine: Engine, members: Sequence[Member] = MEMBERS, tokens: int = 12) -> list[list[str]]:
    """What each member says to the prompts, greedily, all in one batch."""
    engine.load(members, len(PROMPTS))
    asked = [
        Request(m, i, prompt, Sampling(tokens, stop=""))
        for m in range(len(members))
        for i, prompt in enumerate(PROMPTS)
    ]
    texts = [completion.text for completion in engine.generate(asked)]
    return [texts[m * len(PROMPTS) : (m + 1) * len(PROMPTS)] for m in range(len(members))]
