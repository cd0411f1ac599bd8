"""Tensor parallelism: two workers with a slice of the model each say what the whole model says, with the same bits."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer

from esreason.core.errors import ModelError
from esreason.core.machine import cores
from esreason.engines.base import EngineLost
from esreason.engines.torch_checkpoint import checkpoint_sha256, open_checkpoint
from esreason.engines.vllm_engine import VLLMEngine
from esreason.es.noise import CENTRE, Noise
from tests.vllm.conftest import PROMPTS, said
from tests.vllm.test_engine import oracle, says_what_transformers_say

pytestmark = pytest.mark.vllm


@pytest.fixture
def pair() -> None:
    from esreason.engines.vllm_private import on_cpu

    if on_cpu() and cores() < 2:
        pytest.skip("two shards on a CPU wait for each other on a core of their own")
    if not on_cpu() and torch.cuda.device_count() < 2:
        pytest.skip("two shards need two GPUs")


@pytest.mark.parametrize(
    ("name", "noise"),
    [("biased", Noise("lowrank", 1)), ("qwen3", Noise("dense"))],
    ids=["low-rank, split heads", "dense, one head for both"],
)
def test_two_shards_are_the_whole_model(
    pair: None,
    opened: Callable[..., VLLMEngine],
    small: Callable[..., Path],
    plain: Callable[..., Any],
    tmp_path: Path,
    name: str,
    noise: Noise,
) -> None:
    """Members, the centre among them, and what three updates make of it, against plain transformers.

    99 tokens padded to 64 a shard; one key-value head a shard, or one that both hold; biases of matrices that are cut
    along their outputs and (`biased`) along their inputs, where one shard alone may add them; a tied head (`biased`).
    """
    folder = small(name)
    engine = opened(folder, noise=noise, capacity=4, shards=2)
    before = says_what_transformers_say(engine, folder, plain, noise)
    engine.export(tmp_path / "moved")
    assert checkpoint_sha256(tmp_path / "moved") == engine.weights_sha256()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    moved = plain(tmp_path / "moved", CENTRE, noise)
    after = [oracle(moved, tokenizer, prompt) for prompt in PROMPTS]
    assert after != before
    assert said(engine, [CENTRE]) == [after]
    assert (engine.facts()["shards"], engine.rewind()) == (2, open_checkpoint(folder)[1].checksum())


def test_an_error_of_a_shard_is_the_user_s_sentence() -> None:
    """Through vLLM's own way of answering, which makes a text of every exception and logs its traceback."""
    from vllm.v1.executor.multiproc_executor import WorkerProc

    from esreason.engines.vllm_worker import Extension

    class Tripping(Extension):
        def es_trip(self, rank: int) -> int:
            if rank:
                raise ModelError("a sentence")
            return rank

    def call(verb: str, args: tuple[Any, ...]) -> list[Any]:
        sent: list[bytes] = []
        answers = SimpleNamespace(worker_response_mq=SimpleNamespace(enqueue=lambda it: sent.append(pickle.dumps(it))))
        for rank in (0, 1):
            WorkerProc.enqueue_output(answers, getattr(Tripping(), verb)(*args, rank))
        statuses, values = zip(*map(pickle.loads, sent), strict=True)
        assert set(statuses) == {WorkerProc.ResponseStatus.SUCCESS}
        return list(values)

    engine = object.__new__(VLLMEngine)
    engine._engine = SimpleNamespace(collective_rpc=call)
    with pytest.raises(ModelError, match="a sentence"):
        engine._call("trip")


@pytest.mark.parametrize(("shards", "failed"), [(2, True), (2, False), (1, False)], ids=str)
def test_a_shard_that_dies_ends_the_engine_with_a_way_out(shards: int, failed: bool) -> None:
    """vLLM says that something was cancelled, or trips over what is gone; else what is raised stays what it is."""

    def trip(*arguments: Any, **named: Any) -> None:
        raise RuntimeError("cancelled")

    executor = SimpleNamespace(is_failed=failed)
    engine = object.__new__(VLLMEngine)
    engine._shards = shards
    engine._engine = SimpleNamespace(
        has_unfinished_requests=lambda: True, step=trip, collective_rpc=trip, abort_request=lambda names: None,
        engine_core=SimpleNamespace(engine_core=SimpleNamespace(model_executor=executor)),
    )  # fmt: skip
    kind, words = (EngineLost, "A shard of vLLM has ended.*resume") if failed else (RuntimeError, "cancelled")
    with pytest.raises(kind, match=words):
        engine._run([], lambda number, completion: None)
    with pytest.raises(kind, match=words):
        engine._call("update")
