"""Checkpoints: what is read and refused, what is written, and that a seed log rebuilds it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from esreason.core.errors import ModelError
from esreason.engines.base import Request, Sampling
from esreason.engines.torch_checkpoint import checkpoint_sha256, open_checkpoint, rebuild
from esreason.engines.torch_engine import TorchEngine
from esreason.es.noise import CENTRE, Member, Noise
from esreason.es.update import StepRule, Update

UPDATES = [
    Update(i, (3 * i + 1, -3 * i - 1, 3 * i + 2), (700, -300, 11), 1e-4, 0.05, Noise(), StepRule()) for i in range(3)
]


@pytest.fixture
def copy(checkpoint: Callable[[str], Path], tmp_path: Path) -> Path:
    """A checkpoint to be spoilt."""
    return shutil.copytree(checkpoint("llama"), tmp_path / "model")


def test_missing_and_damaged_models_are_named(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model directory"):
        open_checkpoint(tmp_path / "nowhere")
    with pytest.raises(ModelError, match="is a file"):
        open_checkpoint(copy / "config.json")
    with pytest.raises(ModelError, match=r"has no config\.json"):
        open_checkpoint(tmp_path)
    weights = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(ModelError, match="damaged"):
        open_checkpoint(copy)
    (copy / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"no \*\.safetensors"):
        open_checkpoint(copy)
    (copy / "config.json").write_text("{")
    with pytest.raises(ModelError, match="cannot be read"):
        open_checkpoint(copy)


def test_a_hub_id_that_is_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="no model directory nobody/nothing"):
        open_checkpoint("nobody/nothing")


def test_pickles_are_refused(copy: Path) -> None:
    """Reading one could run anything."""
    (copy / "model.safetensors").unlink()
    (copy / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'touch /tmp/never'\ntR.")
    with pytest.raises(ModelError, match="pickle"):
        open_checkpoint(copy)


def test_code_in_a_checkpoint_is_not_run(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model"}}
    (copy / "config.json").write_text(json.dumps(config))
    (copy / "evil.py").write_text("raise SystemExit('ran')")
    with pytest.raises(ModelError):
        open_checkpoint(copy)


def test_lacking_and_misshapen_weights_are_named(copy: Path) -> None:
    tensors = load_file(copy / "model.safetensors")
    some = {name: tensor for name, tensor in tensors.items() if "layers.1.mlp" not in name}
    save_file(some, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"lacks the weights model\.layers\.1\.mlp"):
        open_checkpoint(copy)
    save_file({**tensors, "model.norm.weight": torch.ones(3)}, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"stores model\.norm\.weight with shape \[3\]"):
        open_checkpoint(copy)


def test_buffers_and_copies_of_tied_weights_are_no_parameters(copy: Path) -> None:
    tensors = load_file(copy / "model.safetensors")
    tensors["model.rotary_emb.inv_freq"] = torch.ones(8)
    tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone()
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    centre = open_checkpoint(copy)[1]
    assert "model.embed_tokens.weight" in centre.parameters
    assert not {"lm_head.weight", "model.rotary_emb.inv_freq"} & set(centre.parameters)


def digest(folder: Path) -> str:
    """The digest of the contract, from the file, without our reader."""
    out = hashlib.sha256()
    with safe_open(folder / "model.safetensors", framework="np") as file:
        for name in sorted(file.keys()):
            part = file.get_slice(name)
            dtype = {"F32": "float32", "F16": "float16"}[part.get_dtype()]
            out.update(f"{name} {dtype} {list(part.get_shape())}\n".encode())
            out.update(file.get_tensor(name).tobytes())
    return out.hexdigest()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_weights_sha256(checkpoint: Callable[..., Path], dtype: torch.dtype) -> None:
    folder = checkpoint("gpt2", dtype)
    assert checkpoint_sha256(folder) == TorchEngine(folder).weights_sha256() == digest(folder)


@pytest.mark.parametrize("name", ["llama", "gemma", "gpt2", "gpt_neox"])
def test_an_export_is_a_model(checkpoint: Callable[..., Path], tmp_path: Path, name: str) -> None:
    """Plain transformers loads it and says what the engine says; its digest is the engine's."""
    engine = TorchEngine(checkpoint(name))
    base = engine.weights_sha256()
    checksums = [engine.apply_update(update) for update in UPDATES]
    assert len(set(checksums)) == 3
    engine.export(tmp_path / "out")
    assert base != engine.weights_sha256() == checkpoint_sha256(tmp_path / "out")
    model: Any = AutoModelForCausalLM.from_pretrained(tmp_path / "out").eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    ids = torch.tensor([tokenizer.encode("solve 12>")])
    wanted = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=9, do_sample=False)[0, 9:]
    said = engine.generate([Request(0, 0, "solve 12>", Sampling(9, stop=""))])[0].text
    assert said == tokenizer.decode(wanted, skip_special_tokens=True)
    with pytest.raises(ModelError, match="not an empty directory"):
        engine.export(tmp_path / "out")


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_a_seed_log_rebuilds_the_model(checkpoint: Callable[..., Path], tmp_path: Path, dtype: torch.dtype) -> None:
    """Base and updates give the engine's weights bit for bit, whatever the engine computed in."""
    folder = checkpoint("llama", dtype)
    for number, compute in enumerate(("float32", "bfloat16", "auto")):
        engine = TorchEngine(folder, dtype=compute)  # type: ignore[arg-type]
        for update in UPDATES:
            engine.apply_update(update)
        target = tmp_path / str(number)
        assert rebuild(folder, UPDATES, target) == engine.weights_sha256() == checkpoint_sha256(target)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("noise", [Noise(), Noise("dense")], ids=["rank 1", "dense"])
@pytest.mark.parametrize("name", ["llama", "gpt_neox"])
def test_updates_reach_what_is_computed(
    checkpoint: Callable[..., Path], tmp_path: Path, name: str, noise: Noise, dtype: Any
) -> None:
    """After an update an engine speaks with the new weights, also where it keeps copies or written members."""
    rebuild(checkpoint(name), UPDATES, tmp_path / "new")
    asked = [Request(m, e, f"solve {e}>", Sampling(8, stop="")) for m in range(2) for e in range(4)]
    members = [Member(9, 0.02), CENTRE]

    def say(engine: TorchEngine) -> list[str]:
        engine.load(members, 4)
        return [done.text for done in engine.generate(asked)]

    moved = TorchEngine(checkpoint(name), noise=noise, dtype=dtype)
    before = say(moved)
    for update in UPDATES:
        moved.apply_update(update)
    assert before != say(moved) == say(TorchEngine(tmp_path / "new", noise=noise, dtype=dtype))


def test_an_export_that_fails_leaves_nothing(
    checkpoint: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = TorchEngine(checkpoint("llama"))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("esreason.engines.torch_checkpoint.save_file", full)
    with pytest.raises(OSError, match="No space"):
        engine.export(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
