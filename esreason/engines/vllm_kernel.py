"""Products of many members' low-rank factors in one batch, for CPUs: two matrix products and a mask."""

from __future__ import annotations

import torch


def chosen(indices: torch.Tensor, slots: int, rank: int, dtype: torch.dtype) -> torch.Tensor:
    """[tokens, slots * rank] one where a column belongs to the token's slot; a row of zeros for index -1."""
    own = indices.unsqueeze(1) == torch.arange(slots, device=indices.device)
    return own.to(dtype).repeat_interleave(rank, 1)


def add_product(y: torch.Tensor, x: torch.Tensor, right: torch.Tensor, left: torch.Tensor, mask: torch.Tensor) -> None:
    """y [tokens, outputs] += (x B) A^T of each token's own slot.

    `right` is B^T [slots, 1, rank, inputs], `left` is A [slots, 1, outputs, rank].
    """
    slots, _, rank, inputs = right.shape
    outputs = left.shape[2]
    z = torch.mm(x, right.view(slots * rank, inputs).t()).mul_(mask)
    wide = left.view(slots, outputs) if rank == 1 else left[:, 0].transpose(1, 2).reshape(slots * rank, outputs)
    if y.dtype == z.dtype:
        y.addmm_(z, wide)
    else:
        y.add_(torch.mm(z, wide))


def add_embedding(y: torch.Tensor, rows: torch.Tensor, right: torch.Tensor, indices: torch.Tensor) -> None:
    """y [tokens, width] += A B^T of each token's own slot, at the token's row of A.

    `rows` are those rows [tokens, rank], `right` is B [slots, 1, width, rank].
    """
    own = (indices >= 0).unsqueeze(1)
    for r in range(right.shape[3]):
        y.addcmul_(rows[:, r : r + 1] * own, right[:, 0, :, r][indices])
