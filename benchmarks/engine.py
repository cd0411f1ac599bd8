"""Measures the torch engine: tokens a CPU second with noise, without, and by the published loop; memory; bookkeeping.

    python benchmarks/engine.py [--model DIR] [--env sudoku] [--mode steps|answer] [--shots N] [--json FILE]

First a population plays the environment and every prompt is kept. Then the same prompts are answered again and
again, variants interleaved, in one process with one thread. A rate counts every token of prompts and completions,
whether it was computed or found in a cache, so that all variants have the same numerator.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
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

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))
from _tables import ROOT, machine, write_between

from esreason.core.registry import env_class
from esreason.engines.base import Completion, Request
from esreason.engines.torch_engine import TorchEngine
from esreason.es.noise import CENTRE, Member, Noise
from esreason.es.update import StepRule, Update
from esreason.models import model_path
from esreason.rollout.driver import Driver
from esreason.rollout.prompts import Prompts, Style
from esreason.rollout.unit import split

Turns = list[list[Request]]


@dataclass(slots=True)
class Unit:
    """What a unit's episodes asked, turn by turn."""

    members: tuple[Member, ...]
    episodes: int
    turns: Turns = field(default_factory=list)


class Recorder:
    """An engine that keeps what it is asked."""

    def __init__(self, engine: TorchEngine) -> None:
        self.engine = engine
        self.capacity, self.chat, self.context = engine.capacity, engine.chat, engine.context
        self.units: list[Unit] = []

    def load(self, members: Any, episodes: int) -> None:
        self.units.append(Unit(tuple(members), episodes))
        self.engine.load(members, episodes)

    def generate(self, requests: Any) -> list[Completion]:
        self.units[-1].turns.append(list(requests))
        return self.engine.generate(requests)


@dataclass(slots=True)
class Tally:
    """What one variant said and cost."""

    seconds: float = 0.0
    said: int = 0
    texts: list[str] = field(default_factory=list)


def record(engine: TorchEngine, args: Any) -> list[Unit]:
    """The prompts of one iteration of a population."""
    style: Style = "few-shot" if args.shots else "plain"
    tasks = [env_class(args.env).make_task(seed, args.level, "train") for seed in range(args.episodes)]
    seeds = [s for i in range(1, args.population // 2 + 1) for s in (i, -i)]
    recorder = Recorder(engine)
    driver = Driver(Prompts(args.mode, style, args.shots))
    block = (args.members, args.episodes)
    for unit in split([Member(seed, args.sigma) for seed in seeds], tasks, block=block):
        driver.play(recorder, unit)
    return recorder.units


def population(engine: TorchEngine, units: list[Unit]) -> Tally:
    """A whole iteration: every unit of the population, and the update."""
    tally, start = Tally(), time.process_time()
    seeds: list[int] = []
    for unit in units:
        answer(engine, unit, unit.members, tally)
        seeds.extend(member.seed for member in unit.members)
    coefficients = tuple((i * 7919) % 2001 - 1000 for i in range(len(seeds)))
    # A step too small to change a weight: every repeat answers with the same model.
    engine.apply_update(Update(0, tuple(seeds), coefficients, 1e-15, 1e-6, engine.noise, StepRule()))
    tally.seconds = time.process_time() - start
    return tally


def centre(engine: TorchEngine, units: list[Unit]) -> Tally:
    """The same prompts, no member perturbed, no update."""
    tally, start = Tally(), time.process_time()
    for unit in units:
        answer(engine, unit, [CENTRE] * len(unit.members), tally)
    tally.seconds = time.process_time() - start
    return tally


def answer(engine: TorchEngine, unit: Unit, members: Any, tally: Tally) -> None:
    """A unit's prompts through the engine."""
    engine.load(members, unit.episodes)
    for requests in unit.turns:
        done = engine.generate(requests)
        tally.said += sum(completion.tokens_out for completion in done)
        tally.texts.extend(completion.text for completion in done)


def published(model: Any, tokenizer: Any, units: list[Unit], args: Any) -> Tally:
    """The published loop: add a member's noise to the weights, `generate` its episodes turn by turn, subtract it."""
    unit, tally, start = units[0], Tally(), time.process_time()
    ends = stops(model, tokenizer, unit)
    for number in range(args.published_members):
        shift(model, unit.members[number], 1.0)
        for requests in unit.turns:
            mine = [request for request in requests if request.member == number]
            if not mine:
                break
            batch = tokenizer([request.prompt for request in mine], return_tensors="pt", padding=True)
            most, width = mine[0].sampling.max_tokens, batch["input_ids"].shape[1]
            with torch.inference_mode():
                out = model.generate(
                    **batch, max_new_tokens=most, do_sample=False, eos_token_id=ends, pad_token_id=ends[0]
                )
            for row in out[:, width:].tolist():
                length = next((i + 1 for i, token in enumerate(row) if token in ends), len(row))
                tally.said += length
                tally.texts.append(tokenizer.decode(row[:length], skip_special_tokens=True).split("\n", 1)[0])
        shift(model, unit.members[number], -1.0)
    tally.seconds = time.process_time() - start
    return tally


def stops(model: Any, tokenizer: Any, unit: Unit) -> list[int]:
    """The end token, and the tokens that hold the stop string (transformers' own `stop_strings` would cost it more)."""
    stop = unit.turns[0][0].sampling.stop
    found = model.generation_config.eos_token_id
    ends = list(found) if isinstance(found, list) else [found]
    pieces = tokenizer.batch_decode([[token] for token in range(len(tokenizer))])
    return ends + [token for token, piece in enumerate(pieces) if stop and stop in piece]


def shift(model: Any, member: Member, sign: float) -> None:
    """Add or subtract a member's noise, drawn anew by torch: rank 1 on matrices, full on vectors."""
    generator = torch.Generator().manual_seed(abs(member.seed))
    amount = sign * member.amplitude
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                left = torch.randn(parameter.shape[0], 1, generator=generator)
                right = torch.randn(1, parameter.shape[1], generator=generator)
                parameter.add_((left @ right).to(parameter.dtype), alpha=amount)
            else:
                parameter.add_(torch.randn(parameter.shape, generator=generator).to(parameter.dtype), alpha=amount)


def prompt_tokens(units: list[Unit], encode: Callable[[str], list[int]], members: int | None = None) -> int:
    """Tokens of the prompts of all members, or of the first ones of the first unit."""
    count = cache(lambda prompt: len(encode(prompt)))
    chosen = units if members is None else units[:1]
    requests = (request for unit in chosen for turn in unit.turns for request in turn)
    return sum(count(r.prompt) for r in requests if members is None or r.member < members)


def inside(engine: TorchEngine, units: list[Unit]) -> dict[str, float]:
    """The share of an iteration outside of forward passes, and what those reach of a matrix product's rate."""
    decoder = engine._runner._decoder  # type: ignore[attr-defined]
    forward, seconds, tokens = decoder.forward, 0.0, 0

    def timed(*arguments: Any) -> torch.Tensor:
        nonlocal seconds, tokens
        start = time.process_time()
        out: torch.Tensor = forward(*arguments)
        seconds += time.process_time() - start
        tokens += arguments[0].numel()
        return out

    decoder.forward = timed
    total = population(engine, units).seconds
    decoder.forward = forward
    # The first stage holds embeddings and head, which most tokens do not pass through.
    layers = [linear.weight for stage in decoder.stages[1:] for linear in stage.linears.values()]
    work = 2.0 * tokens * sum(weight.numel() for weight in layers)
    return {
        "bookkeeping share": 1.0 - seconds / total,
        "forward over matrix product": work / seconds / product(max(layers, key=torch.Tensor.numel)),
    }


def product(weight: torch.Tensor) -> float:
    """Operations a second of the model's largest layer applied to 256 rows by torch alone."""
    rows = torch.randn(256, weight.shape[1], dtype=weight.dtype)
    repeats = max(10, int(2e9 / (rows.shape[0] * weight.numel())))
    start = time.process_time()
    for _ in range(repeats):
        torch.mm(rows, weight.t())
    return 2.0 * repeats * rows.shape[0] * weight.numel() / (time.process_time() - start)


def peak(variant: str) -> float:
    """Peak resident memory of one variant in a process of its own, in MB."""
    command = [sys.executable, __file__, *sys.argv[1:], "--peak", variant]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def table(rows: list[tuple[str, list[float]]]) -> str:
    """Medians with the range of the repeats."""
    lines = ["| what | median | range |", "|---|---|---|"]
    for name, values in rows:
        lines.append(f"| {name} | {statistics.median(values):.4g} | {min(values):.4g} - {max(values):.4g} |")
    return "\n".join(lines)


def settings() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", default="sprout")
    options.add_argument("--env", default="sudoku")
    options.add_argument("--mode", default="steps", choices=["steps", "answer"])
    options.add_argument("--shots", type=int, default=0)
    options.add_argument("--level", type=int, default=1)
    options.add_argument("--dtype", default="float32")
    options.add_argument("--noise", choices=["lowrank", "dense"], default="lowrank")
    options.add_argument("--rank", type=int, default=1)
    options.add_argument("--population", type=int, default=64)
    options.add_argument("--members", type=int, default=16)
    options.add_argument("--episodes", type=int, default=8)
    options.add_argument("--published-members", type=int, default=4, help="members of the published loop a repeat")
    options.add_argument("--sigma", type=float, default=0.025)
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--json", default="")
    options.add_argument("--docs", default="", metavar="NAME", help="write the table into docs/performance.md")
    options.add_argument("--skip", nargs="*", default=[], choices=["published", "memory"])
    options.add_argument("--peak", choices=["population", "centre"], help=argparse.SUPPRESS)
    return options.parse_args()


def make_engine(args: Any) -> TorchEngine:
    noise = Noise(args.noise, args.rank)
    return TorchEngine(model_path(args.model), noise=noise, dtype=args.dtype, capacity=args.members, threads=1)


def measure(args: Any) -> dict[str, list[float]]:
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    engine = make_engine(args)
    units = record(engine, args)
    tokenizer = AutoTokenizer.from_pretrained(model_path(args.model), padding_side="left")
    read, few = prompt_tokens(units, tokenizer.encode), args.published_members
    read_few = prompt_tokens(units, tokenizer.encode, few)
    model: Any = None
    if "published" not in args.skip:
        model = AutoModelForCausalLM.from_pretrained(model_path(args.model), dtype=getattr(torch, args.dtype)).eval()
    variants: dict[str, Callable[..., Tally]] = {"population": population, "centre": centre}
    figures: dict[str, list[float]] = {}
    for repeat in range(args.repeats + 1):  # the first warms up
        rates: dict[str, float] = {}
        for name in sorted(variants, reverse=bool(repeat % 2)):
            tally = variants[name](engine, units)
            rates[name] = (read + tally.said) / tally.seconds
        if model is not None:
            tally = published(model, tokenizer, units, args)
            rates["published"] = (read_few + tally.said) / tally.seconds
            rates["population over published"] = rates["population"] / rates["published"]
        rates["population over centre"] = rates["population"] / rates["centre"]
        rates |= inside(engine, units)
        if repeat:
            for name, value in rates.items():
                figures.setdefault(name, []).append(value)
    return figures


def publish(args: argparse.Namespace, figures: str) -> None:
    """Write a table into the docs, under a name of its own."""
    shape = f"{args.population} members in units of {args.members} x {args.episodes} episodes"
    head = (
        f"## The engine: {args.docs}\n\n`benchmarks/engine.py`, {date.today().isoformat()}; {machine()}, one thread. "
        f"`{args.model}` on `{args.env}` level {args.level} ({args.mode}, {args.shots} shots), {args.dtype}, "
        f"{args.noise} noise of rank {args.rank}, {shape}; tokens a CPU second, medians and range of {args.repeats} "
        "interleaved repeats; noise and update included.\n\n"
    )
    name = f"engine-{args.docs}".replace(" ", "-")
    write_between(ROOT / "docs" / "performance.md", name, head + figures, "Performance")


def main() -> None:
    args = settings()
    torch.set_num_threads(1)
    if args.peak:
        engine = make_engine(args)
        {"population": population, "centre": centre}[args.peak](engine, record(engine, args))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    figures = measure(args)
    if "memory" not in args.skip:
        peaks = {name: peak(name) for name in ("population", "centre")}
        figures |= {f"peak MB, {name}": [value] for name, value in peaks.items()}
        figures["peak population over centre"] = [peaks["population"] / peaks["centre"]]
    print(f"{args.model} on {args.env} ({args.mode}, {args.shots} shots), {args.dtype}, torch {torch.__version__}")
    print(table(sorted(figures.items())))
    if args.docs:
        publish(args, table(sorted(figures.items())))
    if args.json:
        kept = {key: value for key, value in vars(args).items() if key not in ("json", "peak")}
        Path(args.json).write_text(json.dumps({"settings": kept, "figures": figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
