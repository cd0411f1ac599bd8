"""Attention over cached keys and values, in products whose bits do not depend on how long the neighbours are."""

from __future__ import annotations

import torch
from torch.nn import functional

BLOCK = 128
"""Keys whose weighted values are summed in one product: longer sums are split differently at different lengths."""


def attend(
    queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, mask: torch.Tensor, key_heads: int
) -> torch.Tensor:
    """Attention of queries [rows * c, heads, width] over [rows * key heads, attended, width]."""
    rows, c, attended = mask.shape
    heads, width = queries.shape[1:]
    repeat = heads // key_heads
    grouped = queries.view(rows, c, key_heads, repeat, width).permute(0, 2, 3, 1, 4)
    grouped = grouped.reshape(rows * key_heads, repeat * c, width).mul(width**-0.5)
    scores = torch.bmm(grouped, keys.transpose(1, 2)).view(rows, key_heads * repeat, c, attended)
    shares = functional.softmax(scores.add_(mask.unsqueeze(1)), -1).view(rows * key_heads, repeat * c, attended)
    mixed = torch.bmm(shares[..., :BLOCK], values[:, :BLOCK])
    for start in range(BLOCK, attended, BLOCK):
        mixed.baddbmm_(shares[..., start : start + BLOCK], values[:, start : start + BLOCK])
    turned = mixed.view(rows, key_heads, repeat, c, width).permute(0, 3, 1, 2, 4)
    return turned.reshape(rows * c, heads * width)
