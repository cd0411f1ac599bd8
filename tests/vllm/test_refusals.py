"""What the vLLM engine cannot do, it says in one sentence before anything is played."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers import AutoModelForCausalLM, GPT2Config

from esreason.core.errors import ModelError, UsageError
from esreason.engines.vllm_engine import VLLMEngine, _check_cuts
from esreason.es.noise import Noise
from tests.engines.conftest import save_tokenizer

pytestmark = pytest.mark.vllm


def test_other_releases_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from esreason.engines import vllm_private

    vllm_private.check_release()
    monkeypatch.setattr("vllm.__version__", "0.99.1")
    with pytest.raises(UsageError, match=r"tested with vLLM 0\.32\.0; here is 0\.99\.1"):
        vllm_private.check_release()


def test_a_release_without_one_of_the_interfaces_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from esreason.engines import vllm_private

    monkeypatch.delattr("vllm.model_executor.layers.utils.dispatch_cpu_unquantized_gemm")
    with pytest.raises(UsageError, match=r"has no vllm\.model_executor.*dispatch_cpu_unquantized_gemm.*0\.32\.0"):
        vllm_private.check_release()


def test_an_embedding_that_takes_no_adapter_is_named(
    small: Callable[..., Path], opened: Callable[..., VLLMEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """vLLM adapts what an architecture's class names, which for Mistral is no embedding unless we say so."""
    import_module("esreason.engines.vllm_worker")  # which says so
    monkeypatch.setattr("esreason.engines.vllm_private.MistralForCausalLM.embedding_modules", {})
    with pytest.raises(ModelError, match=r"no adapter for model\.embed_tokens .*--noise dense"):
        opened(small("mistral"))


def test_a_layout_that_cannot_be_written_is_named(tmp_path: Path, opened: Callable[..., VLLMEngine]) -> None:
    """GPT-2 stores its matrices turned."""
    config = GPT2Config(vocab_size=99, n_embd=64, n_head=2, n_layer=1, n_positions=64, bos_token_id=1, eos_token_id=2)
    AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path)
    save_tokenizer(tmp_path)
    with pytest.raises(ModelError, match="another layout than the checkpoint: use --engine torch"):
        opened(tmp_path, noise=Noise("dense"))


def test_noise_that_reaches_nothing_is_found_at_the_start(
    small: Callable[..., Path], opened: Callable[..., VLLMEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel that forgets what goes into the head: the parameter is named, and no run begins."""
    from esreason.engines import vllm_private

    monkeypatch.setattr(vllm_private.MaskedPunica, "add_lora_logits", lambda *arguments, **named: None)
    with pytest.raises(ModelError, match=r"Noise on lm_head\.weight does not reach"):
        opened(small("mistral"), capacity=4)


def test_packed_weights_are_found_at_the_start(
    small: Callable[..., Path], opened: Callable[..., VLLMEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """vLLM's packing leaves empty tensors behind; writing into them would train nothing."""
    import vllm.model_executor.layers.utils as layer_utils

    import_module("esreason.engines.vllm_worker")  # the replacement that keeps the weights plain is in place
    plain = layer_utils.dispatch_cpu_unquantized_gemm

    def emptied(layer: torch.nn.Module, remove_weight: bool) -> None:
        plain(layer, remove_weight)
        if remove_weight:
            layer.weight = torch.nn.Parameter(torch.empty(0), requires_grad=False)

    monkeypatch.setattr(layer_utils, "dispatch_cpu_unquantized_gemm", emptied)
    with pytest.raises(ModelError, match=r"does not keep .* where it can be perturbed"):
        opened(small("tied"), noise=Noise("dense"))


def test_a_model_that_cannot_be_cut_is_refused_before_anything_starts(small: Callable[..., Path]) -> None:
    """Two attention heads for three shards."""
    with pytest.raises(ModelError, match=r"2 attention heads.*cannot be cut into 3 shards"):
        VLLMEngine(small("tied"), shards=3)


@pytest.mark.parametrize(
    ("heads", "shared", "inner", "shards"), [(12, 3, 96, 2), (12, 4, 98, 4), (12, 4, 96, 3)], ids=str
)
def test_what_is_shared_out_must_come_out_even(heads: int, shared: int, inner: int, shards: int) -> None:
    """Key-value heads divide the shards or the shards them."""
    sizes = {"num_attention_heads": heads, "num_key_value_heads": shared, "intermediate_size": inner}
    with pytest.raises(ModelError, match=f"into {shards} shards"):
        _check_cuts(SimpleNamespace(**sizes), shards)
    _check_cuts(SimpleNamespace(**sizes | {"num_key_value_heads": 2, "intermediate_size": 96}), 4)


def test_one_engine_a_process(small: Callable[..., Path], opened: Callable[..., VLLMEngine]) -> None:
    opened(small("tied"), noise=Noise("dense"))
    with pytest.raises(ModelError, match="close the other one first"):
        VLLMEngine(small("tied"))
