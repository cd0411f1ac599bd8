"""Tiny random checkpoints of several architectures, and plain transformers as their oracle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AutoModelForCausalLM,
    GemmaConfig,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    MambaConfig,
    MistralConfig,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen3Config,
)
from transformers.utils import logging

from esreason.es.noise import Member, Noise, factors, normals

logging.disable_progress_bar()
logging.set_verbosity_error()

CHARACTERS = ["<pad>", "<s>", "</s>", "\n", *map(chr, range(32, 127))]
SIZE: dict[str, Any] = {
    "vocab_size": len(CHARACTERS),
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 256,
    "initializer_range": 0.25,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
LLAMA3 = {"rope_type": "llama3", "rope_theta": 1e4, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
CONFIGS: dict[str, Callable[[], Any]] = {
    "llama": lambda: LlamaConfig(**SIZE, tie_word_embeddings=True),
    "llama-grouped": lambda: LlamaConfig(
        **SIZE,
        num_key_value_heads=2,
        attention_bias=True,
        mlp_bias=True,
        head_dim=16,
        rope_parameters={**LLAMA3, "original_max_position_embeddings": 64},
    ),
    "mistral": lambda: MistralConfig(**SIZE, num_key_value_heads=2, sliding_window=12),
    "qwen2": lambda: Qwen2Config(**SIZE, num_key_value_heads=2, tie_word_embeddings=True),
    "qwen2-window": lambda: Qwen2Config(
        **SIZE, num_key_value_heads=4, use_sliding_window=True, sliding_window=12, max_window_layers=1
    ),
    "qwen3": lambda: Qwen3Config(**SIZE, num_key_value_heads=2, head_dim=16),
    "gemma": lambda: GemmaConfig(**SIZE, num_key_value_heads=1, head_dim=16),
    "gpt2": lambda: GPT2Config(**SIZE),
    "gpt_neox": lambda: GPTNeoXConfig(**SIZE),
    "mamba": lambda: MambaConfig(**SIZE, state_size=8),
}
# Where a checkpoint stores a parameter under another name than the module's.
STORED = {("gpt_neox", "lm_head.weight"): "embed_out.weight"}


def save_tokenizer(folder: Path, **options: Any) -> None:
    """One token a character."""
    core = Tokenizer(models.WordLevel({c: i for i, c in enumerate(CHARACTERS)}, unk_token="<pad>"))
    core.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    core.decoder = decoders.Fuse()
    PreTrainedTokenizerFast(
        tokenizer_object=core, bos_token="<s>", eos_token="</s>", pad_token="<pad>", **options
    ).save_pretrained(folder)


def save_checkpoint(
    folder: Path, name: str, dtype: torch.dtype = torch.float32, configs: Mapping[str, Callable[[], Any]] = CONFIGS
) -> Path:
    """A random checkpoint whose norms and biases are random too, so that each of them matters."""
    torch.manual_seed(sum(map(ord, name)))
    model = AutoModelForCausalLM.from_config(configs[name]())
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
    model.to(dtype).save_pretrained(folder)
    save_tokenizer(folder)
    return folder


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The directory of a checkpoint by the name of its configuration, made once a session."""

    @cache
    def make(name: str, dtype: torch.dtype = torch.float32) -> Path:
        return save_checkpoint(tmp_path_factory.mktemp(name), name, dtype)

    return make


def perturbation(name: str, shape: tuple[int, ...], member: Member, noise: Noise) -> np.ndarray:
    """What a member adds to a parameter, by the definition, in float64."""
    if member.seed == 0:
        return np.zeros(shape)
    if noise.kind == "lowrank" and len(shape) == 2:
        left, right = factors(member.seed, name, (shape[0], shape[1]), noise.rank)
        unit = (left.astype(np.float64) @ right.astype(np.float64).T) / 256**2 / noise.rank**0.5
    else:
        unit = normals(member.seed, name, 0, int(np.prod(shape))).reshape(shape) / 256
    return float(np.sign(member.seed)) * member.sigma * unit


@pytest.fixture(scope="session")
def plain() -> Callable[[Path, Member, Noise], Any]:
    """Plain transformers with a member's weights written in."""

    def make(folder: Path, member: Member, noise: Noise) -> Any:
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        for name, parameter in model.named_parameters():
            stored = STORED.get((model.config.model_type, name), name)
            change = torch.from_numpy(perturbation(stored, tuple(parameter.shape), member, noise))
            parameter.data = (parameter.data.double() + change).float()
        return model

    return make
