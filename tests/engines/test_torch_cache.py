"""The cache's slots: one copied into several, in place or by index, and the rest left as it was."""

from __future__ import annotations

import pytest
import torch

from esreason.engines.torch_cache import Cache, CacheShape


@pytest.mark.parametrize("targets", [[2, 3, 4], [5, 1, 3], [0]])
def test_spread_copies_a_start_into_other_slots(targets: list[int]) -> None:
    cache = Cache(CacheShape(2, 3, 4, torch.float32, torch.device("cpu")), 8)
    cache.reserve(40)
    for store in (*cache.keys, *cache.values):
        store.normal_()
    before = [store.clone() for store in (*cache.keys, *cache.values)]
    cache.spread(7, targets, 33)
    for old, store in zip(before, (*cache.keys, *cache.values), strict=True):
        for slot in range(8):
            start = old[7 if slot in targets else slot]
            assert torch.equal(store[slot, :, :33], start[:, :33])
            assert torch.equal(store[slot, :, 33:], old[slot, :, 33:])
