"""Episodes as sequences for GRPO, measures of change, and the null methods, against plain transformers and counting."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from esreason.engines.torch_engine import TorchEngine
from esreason.es.noise import Member
from esreason.models import SPROUT
from esreason.studies.assess import drift, token_kl
from esreason.studies.grpo import Boundary, memoryless, sequence
from esreason.studies.imitation import CONFIGS, knows, make
from esreason.studies.played import Played, Turn, play, tasks_of
from esreason.studies.search import become


@pytest.fixture(scope="module")
def engine() -> TorchEngine:
    return TorchEngine(SPROUT)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(SPROUT)


def plain(folder: Path = SPROUT) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


@pytest.fixture(scope="module", params=["sprout", *CONFIGS])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model, and one of each architecture that has hardly been trained."""
    if request.param == "sprout":
        return SPROUT
    made = tmp_path_factory.mktemp("models") / str(request.param)
    make(request.param, made, "sorting", steps=3, positions=4, seed=0)
    return made


def turn_logps(model: Any, encode: Callable[[str], list[int]], turn: Turn) -> list[float]:
    """The log probabilities of a turn's tokens after its own prompt alone."""
    prompt = encode(turn.prompt)
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([prompt + list(turn.ids)])).logits[0].log_softmax(-1)
    return [float(logits[len(prompt) + k - 1, token]) for k, token in enumerate(turn.ids)]


@pytest.mark.parametrize("seen", [True, False])
def test_in_one_sequence_every_action_has_the_probability_that_it_has_alone(
    folder: Path, tokenizer: Any, seen: bool
) -> None:
    """With the tokenizer's own first token before each turn, and, as if it had none, with one that is hidden."""
    boundary = Boundary.of(tokenizer) if seen else Boundary(tokenizer.eos_token_id, False)

    def encode(text: str) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=seen))

    played = play(TorchEngine(folder), tasks_of("sudoku", 1, "train", 6), temperature=1.0, seed=3)
    rows = [sequence(one, encode, boundary) for one in played]
    before, after = (max(len(row[part]) for row in rows) for part in (0, 1))
    ids = torch.full((len(rows), before + after), tokenizer.pad_token_id)
    mask = torch.zeros_like(ids)
    for place, (prompt, said, _) in enumerate(rows):  # as TRL pads: prompts on the left, completions on the right
        whole = slice(before - len(prompt), before + len(said))
        ids[place, whole], mask[place, whole] = torch.tensor(prompt + said), 1
    model = plain(folder)
    shapes, inner = [], model.base_model.forward
    model.base_model.forward = lambda **options: shapes.append(options["input_ids"].shape) or inner(**options)
    memoryless(model, boundary)
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits.log_softmax(-1)
    longest = max(len(encode(turn.prompt)) + len(turn.ids) for one in played for turn in one.turns)
    assert shapes[0][1] <= longest < ids.shape[1]  # rows are turns: attention costs no square of an episode's length
    assert max(len(one.turns) for one in played) >= 3
    alone = plain(folder)

    def counted(turn: Turn) -> int:  # a model that knows nothing also writes the boundary
        return (*turn.ids, boundary.token).index(boundary.token) + 1

    for place, (one, (_, said, wrote)) in enumerate(zip(played, rows, strict=True)):
        packed = [
            float(logits[place, before + k - 1, token])
            for k, (token, ours) in enumerate(zip(said, wrote, strict=True))
            if ours
        ]
        expected = [value for turn in one.turns for value in turn_logps(alone, encode, turn)[: counted(turn)]]
        assert packed == pytest.approx(expected, abs=2e-4)


def test_the_recorded_tokens_are_what_the_episode_says(engine: TorchEngine, tokenizer: Any) -> None:
    for one in play(engine, tasks_of("countdown", 1, "validation", 8), temperature=1.0, seed=1):
        texts = [tokenizer.decode(turn.ids, skip_special_tokens=True).split("\n")[0].strip() for turn in one.turns]
        assert texts == list(one.episode.actions)
        shown = [turn.prompt.removesuffix("\n") for turn in one.turns]
        assert shown == list(one.episode.observations[: len(shown)])


def test_divergence_is_the_sum_over_the_vocabulary_and_drift_the_norm(engine: TorchEngine, tokenizer: Any) -> None:
    turns = [turn for one in play(engine, tasks_of("sorting", 1, "test", 3)) for turn in one.turns]
    tuned, base = plain(), plain()
    assert token_kl(tuned, base, tokenizer, turns) == pytest.approx(0.0, abs=1e-12)
    with torch.no_grad():
        tuned.model.norm.weight.mul_(1.1)
    expected = []
    for turn in turns:
        prompt = tokenizer.encode(turn.prompt)
        with torch.no_grad():
            p, q = (m(input_ids=torch.tensor([prompt + list(turn.ids)])).logits[0].double() for m in (tuned, base))
        p, q = torch.distributions.Categorical(logits=p), torch.distributions.Categorical(logits=q)
        expected += torch.distributions.kl_divergence(p, q)[len(prompt) - 1 : -1].tolist()
    assert token_kl(tuned, base, tokenizer, turns) == pytest.approx(sum(expected) / len(expected), rel=1e-9)
    other = TorchEngine(SPROUT)
    other.set_weights(dict(tuned.named_parameters()))
    moved = 0.1 * float(base.model.norm.weight.detach().double().norm())
    assert drift(other)["drift"] == pytest.approx(moved, rel=1e-5)
    assert drift(other)["unmoved"] == pytest.approx(1 - base.model.norm.weight.numel() / base.num_parameters())


def test_weights_from_elsewhere_play_and_are_refused_if_they_do_not_fit() -> None:
    engine, tasks = TorchEngine(SPROUT), tasks_of("sorting", 1, "test", 16)
    base = [one.episode.actions for one in play(engine, tasks)]
    member = Member(12345, 0.05)
    become(engine, member, engine.noise)
    moved = {name: tensor.clone() for name, tensor in engine.centre.parameters.items()}
    as_member = [one.episode.actions for one in play(engine, tasks)]
    assert as_member != base
    engine.rewind()
    assert [one.episode.actions for one in play(engine, tasks)] == base
    engine.set_weights(moved)
    assert [one.episode.actions for one in play(engine, tasks)] == as_member
    with pytest.raises(ValueError, match="not the parameters"):
        engine.set_weights({"lm_head.weight": moved["lm_head.weight"]})


def test_what_a_model_knows_is_what_it_does_behind_the_expert_s_mark() -> None:
    """The bundled model's card: 100 % of sorting behind the mark, 9 % without it."""
    assert knows(SPROUT, "sorting", 64)["score"] > 0.95


def test_a_batch_in_slices_has_the_gradient_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("trl")
    from esreason.studies import grpo

    steps = list[dict[str, torch.Tensor]]()

    def noted(callback: Any, args: Any, state: Any, control: Any, *, model: Any, **options: Any) -> None:
        assert args.gradient_accumulation_steps == 16 // grpo.AT_ONCE
        steps.append({name: parameter.grad.clone() for name, parameter in model.named_parameters()})

    monkeypatch.setattr(grpo._Validation, "on_pre_optimizer_step", noted, raising=False)
    for count in (16, 4):  # the slices hold unequal numbers of tokens
        monkeypatch.setattr(grpo, "AT_ONCE", count)
        grpo.train(str(SPROUT), grpo.GrpoSettings(
            env="sorting", learning_rate=1e-4, sequences=16, group=8, batch=16, validate_every=16,
            validation_episodes=1,
        ), tmp_path)  # fmt: skip
    whole, sliced = steps
    assert max(float(gradient.abs().max()) for gradient in whole.values()) > 1e-3
    for name, gradient in whole.items():
        assert torch.allclose(gradient, sliced[name], rtol=1e-3, atol=1e-6), name


@pytest.mark.slow
def test_a_step_of_grpo_goes_along_the_policy_gradient_of_the_episodes(
    tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Adam's first step has the signs of the gradient, which is computed here from each turn alone."""
    pytest.importorskip("trl")
    from esreason.studies import grpo

    batches, scores = list[list[Played]](), itertools.count()
    monkeypatch.setattr(grpo, "success", lambda played: next(scores))  # each validation better than the last

    def recorded(*arguments: Any, **options: Any) -> list[Played]:
        batches.append(play(*arguments, **options))
        return batches[-1]

    monkeypatch.setattr(grpo, "play", recorded)
    rate = 1e-4
    trained = grpo.train(str(SPROUT), grpo.GrpoSettings(
        env="sorting", learning_rate=rate, sequences=64, group=8, batch=64, validate_every=64, validation_episodes=4,
    ), tmp_path)  # fmt: skip
    [_, played, _] = batches
    assert trained.curve == [(0, 0), (64, 1)] and trained.sequences == 64
    assert trained.tokens == sum(one.episode.tokens for one in played)
    rewards = torch.tensor([one.episode.score for one in played]).view(8, 8)
    assert len({one.episode.task.seed for one in played}) == 8 and rewards.std(dim=1).max() > 0
    advantages = ((rewards - rewards.mean(dim=1, keepdim=True)) / (rewards.std(dim=1, keepdim=True) + 1e-4)).view(-1)
    model = plain()
    for advantage, one in zip(advantages.tolist(), played, strict=True):
        for turn in one.turns if advantage else ():
            prompt = tokenizer.encode(turn.prompt)
            logps = model(input_ids=torch.tensor([prompt + list(turn.ids)])).logits[0].log_softmax(-1)
            places = torch.arange(len(turn.ids)) + len(prompt) - 1
            (advantage * logps[places, torch.tensor(turn.ids)].sum()).backward()
    base = plain().state_dict()
    for name, parameter in model.named_parameters():
        step, gradient = trained.best[name] - base[name], parameter.grad
        clear = gradient.abs() > 0.02 * gradient.abs().max()
        assert step.abs().max() <= rate * 1.01
        assert (step[clear].sign() == gradient[clear].sign()).double().mean() > 0.999, name
