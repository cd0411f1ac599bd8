"""Packed exports in the programs that they are for: vLLM, and transformers through the compressed-tensors package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from esreason.engines.torch_checkpoint import rebuild
from esreason.es.lattice import Lattice
from esreason.es.noise import Noise
from esreason.es.update import StepRule, Update
from esreason.models import SPROUT

pytestmark = pytest.mark.vllm

UPDATES = [Update(0, (3, -3, 5), (700, -300, 11), 1e-3, 0.05, Noise("dense"), StepRule(), 0.04)]
SPEAK = """
import json, sys
from vllm import LLM, SamplingParams
if __name__ == "__main__":
    model = LLM(sys.argv[1], dtype="bfloat16", enforce_eager=True, max_model_len=64, max_num_seqs=4)
    done = model.generate(sys.argv[2:], SamplingParams(temperature=0, max_tokens=8, ignore_eos=True))
    print("SAID", json.dumps([list(one.outputs[0].token_ids) for one in done]))
"""


def loaded(folder: Path, **options: Any) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **options).eval()


@pytest.fixture(scope="module", params=["int4", "int8"])
def exports(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Path]:
    """The width, and an export in floats and a packed one of the same codes."""
    folder, lattice = tmp_path_factory.mktemp(request.param), Lattice(request.param)
    rebuild(SPROUT, UPDATES, folder / "floats", lattice)
    rebuild(SPROUT, UPDATES, folder / "packed", lattice, packed=True)
    return request.param, folder / "floats", folder / "packed"


def test_transformers_unpacks_the_weights_of_the_export_in_floats(exports: tuple[str, Path, Path]) -> None:
    from transformers import CompressedTensorsConfig

    _, floats, packed = exports
    ids = torch.tensor([[5, 20, 40, 11]])
    unpacked = loaded(packed, quantization_config=CompressedTensorsConfig(run_compressed=False))
    with torch.inference_mode():
        assert torch.equal(unpacked(ids).logits, loaded(floats)(ids).logits)


def test_vllm_says_what_the_floats_say(exports: tuple[str, Path, Path]) -> None:
    """In bfloat16, on vLLM's own integer kernel: every token is within rounding of the best of plain transformers."""
    width, floats, packed = exports
    if width == "int8" and not torch.cuda.is_available():
        pytest.skip("vLLM has no kernel for 8-bit weights and 16-bit activations on a CPU")
    prompts = ["1 2 3 4\n", "sort 3 1 2>", "8 5 2\n"]
    environment = {**os.environ, "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
    done = subprocess.run(
        [sys.executable, "-c", SPEAK, str(packed), *prompts],
        capture_output=True, text=True, timeout=1200, check=False, env=environment, cwd=packed.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("SAID"))[4:])
    model, tokenizer = loaded(floats), AutoTokenizer.from_pretrained(floats)
    for prompt, tokens in zip(prompts, said, strict=True):
        ids = tokenizer.encode(prompt)
        with torch.inference_mode():
            scores = model(torch.tensor([ids + tokens])).logits[0, len(ids) - 1 : -1].log_softmax(-1)
        chosen = scores[torch.arange(len(tokens)), torch.tensor(tokens)]
        assert (scores.max(-1).values - chosen < 0.1).all(), prompt
        assert (scores.min(-1).values < chosen - 3).all()  # a token at random would not do
