"""What the actions of a planning task cost, where its metric adds up what they increase."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import lcm

from esreason.verifiers.pddl_model import Change, Formula, Lifted
from esreason.verifiers.pddl_numbers import MAX_BITS, Number, Undefined, applied
from esreason.verifiers.plans import ALWAYS, MAX_WEIGHT, Ground, Operator, weight

Key = tuple[str, ...]


class NoCosts(ValueError):
    """The metric is no sum of amounts, 0 or more, that never change."""


class Costs:
    """The metric of a task as so much for each unit of some numbers; NoCosts where it is no such thing.

    That is `minimize` and a sum, with fixed weights of 0 or more, of numbers that actions do nothing to but increase.
    """

    def __init__(self, lifted: Lifted) -> None:
        self._values = lifted.values
        changes = [change for action in lifted.actions for change in action.changes]
        self._moving = {change.function for change in changes}
        self._told: set[str] = set()
        if lifted.metric is None:
            raise NoCosts
        _, weights = self._linear(lifted.metric, {})
        self.weights = {key: weight for key, weight in weights.items() if weight}
        self.functions = {key[0] for key in self.weights}
        counted = [change for change in changes if change.function in self.functions]
        if not counted or min(self.weights.values()) < 0 or any(change.kind != "increase" for change in counted):
            raise NoCosts

    @property
    def told(self) -> set[str]:
        """The functions that say what something costs."""
        return self._told

    def amount(self, change: Change, binding: Mapping[str, str]) -> Number:
        """What a change adds to the metric, before weighting."""
        amount, rest = self._linear(change.amount, binding)
        if rest or amount < 0:
            raise NoCosts
        return amount

    def _linear(self, item: Formula, binding: Mapping[str, str]) -> tuple[Number, dict[Key, Number]]:
        """A constant, and the weights of numbers that change."""
        if not isinstance(item, tuple):
            return item, {}
        if item[0] == "call":
            key = (item[1], *(binding.get(term, term) for term in item[2]))
            if item[1] in self._moving:
                return 0, {key: 1}
            self._told.add(item[1])
            value = self._values.get(key)
            if value is None:
                raise NoCosts
            return value, {}
        sign, (found, weights), *parts = item[0], *(self._linear(part, binding) for part in item[1])
        for constant, others in parts:
            if sign in "+-":
                factor = 1 if sign == "+" else -1
                weights = {key: _of("+", weights.get(key, 0), _of("*", factor, others.get(key, 0)))
                           for key in {**weights, **others}}  # fmt: skip
            elif others and (weights or sign == "/"):
                raise NoCosts
            else:
                fixed, scaled = (found, others) if others else (constant, weights)
                weights = {key: _of(sign, weight, fixed) for key, weight in scaled.items()}
            found = _of(sign, found, constant)
        return found, weights


def _of(sign: str, left: Number, right: Number) -> Number:
    try:
        return applied(sign, (left, right))
    except Undefined:
        raise NoCosts from None


Priced = tuple[tuple[Ground, Number], ...]
"""What a ground action costs: under each condition so much."""


def charged(operators: Mapping[str, Operator], priced: Mapping[str, Priced]) -> tuple[dict[str, Operator], int]:
    """The operators with their costs as whole numbers, and what these are multiplied by; NoCosts if they have none."""
    if not priced:
        raise NoCosts
    scale = 1
    for costs in priced.values():
        for _, cost in costs:
            scale = lcm(scale, cost.denominator)
            if scale.bit_length() > MAX_BITS or sum(1 + weight(when) for when, _ in costs) > MAX_WEIGHT:
                raise NoCosts
    found = {}
    for name, operator in operators.items():
        counted = tuple((when, int(cost * scale)) for when, cost in priced[name])
        always = sum(cost for when, cost in counted if when == ALWAYS)
        found[name] = replace(operator, cost=always, costs=tuple(part for part in counted if part[0] != ALWAYS))
    return found, scale
