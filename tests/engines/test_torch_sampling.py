"""Sampling: the right distribution, and draws that neighbours do not change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from scipy.stats import chisquare
from transformers import AutoTokenizer

from esreason.engines.base import Request, Sampling
from esreason.engines.torch_engine import TorchEngine
from esreason.es.noise import CENTRE, Member, Noise


def test_draws_follow_the_softmax(checkpoint: Callable[[str], Path], plain: Callable[..., Any]) -> None:
    """2,000 first tokens at temperature 2 against transformers' probabilities (chi-square, seeds fixed)."""
    folder, count = checkpoint("llama"), 2000
    engine = TorchEngine(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    engine.load([CENTRE], count)
    sampling = [Sampling(1, temperature=2.0, seed=s, stop="") for s in range(count)]
    engine.generate([Request(0, e, "solve>", sampling[e]) for e in range(count)])
    seen = Counter(row.ids[6] if len(row.ids) > 6 else row.tail[0] for row in engine._desk.rows.values())
    with torch.inference_mode():
        logits = plain(folder, CENTRE, Noise())(torch.tensor([tokenizer.encode("solve>")])).logits[0, -1]
    wanted = torch.softmax(logits.double() / 2.0, -1) * count
    common = [token for token in range(len(wanted)) if wanted[token] >= 5]
    observed = [seen[token] for token in common] + [sum(n for token, n in seen.items() if token not in common)]
    expected = [float(wanted[token]) for token in common]
    expected.append(count - sum(expected))
    assert len(common) > 5
    assert chisquare(observed, expected).pvalue > 1e-3


def test_draws_depend_on_the_own_seed_only(checkpoint: Callable[[str], Path]) -> None:
    engine = TorchEngine(checkpoint("llama"))
    members = [Member(3, 0.02), CENTRE]

    def say(keys: list[tuple[int, int]]) -> dict[tuple[int, int], str]:
        engine.load(members, 6)
        asked = [Request(m, e, "solve>", Sampling(12, temperature=1.5, seed=e % 3, stop="")) for m, e in keys]
        return {key: done.text for key, done in zip(keys, engine.generate(asked), strict=True)}

    everyone = say([(m, e) for m in range(2) for e in range(6)])
    assert say([(1, 4)]) == {(1, 4): everyone[1, 4]}
    assert everyone[0, 1] == everyone[0, 4]  # the same seed
    assert len({everyone[0, 0], everyone[0, 1], everyone[0, 2]}) == 3


def test_greedy_and_sampled_rows_mix(checkpoint: Callable[[str], Path]) -> None:
    engine = TorchEngine(checkpoint("llama"))
    engine.load([CENTRE], 2)
    greedy = Request(0, 0, "solve>", Sampling(8, stop=""))
    alone = engine.generate([greedy])[0].text
    engine.load([CENTRE], 2)
    mixed = engine.generate([greedy, Request(0, 1, "solve>", Sampling(8, temperature=3.0, seed=1, stop=""))])
    assert mixed[0].text == alone != mixed[1].text


@pytest.mark.parametrize("bad", [{"temperature": -1.0}, {"temperature": float("nan")}, {"max_tokens": 0}])
def test_settings_are_checked(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        Sampling(**bad)
