"""Hugging Face checkpoints: opened as a centre, replayed, written out and digested.

Weights are read from safetensors only: a pickle can run code when it is read.
"""

from __future__ import annotations

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

from esreason.core.errors import ModelError
from esreason.es.update import Update
from esreason.es.update_centre import Centre, weights_sha256

_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_COPIED = ("*.json", "*.txt", "*.model", "*.jinja", "*.tiktoken", "LICENSE*", "NOTICE*")
_NOT_COPIED = re.compile(r".*\.index\.json$")
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a model lies, its configuration, and the stored name of each parameter of the transformers module."""

    directory: Path
    config: PretrainedConfig
    stored: dict[str, str]


def open_checkpoint(model: str | Path) -> tuple[Checkpoint, Centre]:
    """The checkpoint of a directory or hub id and its parameters as a centre; ModelError in one sentence."""
    directory = _directory(model)
    config = _config(directory)
    stored = _stored_names(directory, config)
    parameters = dict(_tensors(directory, set(stored.values())))
    return Checkpoint(directory, config, stored), Centre(parameters, copy=False)


def rebuild(model: str | Path, updates: Iterable[Update], target: Path) -> str:
    """Replay a seed log on its base checkpoint, write the result to `target`, return its `weights_sha256`."""
    checkpoint, centre = open_checkpoint(model)
    centre.replay(updates)
    export(checkpoint, centre, target)
    return checkpoint_sha256(target)


def checkpoint_sha256(model: str | Path) -> str:
    """`weights_sha256` of a checkpoint, computed from the tensors that it stores."""
    directory = _directory(model)
    return weights_sha256(_tensors(directory, set(_stored_names(directory, _config(directory)).values())))


def export(checkpoint: Checkpoint, centre: Centre, target: Path) -> None:
    """Write the centre as a Hugging Face directory, whole or not at all; `target` must be new or empty."""
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
        tensors = {name: centre.tensor(name) for name in centre.parameters}
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        os.replace(folder, target)


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


def _stored_names(directory: Path, config: PretrainedConfig) -> dict[str, str]:
    """Module name -> stored name of every parameter, tied ones once; buffers in the file are no parameters."""
    try:
        with torch.device("meta"):
            module = AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    except (ValueError, TypeError, KeyError, AttributeError, ImportError, RuntimeError) as error:
        raise ModelError(f"{directory} is no causal language model: {_first_line(error)}") from error
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
