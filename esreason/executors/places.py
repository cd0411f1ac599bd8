"""Where workers compute: what `--device` says, and which GPU is whose."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from esreason.core.errors import RunError, UsageError
from esreason.core.machine import need
from esreason.engines.torch_device import cuda_devices
from esreason.es.config import AUTO, RunConfig

CPU, CUDA = "cpu", "cuda"
VISIBLE = "CUDA_VISIBLE_DEVICES"
"""Environment variable: the GPUs that a process sees, which are numbered anew in it."""


@dataclass(frozen=True, slots=True)
class Place:
    """The kind of device, which is part of a run's settings, and the one GPU that was asked for, which is not.

    Two kinds round products differently and so play differently; which GPU of a machine it is makes no difference.
    """

    kind: str = CPU
    gpu: int | None = None


def place_of(device: str, engine: str = "torch", ray: str | None = None) -> Place:
    """What a `--device` means here: `auto` is CUDA where torch sees a GPU. UsageError if there is no such device.

    Of a Ray cluster, `auto` is CUDA if it has GPUs, and `cuda` is taken at its word: this machine need not have one.
    """
    found = re.fullmatch(r"cuda(?::(\d{1,4}))?", device)
    if device not in (AUTO, CPU) and not found:
        more = ": Apple's GPUs are not supported" if device == "mps" else ""
        raise UsageError(f"--device is auto, cpu, cuda or cuda:N, not {device!r}{more}")
    if engine != "torch":
        if found or device == CPU:
            raise UsageError(f"--device belongs to --engine torch: {engine} computes where its own build does")
        return Place()
    if not found:
        there = cuda_devices if ray in (None, "local") else partial(_gpus_at, str(ray))
        return Place(CUDA) if device == AUTO and there() else Place()
    gpu = None if found[1] is None else int(found[1])
    if ray is not None:
        if gpu is not None:
            raise UsageError("Ray gives each worker a GPU of its own: --device cuda, without a number")
        return Place(CUDA)
    count = cuda_devices()
    if not count:
        raise UsageError(
            f"--device {device} needs an NVIDIA GPU, its driver and a CUDA build of torch, and torch sees none here: "
            "use --device cpu, or leave it out"
        )
    if gpu is not None and gpu >= count:
        raise UsageError(f"there is no {device}: torch sees {count} CUDA device{'s' * (count > 1)} here, from cuda:0")
    return Place(CUDA, gpu)


def _gpus_at(address: str) -> bool:
    need("--ray", "ray", extra="ray")
    from esreason.executors.ray_cluster import has_gpus

    return has_gpus(address)


def gpus_of(config: RunConfig, gpu: int | None = None) -> tuple[str, ...]:
    """The GPUs that a run's workers share, or the one that was asked for, as CUDA_VISIBLE_DEVICES names them.

    None for a run on the CPU; RunError for one on CUDA where there is none.
    """
    if config.device != CUDA:
        return ()
    count, named = cuda_devices(), os.environ.get(VISIBLE)
    if not count:
        raise RunError("These settings ask for CUDA, and torch sees no CUDA device here: use a machine that has one.")
    names = [name.strip() for name in named.split(",")] if named else [str(number) for number in range(count)]
    return tuple(names[:count] if gpu is None else names[gpu : gpu + 1])


def alike(facts: Sequence[dict[str, Any]]) -> None:
    """RunError where the workers' GPUs are of several kinds, whose products may round differently, or else unlike."""
    names = sorted({str(each["gpu"]) for each in facts if "gpu" in each})
    if len(names) > 1:
        raise RunError(
            f"The workers have unlike GPUs ({', '.join(names)}), which may round differently: choose among them "
            f"with --device cuda:N or {VISIBLE}."
        )
    for name in ("base_sha256", "torch", "transformers", "vllm", "device"):
        values = sorted({str(each[name]) for each in facts if name in each})
        if len(values) > 1:
            raise RunError(
                f"The workers differ in {name} ({', '.join(values)}): every machine needs the same model and packages."
            )
