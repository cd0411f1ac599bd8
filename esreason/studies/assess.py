"""What training did to a model: success, pass@k, distance from the base, and what it lost on other tasks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel
from transformers.utils.logging import disable_progress_bar

from esreason.core.statistics import pass_at_k, summary_of
from esreason.engines.torch_checkpoint import open_checkpoint
from esreason.engines.torch_engine import TorchEngine
from esreason.studies.played import Played, Turn, play, success, tasks_of

STILL = 1e-6
"""A weight that moved by less counts as not moved."""
_ROWS = 256  # turns a batch, so that the logits of a large vocabulary fit


def assess(engine: TorchEngine, base: str | Path, env: str, level: int, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Figures of an engine's centre; `settings` has test, samples, sample_tasks, ks, prior, prior_tasks, prompt.

    `kl` is in nats a token, exact over the vocabulary, on tokens that the centre itself writes at temperature 1.
    """
    style = settings["prompt"]
    tested = play(engine, tasks_of(env, level, "test", settings["test"]), style=style)
    tasks = tasks_of(env, level, "test", settings["sample_tasks"])
    sampled = play(engine, [task for task in tasks for _ in range(settings["samples"])], 1.0, seed=1, style=style)
    others = {
        name: play(engine, tasks_of(name, 1, "test", settings["prior_tasks"]), style=style)
        for name in settings["prior"]
    }
    return {
        "test": summary_of([one.episode.score for one in tested]),
        "pass": _coverage(sampled, settings["samples"], settings["ks"]),
        "prior": {name: success(played) for name, played in others.items()},
        "kl": _divergence(engine, base, sampled[:: settings["samples"]]), **drift(engine),
    }  # fmt: skip


def _coverage(sampled: Sequence[Played], samples: int, ks: Sequence[int]) -> dict[str, float]:
    """Mean pass@k over tasks that were sampled `samples` times each, one after the other."""
    right = [sum(one.episode.score == 1.0 for one in sampled[k : k + samples]) for k in range(0, len(sampled), samples)]
    return {str(k): fmean(pass_at_k(samples, count, k) for count in right) for k in ks}


def drift(engine: TorchEngine) -> dict[str, float]:
    """How far the centre lies from its checkpoint: norm, norm by the checkpoint's own, share of unmoved weights."""
    base = open_checkpoint(engine.checkpoint.directory)[1].parameters
    square = size = still = 0.0
    count = 0
    for name, tensor in engine.centre.parameters.items():
        change = tensor.double() - base[name].double()
        square += float(change.square().sum())
        size += float(base[name].double().square().sum())
        still += int((change.abs() < STILL).sum())
        count += change.numel()
    return {"drift": math.sqrt(square), "drift_relative": math.sqrt(square / size), "unmoved": still / count}


def _divergence(engine: TorchEngine, base: str | Path, played: Sequence[Played]) -> float:
    disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(base)
    models = [AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval() for _ in range(2)]
    stored = engine.checkpoint.stored
    with torch.no_grad():
        for name, parameter in models[0].named_parameters():
            parameter.copy_(engine.centre.parameters[stored[name]])
    return token_kl(models[0], models[1], tokenizer, [turn for one in played for turn in one.turns])


@torch.no_grad()
def token_kl(tuned: PreTrainedModel, base: PreTrainedModel, tokenizer: Any, turns: Sequence[Turn]) -> float:
    """The mean over generated tokens of KL(tuned || base), in nats, each summed over the whole vocabulary."""
    total, count = 0.0, 0
    for start in range(0, len(turns), _ROWS):
        rows = [(list(tokenizer.encode(turn.prompt)), list(turn.ids)) for turn in turns[start : start + _ROWS]]
        width = max(len(prompt) + len(ids) for prompt, ids in rows)
        ids, written = torch.zeros((len(rows), width), dtype=torch.long), torch.zeros((len(rows), width))
        for place, (prompt, said) in enumerate(rows):
            ids[place, : len(prompt) + len(said)] = torch.tensor(prompt + said)
            written[place, len(prompt) - 1 : len(prompt) + len(said) - 1] = 1  # the logits that chose a token
        p, q = (model(input_ids=ids).logits.double().log_softmax(dim=-1) for model in (tuned, base))
        total += float((((p.exp() * (p - q)).sum(dim=-1)) * written).sum())
        count += int(written.sum())
    return total / count
