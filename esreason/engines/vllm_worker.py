"""What runs inside vLLM's workers: the centre, the members' weights, the update.

vLLM mixes `Extension` into its worker class and calls its methods on every worker of a tensor-parallel group; each
holds the whole centre and writes its own slice, so that no weights travel and the checksums must agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from esreason.core.errors import EsreasonError
from esreason.engines import vllm_private as private
from esreason.engines.torch_checkpoint import export, open_checkpoint
from esreason.engines.torch_device import free_memory, gpu
from esreason.engines.torch_written import write
from esreason.engines.vllm_layout import Layout
from esreason.engines.vllm_slots import Slots
from esreason.es.noise import CENTRE, Member, Noise
from esreason.es.update import Update
from esreason.es.update_centre import Centre

# This module is imported before the weights are loaded.
private.keep_weights_plain()
private.offer_embeddings()


class Resident:
    """A worker's model: the float32 master of the centre, and what vLLM computes with."""

    def __init__(self, worker: Any, model: str, noise: Noise) -> None:
        self.noise = noise
        self.checkpoint, self.centre = open_checkpoint(model)
        self.centre.to(_home(self.centre, next(private.model_of(worker).parameters()).device))
        tied = bool(getattr(self.checkpoint.config, "tie_word_embeddings", False))
        self._layout = Layout(private.model_of(worker), self.checkpoint.stored, tied)
        self._layout.check(self.centre.parameters)
        self.slots: Slots | None = None
        if noise.kind == "lowrank":
            self.slots = Slots(worker, self._layout, self.centre, noise, tied)
        self._written: Member | None = CENTRE

    def load(self, members: Sequence[Member]) -> None:
        """Low-rank noise: fill the slots."""
        assert self.slots is not None
        self.slots.load(members)

    def write(self, member: Member, only: str | None = None) -> None:
        """Dense noise: put a member's weights, or the noise of one parameter alone, in the centre's place."""
        member = member if member.amplitude else CENTRE
        if only is None and member == self._written:
            return
        self._written = member if only is None else None
        for name, master in self.centre.parameters.items():
            value = torch.empty_like(master)
            write(self.centre, name, member if only in (None, name) else CENTRE, self.noise, value)
            self._layout.write(name, value)

    def moved(self) -> str:
        """Compute with the centre as it is now; its checksum."""
        for name, master in self.centre.parameters.items():
            self._layout.write(name, master)
        self._written = CENTRE
        if self.slots is not None:
            self.slots.moved()
        return self.centre.checksum()


def _home(centre: Centre, device: torch.device) -> torch.device:
    """Where the master lies: beside the model if half of what vLLM has left of a GPU's memory holds it.

    There members are written and updates applied by kernels, with the same bits; else by the processor.
    """
    if device.type == "cuda" and 2 * 4 * centre.size <= free_memory(device.index):
        return device
    return torch.device("cpu")


class Extension:
    """The methods that the engine calls on the workers, through `es_call`."""

    def es_call(self, verb: str, *arguments: Any) -> tuple[bool, Any]:
        """(True, what a verb answers) or (False, its error): of one that a shard raises vLLM hands on only the text."""
        try:
            return True, getattr(self, f"es_{verb}")(*arguments)
        except (EsreasonError, ValueError) as error:
            return False, error

    def es_open(self, model: str, noise: Noise) -> dict[str, Any]:
        self.es = Resident(self, model, noise)
        centre: Centre = self.es.centre
        device = next(private.model_of(self).parameters()).device
        return {
            "names": list(centre.parameters),
            "parameters": sum(parameter.numel() for parameter in centre.parameters.values()),
            "device": device.type,  # shards lie on several
            "gpu": gpu(device),
        }

    def es_load(self, members: Sequence[Member]) -> None:
        self.es.load(members)

    def es_write(self, member: Member) -> None:
        self.es.write(member)

    def es_single_out(self, member: Member, names: Sequence[str]) -> None:
        if self.es.slots is not None:
            self.es.slots.single_out(member, names)
        else:
            self.es.write(member, names[0])

    def es_update(self, update: Update) -> str:
        self.es.centre.apply(update)
        return self.es.moved()

    def es_rewind(self) -> str:
        self.es.centre.restart(open_checkpoint(self.es.checkpoint.directory)[1])
        return self.es.moved()

    def es_weights_sha256(self) -> str:
        return self.es.centre.weights_sha256()

    def es_drift(self) -> float:
        return self.es.centre.drift(open_checkpoint(self.es.checkpoint.directory)[1])

    def es_export(self, directory: Path) -> None:
        if self.rank == 0:  # type: ignore[attr-defined]
            export(self.es.checkpoint, self.es.centre, directory)
