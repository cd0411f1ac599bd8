"""The forward pass of GPT-2: learned positions, layer norms with biases, matrices stored [inputs, outputs]."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional
from transformers import PretrainedConfig
from transformers.activations import ACT2FN

from esreason.engines.torch_attention import attend, spread
from esreason.engines.torch_cache import Cache, CacheShape, Span
from esreason.engines.torch_weights import Linear, Loader, Stage, Weights


def supported(config: PretrainedConfig) -> bool:
    """Whether this forward pass computes what the configuration describes."""
    return (
        config.model_type == "gpt2"
        and config.scale_attn_weights
        and not config.scale_attn_by_inverse_layer_idx
        and not config.add_cross_attention
    )


class GPT2Decoder:
    """Weights in stages (0: embeddings, last norm, head; 1 on: the layers) and the pass over them."""

    def __init__(self, config: PretrainedConfig, stored: dict[str, str], loader: Loader) -> None:
        self._heads = int(config.num_attention_heads)
        self._size = int(config.hidden_size)
        self._eps = config.layer_norm_epsilon
        self._activation: Callable[[torch.Tensor], torch.Tensor] = ACT2FN[config.activation_function]
        self._stored = stored
        self._loader = loader
        self.stages = [self._outer(), *(self._layer(i) for i in range(config.num_hidden_layers))]
        weight = self.stages[0].linears["embed"].weight
        self.cache_shape = CacheShape(
            config.num_hidden_layers, self._heads, self._size // self._heads, weight.dtype, weight.device
        )

    def _outer(self) -> Stage:
        stage = Stage(
            {
                "embed": self._loader.linear([self._stored["transformer.wte.weight"]]),
                "places": self._loader.linear([self._stored["transformer.wpe.weight"]]),
            }
        )
        if "lm_head.weight" in self._stored:
            stage.linears["head"] = self._loader.linear([self._stored["lm_head.weight"]])
        self._add_norm(stage, "norm", "transformer.ln_f")
        return stage

    def _layer(self, index: int) -> Stage:
        at = f"transformer.h.{index}."
        stage = Stage(
            {
                "qkv": self._linear(f"{at}attn.c_attn"),
                "out": self._linear(f"{at}attn.c_proj"),
                "up": self._linear(f"{at}mlp.c_fc"),
                "down": self._linear(f"{at}mlp.c_proj"),
            }
        )
        self._add_norm(stage, "before", f"{at}ln_1")
        self._add_norm(stage, "between", f"{at}ln_2")
        return stage

    def _linear(self, module: str) -> Linear:
        return self._loader.linear([self._stored[f"{module}.weight"]], [self._stored[f"{module}.bias"]], turned=True)

    def _add_norm(self, stage: Stage, key: str, module: str) -> None:
        stage.vectors[key] = self._loader.vector(self._stored[f"{module}.weight"])
        stage.vectors[f"{key}_bias"] = self._loader.vector(self._stored[f"{module}.bias"])

    def forward(self, tokens: torch.Tensor, span: Span, cache: Cache, weights: Weights) -> torch.Tensor:
        """Logits [rows, vocabulary] after each row's last valid token; keys and values go to the cache."""
        outer = self.stages[0]
        weights.enter(0)
        places = span.positions().clamp_(max=outer.linears["places"].outputs - 1)  # padding may stand beyond the end
        x = weights.embedding("embed", outer.linears["embed"], tokens)
        x = x.add_(weights.embedding("places", outer.linears["places"], places))
        mask = spread(span.mask(x.dtype, None), self._heads, self._heads)
        for index, stage in enumerate(self.stages[1:]):
            weights.enter(index + 1)
            x = self._block(index, stage, x, span, mask, cache, weights)
        weights.enter(0)
        if span.width > 1:
            x = x.index_select(0, span.last())
        x = self._normed(x, "norm", outer, weights)
        key = "head" if "head" in outer.linears else "embed"
        return weights.linear(key, outer.linears[key], x)

    def _block(
        self, index: int, stage: Stage, x: torch.Tensor, span: Span, mask: torch.Tensor, cache: Cache, weights: Weights
    ) -> torch.Tensor:
        joined = weights.linear("qkv", stage.linears["qkv"], self._normed(x, "before", stage, weights))
        queries, keys, values = joined.unflatten(1, (3, self._heads, -1)).unbind(1)
        span.write(cache.keys[index], keys)
        span.write(cache.values[index], values)
        mixed = attend(queries, span.read(cache.keys[index]), span.read(cache.values[index]), mask, self._heads)
        x = weights.linear("out", stage.linears["out"], mixed).add_(x)
        inner = weights.linear("up", stage.linears["up"], self._normed(x, "between", stage, weights))
        return weights.linear("down", stage.linears["down"], self._activation(inner)).add_(x)

    def _normed(self, x: torch.Tensor, key: str, stage: Stage, weights: Weights) -> torch.Tensor:
        out = functional.layer_norm(x, (self._size,), eps=self._eps).view(weights.groups, -1, self._size)
        out.mul_(weights.vector(key, stage.vectors[key]))
        return out.add_(weights.vector(f"{key}_bias", stage.vectors[f"{key}_bias"])).view(x.shape)
