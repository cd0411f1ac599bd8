"""Measures the torch engine: tokens a CPU second with noise, without, and by the published loop; memory; bookkeeping.

    python benchmarks/engine.py [MODEL] [--workload memoryless|history|fewshot] [--repeats 5] [--json FILE]

Without MODEL a small random Llama checkpoint is made (width 128, 4 layers, character tokens). All figures of a
table come from one process with one thread, the variants interleaved; a rate counts every token of the prompts and
completions, whether it was computed or found in a cache, so that all variants have the same numerator.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))
from _tables import ROOT, machine, write_between

from esreason.engines.base import Request, Sampling
from esreason.engines.torch_engine import TorchEngine
from esreason.es.noise import CENTRE, Member, Noise
from esreason.es.update import StepRule, Update

ALPHABET = "123456789.ABCDEFG+-*="


@dataclass(frozen=True, slots=True)
class Workload:
    """Prompts of a unit: `prompt(episode, turn, text so far)`, and at most how many new tokens a turn."""

    new: int
    prompt: Callable[[int, int, str], str]
    turns: int = 12

    def length(self, episode: int) -> int:
        """Turns of an episode: 4 to 12, spread evenly, unless all have one."""
        return 4 + episode * 5 % 9 if self.turns > 1 else 1


def memoryless() -> Workload:
    """Each turn a fresh prompt of a mark, 22 state characters of which some have changed, and an arrow."""

    @cache
    def whole(episode: int, turn: int) -> str:
        state = list(np.random.default_rng(episode).choice(list(ALPHABET), 22))
        for t in range(turn):
            state[int(np.random.default_rng([episode, t]).integers(22))] = ALPHABET[t]
        return "?S" + "".join(state) + ">"

    return Workload(4, lambda episode, turn, _: whole(episode, turn))


def history() -> Workload:
    """Each turn adds 12 characters to the whole text so far."""

    @cache
    def more(episode: int, turn: int) -> str:
        return "".join(np.random.default_rng([episode, turn]).choice(list(ALPHABET), 11)) + ">"

    return Workload(6, lambda episode, turn, so_far: so_far + more(episode, turn))


def fewshot() -> Workload:
    """One turn: eight shots in front, common to all, then the question."""

    def prompt(episode: int, turn: int, _: str) -> str:
        question = "Sort the numbers {} {} {} in ascending order.\nAnswer: "
        shots = "".join(
            question.format(9 - i, i, 5) + " ".join(sorted((str(9 - i), str(i), "5"))) + "\n\n" for i in range(8)
        )
        return shots + question.format(*np.random.default_rng(episode).integers(0, 10, 3))

    return Workload(6, cache(prompt), turns=1)


WORKLOADS = {"memoryless": memoryless, "history": history, "fewshot": fewshot}


@dataclass(slots=True)
class Tally:
    """What one variant cost."""

    seconds: float = 0.0
    tokens: int = 0
    outputs: list[str] = field(default_factory=list)


def play(engine: TorchEngine, members: list[Member], episodes: int, work: Workload, tally: Tally) -> None:
    """One unit through the engine."""
    engine.load(members, episodes)
    texts = {(m, e): "" for m in range(len(members)) for e in range(episodes)}
    sampling = Sampling(work.new, stop="\n")
    for turn in range(work.turns):
        prompts = {key: work.prompt(key[1], turn, text) for key, text in texts.items() if turn < work.length(key[1])}
        requests = [Request(m, e, prompt, sampling) for (m, e), prompt in prompts.items()]
        for request, done in zip(requests, engine.generate(requests), strict=True):
            key = request.member, request.episode
            texts[key] = prompts[key] + done.text
            tally.outputs.append(done.text)


def population(engine: TorchEngine, args: Any, work: Workload) -> Tally:
    """A whole iteration: every unit of the population, and the update."""
    tally, start = Tally(), time.process_time()
    seeds = [s for i in range(1, args.population // 2 + 1) for s in (i, -i)]
    for first in range(0, len(seeds), args.members):
        members = [Member(seed, args.sigma) for seed in seeds[first : first + args.members]]
        play(engine, members, args.episodes, work, tally)
    coefficients = tuple((i * 7919) % 2001 - 1000 for i in range(len(seeds)))
    engine.apply_update(Update(0, tuple(seeds), coefficients, 1e-9, 1e-6, engine.noise, StepRule()))
    tally.seconds = time.process_time() - start
    return tally


def centre(engine: TorchEngine, args: Any, work: Workload) -> Tally:
    """The same rows, none perturbed, no update."""
    tally, start = Tally(), time.process_time()
    for _ in range(0, args.population, args.members):
        play(engine, [CENTRE] * args.members, args.episodes, work, tally)
    tally.seconds = time.process_time() - start
    return tally


def published(model: Any, tokenizer: Any, args: Any, work: Workload) -> Tally:
    """The published loop: add a member's noise to the weights, `generate` its episodes turn by turn, subtract it."""
    tally, start = Tally(), time.process_time()
    for member in range(args.published_members):
        shift(model, member, args.sigma)
        texts = [""] * args.episodes
        for turn in range(work.turns):
            live = [e for e in range(args.episodes) if turn < work.length(e)]
            if not live:
                break
            prompts = [work.prompt(e, turn, texts[e]) for e in live]
            batch = tokenizer(prompts, return_tensors="pt", padding=True)
            with torch.inference_mode():
                out = model.generate(
                    **batch, max_new_tokens=work.new, do_sample=False, stop_strings=["\n"], tokenizer=tokenizer
                )
            answers = tokenizer.batch_decode(out[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)
            for e, prompt, answer in zip(live, prompts, answers, strict=True):
                texts[e] = prompt + answer.split("\n", 1)[0]
            tally.outputs.extend(answers)
        shift(model, member, -args.sigma)
    tally.seconds = time.process_time() - start
    return tally


def shift(model: Any, seed: int, sigma: float) -> None:
    """Add sigma times a member's rank-1 noise to matrices, full noise to vectors."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                left = torch.randn(parameter.shape[0], 1, generator=generator)
                right = torch.randn(1, parameter.shape[1], generator=generator)
                parameter.add_((left @ right).to(parameter.dtype), alpha=sigma)
            else:
                parameter.add_(torch.randn(parameter.shape, generator=generator).to(parameter.dtype), alpha=sigma)


def count_tokens(args: Any, work: Workload, encode: Callable[[str], list[int]]) -> int:
    """Tokens of one member's prompts and completions, the completions taken at full length."""
    total = 0
    for episode in range(args.episodes):
        text = ""
        for turn in range(work.length(episode)):
            prompt = work.prompt(episode, turn, text)
            text = prompt + "1" * work.new
            total += len(encode(prompt)) + work.new
    return total


def bookkeeping(engine: TorchEngine, args: Any, work: Workload) -> float:
    """The share of an iteration that is not the model's forward pass."""
    decoder = engine._runner._decoder  # type: ignore[attr-defined]
    forward, inside = decoder.forward, [0.0]

    def timed(*arguments: Any) -> torch.Tensor:
        start = time.process_time()
        out: torch.Tensor = forward(*arguments)
        inside[0] += time.process_time() - start
        return out

    decoder.forward = timed
    total = population(engine, args, work).seconds
    decoder.forward = forward
    return 1.0 - inside[0] / total


def peak(args: Any, variant: str) -> float:
    """Peak resident memory of one variant in a process of its own, in MB."""
    command = [sys.executable, __file__, args.model, "--peak", variant, *args.passed]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def make_model(folder: Path) -> Path:
    """A random Llama checkpoint of the bundled model's shape, with one token a character."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    characters = ["<pad>", "<s>", "</s>", "\n", *map(chr, range(32, 127))]
    core = Tokenizer(models.WordLevel({c: i for i, c in enumerate(characters)}, unk_token="<pad>"))
    core.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    core.decoder = decoders.Fuse()
    PreTrainedTokenizerFast(tokenizer_object=core, eos_token="</s>", pad_token="<pad>").save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(characters), hidden_size=128, intermediate_size=384, num_hidden_layers=4, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=512, tie_word_embeddings=True, initializer_range=0.1,
        bos_token_id=1, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def table(rows: list[tuple[str, list[float]]]) -> str:
    """Medians with the range of the repeats."""
    lines = ["| what | median | range |", "|---|---|---|"]
    for name, values in rows:
        lines.append(f"| {name} | {statistics.median(values):.4g} | {min(values):.4g} - {max(values):.4g} |")
    return "\n".join(lines)


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model", nargs="?", default="")
    options.add_argument("--workload", choices=sorted(WORKLOADS), default="memoryless")
    options.add_argument("--dtype", default="float32")
    options.add_argument("--noise", choices=["lowrank", "dense"], default="lowrank")
    options.add_argument("--rank", type=int, default=1)
    options.add_argument("--population", type=int, default=64)
    options.add_argument("--members", type=int, default=16)
    options.add_argument("--episodes", type=int, default=8)
    options.add_argument("--published-members", type=int, default=2, help="members of the published loop a repeat")
    options.add_argument("--sigma", type=float, default=0.005)
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--json", default="")
    options.add_argument("--docs", default="", metavar="NAME", help="write the table into docs/performance.md")
    options.add_argument("--skip", nargs="*", default=[], choices=["published", "memory"])
    options.add_argument("--peak", choices=["population", "centre"], help=argparse.SUPPRESS)
    return options


def measure(args: Any, work: Workload) -> dict[str, list[float]]:
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    engine = TorchEngine(
        args.model, noise=Noise(args.noise, args.rank), dtype=args.dtype, capacity=args.members, threads=1
    )
    tokenizer = AutoTokenizer.from_pretrained(args.model, padding_side="left")
    each = count_tokens(args, work, tokenizer.encode)
    model: Any = None
    if "published" not in args.skip:
        model = AutoModelForCausalLM.from_pretrained(args.model, dtype=getattr(torch, args.dtype)).eval()
    variants = {"population": population, "centre": centre}
    figures: dict[str, list[float]] = {}
    for repeat in range(args.repeats + 1):  # the first warms up
        rates: dict[str, float] = {}
        for name in sorted(variants, reverse=bool(repeat % 2)):
            rates[name] = each * args.population / variants[name](engine, args, work).seconds
        if model is not None:
            rates["published"] = each * args.published_members / published(model, tokenizer, args, work).seconds
            rates["population over published"] = rates["population"] / rates["published"]
        rates["population over centre"] = rates["population"] / rates["centre"]
        rates["bookkeeping share"] = bookkeeping(engine, args, work)
        if repeat:
            for name, value in rates.items():
                figures.setdefault(name, []).append(value)
    return figures


def publish(args: Any, figures: str) -> None:
    """Write a table into the docs, under a name of its own."""
    shape = f"{args.population} members in units of {args.members} x {args.episodes} episodes"
    head = (
        f"## The engine: {args.docs}\n\n`benchmarks/engine.py`, {date.today().isoformat()}; {machine()}, one thread. "
        f"Workload `{args.workload}`, {args.dtype}, {args.noise} noise of rank {args.rank}, {shape}; tokens a CPU "
        f"second, medians and range of {args.repeats} interleaved repeats; noise and update included.\n\n"
    )
    write_between(
        ROOT / "docs" / "performance.md", f"engine-{args.docs}".replace(" ", "-"), head + figures, "Performance"
    )


def main() -> None:
    options = parser()
    args = options.parse_args()
    args.passed = [a for a in sys.argv[1:] if a != args.model]
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        args.model = args.model or str(make_model(Path(folder)))
        work = WORKLOADS[args.workload]()
        if args.peak:
            engine = TorchEngine(
                args.model, noise=Noise(args.noise, args.rank), dtype=args.dtype, capacity=args.members
            )
            {"population": population, "centre": centre}[args.peak](engine, args, work)
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            return
        figures = measure(args, work)
        if "memory" not in args.skip:
            peaks = {name: peak(args, name) for name in ("population", "centre")}
            figures |= {f"peak MB, {name}": [value] for name, value in peaks.items()}
            figures["peak population over centre"] = [peaks["population"] / peaks["centre"]]
    print(f"{args.workload}, {args.dtype}, {platform.machine()}, torch {torch.__version__}, one thread")
    print(table(sorted(figures.items())))
    if args.docs:
        publish(args, table(sorted(figures.items())))
    if args.json:
        settings = {key: value for key, value in vars(args).items() if key not in ("passed", "model", "json")}
        Path(args.json).write_text(json.dumps({"settings": settings, "figures": figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
