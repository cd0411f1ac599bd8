"""A decoder's weights: fused where one product serves several parameters, and one with the centre where they can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch

from esreason.engines.torch_products import LEAST, MOST, lay_out, lays_out, times
from esreason.es.update_centre import Centre


@dataclass(slots=True)
class Linear:
    """Several matrices with one input, stacked: `weight` is [outputs, inputs], or [inputs, outputs] if `turned`.

    `laid` keeps copies of it, or of some of its outputs, in the layout of fast products; None: it gets none.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    weight: torch.Tensor
    turned: bool = False
    biases: tuple[str, ...] = ()
    bias: torch.Tensor | None = None
    laid: dict[tuple[int, int] | None, torch.Tensor] | None = None

    @property
    def inputs(self) -> int:
        return self.weight.shape[0 if self.turned else 1]

    @property
    def outputs(self) -> int:
        return self.weight.shape[1 if self.turned else 0]

    def span(self, parts: slice) -> slice:
        """The outputs of some of the fused matrices."""
        return slice(sum(self.sizes[: parts.start]), sum(self.sizes[: parts.stop]))

    def times(self, x: torch.Tensor, parts: slice | None) -> torch.Tensor:
        """x @ W^T of all the fused matrices or some `parts`, without a bias."""
        right = self.weight if self.turned else self.weight.t()
        if parts is not None:
            right = right[:, self.span(parts)]
        if self.laid is None:
            return torch.mm(x, right)
        key = None if parts is None else (parts.start, parts.stop)
        laid = self.laid.get(key)
        if laid is None:
            laid = self.laid[key] = lay_out(right.t())
        return times(x, laid)


@dataclass(slots=True)
class Vector:
    """A norm's weight or bias; `shift` is added to it in use (Gemma stores weight - 1)."""

    name: str
    value: torch.Tensor
    shift: float = 0.0


@dataclass(slots=True)
class Stage:
    """The parameters that are used together: one layer, or what stands before and after the layers."""

    linears: dict[str, Linear] = field(default_factory=dict)
    vectors: dict[str, Vector] = field(default_factory=dict)


class Loader:
    """Moves a centre's parameters into a decoder's tensors.

    In float32 on the centre's device the centre moves into the fused tensors itself, so that a model is in
    memory once; in another dtype or on another device they are copies, renewed by `refresh`.
    """

    def __init__(self, centre: Centre, dtype: torch.dtype, device: torch.device) -> None:
        self._centre = centre
        self._dtype = dtype
        self._device = device
        self._copies: list[tuple[str, torch.Tensor]] = []
        self._laid: list[dict[tuple[int, int] | None, torch.Tensor]] = []
        self._lays_out = dtype == torch.float32 and device.type == "cpu" and centre.size <= MOST and lays_out()

    def linear(self, names: Sequence[str], biases: Sequence[str] = (), turned: bool = False) -> Linear:
        """One fused product; `turned` matrices are [inputs, outputs] and cannot be stacked."""
        shapes = [self._centre.shapes[name] for name in names]
        sizes = (shapes[0][1],) if turned else tuple(shape[0] for shape in shapes)
        weight = self._weight(names, shapes, turned)
        bias = None
        if biases:
            bias = torch.empty(sum(sizes), dtype=self._dtype, device=self._device)
            for name, part in zip(biases, bias.split(list(sizes)), strict=True):
                self._place(name, part)
        linear = Linear(tuple(names), sizes, weight, turned, tuple(biases), bias)
        if self._lays_out and weight.numel() >= LEAST and not weight.is_meta:
            linear.laid = {}
            self._laid.append(linear.laid)
        return linear

    def _weight(self, names: Sequence[str], shapes: Sequence[tuple[int, ...]], turned: bool) -> torch.Tensor:
        """The fused matrix, filled."""
        if turned:
            return self._place(names[0], None)
        sizes = [shape[0] for shape in shapes]
        weight = torch.empty(sum(sizes), shapes[0][1], dtype=self._dtype, device=self._device)
        for name, part in zip(names, weight.split(sizes), strict=True):
            self._place(name, part)
        return weight

    def vector(self, name: str, shift: float = 0.0) -> Vector:
        return Vector(name, self._place(name, None), shift)

    def refresh(self) -> None:
        """Renew the copies after the centre has moved."""
        for name, tensor in self._copies:
            tensor.copy_(self._centre.parameters[name])
        for laid in self._laid:
            laid.clear()

    def _place(self, name: str, target: torch.Tensor | None) -> torch.Tensor:
        parameter = self._centre.parameters[name]
        if target is None:
            if parameter.dtype == self._dtype and parameter.device == self._device:
                return parameter
            target = torch.empty(parameter.shape, dtype=self._dtype, device=self._device)
        if target.dtype == torch.float32 and target.device == parameter.device:
            self._centre.rebind(name, target)
        else:
            target.copy_(parameter)
            self._copies.append((name, target))
        return target


class Weights(Protocol):
    """The weights of one batch: the centre's own, or each group's."""

    groups: int
    """How many groups of equally many rows the batch has."""

    def enter(self, stage: int) -> None:
        """Choose the stage whose parameters the next calls name."""

    def linear(self, key: str, linear: Linear, x: torch.Tensor, parts: slice | None = None) -> torch.Tensor:
        """x [tokens, inputs] @ W^T + b; `parts` takes only some of the fused matrices."""

    def vector(self, key: str, vector: Vector) -> torch.Tensor:
        """A vector that broadcasts over [groups, tokens of a group, width]."""

    def embedding(self, key: str, linear: Linear, tokens: torch.Tensor) -> torch.Tensor:
        """Rows of a table: tokens [n, c] -> [n * c, inputs]."""


class Plain:
    """The centre's own weights, for every row."""

    def __init__(self) -> None:
        self.groups = 1

    def enter(self, stage: int) -> None:
        """Nothing to choose."""

    def linear(self, key: str, linear: Linear, x: torch.Tensor, parts: slice | None = None) -> torch.Tensor:
        y = linear.times(x, parts)
        if linear.bias is None:
            return y
        return y.add_(linear.bias if parts is None else linear.bias[linear.span(parts)])

    def vector(self, key: str, vector: Vector) -> torch.Tensor:
        return vector.value + vector.shift if vector.shift else vector.value

    def embedding(self, key: str, linear: Linear, tokens: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.embedding(tokens.view(-1), linear.weight)
