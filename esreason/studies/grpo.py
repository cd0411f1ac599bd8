"""GRPO by TRL's GRPOTrainer on whole episodes of many steps, beside evolution on the same tasks.

The models of these studies read the current observation and no history. An episode becomes one sequence, in which a
boundary token stands before every turn, and a token sees its own turn alone. So each action's probability is the one
that it was sampled with, and an episode's advantage counts for all of its actions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from math import gcd
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, TrainerCallback
from transformers.utils.logging import disable_progress_bar

from esreason.core.errors import UsageError
from esreason.core.registry import env_class
from esreason.core.seeding import digest
from esreason.engines.torch_engine import TorchEngine
from esreason.models import model_path
from esreason.studies.played import Memoryless, Played, play, success, tasks_of

AT_ONCE = 16
"""Episodes whose gradient is computed at a time; those of an optimiser step are summed, so it bounds memory alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpoSettings:
    """`sequences` episodes in all, `batch` an optimiser step in groups of `group` on one task each."""

    env: str
    level: int = 1
    learning_rate: float
    sequences: int
    group: int = 8
    batch: int = 64
    validate_every: int
    """Sequences between two validations; the base is validated first."""
    validation_episodes: int = 128
    seed: int = 0
    prompt: Memoryless = "plain"


@dataclass(slots=True)
class Trained:
    """The validation curve, what was spent on training, and the parameters of the best validated checkpoint."""

    curve: list[tuple[int, float]] = field(default_factory=list)
    sequences: int = 0
    tokens: int = 0
    best: dict[str, torch.Tensor] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Boundary:
    """The token before every turn: the tokenizer's own first token, or, where it has none, one that nobody sees."""

    token: int
    seen: bool

    @classmethod
    def of(cls, tokenizer: Any) -> Boundary:
        """The boundary for a tokenizer; UsageError if it has no end token either."""
        first, end = tokenizer.bos_token_id, tokenizer.eos_token_id
        if first is not None and tokenizer.encode("a")[0] == first:
            return cls(int(first), True)
        if end is None:
            raise UsageError("GRPO on episodes needs a tokenizer with a first or an end token.")
        return cls(int(end), False)


def memoryless(model: PreTrainedModel, boundary: Boundary) -> None:
    """Let every token see only its own turn, and count positions from the turn's beginning.

    The backbone is given each turn as a row of its own, so that time and memory grow with an episode's length and not
    with its square.
    """
    backbone: Any = model.base_model
    inner = backbone.forward

    @wraps(inner)
    def forward(input_ids: torch.Tensor, attention_mask: torch.Tensor, **options: Any) -> Any:
        flat, real = input_ids.flatten(), attention_mask.flatten().bool()
        begins = real & (flat == boundary.token)
        shown = (real if boundary.seen else real & ~begins).nonzero()[:, 0]
        turn = (begins.cumsum(0) - 1)[shown]
        place = shown - begins.nonzero()[:, 0][turn] - (0 if boundary.seen else 1)
        rows = flat.new_full((int(begins.sum()), int(place.max()) + 1), boundary.token)
        rows[turn, place] = flat[shown]
        # What fills a row up stands behind its turn, where no token of the turn can see it.
        outputs = inner(input_ids=rows, use_cache=False)
        states = outputs.last_hidden_state[turn, place]
        whole = states.new_zeros(len(flat), states.shape[1]).index_put((shown,), states)
        outputs.last_hidden_state = whole.view(*input_ids.shape, -1)
        return outputs

    backbone.forward = forward


def sequence(
    played: Played, encode: Callable[[str], list[int]], boundary: Boundary
) -> tuple[list[int], list[int], list[int]]:
    """An episode as its first prompt's ids, the ids after it, and a 1 for each of those that the model wrote.

    What a model writes after writing the boundary itself, which passes for a new turn, is not learnt from.
    """
    before = [] if boundary.seen else [boundary.token]
    after, mask = list[int](), list[int]()
    for number, turn in enumerate(played.turns):
        shown = [*before, *encode(turn.prompt)] if number else []
        counted = turn.ids.index(boundary.token) + 1 if boundary.token in turn.ids else len(turn.ids)
        after += [*shown, *turn.ids]
        mask += [0] * len(shown) + [1] * counted + [0] * (len(turn.ids) - counted)
    return [*before, *encode(played.turns[0].prompt)], after, mask


class _Rollouts:
    """Plays the tasks of a batch with the trainer's weights, on the engine that evolution uses too."""

    def __init__(self, model: str, settings: GrpoSettings, tokenizer: Any) -> None:
        self.settings, self.trained = settings, Trained()
        self.engine = TorchEngine(model_path(model))
        self._encode = lambda text: list(tokenizer.encode(text))
        self._boundary = Boundary.of(tokenizer)

    def load(self, module: PreTrainedModel) -> dict[str, torch.Tensor]:
        """Give the engine the trainer's weights; returns a copy of them by the checkpoint's names."""
        stored = self.engine.checkpoint.stored
        weights = {stored[name]: tensor.detach().clone() for name, tensor in module.named_parameters()}
        self.engine.set_weights(weights)
        return weights

    def __call__(self, prompts: list[str], trainer: Any) -> dict[str, Any]:
        settings, trained = self.settings, self.trained
        self.load(trainer.accelerator.unwrap_model(trainer.model))
        tasks = [env_class(settings.env).make_task(int(seed), settings.level, "train") for seed in prompts]
        draw = int.from_bytes(digest("grpo", settings.seed, trained.sequences, size=6), "big")
        played = play(self.engine, tasks, 1.0, draw, settings.prompt)
        trained.sequences += len(played)
        trained.tokens += sum(one.episode.tokens for one in played)
        rows = [sequence(one, self._encode, self._boundary) for one in played]
        return {
            "prompt_ids": [row[0] for row in rows], "completion_ids": [row[1] for row in rows], "logprobs": None,
            "env_mask": [row[2] for row in rows], "score": [one.episode.score for one in played],
        }  # fmt: skip

    def validate(self, module: PreTrainedModel) -> None:
        """Add a point to the curve and keep the weights if they are the best so far."""
        weights, settings, trained = self.load(module), self.settings, self.trained
        tasks = tasks_of(settings.env, settings.level, "validation", settings.validation_episodes)
        score = success(play(self.engine, tasks, style=settings.prompt))
        if all(score > old for _, old in trained.curve):
            trained.best = weights
        trained.curve.append((trained.sequences, score))


class _Validation(TrainerCallback):
    def __init__(self, rollouts: _Rollouts) -> None:
        self._rollouts = rollouts

    def on_step_end(self, args: Any, state: Any, control: Any, **options: Any) -> None:
        settings = self._rollouts.settings
        if state.global_step * settings.batch % settings.validate_every == 0:
            self._rollouts.validate(options["model"])


def _scores(*, score: Sequence[float], **options: Any) -> list[float | None]:
    return list(score)


def train(model: str, settings: GrpoSettings, scratch: Path) -> Trained:
    """Train by GRPO; sequences, tokens, the validation curve and the best validated parameters.

    `scratch` is a folder that the trainer may write into.
    """
    os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"  # rollout_func is experimental; constraints.txt pins TRL
    from datasets import Dataset
    from transformers.trainer_callback import PrinterCallback
    from trl.trainer.grpo_config import GRPOConfig
    from trl.trainer.grpo_trainer import GRPOTrainer

    disable_progress_bar()
    torch.manual_seed(settings.seed)
    tokenizer = AutoTokenizer.from_pretrained(model_path(model))
    module = AutoModelForCausalLM.from_pretrained(model_path(model), dtype=torch.float32)
    memoryless(module, Boundary.of(tokenizer))
    rollouts = _Rollouts(model, settings, tokenizer)
    rollouts.validate(module)
    steps = settings.sequences // settings.batch
    drawn = [digest("grpo task", settings.seed, number, size=5) for number in range(steps * settings.batch)]
    tasks = Dataset.from_dict({"prompt": [str(int.from_bytes(one, "big")) for one in drawn]})
    slices = settings.batch // gcd(settings.batch, AT_ONCE)  # TRL plays a batch whole and divides by its tokens
    config = GRPOConfig(
        output_dir=str(scratch), use_cpu=True, bf16=False, seed=settings.seed, max_steps=steps,
        per_device_train_batch_size=settings.batch // slices, gradient_accumulation_steps=slices,
        num_generations=settings.group,
        learning_rate=settings.learning_rate, lr_scheduler_type="constant", beta=0.0, temperature=1.0,
        gradient_checkpointing=False, save_strategy="no", logging_strategy="no", report_to=[], disable_tqdm=True,
    )  # fmt: skip
    trainer = GRPOTrainer(
        module, reward_funcs=_scores, args=config, train_dataset=tasks, processing_class=tokenizer,
        rollout_func=rollouts, callbacks=[_Validation(rollouts)],
    )  # fmt: skip
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    return rollouts.trained
