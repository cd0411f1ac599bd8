"""Hugging Face checkpoints: opened as a centre, replayed, written out and digested.

Weights are read from safetensors only: a pickle can run code when it is read.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, PretrainedConfig
from transformers.conversion_mapping import get_model_conversion_mapping
from transformers.core_model_loading import WeightRenaming
from transformers.pytorch_utils import Conv1D

from esreason.core.errors import ModelError
from esreason.engines.torch_compressed import compressed, compressed_sha256, quantization_config
from esreason.es.lattice import Lattice
from esreason.es.update import Update
from esreason.es.update_centre import Centre, weights_sha256
from esreason.es.update_lattice import LatticeCentre

_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_COPIED = ("*.json", "*.txt", "*.model", "*.jinja", "*.tiktoken", "LICENSE*", "NOTICE*")
_NOT_COPIED = re.compile(r".*\.index\.json$")
_LINEAR = (torch.nn.Linear, Conv1D)
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a model lies, its configuration, and the stored name of each parameter of the transformers module.

    `linears` are the stored names of the matrices of its linear layers, the output head apart.
    """

    directory: Path
    config: PretrainedConfig
    stored: dict[str, str]
    linears: tuple[str, ...]


def describe(model: str | Path) -> Checkpoint:
    """The checkpoint of a directory or hub id, its weights unread; ModelError in one sentence."""
    directory = _directory(model)
    config = _config(directory)
    module = _module(directory, config)
    stored = _stored_names(directory, module)
    return Checkpoint(directory, config, stored, _linears(module, stored))


def open_checkpoint(model: str | Path, lattice: Lattice | None = None) -> tuple[Checkpoint, Centre]:
    """The checkpoint of a directory or hub id and its parameters as a centre; ModelError in one sentence.

    With a lattice the matrices of the linear layers are rounded to it, whatever they were before.
    """
    checkpoint = describe(model)
    parameters = _tensors(checkpoint.directory, set(checkpoint.stored.values()))
    if lattice is None:
        return checkpoint, Centre(dict(parameters), copy=False)
    try:
        return checkpoint, LatticeCentre(parameters, checkpoint.linears, lattice)
    except ValueError as error:
        raise ModelError(f"{checkpoint.directory} cannot be quantised: {error}.") from None


def rebuild(
    model: str | Path, updates: Iterable[Update], target: Path, lattice: Lattice | None = None, packed: bool = False
) -> str:
    """Replay a seed log on its base checkpoint, write the result to `target`, return its `weights_sha256`.

    `packed` writes a lattice as compressed-tensors; either way the digest is that of the written tensors.
    """
    checkpoint, centre = open_checkpoint(model, lattice)
    centre.replay(updates)
    export(checkpoint, centre, target, packed)
    return compressed_sha256(target) if packed else checkpoint_sha256(target)


def checkpoint_sha256(model: str | Path, lattice: Lattice | None = None) -> str:
    """`weights_sha256` of a checkpoint, from the tensors that it stores; of what a lattice makes of it, if given."""
    if lattice is not None:
        return open_checkpoint(model, lattice)[1].weights_sha256()
    directory = _directory(model)
    return weights_sha256(_tensors(directory, set(_stored_names(directory, _module(directory)).values())))


def export(checkpoint: Checkpoint, centre: Centre, target: Path, packed: bool = False) -> None:
    """Write the centre as a Hugging Face directory, whole or not at all; `target` must be new or empty.

    Floats by default; `packed` keeps a lattice's codes, as compressed-tensors.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ModelError(f"{target} exists and is not an empty directory.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as draft:
        folder = Path(draft) / "model"
        folder.mkdir()
        for pattern in _COPIED:
            for file in checkpoint.directory.glob(pattern):
                if file.is_file() and not _NOT_COPIED.match(file.name):
                    shutil.copyfile(file, folder / file.name)
        if packed:
            tensors = _pack(checkpoint, centre, folder / "config.json")
        else:
            tensors = {name: centre.tensor(name) for name in centre.shapes}
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        os.replace(folder, target)


def _pack(checkpoint: Checkpoint, centre: Centre, config: Path) -> dict[str, torch.Tensor]:
    """A lattice's tensors as compressed-tensors; its configuration is added to config.json."""
    if not isinstance(centre, LatticeCentre):
        raise ModelError("Only a quantised model can be written packed.")
    module = _module(checkpoint.directory, checkpoint.config)
    tensors = compressed(centre, module)
    described = json.loads(config.read_text(encoding="utf-8"))
    described["quantization_config"] = quantization_config(centre, module)
    config.write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    return tensors


def _directory(model: str | Path) -> Path:
    path = Path(model)
    if path.is_dir():
        return path
    if path.exists():
        raise ModelError(f"{model} is a file; a model is a directory with config.json and *.safetensors.")
    if isinstance(model, str) and _HUB_ID.fullmatch(model):
        return _from_hub(model)
    raise ModelError(f"There is no model directory {model}.")


def _from_hub(model: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, allow_patterns=[*_COPIED, "*.safetensors"]))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            f"There is no model directory {model}, and the hub gave no model of that name ({type(error).__name__})."
        ) from error


def _config(directory: Path) -> PretrainedConfig:
    if not (directory / "config.json").is_file():
        raise ModelError(f"{directory} has no config.json, so it is not a model directory.")
    try:
        config: PretrainedConfig = AutoConfig.from_pretrained(directory, trust_remote_code=False)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(f"{directory}/config.json cannot be read: {_first_line(error)}") from error
    if getattr(config, "quantization_config", None):
        raise ModelError(f"{directory} is stored quantised; a model is opened from floats: export without --packed.")
    return config


def _files(directory: Path) -> list[Path]:
    files = sorted(directory.glob("*.safetensors"))
    if files:
        return files
    pickles = sorted(file.name for pattern in _PICKLES for file in directory.glob(pattern))
    if pickles:
        raise ModelError(
            f"{directory} holds its weights as a pickle ({pickles[0]}), which can run code when read; "
            "convert it to safetensors first."
        )
    raise ModelError(f"{directory} has no *.safetensors file.")


def _tensors(directory: Path, names: set[str]) -> Iterator[tuple[str, torch.Tensor]]:
    """The named tensors of all files, each once."""
    for file in _files(directory):
        try:
            with safe_open(file, framework="pt") as tensors:
                for name in sorted(names.intersection(tensors.keys())):
                    yield name, tensors.get_tensor(name)
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{file} is damaged or no safetensors file: {_first_line(error)}") from error


def _shapes(directory: Path) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    for file in _files(directory):
        try:
            with safe_open(file, framework="pt") as tensors:
                for name in tensors.keys():  # noqa: SIM118  (no mapping: it only has the method)
                    shapes[name] = tuple(tensors.get_slice(name).get_shape())
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{file} is damaged or no safetensors file: {_first_line(error)}") from error
    return shapes


def _module(directory: Path, config: PretrainedConfig | None = None) -> Any:
    """The transformers module that a checkpoint describes, without memory for its weights."""
    try:
        with torch.device("meta"):
            return AutoModelForCausalLM.from_config(config or _config(directory), trust_remote_code=False)
    except (ValueError, TypeError, KeyError, AttributeError, ImportError, RuntimeError) as error:
        raise ModelError(f"{directory} is no causal language model: {_first_line(error)}") from error


def _linears(module: Any, stored: dict[str, str]) -> tuple[str, ...]:
    """The stored names of the linear layers' matrices: where a quantised model saves, and what kernels exist for."""
    head = module.get_output_embeddings()
    layers = [name for name, part in module.named_modules() if isinstance(part, _LINEAR) and part is not head]
    return tuple(sorted(stored[f"{name}.weight"] for name in layers))


def _stored_names(directory: Path, module: Any) -> dict[str, str]:
    """Module name -> stored name of every parameter, tied ones once; buffers in the file are no parameters."""
    shapes = _shapes(directory)
    known, joined = _names_in_module(module, shapes)
    aliases: dict[int, list[str]] = {}
    for name, parameter in module.named_parameters(remove_duplicate=False):
        aliases.setdefault(id(parameter), []).append(name)
    stored: dict[str, str] = {}
    for name, parameter in module.named_parameters():
        found = next((known[alias] for alias in aliases[id(parameter)] if alias in known), None)
        if found is None and joined:
            raise ModelError(
                f"{directory} stores parts that transformers joins into {name} when it reads them; "
                "such models (mixtures of experts) are not supported."
            )
        if found is None:
            raise ModelError(f"{directory} lacks the weights {name} that its config.json asks for.")
        if shapes[found] != tuple(parameter.shape):
            raise ModelError(
                f"{directory} stores {found} with shape {list(shapes[found])}; "
                f"its config.json asks for {list(parameter.shape)}."
            )
        stored[name] = found
    return stored


def _names_in_module(module: Any, stored: Iterable[str]) -> tuple[dict[str, str], bool]:
    """Module name -> stored name, and whether transformers joins some of the stored tensors.

    A checkpoint may lack the base model's prefix, or carry names of an older release that transformers renames.
    """
    transforms = get_model_conversion_mapping(module)
    renamings = [transform for transform in transforms if isinstance(transform, WeightRenaming)]
    prefix = f"{module.base_model_prefix}."
    known: dict[str, str] = {}
    for name in stored:
        renamed = name
        for renaming in renamings:
            renamed = renaming.rename_source_key(renamed)[0]
        for alias in (name, renamed, prefix + name, prefix + renamed):
            known.setdefault(alias, name)
    return known, len(renamings) < len(transforms)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
