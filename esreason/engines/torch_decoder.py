"""The forward pass of the Llama family (Llama, Mistral, Qwen2, Qwen3, Gemma), many members in one batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch.nn import functional
from transformers import PretrainedConfig
from transformers.activations import ACT2FN
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from esreason.engines.torch_attention import attend, spread
from esreason.engines.torch_cache import Cache, CacheShape, Span
from esreason.engines.torch_weights import Linear, Loader, Stage, Vector, Weights


@dataclass(frozen=True, slots=True)
class Family:
    """What distinguishes the architectures of the family."""

    norm_shift: float = 0.0
    scale_embedding: bool = False
    head_norms: bool = False


FAMILIES = {
    "llama": Family(),
    "mistral": Family(),
    "qwen2": Family(),
    "qwen3": Family(head_norms=True),
    "gemma": Family(norm_shift=1.0, scale_embedding=True),
}

_STATIC_ROPE = ("default", "linear", "llama3", "yarn")  # the others change their frequencies with the length


def supported(config: PretrainedConfig) -> bool:
    """Whether this forward pass computes what the configuration describes."""
    rope = getattr(config, "rope_parameters", None) or {}
    return config.model_type in FAMILIES and rope.get("rope_type", "default") in _STATIC_ROPE


class LlamaDecoder:
    """Weights in stages (0: embedding, last norm, head; 1 on: the layers) and the pass over them."""

    def __init__(self, config: PretrainedConfig, stored: dict[str, str], loader: Loader) -> None:
        self._config = config
        self._family = FAMILIES[config.model_type]
        self._heads = config.num_attention_heads
        self._key_heads = getattr(config, "num_key_value_heads", None) or self._heads
        self._width = getattr(config, "head_dim", None) or config.hidden_size // self._heads
        self._eps = config.rms_norm_eps
        self._activation: Callable[[torch.Tensor], torch.Tensor] = ACT2FN[config.hidden_act]
        if config.hidden_act == "silu":
            self._activation = partial(functional.silu, inplace=True)
        self._windows = _windows(config)
        self._stored = stored
        self._loader = loader
        self.stages = [self._outer(), *(self._layer(i) for i in range(config.num_hidden_layers))]
        weight = self.stages[0].linears["embed"].weight
        self.cache_shape = CacheShape(
            config.num_hidden_layers, self._key_heads, self._width, weight.dtype, weight.device
        )
        self._cos, self._sin = _rope(config, weight.device)

    def _outer(self) -> Stage:
        linears = {"embed": self._loader.linear([self._stored["model.embed_tokens.weight"]])}
        if "lm_head.weight" in self._stored:
            linears["head"] = self._loader.linear([self._stored["lm_head.weight"]])
        return Stage(linears, {"norm": self._norm("model.norm")})

    def _layer(self, index: int) -> Stage:
        at = f"model.layers.{index}."
        heads = [f"{at}self_attn.{name}_proj" for name in ("q", "k", "v")]
        linears = {
            "qkv": self._linear(heads),
            "out": self._linear([f"{at}self_attn.o_proj"]),
            "gate_up": self._linear([f"{at}mlp.gate_proj", f"{at}mlp.up_proj"]),
            "down": self._linear([f"{at}mlp.down_proj"]),
        }
        vectors = {
            "before": self._norm(f"{at}input_layernorm"),
            "between": self._norm(f"{at}post_attention_layernorm"),
        }
        if self._family.head_norms:
            vectors["q_norm"] = self._norm(f"{at}self_attn.q_norm")
            vectors["k_norm"] = self._norm(f"{at}self_attn.k_norm")
        return Stage(linears, vectors)

    def _linear(self, modules: Sequence[str]) -> Linear:
        weights = [self._stored[f"{module}.weight"] for module in modules]
        biases = [self._stored[f"{module}.bias"] for module in modules if f"{module}.bias" in self._stored]
        return self._loader.linear(weights, biases)

    def _norm(self, module: str) -> Vector:
        return self._loader.vector(self._stored[f"{module}.weight"], self._family.norm_shift)

    def forward(self, tokens: torch.Tensor, span: Span, cache: Cache, weights: Weights) -> torch.Tensor:
        """Logits [rows, vocabulary] after each row's last valid token; keys and values go to the cache."""
        weights.enter(0)
        outer = self.stages[0]
        x = weights.embedding("embed", outer.linears["embed"], tokens)
        if self._family.scale_embedding:
            x = x * torch.tensor(self._config.hidden_size**0.5, dtype=x.dtype)
        positions = span.positions().view(-1).clamp_(max=len(self._cos) - 1)  # padding may stand beyond the end
        turn = _Turn(self._cos, self._sin).at(positions)
        masks = {window: span.mask(x.dtype, window) for window in set(self._windows)}
        wide = {window: spread(mask, self._heads, self._key_heads) for window, mask in masks.items()}
        last_layer = len(self._windows) - 1
        for index, window in enumerate(self._windows):
            weights.enter(index + 1)
            if index < last_layer or span.width == 1:
                x = self._block(index, x, _Reach(span, turn, wide[window]), cache, weights)
            else:
                mask = masks[window].gather(1, (span.counts - 1).view(-1, 1, 1).expand(-1, 1, span.attended))
                reach = _Reach(span, turn, spread(mask, self._heads, self._key_heads), span.last())
                x = self._block(index, x, reach, cache, weights)
        weights.enter(0)
        x = self._normed(x, "norm", outer, weights)
        key = "head" if "head" in outer.linears else "embed"
        return weights.linear(key, outer.linears[key], x)

    def _block(self, index: int, x: torch.Tensor, reach: _Reach, cache: Cache, weights: Weights) -> torch.Tensor:
        stage = self.stages[index + 1]
        normed = self._normed(x, "before", stage, weights)
        mixed = self._attention(index, normed, reach, cache, weights)
        if reach.last is not None:
            x = x.index_select(0, reach.last)
        x = weights.linear("out", stage.linears["out"], mixed).add_(x)
        inner = weights.linear("gate_up", stage.linears["gate_up"], self._normed(x, "between", stage, weights))
        gate, up = inner.chunk(2, -1)
        return weights.linear("down", stage.linears["down"], self._activation(gate).mul_(up)).add_(x)

    def _attention(self, index: int, x: torch.Tensor, reach: _Reach, cache: Cache, weights: Weights) -> torch.Tensor:
        stage, qkv = self.stages[index + 1], self.stages[index + 1].linears["qkv"]
        span, turn, h, kh = reach.span, reach.turn, self._heads, self._key_heads
        if reach.last is None:
            joined = weights.linear("qkv", qkv, x).unflatten(1, (h + 2 * kh, self._width))
            queries, keys = self._turned(joined[:, : h + kh], h, turn, stage, weights)
        else:
            # Nothing reads the last layer's other tokens, so their queries are not computed.
            joined = weights.linear("qkv", qkv, x, slice(1, 3)).unflatten(1, (2 * kh, self._width))
            queries = weights.linear("qkv", qkv, x.index_select(0, reach.last), slice(0, 1)).unflatten(
                1, (h, self._width)
            )
            _, keys = self._turned(joined[:, :kh], 0, turn, stage, weights)
            queries, _ = self._turned(queries, h, turn.at(reach.last), stage, weights)
        span.write(cache.keys[index], keys)
        span.write(cache.values[index], joined[:, -kh:])
        return attend(queries, span.read(cache.keys[index]), span.read(cache.values[index]), reach.mask, kh)

    def _turned(
        self, joined: torch.Tensor, queries: int, turn: _Turn, stage: Stage, weights: Weights
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Queries (the first so many heads) and keys (the rest), normed where the family does, at their positions."""
        if self._family.head_norms:
            parts = [("q_norm", joined[:, :queries]), ("k_norm", joined[:, queries:])]
            joined = torch.cat([self._head_normed(x, key, stage, weights) for key, x in parts if x.shape[1]], 1)
        turned = turn.apply(joined)
        return turned[:, :queries], turned[:, queries:]

    def _normed(self, x: torch.Tensor, key: str, stage: Stage, weights: Weights) -> torch.Tensor:
        weight = weights.vector(key, stage.vectors[key])
        normed = functional.rms_norm(x, x.shape[-1:], None, self._eps)
        return normed.view(weights.groups, -1, x.shape[-1]).mul_(weight).view(x.shape)

    def _head_normed(self, x: torch.Tensor, key: str, stage: Stage, weights: Weights) -> torch.Tensor:
        weight = weights.vector(key, stage.vectors[key]).unsqueeze(-2)
        normed = functional.rms_norm(x, x.shape[-1:], None, self._eps)
        return normed.view(weights.groups, -1, *x.shape[1:]).mul_(weight).view(x.shape)


@dataclass(frozen=True, slots=True)
class _Turn:
    """Rotary positions: cosines and sines [tokens, 1, half a head]."""

    cos: torch.Tensor
    sin: torch.Tensor

    def at(self, index: torch.Tensor) -> _Turn:
        return _Turn(self.cos.index_select(0, index), self.sin.index_select(0, index))

    def apply(self, x: torch.Tensor) -> torch.Tensor:
        """Rotate x [tokens, heads, width]: the halves of a head are the two coordinates."""
        left, right = x.chunk(2, -1)
        out = torch.empty_like(x, dtype=self.cos.dtype, memory_format=torch.contiguous_format)
        first, second = out.chunk(2, -1)
        torch.mul(left, self.cos, out=first).addcmul_(right, self.sin, value=-1)
        torch.mul(right, self.cos, out=second).addcmul_(left, self.sin)
        return out.to(x.dtype)


@dataclass(frozen=True, slots=True)
class _Reach:
    """Where a block's tokens are and what they may see."""

    span: Span
    turn: _Turn
    mask: torch.Tensor
    last: torch.Tensor | None = None


def _windows(config: PretrainedConfig) -> list[int | None]:
    """Each layer's sliding window, None for full attention."""
    window = getattr(config, "sliding_window", None)
    if not getattr(config, "use_sliding_window", True):
        window = None
    types = getattr(config, "layer_types", None)
    if types is None:
        return [window] * config.num_hidden_layers
    return [window if kind == "sliding_attention" else None for kind in types]


def _rope(config: PretrainedConfig, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines [positions, 1, half a head] from transformers' own frequencies."""
    rotary: Any = LlamaRotaryEmbedding(config)  # type: ignore[arg-type]  # reads what all of the family have
    positions = torch.arange(config.max_position_embeddings).unsqueeze(0)
    cos, sin = rotary(torch.empty(0), positions)
    half = cos.shape[-1] // 2
    return cos[0, :, None, :half].to(device).contiguous(), sin[0, :, None, :half].to(device).contiguous()
