"""Every interface of vLLM that is not a promised one, in one place; read in the source of the TESTED releases.

The names below are checked when an engine starts, so that a release which has moved one is refused with a sentence
and never runs with noise that reaches nothing. Importing this module imports vLLM.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import torch
import vllm
import vllm.model_executor.layers.utils as layer_utils
from vllm.lora.lora_model import LoRAModel
from vllm.lora.punica_wrapper.punica_cpu import PunicaWrapperCPU
from vllm.model_executor.layers.layernorm import GemmaRMSNorm, RMSNorm
from vllm.model_executor.layers.linear import QKVParallelLinear
from vllm.model_executor.models.interfaces import SupportsLoRA
from vllm.model_executor.models.mistral import MistralForCausalLM
from vllm.platforms import current_platform

from esreason.core.errors import ModelError, UsageError
from esreason.engines.vllm_kernel import add_embedding, add_product, chosen

TESTED = ("0.32.0",)
"""The releases of vLLM that the tests have passed with; others of the same series are let through."""

_SERIES = "0.32."
_NAMES = {
    "vllm.model_executor.layers.utils": ("dispatch_cpu_unquantized_gemm",),
    "vllm.lora.model_manager.LoRAModelManager": ("activate_adapter", "_get_punica_wrapper"),
    "vllm.lora.layers.base.BaseLayerWithLoRA": ("set_lora", "reset_lora"),
    "vllm.lora.punica_wrapper.punica_base.PunicaWrapperBase": (
        "token_lora_indices", "sampler_indices", "update_metadata",
    ),
    "vllm.lora.punica_wrapper.punica_cpu.PunicaWrapperCPU": (
        "add_lora_linear", "add_lora_logits", "add_lora_embedding",
    ),
    "vllm.v1.engine.llm_engine.LLMEngine": (
        "add_request", "step", "has_unfinished_requests", "abort_request", "reset_prefix_cache", "collective_rpc",
    ),
}  # fmt: skip
RANKS = (1, 8, 16, 32, 64)
"""The ranks of adapter slots that vLLM offers."""


def check_release() -> None:
    """Refuse a vLLM that this module was not written against; UsageError names the tested ones."""
    tested = ", ".join(TESTED)
    if not vllm.__version__.startswith(_SERIES):
        raise UsageError(
            f"--engine vllm is tested with vLLM {tested}; here is {vllm.__version__}: install one of {_SERIES}*"
        )
    for place, names in _NAMES.items():
        owner = _owner(place)
        missing = [name for name in names if not hasattr(owner, name)]
        if missing:
            raise UsageError(
                f"vLLM {vllm.__version__} has no {place}.{missing[0]} any more; --engine vllm is tested with {tested}"
            )


def on_cpu() -> bool:
    """Whether this vLLM computes on a CPU."""
    return bool(current_platform.is_cpu())


def _owner(place: str) -> Any:
    try:
        return import_module(place)
    except ModuleNotFoundError:
        module, _, name = place.rpartition(".")
        return getattr(import_module(module), name)


def keep_weights_plain() -> None:
    """Make linear layers that are loaded from now on keep their weights as they are, on a CPU.

    By default oneDNN packs them and leaves an empty tensor behind, or (the head) one that is no longer looked at.
    """

    def plain(layer: torch.nn.Module, remove_weight: bool) -> None:
        layer.cpu_linear = torch.nn.functional.linear  # type: ignore[assignment]

    layer_utils.dispatch_cpu_unquantized_gemm = plain


def offer_embeddings() -> None:
    """Let embedding and head of models that are loaded from now on take adapters, in every architecture.

    The layers can; most models name them, and some that are built of the same layers do not.
    """
    for model in (SupportsLoRA, MistralForCausalLM):
        model.embedding_modules = {"embed_tokens": "input_embeddings", "lm_head": "output_embeddings"}


def end(engine: Any) -> None:
    """Free an engine's workers and the process groups that it shares with every other engine of the process."""
    engine.engine_core.shutdown()


def failed(engine: Any) -> bool:
    """Whether a worker process of an engine has ended."""
    return bool(getattr(engine.engine_core.engine_core.model_executor, "is_failed", False))


def model_of(worker: Any) -> torch.nn.Module:
    """The module that a worker runs."""
    module: torch.nn.Module = worker.model_runner.get_model()
    return module


class Adapters:
    """The adapter slots of a worker, all of them occupied for good, so that vLLM never loads or moves one.

    Slot i belongs to the adapter number i + 1; what a slot holds is written into it directly.
    """

    def __init__(self, worker: Any, rank: int) -> None:
        self._manager: Any = worker.model_runner.lora_manager._adapter_manager
        self.modules: dict[str, Any] = dict(self._manager.modules)
        self.slots = int(self._manager.lora_slots)
        self.dtype: torch.dtype = self._manager.lora_config.lora_dtype
        for number in range(1, self.slots + 1):
            self._manager._registered_adapters[number] = LoRAModel(number, rank, {})
            self._manager.activate_adapter(number)
        self.check()
        self.wrapper: Any = self._manager._get_punica_wrapper("lm_head")
        if type(self.wrapper) is PunicaWrapperCPU:
            self.wrapper.__class__ = MaskedPunica

    def check(self) -> None:
        """ModelError if a slot does not belong to its adapter."""
        if self._manager.lora_index_to_id != list(range(1, self.slots + 1)):
            raise ModelError("vLLM has moved an adapter out of its slot, so that members would be exchanged.")

    def indices(self) -> torch.Tensor:
        """[tokens] the slot of each token of the batch that is being computed; -1 for none."""
        indices: torch.Tensor = self.wrapper.token_lora_indices
        return indices


class MaskedPunica(PunicaWrapperCPU):  # type: ignore[misc]
    """The CPU's adapter products as two products of matrices and a mask.

    The stock kernel gathers one pair of factors a token, which costs more the more tokens there are, and reads the
    index -1 of a token without adapter as Python does: it gets the last slot's adapter, whoever that belongs to.
    """

    def update_metadata(self, *arguments: Any, **named: Any) -> None:
        super().update_metadata(*arguments, **named)
        self._chosen: dict[tuple[bool, int, int, torch.dtype], torch.Tensor] = {}

    def _mask(self, samples: bool, slots: int, rank: int, dtype: torch.dtype) -> torch.Tensor:
        key = samples, slots, rank, dtype
        if key not in self._chosen:
            indices = self.sampler_indices if samples else self.token_lora_indices
            self._chosen[key] = chosen(indices, slots, rank, dtype)
        return self._chosen[key]

    def add_lora_linear(
        self, y: torch.Tensor, x: torch.Tensor, lora_a_stacked: Any, lora_b_stacked: Any, scale: float,
        output_slices: Any, *, buffer: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        if self.no_lora:
            return
        mask = self._mask(False, lora_a_stacked[0].shape[0], lora_a_stacked[0].shape[2], x.dtype)
        start = 0
        for right, left, size in zip(lora_a_stacked, lora_b_stacked, output_slices, strict=True):
            add_product(y[:, start : start + size], x, right, left, mask)
            start += size

    def add_lora_logits(
        self, y: torch.Tensor, x: torch.Tensor, lora_a_stacked: torch.Tensor, lora_b_stacked: torch.Tensor,
        scale: float, *, buffer: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        if self.no_lora:
            return
        mask = self._mask(True, lora_a_stacked.shape[0], lora_a_stacked.shape[2], x.dtype)
        add_product(y[:, : lora_b_stacked.shape[2]], x, lora_a_stacked, lora_b_stacked, mask)

    def add_lora_embedding(
        self, y: torch.Tensor, x: torch.Tensor, lora_b_stacked: torch.Tensor, add_inputs: bool = True, **kwargs: Any
    ) -> None:
        if not self.no_lora:
            add_embedding(y, x, lora_b_stacked, self.token_lora_indices)


def base(module: Any) -> Any:
    """The layer below an adapter wrapper, or the layer itself."""
    return getattr(module, "base_layer", module)


def parts_of(model: torch.nn.Module) -> dict[str, list[str]]:
    """Fused module -> the Hugging Face modules that lie in it, in order."""
    return dict(getattr(model, "packed_modules_mapping", {}))


def shard_of(module: Any, part: int) -> Any:
    """What a fused module's weight loader calls its part number `part`."""
    return "qkv"[part] if isinstance(base(module), QKVParallelLinear) else part


def place(parameter: Any, value: torch.Tensor, shard: Any) -> None:
    """Write a whole Hugging Face tensor where it belongs: its part of a fused one, this worker's slice of it.

    ValueError if the parameter is laid out otherwise (turned, for example).
    """
    loader = getattr(parameter, "weight_loader", None)
    if loader is None and parameter.shape != value.shape:
        raise ValueError("the shapes differ")
    try:
        with torch.no_grad():
            if loader is None:
                parameter.data.copy_(value)
            else:
                loader(parameter, value, *([] if shard is None else [shard]))
    except (AssertionError, RuntimeError) as error:
        raise ValueError(str(error)) from error


def norm_shift(module: Any) -> float | None:
    """What a norm adds to its weight in use, or None if the module is no norm that can be taken apart."""
    if isinstance(module, GemmaRMSNorm):
        return 1.0
    return 0.0 if isinstance(module, RMSNorm) else None


def ranks(rank: int) -> int:
    """The smallest rank of a slot that holds this one."""
    return next(offered for offered in RANKS if offered >= rank)


def named_modules(model: torch.nn.Module) -> Iterator[tuple[str, torch.nn.Module]]:
    """The modules by the names that they have without adapter wrappers."""
    for name, module in model.named_modules(remove_duplicate=False):
        if not name.endswith(".base_layer"):
            yield name, module
