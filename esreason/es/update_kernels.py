"""Which kernels write members and apply updates: Triton's for CUDA devices, none (torch's operations) for others."""

from __future__ import annotations

import sys
from functools import cache
from typing import Protocol, cast

import torch

from esreason.es.noise import Noise
from esreason.es.update import StepRule, Terms


class Kernels(Protocol):
    """One pass over memory each, with the bits of the torch operations that they stand for."""

    def write(self, centre: torch.Tensor, name: str, seed: int, amplitude: float, out: torch.Tensor) -> None:
        """out = centre + amplitude * entries of (seed, name), rounded to out's dtype."""

    def move(
        self, centre: torch.Tensor, name: str, terms: Terms, noise: Noise, factor: float, alpha: float
    ) -> None:
        """centre += alpha * (factor * sum_i c_i * noise_i), in place: the sgd step without decay."""


def kernels_for(device: torch.device) -> Kernels | None:
    """The kernels of a device, if it has any."""
    return _triton() if device.type == "cuda" else None


def fused(rule: StepRule) -> bool:
    """Whether the kernels know this step; the others keep a state and are moved by `Step`."""
    return rule.kind == "sgd" and rule.decay == 0.0


@cache
def _triton() -> Kernels | None:
    try:
        import esreason.es.update_triton as kernels
    except ModuleNotFoundError as error:
        if error.name != "triton":
            raise
        sys.stderr.write("esreason: Triton is not installed; members and updates are made by slower operations.\n")
        return None
    return cast(Kernels, kernels)
