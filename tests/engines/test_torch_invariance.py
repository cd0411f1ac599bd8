"""A float32 greedy episode does not depend on its neighbours, its place or what else is computed: to the last bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch

from esreason.engines.base import Request, Sampling
from esreason.engines.torch_engine import TorchEngine
from esreason.es.noise import CENTRE, Member, Noise

MEMBERS = [Member(11, 0.03), Member(-11, 0.03), Member(12, 0.03), CENTRE]
EPISODES = 5
NEW = 4


def history(turn: int, episode: int, before: str) -> str:
    """Ragged: episodes grow at different rates, and one of them passes a stride of the cache each turn."""
    return f"{before}{'ab' * (1 + 4 * (episode % 3))}{turn}>"


def play(
    engine: TorchEngine, keys: Sequence[tuple[int, int]], turns: Sequence[int]
) -> dict[tuple[int, int], list[str]]:
    """What the keys' episodes say, each for its own number of turns."""
    engine.load(MEMBERS, EPISODES)
    texts = dict.fromkeys(keys, "start ")
    said: dict[tuple[int, int], list[str]] = {key: [] for key in keys}
    for turn in range(max(turns)):
        live = [key for key in keys if turn < turns[key[1]]]
        prompts = {key: history(turn, key[1], texts[key]) for key in live}
        done = engine.generate([Request(*key, prompts[key], Sampling(NEW, stop="")) for key in live])
        for key, answer in zip(live, done, strict=True):
            texts[key] = prompts[key] + answer.text
            said[key].append(answer.text)
    return said


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> dict[object, torch.Tensor]:
    """Every row of logits that tokens are chosen from, by (member, prompt, tokens said)."""
    import esreason.engines.torch_runner as runner

    seen: dict[object, torch.Tensor] = {}
    choose = runner.choose

    def record(logits: torch.Tensor, turns: Sequence[object], text: object) -> torch.Tensor:
        for turn, row in zip(turns, logits, strict=True):
            if not turn.finish:  # type: ignore[attr-defined]
                key = turn.row.member, tuple(turn.prompt), len(turn.new)  # type: ignore[attr-defined]
                seen[key] = row.clone()
        return choose(logits, turns, text)  # type: ignore[arg-type]

    monkeypatch.setattr(runner, "choose", record)
    return seen


@pytest.mark.parametrize("noise", [Noise(), Noise("lowrank", 2), Noise("dense")], ids=["rank 1", "rank 2", "dense"])
@pytest.mark.parametrize("name", ["llama", "llama-grouped", "gpt2"])
def test_neighbours_do_not_matter(
    checkpoint: Callable[[str], Path], recorded: dict[object, torch.Tensor], name: str, noise: Noise
) -> None:
    engine = TorchEngine(checkpoint(name), noise=noise)
    everyone = [(m, e) for m in range(len(MEMBERS)) for e in range(EPISODES)]
    turns = [3, 1, 4, 2, 4]
    together = play(engine, everyone, turns)
    reference = dict(recorded)
    for some in ([(0, 2)], [(3, 4), (1, 0)], everyone[::-1][::3], [k for k in everyone if k[1] in (2, 4)]):
        recorded.clear()
        apart = play(engine, some, turns)
        assert apart == {key: together[key] for key in some}
        assert recorded
        for key, row in recorded.items():
            assert torch.equal(row, reference[key]), "bits differ"


def test_a_run_repeats(checkpoint: Callable[[str], Path], recorded: dict[object, torch.Tensor]) -> None:
    keys = [(m, e) for m in range(len(MEMBERS)) for e in range(EPISODES)]
    first = play(TorchEngine(checkpoint("llama")), keys, [3] * EPISODES)
    once = dict(recorded)
    recorded.clear()
    assert play(TorchEngine(checkpoint("llama")), keys, [3] * EPISODES) == first
    assert once.keys() == recorded.keys()
    assert all(torch.equal(once[key], recorded[key]) for key in once)


def test_a_cache_gives_the_bits_of_a_fresh_start(
    checkpoint: Callable[[str], Path], recorded: dict[object, torch.Tensor]
) -> None:
    """Memoryless prompts whose starts lie in the cache from the turn before equal the same prompts computed afresh."""
    engine = TorchEngine(checkpoint("llama"))
    prompts = [f"state {'.' * (10 - t)}{'x' * t}|" for t in range(6)]
    engine.load(MEMBERS, 1)
    for prompt in prompts:
        engine.generate([Request(m, 0, prompt, Sampling(NEW, stop="")) for m in range(4)])
    kept = dict(recorded)
    recorded.clear()
    for prompt in prompts:
        engine.load(MEMBERS, 1)
        engine.generate([Request(m, 0, prompt, Sampling(NEW, stop="")) for m in range(4)])
    assert kept.keys() == recorded.keys()
    assert all(torch.equal(kept[key], recorded[key]) for key in kept)
