"""Members of singular values equal plain transformers with U diag(s (1 + x)) V^T written in, U, s, V by numpy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from esreason.engines.base import Request, Sampling
from esreason.engines.torch_engine import TorchEngine
from esreason.es.noise import CENTRE, ONE, Member, Noise
from tests.engines.conftest import STORED, save_checkpoint

K = 3
SIGMA = 0.6
TIE = 5e-3
"""Directions are whole numbers of 2**-14: tokens whose logits differ by less may change places (they spread by 1)."""


def planted(folder: Path, name: str) -> Path:
    """A random checkpoint whose matrices' singular values lie well apart, so that any SVD finds the same directions."""
    save_checkpoint(folder, name)
    model = AutoModelForCausalLM.from_pretrained(folder)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                u, s, v = torch.linalg.svd(parameter.double(), full_matrices=False)
                parameter.copy_((u * (2.0 * s[0] * 0.8 ** torch.arange(len(s)))) @ v)
    model.save_pretrained(folder)
    return folder


def written(folder: Path, member: Member) -> Any:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    family = model.config.model_type
    matrices = {STORED.get((family, name), name): p for name, p in model.named_parameters() if p.dim() == 2}
    shares = np.zeros(K * len(matrices)) if member is CENTRE else np.array(member.shares) * (SIGMA / ONE)
    for place, name in enumerate(sorted(matrices)):
        u, s, v = np.linalg.svd(matrices[name].detach().double().numpy(), full_matrices=False)
        s[:K] *= 1.0 + shares[place * K : (place + 1) * K]
        matrices[name].data = torch.from_numpy((u * s) @ v).float()
    return model


@pytest.mark.parametrize("name", ["llama", "llama-grouped", "gpt2", "gpt_neox"])
def test_same_tokens_as_with_the_singular_values_written_in(tmp_path: Path, name: str) -> None:
    folder = planted(tmp_path, name)
    engine = TorchEngine(folder, noise=Noise("spectral", K))
    size = engine.facts()["directions"]
    matrices = sum(len(shape) == 2 for shape in engine.centre.shapes.values())
    assert size == K * matrices
    random = np.random.default_rng(1)
    members = [CENTRE, *(Member(n, SIGMA, tuple(map(int, random.integers(-400, 400, size)))) for n in (1, 2, 3))]
    engine.load(members, 2)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    prompts = ["solve 1+1", "what comes after abc?"]
    requests = [Request(m, e, prompts[e], Sampling(8, stop="")) for m in range(4) for e in range(2)]
    said = {(r.member, r.episode): list(done.ids) for r, done in zip(requests, engine.generate(requests), strict=True)}
    for m, member in enumerate(members):
        oracle = written(folder, member)
        for e, prompt in enumerate(prompts):
            ids = tokenizer.encode(prompt)
            logits = oracle(input_ids=torch.tensor([ids + said[m, e]])).logits[0, len(ids) - 1 : -1].detach()
            chosen = logits.gather(1, torch.tensor(said[m, e])[:, None])[:, 0]
            assert float((logits.max(dim=1).values - chosen).max()) < TIE, (m, e)
    assert len({tuple(said[m, 0]) for m in range(4)}) > 2  # shares make a difference
