"""Engines on an integer lattice: members equal plain transformers with the dequantised member written in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.pytorch_utils import Conv1D

from esreason.core.errors import ModelError
from esreason.engines.base import Request, Sampling
from esreason.engines.torch_checkpoint import checkpoint_sha256, open_checkpoint, rebuild
from esreason.engines.torch_engine import TorchEngine
from esreason.es.lattice import Lattice
from esreason.es.noise import CENTRE, Member, Noise, normals, uniforms
from esreason.es.update import StepRule, Update
from tests.engines.conftest import STORED

MEMBERS = [Member(5, 0.08), Member(-5, 0.08), CENTRE, Member(77, 0.12)]
UPDATES = [
    Update(i, (3 * i + 1, -3 * i - 1, 3 * i + 2), (700, -300, 11), 1e-3, 0.2, Noise("dense"), StepRule(), 0.08)
    for i in range(3)
]


def linears(model: Any) -> dict[str, torch.nn.Parameter]:
    """The matrices of the linear layers by stored name, the head apart."""
    kind, head = model.config.model_type, model.get_output_embeddings()
    parts = [(name, part) for name, part in model.named_modules() if isinstance(part, (torch.nn.Linear, Conv1D))]
    named = {f"{name}.weight": part.weight for name, part in parts if part is not head}
    return {STORED.get((kind, name), name): weight for name, weight in named.items()}


def grid(weight: torch.Tensor, lattice: Lattice) -> tuple[np.ndarray, np.ndarray]:
    """Codes [groups, codes of a group] and scales [groups, 1] of a matrix, by the definition."""
    group = 32 if lattice.width == "int4" and weight.shape[1] % 32 == 0 else weight.shape[1]
    values = weight.detach().float().numpy().reshape(-1, group)
    scale = torch.from_numpy(np.abs(values).max(1, keepdims=True) / np.float32(lattice.largest)).to(weight.dtype)
    steps = scale.float().numpy()
    return np.clip(np.rint(values / steps), -lattice.largest, lattice.largest), steps


def quantised(folder: Path, member: Member, lattice: Lattice) -> Any:
    """Plain transformers with a member's dequantised matrices written in."""
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype="auto").eval()
    grids = {name: grid(weight, lattice) for name, weight in linears(model).items()}
    step = np.concatenate([np.repeat(scale.ravel(), codes.shape[1]) for codes, scale in grids.values()]).mean(
        dtype=float
    )
    mantissa, exponent = np.frexp(member.sigma / step)
    sigma = np.ldexp(np.rint(mantissa * 2**13), exponent - 13)
    for name, weight in linears(model).items():
        codes, scale = grids[name]
        if member.seed:
            eps = normals(member.seed, name, 0, codes.size) / 256
            u = uniforms(abs(member.seed), f"{name}:round", 0, codes.size) / 65536
            move = np.sign(member.seed) * np.floor((sigma * eps + u).astype(np.float32)).reshape(codes.shape)
            codes = np.where(np.abs(codes + move) <= lattice.largest, codes + move, codes)
        weight.data = torch.from_numpy((codes * scale).astype(np.float32)).view(weight.shape).to(weight.dtype)
    return model.float()


def alone(model: Any, ids: list[int], new: int) -> list[int]:
    """Greedy tokens after `ids`, one sequence, through transformers' own generate."""
    prompt = torch.tensor([ids])
    with torch.inference_mode():
        out = model.generate(
            prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=new, do_sample=False, pad_token_id=0
        )
    return [int(token) for token in out[0, len(ids) :]]


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("llama", torch.float32), ("llama-grouped", torch.float32), ("qwen3", torch.bfloat16),
        ("gemma", torch.float16), ("gpt2", torch.float32), ("gpt_neox", torch.float32),
    ],
)  # fmt: skip
@pytest.mark.parametrize("width", ["int4", "int8"])
def test_members_are_the_dequantised_models(
    checkpoint: Callable[..., Path], name: str, dtype: torch.dtype, width: Any
) -> None:
    """Ragged prompts, two turns on a kept cache: the same tokens as transformers, for every member and the centre."""
    folder, lattice = checkpoint(name, dtype), Lattice(width)
    engine, tokenizer = TorchEngine(folder, lattice=lattice), AutoTokenizer.from_pretrained(folder)
    oracles = [quantised(folder, member, lattice) for member in MEMBERS]
    engine.load(MEMBERS, 2)
    prompts = {(m, e): f"solve {e}{'.' * (5 * e)}>" for e in range(2) for m in range(len(MEMBERS))}
    ids = {key: tokenizer.encode(prompt) for key, prompt in prompts.items()}
    spoken = set()
    for turn in range(2):
        asked = [Request(m, e, prompt, Sampling(6, stop="")) for (m, e), prompt in prompts.items()]
        for (m, e), done in zip(list(prompts), engine.generate(asked), strict=True):
            wanted = alone(oracles[m], ids[m, e], 6)
            assert done.text == tokenizer.decode(wanted, skip_special_tokens=True), (turn, m, e)
            prompts[m, e] += done.text + f"|{turn}>"
            ids[m, e] += (wanted[:-1] if wanted[-1] == 2 else wanted) + tokenizer.encode(f"|{turn}>")
            spoken.add((m, done.text))
    assert len({text for _, text in spoken}) > 4  # members differ


@pytest.mark.parametrize("name", ["llama", "gpt2", "gpt_neox"])
@pytest.mark.parametrize("residual", ["full", "replay", "quzo"])
def test_an_export_is_what_was_evaluated(
    checkpoint: Callable[..., Path], tmp_path: Path, name: str, residual: Any
) -> None:
    """The written directory speaks as the engine does, has its digest, and is what the seed log rebuilds."""
    lattice = Lattice("int4", residual, start="zero")
    folder = checkpoint(name, torch.float16)
    engine = TorchEngine(folder, lattice=lattice)
    base = engine.weights_sha256()
    assert base == checkpoint_sha256(folder, lattice) != checkpoint_sha256(folder)
    checksums = [engine.apply_update(update) for update in UPDATES]
    assert len(set(checksums)) == 3
    engine.export(tmp_path / "out")
    digest = engine.weights_sha256()
    assert base != digest == checkpoint_sha256(tmp_path / "out")
    assert rebuild(folder, UPDATES, tmp_path / "again", lattice) == digest
    model: Any = AutoModelForCausalLM.from_pretrained(tmp_path / "out", dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    wanted = alone(model, tokenizer.encode("solve 12>"), 9)
    said = engine.generate([Request(0, 0, "solve 12>", Sampling(9, stop=""))])[0].text
    assert said == tokenizer.decode(wanted, skip_special_tokens=True)
    assert engine.drift() > 0
    assert engine.rewind() != checksums[-1]
    assert engine.drift() == 0
    assert engine.weights_sha256() == base
    assert [engine.apply_update(update) for update in UPDATES] == checksums


def test_what_is_computed_follows_the_updates(checkpoint: Callable[..., Path], tmp_path: Path) -> None:
    """No member or matrix of before an update survives it."""
    folder, lattice = checkpoint("llama"), Lattice("int4")
    asked = [Request(m, e, f"solve {e}>", Sampling(8, stop="")) for m in range(2) for e in range(4)]

    def say(engine: TorchEngine) -> list[str]:
        engine.load([Member(9, 0.08), CENTRE], 4)
        return [done.text for done in engine.generate(asked)]

    moved, fresh = TorchEngine(folder, lattice=lattice), TorchEngine(folder, lattice=lattice)
    before = say(moved)
    for update in UPDATES:
        moved.apply_update(update)
        fresh.apply_update(update)
    assert before != say(moved) == say(fresh)


def test_matrices_have_no_float_copy(checkpoint: Callable[..., Path]) -> None:
    """What an engine holds is the packed codes, the parameters that are not quantised, and one product's scratch."""
    engine = TorchEngine(checkpoint("llama"), lattice=Lattice("int4", "replay", start="zero"))
    decoder: Any = engine._runner._decoder  # type: ignore[attr-defined]
    held = [linear.weight for stage in decoder.stages for linear in stage.linears.values()]
    on_lattice = [weight for weight in held if weight.is_meta]
    assert len(on_lattice) == 8  # qkv, out, gate_up, down of two layers
    centre: Any = engine.centre
    assert sum(matrix.codes.nbytes for matrix in centre.matrices.values()) == sum(w.numel() for w in on_lattice) / 2
    assert not centre.residuals
    assert set(centre.parameters).isdisjoint(centre.matrices)


def test_what_cannot_be_quantised_is_named(checkpoint: Callable[..., Path]) -> None:
    with pytest.raises(ValueError, match="dense"):
        TorchEngine(checkpoint("llama"), noise=Noise("lowrank"), lattice=Lattice())
    with safe_open(checkpoint("llama") / "model.safetensors", framework="pt") as file:
        names = set(file.keys())
    stored, centre = open_checkpoint(checkpoint("llama"), Lattice())
    assert set(stored.linears) == {name for name in names if name.endswith("_proj.weight")}
    assert set(centre.shapes) == names


def test_a_model_with_infinities_is_refused(checkpoint: Callable[..., Path], tmp_path: Path) -> None:
    copy = shutil.copytree(checkpoint("llama"), tmp_path / "model")
    tensors = load_file(copy / "model.safetensors")
    tensors["model.layers.0.mlp.up_proj.weight"][0, 0] = float("inf")
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="not finite"):
        open_checkpoint(copy, Lattice())


@pytest.mark.parametrize("width", ["int4", "int8"])
def test_a_packed_export_holds_the_codes(checkpoint: Callable[..., Path], tmp_path: Path, width: Any) -> None:
    """By the format's definition: codes + half their range, in 32-bit words, the first code in the lowest bits."""
    lattice, folder = Lattice(width), checkpoint("qwen2", torch.bfloat16)
    engine = TorchEngine(folder, lattice=lattice)
    assert rebuild(folder, UPDATES, tmp_path / "floats", lattice) == rebuild(
        folder, UPDATES, tmp_path / "packed", lattice, packed=True
    )
    for update in UPDATES:
        engine.apply_update(update)
    centre: Any = engine.centre
    tensors = load_file(tmp_path / "packed" / "model.safetensors")
    bits = lattice.bits
    for name, matrix in centre.matrices.items():
        stem = name.removesuffix(".weight")
        words = tensors[f"{stem}.weight_packed"].numpy().view(np.uint32)
        codes = np.stack([words >> (bits * k) & (2**bits - 1) for k in range(32 // bits)], -1).astype(int)
        assert (
            codes.reshape(matrix.shape) - 2 ** (bits - 1) == matrix.read(slice(0, matrix.size)).reshape(matrix.shape)
        ).all()
        assert tensors[f"{stem}.weight_shape"].tolist() == list(matrix.shape)
        assert torch.equal(tensors[f"{stem}.weight_scale"], matrix.scale)
        assert name not in tensors
    config = json.loads((tmp_path / "packed" / "config.json").read_text())["quantization_config"]
    assert config["ignore"] == ["lm_head"]
    assert config["config_groups"]["group_0"]["weights"]["num_bits"] == bits


def test_what_cannot_be_packed_is_named(checkpoint: Callable[..., Path], tmp_path: Path) -> None:
    rebuild(checkpoint("llama"), [], tmp_path / "packed", Lattice(), packed=True)
    with pytest.raises(ModelError, match="from floats"):
        open_checkpoint(tmp_path / "packed")
    with pytest.raises(ModelError, match="transposed"):
        rebuild(checkpoint("gpt2"), [], tmp_path / "a", Lattice(), packed=True)
    with pytest.raises(ModelError, match="quantised"):
        rebuild(checkpoint("llama"), [], tmp_path / "b", None, packed=True)
    assert not (tmp_path / "a").exists() and not (tmp_path / "b").exists()
