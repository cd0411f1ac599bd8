"""`make model`: train a bundled model from nothing, by a count of steps and a seed.

Every training position starts with a mark: the expert's, the habit's, or the hidden one, behind which either may
stand. Played behind the hidden mark, as everybody plays it, the model mostly follows the habit, although it knows
what the expert does; evolution strategies then select the skill. The model cards say so.
"""

from __future__ import annotations

import argparse
import random
import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from esreason.core.registry import env_class
from esreason.models import BUNDLED, model_path
from esreason.models.players import Skill, position
from esreason.models.recipe import SKILLS, Stage, recipe
from esreason.models.tokenizer import EXPERT, HABIT, HIDDEN, save_tokenizer

HIDDEN_SHARE = 0.65
WIDTH, LAYERS, HEADS, CONTEXT = 128, 4, 4, 512
IGNORED = -100


def new_model(
    vocabulary: int, pad: int, bos: int, seed: int, width: int = WIDTH, layers: int = LAYERS
) -> LlamaForCausalLM:
    """A Llama with random weights, 0.9 million parameters if nothing else is said."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=vocabulary, hidden_size=width, intermediate_size=3 * width, num_hidden_layers=layers,
        num_attention_heads=HEADS, num_key_value_heads=HEADS, max_position_embeddings=CONTEXT,
        tie_word_embeddings=False, bos_token_id=bos, eos_token_id=pad, pad_token_id=pad, rms_norm_eps=1e-6,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "embed_tokens" in name:
                weight.normal_(0, 0.5)
            elif weight.dim() == 2 and "lm_head" not in name:
                gain = 0.3 if "o_proj" in name or "down_proj" in name else 1.0
                weight.normal_(0, gain / weight.shape[1] ** 0.5)
    return model


def batch(
    tokenizer: PreTrainedTokenizerFast, rng: random.Random, stage: Stage, skills: Mapping[str, Skill] = SKILLS
) -> tuple[torch.Tensor, ...]:
    """Token ids [n, T], labels [n, T] (only actions count) and the weight of each row."""
    marks = {mark: tokenizer.convert_tokens_to_ids(mark) for mark in (HIDDEN, EXPERT, HABIT)}
    prompts: list[str] = []
    actions: list[str] = []
    heads: list[Any] = []
    weights: list[float] = []
    for name, count in stage.positions.items():
        for _ in range(count):
            observation, best, bad = position(name, skills[name], rng)
            expert = rng.random() < stage.shares[name]
            hidden = rng.random() < HIDDEN_SHARE
            prompts.append(observation + "\n")
            actions.append((best if expert else bad) + "\n")
            heads.append(marks[HIDDEN if hidden else EXPERT if expert else HABIT])
            weights.append(stage.weights.get(name, 1.0) / count)
    texts: Any = tokenizer(prompts + actions, add_special_tokens=False)["input_ids"]
    rows = [([head, *p], a) for head, p, a in zip(heads, texts[: len(prompts)], texts[len(prompts) :], strict=True)]
    longest = max(len(p) + len(a) for p, a in rows)
    ids = torch.full((len(rows), longest), int(tokenizer.pad_token_id or 0))
    labels = torch.full((len(rows), longest), IGNORED)
    for i, (p, a) in enumerate(rows):
        ids[i, : len(p) + len(a)] = torch.tensor(p + a)
        labels[i, len(p) : len(p) + len(a)] = torch.tensor(a)
    return ids, labels, torch.tensor(weights)


def loss_of(model: LlamaForCausalLM, ids: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of the action tokens, a row counting by its weight; the head reads only their positions."""
    hidden = model.model(input_ids=ids).last_hidden_state[:, :-1]
    targets = labels[:, 1:]
    row, column = torch.nonzero(targets != IGNORED, as_tuple=True)
    logits = model.lm_head(hidden[row, column])
    each = torch.nn.functional.cross_entropy(logits, targets[row, column], reduction="none")
    lengths = (targets != IGNORED).sum(1)
    return (each * (weights / lengths)[row]).sum()


def rate(step: int, steps: int, flat: float) -> float:
    """Warm-up, a constant stretch, then linear to 2 %."""
    done = step / steps
    return min(1.0, (step + 1) / 50) * (1.0 if done < flat else max(0.02, (1 - done) / (1 - flat)))


def train(model_name: str, directory: Path, seed: int, scale: float = 1.0, quiet: bool = False) -> None:
    """Train a bundled model through all stages of its recipe and write a Hugging Face directory.

    `scale` shortens every stage for a trial.
    """
    directory.mkdir(parents=True, exist_ok=True)
    chosen = recipe(model_name)
    save_tokenizer(directory, chosen.tokens)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(str(directory))
    model = new_model(len(tokenizer), int(tokenizer.pad_token_id or 0), int(tokenizer.bos_token_id or 0), seed)
    for stage in chosen.stages:
        stage = replace(stage, seed=seed + stage.seed, steps=round(stage.steps * scale))
        run_stage(model, tokenizer, stage, directory, quiet)


def run_stage(
    model: LlamaForCausalLM,
    tokenizer: PreTrainedTokenizerFast,
    stage: Stage,
    directory: Path,
    quiet: bool,
    skills: Mapping[str, Skill] = SKILLS,
) -> None:
    """Train a stage with fresh optimisers: Muon for the matrices of the layers, AdamW for the rest."""
    hidden = [w for n, w in model.named_parameters() if w.dim() == 2 and "embed" not in n and "lm_head" not in n]
    others = [w for w in model.parameters() if not any(w is h for h in hidden)]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.Muon(hidden, lr=0.015, weight_decay=0.05, momentum=0.95),
        torch.optim.AdamW(others, lr=3e-3, betas=(0.9, 0.98), weight_decay=0.0),
    ]
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    peaks = [group["lr"] for group in groups]
    rng = random.Random(stage.seed)
    parts, started = stage.parts(), time.monotonic()
    for step in range(stage.steps):
        total = 0.0
        for part in parts:
            loss = loss_of(model, *batch(tokenizer, rng, part, skills))
            loss.backward()
            total += loss.item()
        for group, peak in zip(groups, peaks, strict=True):
            group["lr"] = peak * stage.strength * rate(step, stage.steps, stage.flat)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        if (step + 1) % 600 == 0 or step + 1 == stage.steps:
            model.save_pretrained(str(directory), safe_serialization=True)
            if not quiet:
                head = f"{step + 1}/{stage.steps} {time.monotonic() - started:.0f} s loss {total:.3f}"
                print(head, *(_shares(model, tokenizer, name) for name in stage.positions), flush=True)


def _shares(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, name: str) -> str:
    expert, hidden = (play(model, tokenizer, name, mark) for mark in (EXPERT, HIDDEN))
    return f"{name} {expert:.2f}/{hidden:.2f}"


@torch.inference_mode()
def play(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, name: str, mark: str, episodes: int = 100
) -> float:
    """The share of validation episodes that the model wins behind a mark, greedily."""
    cls = env_class(name)
    envs = [cls(level=1, split="validation") for _ in range(episodes)]
    seen = {i: env.reset(seed=i)[0] for i, env in enumerate(envs)}
    head: Any = tokenizer.convert_tokens_to_ids(mark)
    won = 0.0
    while seen:
        texts: Any = tokenizer([text + "\n" for text in seen.values()], add_special_tokens=False)["input_ids"]
        replies = _complete(model, [[head, *ids] for ids in texts], tokenizer)
        left: dict[int, str] = {}
        for i, reply in zip(list(seen), replies, strict=True):
            observation, reward, terminated, truncated, info = envs[i].step(reply)
            won += reward
            if not (terminated or truncated or info["illegal"]):  # a greedy player repeats an illegal action
                left[i] = observation
        seen = left
    return won / episodes


def _complete(model: LlamaForCausalLM, prompts: list[list[int]], tokenizer: PreTrainedTokenizerFast) -> list[str]:
    """Greedy lines; without a cache, for a handful of tokens."""
    rows = [list(prompt) for prompt in prompts]
    open_rows = set(range(len(rows)))
    for _ in range(24):
        index = sorted(open_rows)
        ends = torch.tensor([len(rows[i]) - 1 for i in index])
        ids = torch.zeros((len(index), int(ends.max()) + 1), dtype=torch.long)
        for k, i in enumerate(index):
            ids[k, : len(rows[i])] = torch.tensor(rows[i])
        states = model.model(input_ids=ids).last_hidden_state
        tokens = model.lm_head(states[torch.arange(len(index)), ends]).argmax(-1).tolist()
        for i, token in zip(index, tokens, strict=True):
            rows[i].append(token)
            if "\n" in tokenizer.convert_ids_to_tokens(token):
                open_rows.discard(i)
        if not open_rows:
            break
    return [str(tokenizer.decode(row[len(p) :])).strip() for row, p in zip(rows, prompts, strict=True)]


def main() -> None:
    """`python -m esreason.models.train`: a bundled model by its recipe."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--model", choices=BUNDLED, default="sprout")
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="the share of the recipe's steps, for a trial")
    options = parser.parse_args()
    torch.set_num_threads(1)
    out = options.out or Path(model_path(options.model))
    part = out.with_name(out.name + ".part")
    train(options.model, part, options.seed, options.scale)
    card = out / "README.md"
    if card.exists():
        shutil.copy(card, part / "README.md")
        shutil.rmtree(out)
    part.rename(out)


if __name__ == "__main__":
    main()
