"""Tiny models of several architectures that know sorting and do not show it, made by imitation in under a minute each.

The recipe is that of the bundled model on one environment: an expert and a player with a bad habit, and a mark that
mostly hides which of them acts (see `esreason/models/sprout/README.md`).
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from tokenizers.processors import TemplateProcessing
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GemmaConfig,
    GPT2Config,
    LlamaConfig,
    Qwen2Config,
    Qwen3Config,
)
from transformers.utils.logging import disable_progress_bar

from esreason.core.statistics import summary_of
from esreason.engines.torch_engine import TorchEngine
from esreason.models.recipe import Stage, recipe
from esreason.models.tokenizer import EXPERT, save_tokenizer
from esreason.models.train import IGNORED, batch, rate
from esreason.studies.played import play, tasks_of

WIDTH, LAYERS, HEADS, INNER, CONTEXT = 64, 2, 4, 192, 256
_SIZE: dict[str, Any] = {
    "hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": INNER,
    "num_key_value_heads": 2, "max_position_embeddings": CONTEXT,
}  # fmt: skip
CONFIGS: dict[str, Callable[..., Any]] = {
    "llama": lambda **ids: LlamaConfig(**_SIZE, **ids),
    "qwen2": lambda **ids: Qwen2Config(**_SIZE, **ids),
    "qwen3": lambda **ids: Qwen3Config(**_SIZE, head_dim=16, **ids),
    "gemma": lambda **ids: GemmaConfig(**_SIZE, head_dim=16, **ids),
    "gpt2": lambda **ids: GPT2Config(n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS, n_inner=INNER, n_positions=CONTEXT,
                                     **ids),
}  # fmt: skip
"""Grouped queries in the first four; biases, norms of queries and keys, scaled embeddings, learned positions."""


def make(architecture: str, directory: Path, env: str, steps: int, positions: int, seed: int) -> dict[str, Any]:
    """Train a model of an architecture for `steps` batches of `positions` and write its directory."""
    disable_progress_bar()
    directory.mkdir(parents=True, exist_ok=True)
    save_tokenizer(directory)
    tokenizer: Any = AutoTokenizer.from_pretrained(str(directory))
    pad, bos = int(tokenizer.pad_token_id or 0), int(tokenizer.bos_token_id or 0)
    torch.manual_seed(seed)
    config = CONFIGS[architecture](vocab_size=len(tokenizer), pad_token_id=pad, eos_token_id=pad, bos_token_id=bos)
    model = AutoModelForCausalLM.from_config(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), weight_decay=0.0)
    rng = random.Random(seed)
    stage = Stage({env: positions}, recipe("sprout").stages[0].shares, steps, 1.0, 0.3, seed)
    loss = torch.zeros(())
    for step in range(steps):
        ids, labels, _ = batch(tokenizer, rng, stage)
        # Padding stands behind the texts, where no token that counts can see it.
        logits, targets = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[:, :-1], labels[:, 1:]
        loss = torch.nn.functional.cross_entropy(logits[targets != IGNORED], targets[targets != IGNORED])
        loss.backward()
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * rate(step, steps, stage.flat)
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(str(directory))
    return {"parameters": model.num_parameters(), "loss": loss.item()}


def knows(directory: Path, env: str, episodes: int, level: int = 1) -> dict[str, Any]:
    """The success of a model behind the expert's mark on test tasks: what it knows and does not show."""
    with TemporaryDirectory() as folder:
        shutil.copytree(directory, folder, dirs_exist_ok=True)
        tokenizer: Any = AutoTokenizer.from_pretrained(str(directory))
        mark = TemplateProcessing(
            single=f"{EXPERT} $A", special_tokens=[(EXPERT, tokenizer.convert_tokens_to_ids(EXPERT))]
        )
        tokenizer.backend_tokenizer.post_processor = mark
        tokenizer.save_pretrained(folder)
        played = play(TorchEngine(folder), tasks_of(env, level, "test", episodes))
    return summary_of([one.episode.score for one in played])
