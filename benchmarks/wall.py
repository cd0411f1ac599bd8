"""Measures tokens a second of wall time with every core in use: a pool of workers against the published loop.

    python benchmarks/wall.py [--model DIR] [--env sudoku] [--mode steps|answer] [--shots N] [--docs NAME]

The pool plays a whole iteration of `esreason run`, environments and update included. The published loop writes a
member's weights, answers the same prompts by `transformers.generate` turn by turn, on as many torch threads as there
are cores, and restores them; its environments cost it nothing here. The two alternate. Run it on an idle machine.
"""

from __future__ import annotations

import os

os.environ.pop("OMP_NUM_THREADS", None)  # the published loop is given all cores; the pool sets its own

import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import engine as single
import torch
from _tables import ROOT, machine, write_between

from esreason.core.registry import env_class
from esreason.es.config import RunConfig, make_config
from esreason.es.noise import Member
from esreason.es.update import StepRule, Update
from esreason.executors.local import LocalPool
from esreason.models import model_path
from esreason.rollout.unit import split


def config_of(args: Any) -> RunConfig:
    """The settings of a run that plays what the published loop plays."""
    return make_config({
        "env": args.env, "model": args.model, "level": args.level, "mode": args.mode, "shots": args.shots,
        "prompt": "few-shot" if args.shots else "plain", "noise": args.noise, "rank": args.rank, "dtype": args.dtype,
        "population": args.population, "tasks": args.episodes,
    })  # fmt: skip


def pooled(pool: LocalPool, args: Any, seeds: list[int], read: int) -> float:
    """Tokens a second of wall time of one iteration whose prompts have `read` tokens, found in a cache or not."""
    env = env_class(args.env)
    tasks = [env.make_task(seed, args.level, "train") for seed in range(args.episodes)]
    noise = single.Noise(args.noise, args.rank)
    began = time.perf_counter()
    units = split([Member(seed, args.sigma) for seed in seeds], tasks)
    said = sum(e.tokens_out for _, rows in pool.play(list(units)) for row in rows for e in row)
    coefficients = tuple((i * 7919) % 2001 - 1000 for i in range(len(seeds)))
    pool.update(Update(0, tuple(seeds), coefficients, 1e-15, 1e-6, noise, StepRule()))
    return (read + said) / (time.perf_counter() - began)


def main() -> None:
    """Measure, print, and write the table where `--docs` names one."""
    args = single.settings()
    cores = len(os.sched_getaffinity(0))
    seeds = [s for i in range(1, args.population // 2 + 1) for s in (i, -i)]
    torch.set_num_threads(1)
    units = single.record(single.make_engine(args), args)
    torch.set_num_threads(cores)
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model_path(args.model), padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(model_path(args.model), dtype=getattr(torch, args.dtype)).eval()
    read = single.prompt_tokens(units, tokenizer.encode)
    read_few = single.prompt_tokens(units, tokenizer.encode, args.published_members)
    pool = LocalPool(config_of(args), cores)
    found: dict[str, list[float]] = {"pool": [], "published": [], "pool over published": []}
    try:
        for repeat in range(args.repeats + 1):  # the first warms up
            mine = pooled(pool, args, seeds, read)
            began = time.perf_counter()
            tally = single.published(model, tokenizer, units, args)
            theirs = (read_few + tally.said) / (time.perf_counter() - began)
            if repeat:
                for name, value in zip(found, (mine, theirs, mine / theirs), strict=True):
                    found[name].append(value)
    finally:
        pool.close()
    text = single.table(list(found.items()))
    print(text)
    if args.docs:
        head = (
            f"## Wall time: {args.docs}\n\n`benchmarks/wall.py`, {date.today().isoformat()}; {machine()}, all cores on "
            f"each side. `{args.model}` on `{args.env}` level {args.level} ({args.mode}, {args.shots} shots), "
            f"{args.dtype}, {args.population} members x {args.episodes} tasks; tokens a second, medians and range of "
            f"{args.repeats} alternating repeats.\n\n"
        )
        name = f"wall-{args.docs}".replace(" ", "-")
        write_between(ROOT / "docs" / "performance.md", name, head + text, "Performance")


if __name__ == "__main__":
    main()
