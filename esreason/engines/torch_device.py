"""CUDA devices: how many there are, what is on one, and what makes its sums repeat."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def cuda_devices() -> int:
    """How many CUDA devices torch can use here; where there is no driver this costs no import of torch."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        import torch
    except (OSError, ModuleNotFoundError):
        return 0
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def repeatable() -> None:
    """Let a CUDA device's products repeat, at full float32 precision, whatever the environment was set to."""
    import torch

    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read by cuBLAS with its first product
    torch.set_float32_matmul_precision("highest")  # NVIDIA's containers switch TF32 on


def free_memory(index: int | None) -> int:
    """Bytes of a CUDA device that are free, with those that torch keeps for its next tensors."""
    import torch

    kept = torch.cuda.memory_reserved(index) - torch.cuda.memory_allocated(index)
    return int(torch.cuda.mem_get_info(index)[0]) + kept


def gpu(device: torch.device) -> dict[str, str]:
    """What a result says of a GPU."""
    if device.type != "cuda":
        return {}
    import torch

    return {"gpu": torch.cuda.get_device_name(device), "cuda": str(torch.version.cuda)}
