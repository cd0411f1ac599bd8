"""Measures the GPU path on a model: tokens a second of a population over unperturbed, and bandwidths over a copy.

    python benchmarks/gpu.py --model DIR [--env sudoku] [--dtype bfloat16] [--population N] [--device cuda]

Writing a member reads the float32 centre and writes the model's dtype; an update reads and writes the centre. Both are
compared, bit for bit, with the CPU's. `--device cpu` tries the script out; its rates say nothing about a GPU.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

sys.path.insert(0, str(Path(__file__).resolve().parent))
import engine as single
import torch
from _costs import update_of
from _tables import machine, table

from esreason.engines.torch_checkpoint import open_checkpoint
from esreason.engines.torch_engine import TorchEngine
from esreason.engines.torch_written import write
from esreason.es.noise import CENTRE, Member, Noise
from esreason.es.update_centre import Centre
from esreason.models import model_path

MEMBER = Member(-(2**52) - 12_345, 0.01)
COPIED = 2**26  # float32 elements of the copy that bandwidths are compared with: 256 MB, more than any cache
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def seconds(device: torch.device, repeats: int, action: Callable[[], object]) -> float:
    """The median wall time of a call, work on the device included, after a first one that may compile."""
    taken = []
    for _ in range(repeats + 1):
        _settle(device)
        began = time.perf_counter()
        action()
        _settle(device)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


def _settle(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def copy_bandwidth(device: torch.device, repeats: int) -> float:
    """Bytes a second, read and written, of the device's own copy."""
    source = torch.ones(COPIED if device.type == "cuda" else COPIED // 8, device=device)
    target = torch.empty_like(source)
    return 2 * 4 * source.numel() / seconds(device, repeats, lambda: target.copy_(source))


def bandwidths(args: argparse.Namespace, device: torch.device) -> list[list[str]]:
    """Writing a dense member and applying updates: GB a second, over the copy's, and whether the bits are the CPU's."""
    copy = copy_bandwidth(device, args.repeats)
    dtype, size = DTYPES[args.dtype], DTYPES[args.dtype].itemsize
    here, there = open_checkpoint(model_path(args.model))[1], open_checkpoint(model_path(args.model))[1]
    there.to(device)
    out = {name: torch.empty(shape, dtype=dtype, device=device) for name, shape in there.shapes.items()}

    def all_written() -> None:
        for name, target in out.items():
            write(there, name, MEMBER, Noise("dense"), target)

    took = seconds(device, args.repeats, all_written)
    rows = [["copy", f"{copy / 1e9:.1f}", "1.00", ""]]
    rows.append(_row("a dense member written", there.size * (4 + size) / took, copy, _same_member(here, out)))
    for noise in (Noise("lowrank", args.rank), Noise("dense")):
        before = here.checksum()
        update = replace(update_of(args.population, noise), scale=1e-6, alpha=1e-3)  # large enough to move the weights
        took = seconds(device, args.repeats, partial(there.apply, update))
        here.replay([update] * (args.repeats + 1))
        name = f"an update of {args.population} {noise.kind} members"
        same = here.checksum() == there.checksum() != before
        rows.append(_row(name, there.size * 8 / took, copy, same))
    return rows


def _same_member(centre: Centre, written: dict[str, torch.Tensor]) -> bool:
    """Whether the CPU writes the same bits."""
    for name, target in written.items():
        expected = torch.empty(target.shape, dtype=target.dtype)
        write(centre, name, MEMBER, Noise("dense"), expected)
        if not torch.equal(expected.view(torch.uint8), target.cpu().view(torch.uint8)):
            return False
    return True


def _row(name: str, rate: float, copy: float, same: bool) -> list[str]:
    return [name, f"{rate / 1e9:.1f}", f"{rate / copy:.2f}", "yes" if same else "NO"]


def rates(args: argparse.Namespace, device: torch.device) -> list[list[str]]:
    """Tokens a second of wall time: the same prompts with every member perturbed, and with none."""
    rows = []
    for noise in (Noise("lowrank", args.rank), Noise("dense")):
        engine = TorchEngine(
            model_path(args.model), noise=noise, dtype=args.dtype, capacity=args.members, device=args.device
        )  # fmt: skip
        [unit] = single.record(engine, args)
        read = single.prompt_tokens([unit], _encoder(args.model))
        players = unit.members, (CENTRE,) * args.members
        perturbed, centre = (_rate(engine, unit, members, read, device, args.repeats) for members in players)
        rows.append([noise.kind, f"{centre:,.0f}", f"{perturbed:,.0f}", f"{perturbed / centre:.2f}"])
    return rows


def _rate(
    engine: TorchEngine, unit: single.Unit, members: Sequence[Member], read: int, device: torch.device, repeats: int
) -> float:
    """Tokens a second of a unit's prompts, `read` tokens long, answered by these members."""
    tally = single.Tally()
    took = seconds(device, repeats, lambda: single.answer(engine, unit, members, tally))
    return (read + tally.said / (repeats + 1)) / took


def _encoder(model: str) -> Callable[[str], list[int]]:
    from transformers import AutoTokenizer

    encode: Callable[[str], list[int]] = AutoTokenizer.from_pretrained(model_path(model)).encode
    return encode


def main() -> int:
    """Measure and print; 2 where there is no GPU."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", default="sprout")
    options.add_argument("--device", default="cuda")
    options.add_argument("--env", default="sudoku")
    options.add_argument("--level", type=int, default=1)
    options.add_argument("--mode", default="steps", choices=["steps", "answer"])
    options.add_argument("--shots", type=int, default=0)
    options.add_argument("--dtype", default="bfloat16", choices=list(DTYPES))
    options.add_argument("--rank", type=int, default=1)
    options.add_argument("--population", type=int, default=64, help="members of an update")
    options.add_argument("--members", type=int, default=16, help="members that play at once")
    options.add_argument("--episodes", type=int, default=8)
    options.add_argument("--sigma", type=float, default=0.01)
    options.add_argument("--repeats", type=int, default=5)
    args = options.parse_args()
    device = torch.device(args.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        sys.stderr.write("benchmarks/gpu.py: torch sees no CUDA device here; --device cpu tries the script out\n")
        return 2
    where = torch.cuda.get_device_name(device) if device.type == "cuda" else f"{machine()}, one thread: no GPU"
    print(f"{args.model} on {where}, {args.dtype}, torch {torch.__version__}; medians of {args.repeats} repeats\n")
    print(table(["pass over memory", "GB/s", "over copy", "the CPU's bits"], bandwidths(args, device)), end="\n\n")
    args.population = args.members  # one unit
    print(table(["noise", "tokens/s unperturbed", "population", "population over unperturbed"], rates(args, device)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
