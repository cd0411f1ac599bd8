"""The torch engine: many members and many episodes of one Hugging Face model in one batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import torch

from esreason.core.errors import ModelError
from esreason.engines import torch_decoder, torch_gpt2
from esreason.engines.base import Completion, Dtype, Request
from esreason.engines.torch_checkpoint import export, open_checkpoint
from esreason.engines.torch_decoder import LlamaDecoder
from esreason.engines.torch_device import gpu, repeatable
from esreason.engines.torch_gpt2 import GPT2Decoder
from esreason.engines.torch_lattice import LatticeLoader, unpacked
from esreason.engines.torch_modules import ModuleRunner
from esreason.engines.torch_process import settle
from esreason.engines.torch_rows import Desk, Turn
from esreason.engines.torch_runner import BatchRunner, Decoder
from esreason.engines.torch_text import Text
from esreason.engines.torch_weights import Loader
from esreason.engines.torch_written import written
from esreason.es.lattice import Lattice
from esreason.es.noise import CENTRE, Member, Noise
from esreason.es.update import Update
from esreason.es.update_lattice import LatticeCentre


class Runner(Protocol):
    """Completes turns; `keeps` says whether it keeps an episode's cache from one call to the next."""

    keeps: bool

    def load(self, members: Sequence[Member], episodes: int) -> None:
        """Prepare a unit."""

    def moved(self) -> None:
        """The centre has moved."""

    def run(self, turns: list[Turn]) -> None:
        """Complete every turn."""


class TorchEngine:
    """Implements `Engine` (esreason.engines.base) on torch.

    Llama, Mistral, Qwen2, Qwen3, Gemma and GPT-2 models run on forward passes of our own, where low-rank noise
    costs no weights; any other causal language model runs as a transformers module, a member at a time.
    With a lattice the matrices of the linear layers are integer codes, kept packed, and all else stays as it is.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        noise: Noise | None = None,
        dtype: Dtype = "float32",
        device: str = "cpu",
        capacity: int = 16,
        threads: int = 1,
        lattice: Lattice | None = None,
    ) -> None:
        if capacity < 1 or threads < 1:
            raise ValueError("capacity and threads must be at least 1")
        settle(threads)
        self._device, self._dtype = _device(device), dtype
        self.noise = noise or Noise("dense" if lattice else "lowrank")
        if lattice and self.noise.kind != "dense":
            raise ValueError("on a lattice noise is dense: rounding leaves nothing of a low rank")
        self.capacity, self.lattice = capacity, lattice
        self.checkpoint, self.centre = open_checkpoint(model, lattice)
        if lattice is None:
            with _memory(f"{self.centre.size:,} parameters", "a smaller model, or --device cpu"):
                self.centre.to(self._device)
        config = self.checkpoint.config
        self._text = Text(self.checkpoint.directory, config)
        with _memory(f"{self.centre.size:,} parameters", "a smaller model, or --device cpu"):
            self._runner = self._make_runner(_dtype(dtype, self.centre.dtypes), self._device)
        self.chat = self._text.chat
        self.context = int(getattr(config, "max_position_embeddings", None) or 2048)
        self.load([CENTRE], 1)

    def _make_runner(self, dtype: torch.dtype, device: torch.device) -> Runner:
        checkpoint, centre, config = self.checkpoint, self.centre, self.checkpoint.config
        packed = centre if isinstance(centre, LatticeCentre) else None
        loader = LatticeLoader(packed, dtype, device) if packed else Loader(centre, dtype, device)
        decoder: Decoder
        if torch_decoder.supported(config):
            decoder = LlamaDecoder(config, checkpoint.stored, loader)
        elif torch_gpt2.supported(config):
            decoder = GPT2Decoder(config, checkpoint.stored, loader)
        else:
            return ModuleRunner(checkpoint, centre, self.noise, self._text, dtype, device)
        shelf = unpacked(decoder.stages, packed) if packed else written(decoder.stages, centre, self.noise)
        spectrum = centre.spectrum(self.noise.rank) if self.noise.kind == "spectral" else None
        return BatchRunner(decoder, loader, shelf, self.noise, self._text, spectrum)

    def load(self, members: Sequence[Member], episodes: int) -> None:
        """Make `members` resident for a unit of `episodes` episodes each; forgets the last unit's caches."""
        if not 0 < len(members) <= self.capacity or episodes < 1:
            raise ValueError(f"a unit has 1 to {self.capacity} members and at least one episode")
        self._desk = Desk(self._text, self.context, len(members), self._runner.keeps)
        with torch.inference_mode(), _memory("a unit of this size"):
            self._runner.load(members, episodes)

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """One completion a request, in order. Greedy float32 results do not depend on the neighbours."""
        turns = [self._desk.open(request) for request in requests]
        active = [turn for turn in turns if turn.limit > 0]
        if active:
            with torch.inference_mode(), _memory(f"{len(active)} episodes at once"):
                self._runner.run(active)
        return [self._desk.close(turn) for turn in turns]

    def apply_update(self, update: Update) -> str:
        """Move the centre by one update and return its checksum."""
        self.centre.apply(update)
        self._runner.moved()
        return self.centre.checksum()

    def rewind(self) -> str:
        """Go back to the checkpoint and return the centre's checksum."""
        self.centre.restart(open_checkpoint(self.checkpoint.directory, self.lattice)[1])
        self._runner.moved()
        return self.centre.checksum()

    def set_weights(self, parameters: Mapping[str, torch.Tensor]) -> None:
        """Replace the centre by a model that was trained elsewhere; parameters by the names of the checkpoint."""
        if self.noise.kind == "spectral":
            raise ValueError("the singular directions of the noise are those of the checkpoint")
        base = open_checkpoint(self.checkpoint.directory)[1]
        if parameters.keys() != base.parameters.keys():
            raise ValueError("these are not the parameters of the engine's checkpoint")
        with torch.no_grad():
            for name, tensor in parameters.items():
                base.parameters[name].copy_(tensor)
        self.centre.restart(base)
        self._runner.moved()

    def facts(self) -> dict[str, Any]:
        """What a result says of the engine."""
        return {
            "engine": "torch", "parameters": self.centre.size, "device": self._device.type, "dtype": self._dtype,
            "torch": torch.__version__, **gpu(self._device),
            **({"quantize": self.lattice.width} if self.lattice else {}),
            **({"directions": len(self.centre.spectrum(self.noise.rank))} if self.noise.kind == "spectral" else {}),
        }  # fmt: skip

    def export(self, directory: Path) -> None:
        """Write the centre as a Hugging Face directory (safetensors, config, tokenizer)."""
        export(self.checkpoint, self.centre, directory)

    def weights_sha256(self) -> str:
        """The digest of the centre in the checkpoint's dtype."""
        return self.centre.weights_sha256()

    def drift(self) -> float:
        """The L2 distance of the centre from the checkpoint, both in the checkpoint's dtype."""
        return self.centre.drift(open_checkpoint(self.checkpoint.directory, self.lattice)[1])


@contextmanager
def _memory(what: str, instead: str = "fewer members or episodes a unit") -> Iterator[None]:
    """Turns "out of memory" into one sentence with the way out."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError | torch.OutOfMemoryError) or "not enough memory" in str(error):
            raise ModelError(f"Out of memory for {what}: use {instead}.") from error
        raise


def _device(name: str) -> torch.device:
    """The device of a name, made ready; ModelError if this process does not see it."""
    device = torch.device(name)
    if device.type not in ("cpu", "cuda"):
        raise ModelError(f"The torch engine computes on cpu and cuda, not on {device.type}.")
    if device.type == "cuda":
        if (device.index or 0) >= torch.cuda.device_count():
            raise ModelError(f"A worker that should compute on {name} sees {torch.cuda.device_count()} CUDA devices.")
        repeatable()
        return torch.device(device.type, device.index or 0)  # as tensors name theirs, and they are compared
    return device


def _dtype(name: Dtype, stored: dict[str, torch.dtype]) -> torch.dtype:
    if name == "auto":
        return next(iter(stored.values()))
    found = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    if name not in found:
        raise ValueError(f"dtype must be float32, bfloat16, float16 or auto, not {name!r}")
    return found[name]
