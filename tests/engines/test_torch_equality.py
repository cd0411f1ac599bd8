"""The batch equals, member by member, plain transformers with that member's weights written in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer

from esreason.engines.base import Request, Sampling
from esreason.engines.torch_engine import TorchEngine
from esreason.engines.torch_rows import Turn
from esreason.engines.torch_sampling import choose
from esreason.engines.torch_text import Text
from esreason.es.noise import CENTRE, Member, Noise

OWN = ["llama", "llama-grouped", "mistral", "qwen2", "qwen2-window", "qwen3", "gemma", "gpt2"]
NOISES = [Noise("lowrank", 1), Noise("lowrank", 3), Noise("dense")]
MEMBERS = [Member(5, 0.03), Member(-5, 0.03), CENTRE, Member(77, 0.05)]
LABELS = ["rank 1", "rank 3", "dense"]


def alone(model: Any, ids: list[int], new: int) -> list[int]:
    """Greedy tokens after `ids`, one sequence, through transformers' own generate."""
    prompt = torch.tensor([ids])
    with torch.inference_mode():
        out = model.generate(
            prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=new, do_sample=False, pad_token_id=0
        )
    return [int(token) for token in out[0, len(ids) :]]


@pytest.mark.parametrize("noise", NOISES, ids=LABELS)
@pytest.mark.parametrize("name", [*OWN, "gpt_neox", "mamba"])
def test_same_tokens_over_turns(
    checkpoint: Callable[[str], Path], plain: Callable[..., Any], name: str, noise: Noise
) -> None:
    """Ragged prompts, ragged lengths, three turns on a kept cache, an episode that pauses: always the same tokens."""
    folder = checkpoint(name)
    engine = TorchEngine(folder, noise=noise)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    oracles = [plain(folder, member, noise) for member in MEMBERS]
    engine.load(MEMBERS, 3)
    keys = [(m, e) for e in range(3) for m in range(len(MEMBERS))]
    prompts = {(m, e): f"solve {e}{'.' * (5 * e)}>" for m, e in keys}
    ids = {key: tokenizer.encode(prompts[key]) for key in keys}
    for turn in range(3):
        # Every turn leaves somebody out, so that rows change places.
        playing = [(m, e) for m, e in keys if (m + 2 * e + turn) % 4]
        requests = [Request(m, e, prompts[m, e], Sampling(4 + e, stop="")) for m, e in playing]
        for (m, e), done in zip(playing, engine.generate(requests), strict=True):
            wanted = alone(oracles[m], ids[m, e], 4 + e)
            assert done.text == tokenizer.decode(wanted, skip_special_tokens=True), (turn, m, e)
            assert done.tokens_out == len(wanted)
            assert done.finish == ("stop" if wanted[-1] == 2 else "length")
            more = f"|{turn}{e}>"
            prompts[m, e] += done.text + more
            ids[m, e] += (wanted[:-1] if wanted[-1] == 2 else wanted) + tokenizer.encode(more)


@pytest.mark.parametrize("noise", NOISES, ids=LABELS)
@pytest.mark.parametrize("name", OWN)
def test_logits_are_close(
    checkpoint: Callable[[str], Path],
    plain: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    noise: Noise,
) -> None:
    """Logits after a prompt agree with transformers to 1e-4 of their size."""
    folder = checkpoint(name)
    engine = TorchEngine(folder, noise=noise)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    prompts = [f"{'abc' * e}= {e}" for e in range(1, 4)]
    seen: dict[int, torch.Tensor] = {}

    def record(logits: torch.Tensor, turns: Sequence[Turn], text: Text) -> torch.Tensor:
        seen.update({id(turn.row): row for turn, row in zip(turns, logits, strict=True)})
        return choose(logits, turns, text)

    monkeypatch.setattr("esreason.engines.torch_runner.choose", record)
    engine.load(MEMBERS, 3)
    engine.generate([Request(m, e, prompt, Sampling(1)) for m in range(4) for e, prompt in enumerate(prompts)])
    for m, member in enumerate(MEMBERS):
        oracle = plain(folder, member, noise)
        for e, prompt in enumerate(prompts):
            with torch.inference_mode():
                wanted = oracle(torch.tensor([tokenizer.encode(prompt)])).logits[0, -1]
            got = seen[id(engine._desk.rows[m, e])]
            assert (got - wanted).abs().max() < 1e-4 * wanted.abs().max(), (m, e)


def test_a_member_changes_the_logits(checkpoint: Callable[[str], Path], plain: Callable[..., Any]) -> None:
    """The comparison above is no tautology: members of this sigma say different things."""
    folder = checkpoint("llama")
    ids = AutoTokenizer.from_pretrained(folder).encode("solve 1>")
    answers = {tuple(alone(plain(folder, member, Noise()), ids, 8)) for member in MEMBERS}
    assert len(answers) == len(MEMBERS)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_low_precision_stays_near(checkpoint: Callable[[str], Path], plain: Callable[..., Any], dtype: str) -> None:
    """In bfloat16 and float16 most teacher-forced next tokens are those of float32."""
    folder = checkpoint("llama")
    engine = TorchEngine(folder, dtype=dtype)  # type: ignore[arg-type]
    oracle = plain(folder, MEMBERS[0], Noise())
    tokenizer = AutoTokenizer.from_pretrained(folder)
    engine.load(MEMBERS[:1], 40)
    prompts = [f"{i * 37 % 101}+{i}=" for i in range(40)]
    done = engine.generate([Request(0, i, prompt, Sampling(1, stop="")) for i, prompt in enumerate(prompts)])
    same = sum(
        answer.text == tokenizer.decode(alone(oracle, tokenizer.encode(prompt), 1), skip_special_tokens=True)
        for prompt, answer in zip(prompts, done, strict=True)
    )
    assert same >= 36


def test_long_prompts_and_a_shared_start(checkpoint: Callable[[str], Path], plain: Callable[..., Any]) -> None:
    """A common start is computed once a member; together with the rest it is the whole prompt."""
    folder = checkpoint("llama-grouped")
    engine = TorchEngine(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    shots = "".join(f"sort {i} {9 - i}: {min(i, 9 - i)} {max(i, 9 - i)};" for i in range(10))
    assert len(shots) > 128
    engine.load(MEMBERS, 4)
    for turn in range(2):
        asked = [(m, e) for m in range(4) for e in range(4)]
        prompts = {(m, e): f"{shots}sort {turn}{'5' * e}:" for m, e in asked}
        done = engine.generate([Request(m, e, prompts[m, e], Sampling(5, stop="")) for m, e in asked])
        for (m, e), answer in zip(asked, done, strict=True):
            wanted = alone(plain(folder, MEMBERS[m], Noise()), tokenizer.encode(prompts[m, e]), 5)
            assert answer.text == tokenizer.decode(wanted, skip_special_tokens=True)
            assert answer.tokens_in <= len("sort 0555:")  # never the shots again
