"""The Triton kernels against the operations of the CPU, bit for bit: on a GPU, or in Triton's interpreter.

The interpreter takes tensors of the CPU; it is chosen by TRITON_INTERPRET=1 before Triton is imported.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from esreason.engines import torch_written
from esreason.es import update_centre, update_kernels
from esreason.es.noise import Member, Noise, normals
from esreason.es.update import StepRule, Update
from esreason.es.update_centre import Centre

INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
if find_spec("triton") is None:
    pytest.skip("Triton is not installed here (make test-triton)", allow_module_level=True)
if not INTERPRETED and not torch.cuda.is_available():
    pytest.skip("no CUDA device, and Triton does not interpret (make test-triton)", allow_module_level=True)

from esreason.es import update_triton  # noqa: E402  the interpreter is chosen before

DEVICE = torch.device("cpu" if INTERPRETED else "cuda")
SHAPES = {"matrix": (37, 53), "tall": (130, 5), "conv": (6, 2, 3), "norm": (1_030,), "one": (1,), "none": (0, 4)}
DTYPES = [torch.float32, torch.bfloat16, torch.float16]
NOISES = [Noise("dense"), Noise("lowrank", 1), Noise("lowrank", 3)]


def parameters() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(7)
    return {name: torch.randn(shape, generator=generator) for name, shape in SHAPES.items()}


def update(noise: Noise, members: int = 10, **changes: Any) -> Update:
    random = np.random.default_rng(members)
    seeds = [int(s) for s in random.integers(1, 2**53, members // 2)]
    coefficients = tuple(int(c) for c in random.integers(-131_071, 131_072, members))
    pairs = tuple(seed for each in seeds for seed in (each, -each))
    return Update(0, pairs, coefficients, 1e-6, 0.013, noise, StepRule(**changes))


@pytest.fixture
def with_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a CUDA device has by itself, for the CPU's tensors too."""
    if INTERPRETED:
        for module in (update_kernels, update_centre, torch_written):
            monkeypatch.setattr(module, "kernels_for", lambda device: update_triton)


def test_the_kernels_run_where_they_should() -> None:
    assert update_triton.interpreted() is INTERPRETED


@pytest.mark.parametrize("seed", [1, 2**53 - 1, -12_345])
@pytest.mark.parametrize("name", ["model.embed_tokens.weight", "a:A", "ü"])
def test_the_noise_is_numpys(seed: int, name: str) -> None:
    """Over a centre of zeros and with amplitude 1 what is written are the integers themselves."""
    out = torch.empty(2_500, device=DEVICE)
    update_triton.write(torch.zeros(2_500, device=DEVICE), name, seed, 1.0, out)
    assert np.array_equal(out.cpu().numpy(), normals(seed, name, 0, 2_500).astype(np.float32))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", SHAPES)
def test_a_member_is_written_with_the_same_bits(name: str, dtype: torch.dtype, request: pytest.FixtureRequest) -> None:
    centre, member = Centre(parameters()), Member(-987_654_321, 0.013)
    expected = torch.empty(SHAPES[name], dtype=dtype)
    torch_written.write(centre, name, member, Noise("dense"), expected)
    request.getfixturevalue("with_kernels")
    centre.to(DEVICE)
    written = torch.full(SHAPES[name], torch.nan, dtype=dtype, device=DEVICE)
    torch_written.write(centre, name, member, Noise("dense"), written)
    assert torch.equal(written.cpu(), expected)
    if expected.numel() > 1:
        assert not torch.equal(written.cpu(), centre.tensor(name).to(dtype))


def test_every_bfloat16_is_rounded_to_nearest_even() -> None:
    """Each float32 half way between two neighbours, and a bit beside it."""
    halves = (torch.arange(0x0001, 0x7F7F, 97, dtype=torch.int32) << 16) | 0x8000
    bits = torch.cat([halves - 1, halves, halves + 1])
    value = torch.cat([bits.view(torch.float32), -bits.view(torch.float32)])
    out = torch.empty(len(value), dtype=torch.bfloat16, device=DEVICE)
    update_triton.write(value.to(DEVICE), "x", 1, 0.0, out)
    assert torch.equal(out.cpu(), value.to(torch.bfloat16))


@pytest.mark.parametrize("noise", NOISES, ids=["dense", "rank 1", "rank 3"])
@pytest.mark.parametrize("members", [2, 10])
def test_an_update_gives_the_same_bits(
    noise: Noise, members: int, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [update(noise, members), update(noise, members + 2)]
    expected = Centre(parameters())
    expected.replay(steps)
    request.getfixturevalue("with_kernels")
    monkeypatch.setattr(update_triton, "_FACTORS", 64 * members)  # several stripes
    moved = Centre(parameters())
    moved.to(DEVICE)
    moved.replay(steps)
    assert moved.checksum() == expected.checksum() != Centre(parameters()).checksum()


def test_an_update_whose_coefficients_cancel_moves_nothing(with_kernels: None) -> None:
    centre = Centre(parameters())
    centre.to(DEVICE)
    centre.apply(Update(0, (5, -5), (70_000, 70_000), 1e-6, 0.01, Noise("lowrank", 1), StepRule()))
    centre.apply(Update(1, (5, -5), (70_000, 70_000), 1e-6, 0.01, Noise("dense"), StepRule()))
    assert centre.checksum() == Centre(parameters()).checksum()


@pytest.mark.parametrize("rule", [{"kind": "momentum"}, {"kind": "adam"}, {"decay": 0.1}], ids=str)
def test_steps_with_a_state_are_left_to_torch(rule: dict[str, Any], request: pytest.FixtureRequest) -> None:
    steps = [update(Noise("dense"), 4, **rule), update(Noise("dense"), 6, **rule)]
    expected = Centre(parameters())
    expected.replay(steps)
    request.getfixturevalue("with_kernels")
    moved = Centre(parameters())
    moved.to(DEVICE)
    moved.replay(steps)
    assert moved.checksum() == expected.checksum()


COMPILE = """
from triton import compile
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from esreason.es import update_triton as kernels

TYPES = {
    "table": "*i16", "keys": "*i64", "coefficients": "*i32", "scalars": "*fp64", "centre": "*fp32",
    "left": "*i32", "right": "*i32", **dict.fromkeys(("count", "start", "terms", "rows", "columns"), "i32"),
}
GIVEN = {"BLOCKS": 64, "RANK": 2, "ROWS": 32, "COLUMNS": 64}
CASES = [(kernels._write, "*fp32"), (kernels._write, "*bf16"), (kernels._write, "*fp16"), (kernels._fill, "*i32"),
         (kernels._move_dense, ""), (kernels._move_lowrank, "")]
for kernel, out in CASES:
    names = kernel.arg_names
    signature = {name: "constexpr" if name in GIVEN else {**TYPES, "out": out}[name] for name in names}
    given = {(i,): GIVEN[name] for i, name in enumerate(names) if name in GIVEN}
    for fused in (False, True):
        source = ASTSource(kernel, signature, given)
        made = compile(source, target=GPUTarget("cuda", 90, 32), options={"enable_fp_fusion": fused})
        print(kernel.__name__, fused, len(made.asm["cubin"]) > 0, made.asm["ptx"].count("fma.rn.f64"))
"""


def test_the_kernels_compile_for_cuda_and_round_twice(tmp_path: Path) -> None:
    """Without fusion a product and the sum after it are two operations; with it they would be one."""
    program = tmp_path / "program.py"
    program.write_text(COMPILE, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    paths = os.pathsep.join([str(Path(__file__).parents[2]), environment.get("PYTHONPATH", "")])
    environment |= {"TRITON_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2_000:]
    found = [line.split() for line in done.stdout.splitlines()]
    assert len(found) == 12 and {cubin for _, _, cubin, _ in found} == {"True"}
    for kernel, fusion, _, fused in found:
        if kernel in ("_write", "_move_dense"):
            assert (int(fused) > 0) == (fusion == "True")
        elif kernel == "_move_lowrank":  # its integers' products are exact, fused or not
            assert int(fused) == 32 * 64 // 128 * (3 if fusion == "True" else 2)  # a thread's elements, rank 2
