"""The CPU's adapter kernel against plain matrices, and what the kernel that it replaces does to the centre."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from esreason.engines.vllm_engine import VLLMEngine
from esreason.engines.vllm_kernel import add_embedding, add_product, chosen
from tests.vllm.conftest import MEMBERS, said


@pytest.mark.parametrize("rank", [1, 3])
@pytest.mark.parametrize(("dtype", "share"), [(torch.float32, 1e-6), (torch.bfloat16, 0.02)], ids=["float32", "bf16"])
def test_products_are_each_token_s_own(rank: int, dtype: torch.dtype, share: float) -> None:
    """Tokens of four slots and of none, mixed: y + A B^T x token by token, in float64."""
    torch.manual_seed(0)
    indices = torch.tensor([2, -1, 0, 3, 3, -1, 1, 2])
    x, y = torch.randn(8, 16, dtype=dtype), torch.randn(8, 24, dtype=dtype)
    left, right = torch.randn(4, 1, 24, rank, dtype=dtype), torch.randn(4, 1, rank, 16, dtype=dtype)
    wanted = y.double()
    for i, slot in enumerate(indices.tolist()):
        if slot >= 0:
            wanted[i] += left[slot, 0].double() @ right[slot, 0].double() @ x[i].double()
    untouched = y[1].clone()
    add_product(y, x, right, left, chosen(indices, 4, rank, dtype))
    assert (y.double() - wanted).abs().max() < share * wanted.abs().max()
    assert torch.equal(y[1], untouched)


def test_embeddings_are_each_token_s_own() -> None:
    torch.manual_seed(0)
    indices = torch.tensor([1, -1, 0])
    rows, right, y = torch.randn(3, 2), torch.randn(2, 1, 5, 2), torch.zeros(3, 5)
    add_embedding(y, rows, right, indices)
    assert torch.allclose(y[0], right[1, 0] @ rows[0])
    assert torch.allclose(y[2], right[0, 0] @ rows[2])
    assert not y[1].any()


@pytest.mark.vllm
def test_the_stock_kernel_leaks_into_requests_without_an_adapter(
    opened: Callable[..., VLLMEngine], small: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why the centre has a slot of its own among members, and why the kernel is replaced on a CPU.

    A request that names no adapter, batched with requests that do, is answered by the last slot's under the stock
    kernel: the index -1. Under ours it is the centre's. When the last line fails, vLLM has mended it.
    """
    from esreason.engines import vllm_private

    folder = small("mistral")

    def mixed(engine: VLLMEngine) -> list[str]:
        """What the centre says among members when its requests name no adapter."""
        adapter = engine._adapter
        monkeypatch.setattr(engine, "_adapter", lambda member: None if member == 2 else adapter(member))
        return said(engine, MEMBERS)[2]

    engine = opened(folder, capacity=4)
    [alone] = said(engine, [MEMBERS[2]])
    assert said(engine, MEMBERS)[2] == alone
    assert mixed(engine) == alone
    monkeypatch.setattr(vllm_private, "MaskedPunica", vllm_private.PunicaWrapperCPU)
    assert mixed(opened(folder, capacity=4)) != alone
