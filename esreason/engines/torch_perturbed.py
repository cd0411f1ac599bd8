"""Products of a batch whose rows belong to several members: the base product is shared, each member adds its rank.

Rows lie in groups of equally many; a group has one member.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from esreason.engines.torch_noise import LowRank
from esreason.engines.torch_weights import Linear, Vector

_KEPT = 2**23  # gathered elements that are kept for a batch's later steps (32 MB in float32)


class Perturbed:
    """The weights of one batch of `rows` rows: group g of them belongs to member `groups[g]`."""

    def __init__(self, population: LowRank, groups: Sequence[int], rows: int) -> None:
        self.groups = len(groups)
        self._population = population
        self._rows = rows
        everyone = list(groups) == list(range(len(population.members)))
        self._members = None if everyone else torch.tensor(groups, device=population.flat[0].device)
        self._keep = everyone or population.elements * self.groups <= _KEPT
        self._stages: dict[int, _Stage] = {}
        self._stage = self._pick(0)

    def enter(self, stage: int) -> None:
        """Choose the stage whose parameters the next calls name."""
        found = self._stages.get(stage)
        self._stage = found if found is not None else self._pick(stage)

    def _pick(self, stage: int) -> _Stage:
        flat = self._population.flat[stage]
        if self._members is not None:
            flat = flat.index_select(0, self._members)
        picked = _Stage(flat, self._population.offsets[stage], self._population.rank)
        if self._keep or stage == 0:  # every pass enters the first one twice
            self._stages[stage] = picked
        return picked

    def linear(self, key: str, linear: Linear, x: torch.Tensor, parts: slice | None = None) -> torch.Tensor:
        """x @ W^T + b with each group's own W and b; `parts` takes only some of the fused matrices."""
        factors = self._stage.factors(key, linear, parts)
        y = linear.times(x, parts)
        if x.shape[0] > self._rows and factors.right.shape[1] > 1:
            products = torch.bmm(x.view(self.groups, -1, x.shape[1]), factors.right.transpose(1, 2)).unsqueeze(-1)
        else:
            # With one token a row, or one column, the product would be a vector's, whose bits depend on the count.
            products = (x.view(self.groups, -1, 1, x.shape[1]) * factors.right.unsqueeze(1)).sum(-1, keepdim=True)
        factors.add(y, products)
        if factors.bias is not None:
            y.view(self.groups, -1, y.shape[1]).add_(factors.bias)
        return y

    def vector(self, key: str, vector: Vector) -> torch.Tensor:
        """Each group's own value of a vector, [groups, 1, width]."""
        return self._stage.piece(key, 0, vector.value.numel()).unsqueeze(1)

    def embedding(self, key: str, linear: Linear, tokens: torch.Tensor) -> torch.Tensor:
        """Rows of each group's own table: tokens [n, c] -> [n * c, inputs]."""
        x = torch.nn.functional.embedding(tokens.view(-1), linear.weight)
        factors, chosen = self._stage.factors(key, linear, None), tokens.view(self.groups, -1)
        grouped = x.view(self.groups, -1, x.shape[1])
        for r in range(self._population.rank):
            shares = factors.left[r].flatten(1).gather(1, chosen).unsqueeze(-1)
            grouped.addcmul_(shares, factors.right[:, r : r + 1])
        return x


class _Stage:
    """One stage's factors of the groups of a batch; views are made once."""

    def __init__(self, flat: torch.Tensor, offsets: dict[str, int], rank: int) -> None:
        self._flat = flat
        self._offsets = offsets
        self._rank = rank
        self._factors: dict[tuple[str, int], _Factors] = {}

    def piece(self, key: str, at: int, size: int) -> torch.Tensor:
        start = self._offsets[key] + at
        return self._flat[:, start : start + size]

    def factors(self, key: str, linear: Linear, parts: slice | None) -> _Factors:
        name = (key, -1 if parts is None else parts.start)
        found = self._factors.get(name)
        if found is None:
            found = self._factors[name] = self._make(key, linear, parts or slice(0, len(linear.sizes)))
        return found

    def _make(self, key: str, linear: Linear, parts: slice | None) -> _Factors:
        rank, inputs, outputs, count = self._rank, linear.inputs, linear.outputs, len(linear.sizes)
        right = self.piece(key, 0, count * rank * inputs).view(-1, count * rank, inputs)
        left = self.piece(key, count * rank * inputs, rank * outputs).view(-1, 1, rank, outputs)
        bias, sizes = None, linear.sizes
        if linear.bias is not None:
            bias = self.piece(key, rank * (count * inputs + outputs), outputs).unsqueeze(1)
        if parts is not None:
            span, sizes = linear.span(parts), linear.sizes[parts]
            right, left = right[:, parts.start * rank : parts.stop * rank], left[..., span]
            bias = None if bias is None else bias[..., span]
        return _Factors.of(right, left, bias, sizes)


@dataclass(slots=True)
class _Factors:
    """One fused product's: `right` [groups, parts * rank, inputs]; `left` for each rank [groups, 1, parts, outputs].

    Where the parts differ in size, `sizes` are theirs, and `left` is [groups, 1, 1, outputs of all parts].
    """

    right: torch.Tensor
    left: list[torch.Tensor]
    bias: torch.Tensor | None
    sizes: tuple[int, ...] | None

    @classmethod
    def of(
        cls, right: torch.Tensor, left: torch.Tensor, bias: torch.Tensor | None, sizes: tuple[int, ...]
    ) -> _Factors:
        """From the left factors [groups, 1, rank, outputs] of parts of these sizes."""
        alike = len(set(sizes)) == 1
        shape = (left.shape[0], 1, len(sizes) if alike else 1, -1)
        return cls(right, [left[:, :, r].view(shape) for r in range(left.shape[2])], bias, None if alike else sizes)

    def add(self, y: torch.Tensor, products: torch.Tensor) -> None:
        """y [tokens, outputs] += products [groups, tokens of a group, parts * rank, 1] times the left factors."""
        rank = len(self.left)
        for r, left in enumerate(self.left):
            mine = products if rank == 1 else products[:, :, r::rank]
            if self.sizes is None:
                y.view(left.shape[0], -1, left.shape[2], left.shape[3]).addcmul_(mine, left)
                continue
            whole = y.view(left.shape[0], -1, 1, y.shape[1])
            parts = zip(whole.split(self.sizes, -1), left.split(self.sizes, -1), strict=True)
            for i, (part, own) in enumerate(parts):
                part.addcmul_(mine[:, :, i : i + 1], own)
