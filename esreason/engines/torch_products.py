"""Products with a large matrix that oneDNN has laid out once, where torch has it.

On AVX-512 they take 12 % less time than MKL's, which `torch.mm` calls; small ones take more, for each call costs about
12 us. The bits of a row depended on its neighbours in no shape that was tried, from two rows on.
"""

from __future__ import annotations

from functools import cache

import torch

LEAST = 2**18
"""Elements of a matrix that is worth it."""

MOST = 2**28
"""Elements of a model whose matrices are laid out: the layouts take as much memory again (1 GB in float32)."""

_ROWS = 256  # what a layout is chosen for; it was the same for 8


@cache
def lays_out() -> bool:
    """Whether this torch can: a small product is tried, for these operators are not its public interface."""
    if not torch.backends.mkldnn.is_available():
        return False
    weight, x = torch.ones(16, 16), torch.ones(8, 16)
    try:
        out = times(x, lay_out(weight))
    except (AttributeError, NotImplementedError, RuntimeError, TypeError):
        return False
    return torch.equal(out, torch.full_like(x, 16.0))


def lay_out(weight: torch.Tensor) -> torch.Tensor:
    """A copy of weight [outputs, inputs] that `times` takes."""
    laid: torch.Tensor = torch.ops.mkldnn._reorder_linear_weight.default(weight.contiguous(), _ROWS)
    return laid


def times(x: torch.Tensor, laid: torch.Tensor) -> torch.Tensor:
    """x @ W^T for a W that has been laid out."""
    out: torch.Tensor = torch.ops.mkldnn._linear_pointwise.default(x, laid, None, "none", [], "")
    return out
