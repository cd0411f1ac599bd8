"""Products with matrices laid out once: the same tokens, up to date after a step, bits that no neighbour changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer

from esreason.engines import torch_weights
from esreason.engines.base import Request, Sampling
from esreason.engines.torch_engine import TorchEngine
from esreason.engines.torch_products import lay_out, lays_out, times
from esreason.es.noise import CENTRE, Member, Noise
from esreason.es.update import StepRule, Update

MEMBERS = [Member(5, 0.03), Member(-5, 0.03), CENTRE, Member(77, 0.05)]

pytestmark = pytest.mark.skipif(not lays_out(), reason="this torch has no oneDNN products")


@pytest.fixture
def everything_laid(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small matrices of the tests' checkpoints get layouts too."""
    monkeypatch.setattr(torch_weights, "LEAST", 1)


def answers(engine: TorchEngine) -> list[tuple[int, ...]]:
    """What all members say to two prompts, as token ids."""
    engine.load(MEMBERS, 2)
    asked = [Request(m, e, f"solve {e}{'.' * (9 * e)}>", Sampling(6, stop="")) for m in range(4) for e in range(2)]
    return [done.ids for done in engine.generate(asked)]


def laid(engine: TorchEngine) -> int:
    """How many layouts an engine holds."""
    stages = engine._runner._decoder.stages  # type: ignore[attr-defined]
    return sum(len(linear.laid or ()) for stage in stages for linear in stage.linears.values())


@pytest.mark.parametrize("name", ["llama", "llama-grouped", "gpt2", "gemma"])
def test_same_tokens_as_transformers(
    everything_laid: None, checkpoint: Callable[[str], Path], plain: Callable[..., Any], name: str
) -> None:
    engine = TorchEngine(checkpoint(name))
    said = answers(engine)
    assert laid(engine) > 0
    tokenizer = AutoTokenizer.from_pretrained(checkpoint(name))
    for m, member in enumerate(MEMBERS):
        oracle = plain(checkpoint(name), member, Noise())
        for e in range(2):
            ids = torch.tensor([tokenizer.encode(f"solve {e}{'.' * (9 * e)}>")])
            with torch.inference_mode():
                out = oracle.generate(
                    ids, attention_mask=torch.ones_like(ids), max_new_tokens=6, do_sample=False, pad_token_id=0
                )
            assert said[2 * m + e] == tuple(out[0, ids.shape[1] :].tolist()), (m, e)


@pytest.mark.parametrize("noise", [Noise(), Noise("dense")], ids=["rank 1", "dense"])
def test_layouts_follow_a_step(
    checkpoint: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, noise: Noise
) -> None:
    """After a step that changes what is said, after another, and back at the start: as without layouts."""
    without = TorchEngine(checkpoint("llama"), noise=noise)
    monkeypatch.setattr(torch_weights, "LEAST", 1)
    engine = TorchEngine(checkpoint("llama"), noise=noise)
    first = answers(engine)
    assert first == answers(without) and laid(engine) > 0 and laid(without) == 0
    for number in range(2):
        update = Update(number, (3 + number, 4), (900, -700), 1e-3, 0.3, noise, StepRule())
        assert engine.apply_update(update) == without.apply_update(update)
        moved = answers(engine)
        assert moved == answers(without) != first
    engine.rewind()
    assert answers(engine) == first


def test_small_matrices_low_precision_and_large_models_get_none(
    checkpoint: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = TorchEngine(checkpoint("llama"))
    answers(engine)
    assert laid(engine) == 0
    monkeypatch.setattr(torch_weights, "LEAST", 1)
    low = TorchEngine(checkpoint("llama"), dtype="bfloat16")
    answers(low)
    assert laid(low) == 0
    monkeypatch.setattr(torch_weights, "MOST", 1000)
    large = TorchEngine(checkpoint("llama"))
    answers(large)
    assert laid(large) == 0


@pytest.mark.parametrize(("inputs", "outputs"), [(576, 960), (1536, 576), (512, 1001), (1000, 513), (4864, 896)])
def test_a_row_keeps_its_bits_among_any_others(inputs: int, outputs: int) -> None:
    """Any count of rows from 8 on, any place: the bits of the same row are the same; and they are a product's."""
    torch.manual_seed(inputs)
    weight, x = torch.randn(outputs, inputs), torch.randn(800, inputs)
    matrix = lay_out(weight)
    whole = times(x, matrix)
    for rows in (8, 9, 13, 31, 64, 105, 128, 257, 384, 765):
        for first in (0, 5, 800 - rows):
            part = times(x[first : first + rows].clone(), matrix)
            assert torch.equal(part, whole[first : first + rows]), (rows, first)
    exact = x.double() @ weight.double().t()
    assert (whole - exact).abs().max() < 1e-5 * inputs**0.5 * exact.abs().max() / 4
