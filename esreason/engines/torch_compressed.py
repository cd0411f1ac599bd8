"""Lattice checkpoints in the compressed-tensors format (pack-quantized), which vLLM and transformers load.

Its layout is ours: 32-bit little-endian words of codes offset by half their range, the first code lowest.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from transformers.pytorch_utils import Conv1D

from esreason.core.errors import ModelError
from esreason.es.lattice import GROUP
from esreason.es.update_centre import weights_sha256
from esreason.es.update_lattice import LatticeCentre
from esreason.es.update_packed import Packed

_PACKED, _SCALE, _SHAPE = "weight_packed", "weight_scale", "weight_shape"


def compressed(centre: LatticeCentre, module: Any) -> dict[str, torch.Tensor]:
    """A checkpoint's tensors: three a matrix on the lattice, the others as they are; ModelError if one is unfit."""
    if any(isinstance(part, Conv1D) for part in module.modules()):
        raise ModelError("compressed-tensors holds no transposed layers, which this model has: export it in floats.")
    tensors = {name: centre.tensor(name) for name in centre.parameters}
    for name, matrix in centre.matrices.items():
        columns = matrix.shape[1]
        if columns % 32 or (centre.lattice.width == "int4" and centre.lattice.group(columns) != GROUP):
            raise ModelError(f"{name} has rows of {columns}; compressed-tensors needs a multiple of 32 here.")
        stem = name.removesuffix("weight")
        tensors[stem + _PACKED] = _words(matrix)
        tensors[stem + _SCALE] = matrix.scale.cpu().contiguous()
        tensors[stem + _SHAPE] = torch.tensor(matrix.shape, dtype=torch.int64)
    return tensors


def quantization_config(centre: LatticeCentre, module: Any) -> dict[str, Any]:
    """What config.json says of them: the linear layers' widths and groups, and that the head is not one of them."""
    head, lattice = module.get_output_embeddings(), centre.lattice
    grouped: dict[str, Any] = {"strategy": "group", "group_size": GROUP}
    weights = {
        "num_bits": lattice.bits, "type": "int", "symmetric": True, "dynamic": False,
        **(grouped if lattice.width == "int4" else {"strategy": "channel"}),
    }  # fmt: skip
    return {
        "quant_method": "compressed-tensors", "format": "pack-quantized", "quantization_status": "compressed",
        "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights}},
        "ignore": [name for name, part in module.named_modules() if part is head],
    }  # fmt: skip


def compressed_sha256(directory: Path) -> str:
    """`weights_sha256` of a directory in this format, from its tensors: of what they dequantise to."""
    config = json.loads((directory / "config.json").read_text(encoding="utf-8"))["quantization_config"]
    bits = int(config["config_groups"]["group_0"]["weights"]["num_bits"])
    tensors: dict[str, torch.Tensor] = {}
    with safe_open(directory / "model.safetensors", framework="pt") as file:
        names = set(file.keys())
        for name in names:
            stem, _, kind = name.rpartition(".")
            if kind == _PACKED:
                shape = tuple(file.get_tensor(f"{stem}.{_SHAPE}").tolist())
                packed = _from_words(file.get_tensor(name), file.get_tensor(f"{stem}.{_SCALE}"), shape, bits)
                tensors[f"{stem}.weight"] = packed.dequantise(torch.empty(shape, dtype=packed.scale.dtype))
            elif kind not in (_SCALE, _SHAPE):
                tensors[name] = file.get_tensor(name)
    return weights_sha256(tensors.items())


def _words(matrix: Packed) -> torch.Tensor:
    """The codes as 32-bit words, a row after the other."""
    if sys.byteorder != "little":
        raise ModelError("compressed-tensors is written on little-endian machines only.")
    codes = matrix.codes.cpu()
    unsigned = codes if matrix.bits == 4 else codes.view(torch.uint8) ^ 128
    return unsigned.view(torch.int32).view(matrix.shape[0], -1).clone()


def _from_words(words: torch.Tensor, scale: torch.Tensor, shape: tuple[int, ...], bits: int) -> Packed:
    unsigned = words.contiguous().view(-1).view(torch.uint8)
    return Packed(unsigned if bits == 4 else (unsigned ^ 128).view(torch.int8), scale, shape, bits)
