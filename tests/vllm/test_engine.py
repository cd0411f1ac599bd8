"""The vLLM engine: members say what plain transformers say with their weights written in; the bits are the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer

from esreason.engines.base import Completion, Request, Sampling
from esreason.engines.torch_checkpoint import checkpoint_sha256, open_checkpoint
from esreason.engines.vllm_engine import VLLMEngine
from esreason.es.noise import CENTRE, Member, Noise
from esreason.es.update import StepRule, Update
from esreason.es.update_centre import Centre
from tests.engines.test_torch_equality import alone
from tests.vllm.conftest import MEMBERS, PROMPTS, said

pytestmark = pytest.mark.vllm

NOISES = [Noise("lowrank", 1), Noise("lowrank", 3), Noise("dense")]


def oracle(model: Any, tokenizer: Any, prompt: str, tokens: int = 12) -> str:
    """Greedy text after a prompt, one sequence, through transformers' own generate."""
    text: str = tokenizer.decode(alone(model, tokenizer.encode(prompt), tokens), skip_special_tokens=True)
    return text


def updates(noise: Noise, kind: str = "adam") -> list[Update]:
    rule = StepRule(kind, decay=0.01)  # type: ignore[arg-type]
    return [Update(k, (5, -9, 2**40 + k), (1000 * (k + 1), -300, 131_071), 1e-6, 0.05, noise, rule) for k in range(3)]


def says_what_transformers_say(
    engine: VLLMEngine, folder: Path, plain: Callable[..., Any], noise: Noise
) -> list[str]:
    """Members and centre say what plain transformers say, and updates give its bits; returns the centre's texts."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    expected = [[oracle(plain(folder, m, noise), tokenizer, prompt) for prompt in PROMPTS] for m in MEMBERS]
    assert len({tuple(texts) for texts in expected}) == len(MEMBERS)
    assert said(engine) == expected
    assert said(engine, [CENTRE]) == [expected[2]]
    _, centre = open_checkpoint(folder)
    for update in updates(noise):
        centre.apply(update)
        assert engine.apply_update(update) == centre.checksum()
    assert engine.weights_sha256() == centre.weights_sha256()
    return expected[2]


@pytest.mark.parametrize(
    ("name", "noise"),
    [(name, noise) for name in ("tied", "qwen2", "qwen3") for noise in NOISES]
    + [(name, noise) for name in ("mistral", "gemma") for noise in NOISES if noise.rank == 1],
    ids=lambda value: value if isinstance(value, str) else f"{value.kind} {value.rank}",
)
def test_members_say_what_transformers_say(
    opened: Callable[..., VLLMEngine], small: Callable[..., Path], plain: Callable[..., Any], name: str, noise: Noise
) -> None:
    """Tied and untied heads, biases, norms of heads: every parameter has its own noise, and the centre none.

    The centre shares the batch with members here; the update that follows is the torch engine's, bit for bit.
    """
    folder = small(name)
    says_what_transformers_say(opened(folder, noise=noise, capacity=4), folder, plain, noise)


@pytest.mark.parametrize("noise", [Noise(), Noise("dense")], ids=["rank 1", "dense"])
def test_bfloat16_weights_and_what_they_say_after_an_update(
    opened: Callable[..., VLLMEngine], small: Callable[..., Path], tmp_path: Path, noise: Noise
) -> None:
    """A bfloat16 checkpoint computed in bfloat16: the digest is the replay's, and the export is what it speaks with."""
    folder = small("qwen3", torch.bfloat16)
    engine = opened(folder, noise=noise, dtype="bfloat16", capacity=2)
    before = said(engine, [CENTRE])
    _, centre = open_checkpoint(folder)
    for update in updates(noise, "sgd"):
        centre.apply(update)
        engine.apply_update(update)
    assert engine.drift() == centre.drift(open_checkpoint(folder)[1]) > 0
    digest = engine.weights_sha256()
    assert digest == centre.weights_sha256() != checkpoint_sha256(folder)
    engine.export(tmp_path / "moved")
    assert checkpoint_sha256(tmp_path / "moved") == digest
    after = said(engine, [CENTRE])
    assert after != before
    assert engine.rewind() == open_checkpoint(folder)[1].checksum()
    assert said(engine, [CENTRE]) == before
    assert said(opened(tmp_path / "moved", noise=noise, dtype="bfloat16", capacity=2), [CENTRE]) == after


def test_slots_are_used_again_and_no_prefix_is_stale(
    opened: Callable[..., VLLMEngine], small: Callable[..., Path], plain: Callable[..., Any]
) -> None:
    """Units follow each other on the same slots with the same long prompts, the centre's between them."""
    folder = small("tied")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    engine = opened(folder, capacity=2)
    prompt = "sort 1 2; " * 8 + "9 7 3:"  # several blocks of the cache
    for unit in ([Member(1, 0.05), Member(2, 0.05)], [CENTRE], [Member(3, 0.05), Member(-1, 0.05)], [CENTRE]):
        engine.load(unit, 2)
        asked = [Request(m, e, prompt, Sampling(8, stop="")) for m in range(len(unit)) for e in range(2)]
        done = engine.generate(asked)
        for request, completion in zip(asked, done, strict=True):
            wanted = oracle(plain(folder, unit[request.member], Noise()), tokenizer, prompt, 8)
            assert completion.text == wanted, (unit, request.member)


def test_conversations_go_on_without_waiting(
    opened: Callable[..., VLLMEngine], small: Callable[..., Path], plain: Callable[..., Any]
) -> None:
    """Conversations of one to four turns: each says what it says alone, and later turns reuse the history."""
    folder = small("tied")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    oracles = [plain(folder, member, Noise()) for member in MEMBERS]
    engine = opened(folder, capacity=4)
    engine.load(MEMBERS, 4)
    history = [f"{'start ' * 8}{n}>" for n in range(16)]
    ids = [tokenizer.encode(text) for text in history]
    fresh: dict[int, list[int]] = {n: [] for n in range(16)}
    order: list[int] = []

    def ask(n: int) -> Request:
        return Request(n // 4, n % 4, history[n], Sampling(4 + 6 * (n % 3), stop=""))

    def answer(n: int, completion: Completion) -> Request | None:
        wanted = alone(oracles[n // 4], ids[n], 4 + 6 * (n % 3))
        assert completion.ids == tuple(wanted)
        order.append(len(fresh[n]))
        fresh[n].append(completion.tokens_in)
        more = f" {len(order)}>"
        history[n] += completion.text + more
        ids[n] += (wanted[:-1] if wanted[-1] == tokenizer.eos_token_id else wanted) + tokenizer.encode(more)
        return ask(n) if len(fresh[n]) < 1 + n % 4 else None

    engine.converse([ask(n) for n in range(16)], answer)
    assert [len(fresh[n]) for n in range(16)] == [1 + n % 4 for n in range(16)]
    # A turn adds up to twenty tokens to the history, of which all but the last block of 32 is in the cache.
    assert all(counts[-1] < 32 + 20 for counts in fresh.values() if len(counts) > 1)
    assert min(map(len, ids)) > 32 + 20
    assert any(order[:15])  # somebody ends a second turn before everybody has ended the first


def test_draws_repeat_and_differ_by_seed(opened: Callable[..., VLLMEngine], small: Callable[..., Path]) -> None:
    """A draw depends on the episode's seed alone, whatever else is in the batch, and turns draw anew."""
    engine = opened(small("tied"), capacity=2)

    def draw(seeds: list[int]) -> list[str]:
        engine.load([CENTRE], len(seeds))
        asked = [Request(0, i, "12", Sampling(10, temperature=1.0, seed=s, stop="")) for i, s in enumerate(seeds)]
        return [completion.text for completion in engine.generate(asked)]

    texts = draw(list(range(12)))
    assert len(set(texts)) > 6
    assert draw([3, 99, 7]) == [texts[3], draw([99])[0], texts[7]]


def test_stop_and_length(opened: Callable[..., VLLMEngine], small: Callable[..., Path]) -> None:
    """A stop string is cut off; without one the limit ends a completion."""
    engine = opened(small("tied"), capacity=1)
    [[text, *_]] = said(engine, [CENTRE])
    stop = text[4]
    engine.load([CENTRE], 1)
    [cut] = engine.generate([Request(0, 0, PROMPTS[0], Sampling(12, stop=stop))])
    assert (cut.text, cut.finish) == (text.split(stop)[0], "stop")
    assert cut.tokens_out == len(cut.text) + 1
    engine.load([CENTRE], 1)
    [whole] = engine.generate([Request(0, 0, PROMPTS[0], Sampling(3, stop=""))])
    assert (whole.text, whole.finish, whole.tokens_out) == (text[:3], "length", 3)


@pytest.mark.real_model
def test_a_real_model_in_bfloat16(opened: Callable[..., VLLMEngine], real_model: Path) -> None:
    """SmolLM2-135M: layers that say little are found to be reached all the same, and the digest is the replay's."""
    engine = opened(real_model, dtype="bfloat16", capacity=16)
    members = [Member(seed, 1e-3) for k in range(1, 9) for seed in (k, -k)]
    assert len({tuple(texts) for texts in said(engine, members, tokens=8)}) > 1
    _, centre = open_checkpoint(real_model)
    update = updates(Noise(), "sgd")[0]
    centre.apply(update)
    assert engine.apply_update(update) == centre.checksum()
    assert engine.weights_sha256() == centre.weights_sha256()


@pytest.mark.parametrize(("kind", "free", "home"), [("cuda", 800, "cuda"), ("cuda", 799, "cpu"), ("cpu", 10**9, "cpu")])
def test_the_master_lies_beside_the_model_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch, kind: str, free: int, home: str
) -> None:
    """A hundred numbers of four bytes, in at most half of what is free."""
    from esreason.engines import vllm_worker

    monkeypatch.setattr(vllm_worker, "free_memory", lambda index: free)
    centre, device = Centre({"matrix": torch.zeros(10, 10)}), torch.device(kind, 0)
    assert vllm_worker._home(centre, device).type == home
