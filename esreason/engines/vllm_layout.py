"""Where each Hugging Face parameter lies in vLLM's module: fused, padded and sliced among workers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from esreason.core.errors import ModelError
from esreason.engines import vllm_private as private

HEAD, EMBEDDING = "lm_head", "embed_tokens"


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A parameter's place: part `part` of `kind` ("weight" or "bias") of the module `path` (None: all of it)."""

    path: str
    kind: str
    part: int | None
    shard: Any
    module: Any
    parameter: torch.nn.Parameter

    def write(self, value: torch.Tensor) -> None:
        """Put a whole Hugging Face tensor there."""
        private.place(self.parameter, value, self.shard)


class Layout:
    """The spots of a module's parameters by the names that the checkpoint stores them under."""

    def __init__(self, module: torch.nn.Module, stored: Mapping[str, str], tied: bool) -> None:
        self._modules = dict(private.named_modules(module))
        self._fused = {
            leaf: (whole, parts.index(leaf)) for whole, parts in private.parts_of(module).items() for leaf in parts
        }
        self.spots: dict[str, tuple[Spot, ...]] = {}
        for name, canonical in stored.items():
            self.spots[canonical] = (self._spot(name),)
            if tied and name.endswith(f"{EMBEDDING}.weight") and HEAD in self._modules:
                self.spots[canonical] += (self._spot(f"{HEAD}.weight"),)
        covered = {id(spot.parameter) for spots in self.spots.values() for spot in spots}
        for name, parameter in module.named_parameters():
            if id(parameter) not in covered:
                raise ModelError(
                    f"vLLM keeps a parameter {name} that this checkpoint does not name: use --engine torch"
                )

    def _spot(self, name: str) -> Spot:
        path, _, kind = name.rpartition(".")
        parent, _, leaf = path.rpartition(".")
        part: int | None = None
        if path not in self._modules and leaf in self._fused:
            whole, part = self._fused[leaf]
            path = f"{parent}.{whole}" if parent else whole
        module = self._modules.get(path)
        parameter = getattr(private.base(module), kind, None) if module is not None else None
        if not isinstance(parameter, torch.nn.Parameter) or not parameter.numel():
            raise ModelError(f"vLLM does not keep {name} where it can be perturbed: use --engine torch")
        shard = None if part is None else private.shard_of(module, part)
        return Spot(path, kind, part, shard, module, parameter)

    def write(self, name: str, value: torch.Tensor) -> None:
        """Put a parameter everywhere it lies."""
        for spot in self.spots[name]:
            spot.write(value)

    def check(self, centre: Mapping[str, torch.Tensor]) -> None:
        """ModelError unless writing the checkpoint's values gives, bit for bit, what vLLM has loaded itself."""
        parameters = {id(s.parameter): s.parameter for spots in self.spots.values() for s in spots}
        loaded = {key: parameter.detach().clone() for key, parameter in parameters.items()}
        for parameter in parameters.values():
            parameter.data.fill_(float("nan"))
        for name, value in centre.items():
            try:
                self.write(name, value)
            except ValueError:
                raise ModelError(
                    f"vLLM holds {name} in another layout than the checkpoint: use --engine torch"
                ) from None
        for name, spots in self.spots.items():
            for spot in spots:
                if not torch.equal(spot.parameter, loaded[id(spot.parameter)]):
                    raise ModelError(f"vLLM holds {name} in another layout than the checkpoint: use --engine torch")
