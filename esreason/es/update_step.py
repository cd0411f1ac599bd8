"""The floating-point half of an update: one expression an element, in float64, rounded once to float32."""

from __future__ import annotations

import math

import torch

from esreason.es.update import StepRule


class Step:
    """One step of one rule; `number` counts from 1.

    Every product and every sum is an operation of its own: a fused multiply-add, which some devices would use
    for `addcmul` or `add(alpha=)`, rounds once where this rounds twice, and the bits would differ.
    """

    def __init__(self, rule: StepRule, alpha: float, number: int) -> None:
        self.rule = rule
        self.alpha = alpha
        self._correction1 = 1.0 - _power(rule.beta1, number)
        self._correction2 = 1.0 - _power(rule.beta2, number)

    def state(self, parameter: torch.Tensor) -> dict[str, torch.Tensor]:
        """What the rule remembers about a parameter, before its first step."""
        state: dict[str, torch.Tensor] = {}
        if self.rule.kind != "sgd":
            state["m"] = torch.zeros_like(parameter)
        if self.rule.kind == "adam":
            state["v"] = torch.zeros_like(parameter)
        if self.rule.decay > 0.0:
            state["start"] = parameter.clone()
        return state

    def move(self, w: torch.Tensor, g: torch.Tensor, state: dict[str, torch.Tensor]) -> None:
        """Move w (float32, in place) along g (float64, overwritten) and carry the state on."""
        moved = self._direction(g, state).mul_(self.alpha).add_(w)
        if self.rule.decay > 0.0:
            moved = self._decayed(moved, state["start"])
        w.copy_(moved)

    def _direction(self, g: torch.Tensor, state: dict[str, torch.Tensor]) -> torch.Tensor:
        rule = self.rule
        if rule.kind == "sgd":
            return g
        if rule.kind == "momentum":
            m = state["m"].to(torch.float64).mul_(rule.beta1).add_(g)
            state["m"].copy_(m)
            return m
        m = state["m"].to(torch.float64).mul_(rule.beta1).add_(g * (1.0 - rule.beta1))
        v = state["v"].to(torch.float64).mul_(rule.beta2).add_(g.mul_(g).mul_(1.0 - rule.beta2))
        state["m"].copy_(m)
        state["v"].copy_(v)
        return m.div_(self._correction1).div_(v.div_(self._correction2).sqrt_().add_(rule.eps))

    def _decayed(self, moved: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
        drift = moved.sub_(start)
        pull = self.alpha * self.rule.decay
        if self.rule.decay_norm == "l2":
            drift.mul_(1.0 - pull)
        else:
            drift = drift.sign().mul_(drift.abs_().sub_(pull).clamp_(min=0.0))
        return drift.add_(start)


def _power(base: float, exponent: int) -> float:
    """base ** exponent by repeated squaring: the C library's pow may differ in the last bit between machines."""
    result, square = 1.0, base
    while exponent:
        if exponent & 1:
            result *= square
        square *= square
        exponent >>= 1
    return result if math.isfinite(result) else 0.0
