"""The low-rank members of a unit in vLLM's adapter slots, filled from memory; vectors and biases by hooks.

An adapter reaches matrices only. A norm's weight is therefore taken out of its module and applied behind it, each
token's own row of a stack, and so is a bias: no parameter is left without its noise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from esreason.core.errors import ModelError
from esreason.engines import vllm_private as private
from esreason.engines.torch_written import write
from esreason.engines.vllm_layout import EMBEDDING, Layout, Spot
from esreason.es.noise import CENTRE, ONE, Member, Noise, factors
from esreason.es.update_centre import Centre

Factors = tuple[torch.Tensor, torch.Tensor]


@dataclass(slots=True)
class Matrices:
    """The parameters that one adapter module perturbs, in the order of its slices."""

    module: Any
    path: str
    names: list[str] = field(default_factory=list)

    def fill(self, slot: int, pairs: Sequence[Factors], amplitude: float, rank: int) -> None:
        """Write A [rows, rank] and B [columns, rank] (integers) of every slice, scaled, into a slot."""
        scale = amplitude / (ONE * math.sqrt(rank))
        lefts = [a * scale for a, _ in pairs]
        rights = [b / ONE for _, b in pairs]
        if self.path.endswith(EMBEDDING):
            self.module.set_lora(slot, lefts[0].t(), rights[0])
        elif len(pairs) == 1:
            self.module.set_lora(slot, rights[0].t(), lefts[0])
        else:
            self.module.set_lora(slot, [b.t() for b in rights], lefts)


class Rows:
    """A vector parameter of every slot, [slots + 1, width]; the last row is the centre's."""

    def __init__(self, spots: list[tuple[str, Spot]], adapters: private.Adapters) -> None:
        self.spots = spots
        first = spots[0][1]
        self._parameter, self._adapters = first.parameter, adapters
        self._scales = first.kind == "weight"
        shift = private.norm_shift(first.module) if self._scales else 0.0
        if shift is None or first.parameter.dim() != 1:
            raise ModelError(f"--engine vllm cannot give {spots[0][0]} its own noise in a batch: use --engine torch")
        self._shift = shift
        dtype = torch.float32 if shift else first.parameter.dtype
        size = (adapters.slots + 1, first.parameter.numel())
        self._stack = torch.zeros(size, dtype=dtype, device=first.parameter.device)
        first.module.register_forward_hook(self._apply)

    def fill(self, slot: int, centre: Centre, member: Member, noise: Noise, only: str | None) -> None:
        """Write a member's vector into a row; slot -1 is the centre's."""
        for name, spot in self.spots:
            value = torch.empty_like(centre.parameters[name])
            write(centre, name, member if only in (None, name) else CENTRE, noise, value)
            spot.write(value)
        self._stack[slot] = self._parameter.detach().to(self._stack.dtype) + self._shift
        self._parameter.data.fill_(1.0 - self._shift if self._scales else 0.0)  # neutral: the rows do the work

    def _apply(self, module: torch.nn.Module, inputs: Any, output: Any) -> None:
        out: torch.Tensor = output[0] if isinstance(output, tuple) else output
        rows = self._stack[-1:] if self._adapters.wrapper.no_lora else self._stack[self._adapters.indices()]
        if len(rows) > 1 and out.shape[0] != len(rows):  # a norm over heads whose caller has flattened them
            rows = rows.repeat_interleave(out.shape[0] // len(rows), 0)
        rows = rows.view(len(rows), *[1] * (out.dim() - 2), -1)
        if self._scales:
            out.mul_(rows)
        else:
            out.add_(rows)


class Slots:
    """The members that are resident, a slot each."""

    def __init__(self, worker: Any, layout: Layout, centre: Centre, noise: Noise, tied: bool) -> None:
        self._centre, self._noise = centre, noise
        self._adapters = private.Adapters(worker, private.ranks(noise.rank))
        self._matrices: dict[str, Matrices] = {}
        vectors: dict[int, list[tuple[str, Spot]]] = {}
        for name, spots in layout.spots.items():
            if tied and len(spots) < 2 and spots[0].path.endswith(EMBEDDING):
                raise ModelError("vLLM offers no adapter for this model's head: use --engine torch or --noise dense")
            for spot in spots:
                if centre.parameters[name].dim() == 2:
                    self._matrix(spot).names.append(name)
                else:
                    vectors.setdefault(id(spot.parameter), []).append((name, spot))
        self._rows = [Rows(spots, self._adapters) for spots in vectors.values()]
        self._members: tuple[Member, ...] = ()
        self.moved()

    def _matrix(self, spot: Spot) -> Matrices:
        module = self._adapters.modules.get(spot.path)
        if module is None:
            raise ModelError(
                f"vLLM offers no adapter for {spot.path} of this model: use --engine torch or --noise dense"
            )
        return self._matrices.setdefault(spot.path, Matrices(module, spot.path))

    def moved(self) -> None:
        """The centre has moved: its own rows are written anew, and the members' before they play."""
        for rows in self._rows:
            rows.fill(-1, self._centre, CENTRE, self._noise, None)
        self._members = ()

    def load(self, members: Sequence[Member]) -> None:
        """Fill the first slots with these members, unless they are there already."""
        if tuple(members) == self._members:
            return
        self._fill(members, [None] * len(members))
        self._members = tuple(members)

    def single_out(self, member: Member, names: Sequence[str]) -> None:
        """Fill the first slots with a member of which slot i has the noise of the parameter `names[i]` alone."""
        self._members = ()
        self._fill([member] * len(names), names)

    def _fill(self, members: Sequence[Member], only: Sequence[str | None]) -> None:
        self._adapters.check()
        for seed in sorted({abs(member.seed) for member in members}):
            who = [slot for slot, member in enumerate(members) if abs(member.seed) == seed]
            for matrices in self._matrices.values():
                pairs = [self._factors(seed, name) for name in matrices.names] if seed else []
                for slot in who:
                    self._fill_matrices(slot, matrices, pairs, members[slot], only[slot])
        for rows in self._rows:
            for slot, member in enumerate(members):
                rows.fill(slot, self._centre, member, self._noise, only[slot])

    def _fill_matrices(
        self, slot: int, matrices: Matrices, pairs: list[Factors], member: Member, only: str | None
    ) -> None:
        if not member.amplitude or only not in (None, *matrices.names):
            matrices.module.reset_lora(slot)
            return
        chosen = [(a if only in (None, n) else a * 0, b) for n, (a, b) in zip(matrices.names, pairs, strict=True)]
        matrices.fill(slot, chosen, member.amplitude, self._noise.rank)

    def _factors(self, seed: int, name: str) -> Factors:
        rows, columns = self._centre.parameters[name].shape
        left, right = factors(seed, name, (rows, columns), self._noise.rank)
        return torch.from_numpy(left).float(), torch.from_numpy(right).float()
