"""Attention over cached keys and values, in products whose bits do not depend on how long the neighbours are.

Tried on MKL (AVX-512): true for heads of 16 and wider, which all real models have; narrower ones may differ in the
last bit when a neighbour attends to more.
"""

from __future__ import annotations

import torch

BLOCK = 128
"""Keys whose weighted values are summed in one product: longer sums are split differently at different lengths."""


def spread(mask: torch.Tensor, heads: int, key_heads: int) -> torch.Tensor:
    """A mask [rows, c, attended] as `attend` adds it: [rows * key heads, queries of a key head, attended]."""
    rows, c, attended = mask.shape
    wide = mask.view(rows, 1, 1, c, attended).expand(rows, key_heads, heads // key_heads, c, attended)
    return wide.reshape(rows * key_heads, -1, attended)


def attend(
    queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, mask: torch.Tensor, key_heads: int
) -> torch.Tensor:
    """Attention of queries [rows * c, heads, width] over [rows * key heads, attended, width], `mask` from `spread`."""
    heads, width = queries.shape[1:]
    planes, count, attended = mask.shape
    rows, repeat = planes // key_heads, heads // key_heads
    if count == repeat:  # one token a row: its heads already lie in order
        grouped = queries.reshape(planes, repeat, width)
    else:
        grouped = queries.view(rows, -1, key_heads, repeat, width).permute(0, 2, 3, 1, 4).reshape(planes, count, width)
    scores = torch.baddbmm(mask, grouped, keys.transpose(1, 2), alpha=width**-0.5)
    shares = torch.softmax(scores, -1)
    mixed = torch.bmm(shares[..., :BLOCK], values[:, :BLOCK])
    for start in range(BLOCK, attended, BLOCK):
        mixed.baddbmm_(shares[..., start : start + BLOCK], values[:, start : start + BLOCK])
    if count == repeat:
        return mixed.view(rows, heads * width)
    turned = mixed.view(rows, key_heads, repeat, -1, width).permute(0, 3, 1, 2, 4)
    return turned.reshape(-1, heads * width)
