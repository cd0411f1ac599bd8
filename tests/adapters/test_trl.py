"""Our environments in trl: rewards by hand, and steps of the real GRPOTrainer with the bundled model on the CPU."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from esreason import Task, list_envs, make_task, solve, verify
from esreason.core.errors import UsageError
from esreason.models import SPROUT

pytestmark = [pytest.mark.peers("trl", "datasets", "torch"), pytest.mark.filterwarnings("default::Warning")]


def adapter() -> Any:
    from esreason.adapters import trl

    return trl


@pytest.mark.parametrize("env", [info.name for info in list_envs() if info.origin == "esreason"][::9])
def test_a_reward_is_the_verdict_of_the_task_in_the_row(env: str) -> None:
    rows = adapter().dataset(env, 3, first=5, split="validation")
    tasks = [Task.from_dict(json.loads(text)) for text in rows["task"]]
    assert tasks == [make_task(env, seed, 1, "validation") for seed in (5, 6, 7)]
    answers = [solve(task).answer for task in tasks]
    said = [answers[0], f"It is easy. <answer>{answers[1]}</answer>", answers[0]]
    completions = [[{"role": "assistant", "content": text}] for text in said]
    scores = adapter().reward(env)(
        prompts=rows["prompt"], completions=completions, task=rows["task"], played=rows["played"], trainer_state=None
    )
    assert scores == [1.0, 1.0, verify(env, tasks[2], answers[0]).score]
    empty = [[], [{"role": "assistant", "content": None}], [{"role": "assistant", "content": "?"}]]
    assert adapter().reward(env)(completions=empty, task=rows["task"], played=rows["played"]) == [0.0] * 3


def test_prompts_of_every_style() -> None:
    [chat] = adapter().dataset("countdown", 1)["prompt"]
    [plain] = adapter().dataset("countdown", 1, style="plain")["prompt"]
    [shots] = adapter().dataset("countdown", 1, style="few-shot", shots=2)["prompt"]
    assert [message["role"] for message in chat] == ["user"] and "<answer>" in chat[0]["content"]
    assert chat[0]["content"].endswith(plain.strip())
    assert shots.count("Answer:") == 3


def test_the_last_step_of_a_solved_episode() -> None:
    rows = adapter().dataset("hanoi", 4, level=2, style="plain", last_step=True)
    solutions = [solve(Task.from_dict(json.loads(text))) for text in rows["task"]]
    assert rows["played"] == [solution.actions[:-1] for solution in solutions]
    right = [f"{solution.actions[-1]}\nand then something else" for solution in solutions]
    assert adapter().reward("hanoi")(completions=right, task=rows["task"], played=rows["played"]) == [1.0] * 4
    wrong = ["A->A"] * 4
    assert adapter().reward("hanoi")(completions=wrong, task=rows["task"], played=rows["played"]) == [0.0] * 4


def test_grpo_steps_with_the_bundled_model(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    trl = pytest.importorskip("trl")
    rows = adapter().dataset("hanoi", 16, style="plain", last_step=True)
    function = adapter().reward("hanoi")
    seen: list[tuple[dict[str, Any], list[float]]] = []

    def watched(**columns: Any) -> list[float]:
        scores: list[float] = function(**columns)
        seen.append((columns, scores))
        return scores

    watched.__name__ = function.__name__
    settings = trl.GRPOConfig(
        output_dir=str(tmp_path), use_cpu=True, bf16=False, per_device_train_batch_size=32, num_generations=8,
        max_completion_length=6, max_steps=3, learning_rate=1e-3, beta=0.0, gradient_checkpointing=False,
        report_to=[], logging_steps=1, save_strategy="no", disable_tqdm=True, seed=1,
    )  # fmt: skip
    trainer = trl.GRPOTrainer(model=str(SPROUT), reward_funcs=watched, args=settings, train_dataset=rows)
    before = {name: value.clone() for name, value in trainer.model.named_parameters()}
    trainer.train()
    logged = [line for line in trainer.state.log_history if "reward" in line]
    assert len(logged) == 3
    for line, (columns, scores) in zip(logged, seen, strict=True):
        assert line["rewards/hanoi_reward/mean"] == pytest.approx(sum(scores) / len(scores))
        for text, task, played, score in zip(
            columns["completions"], columns["task"], columns["played"], scores, strict=True
        ):
            right = solve(Task.from_dict(json.loads(task))).actions
            assert played == right[:-1]
            assert (score == 1.0) or text.strip().partition("\n")[0] != right[-1]
    assert 0 < sum(score for _, scores in seen for score in scores) < 96
    assert any(not torch.equal(before[name], value) for name, value in trainer.model.named_parameters())


def test_an_environment_is_played_by_tool_calls() -> None:
    utils = pytest.importorskip("transformers.utils")
    cls = adapter().environment("sudoku", level=2)
    env = cls()
    task = make_task("sudoku", 3, 2)
    told = env.reset(task=json.dumps(task.to_dict()), prompt="ignored")
    assert "Sudoku" in told and env.get_reward() == 0.0
    actions = solve(task).actions
    for action in actions:
        shown = env.act(action=action)
    assert shown.endswith("The episode is over.") and env.get_reward() == 1.0
    with pytest.raises(UsageError, match="over"):
        env.act(actions[0])
    first, second = env.reset(), env.reset()
    assert first != second and env.get_reward() == 0.0
    schema = utils.get_json_schema(env.act)["function"]  # as trl makes a tool of it
    assert schema["name"] == "act" and schema["parameters"]["required"] == ["action"]


def test_the_real_trainer_takes_the_environment() -> None:
    """Up to generation, which needs a model that calls tools: the bundled one is refused for that alone."""
    trl = pytest.importorskip("trl")
    with pytest.raises(ValueError, match="tool"):
        trl.GRPOTrainer(
            model=str(SPROUT), environment_factory=adapter().environment("sudoku"),
            args=trl.GRPOConfig(use_cpu=True, bf16=False, report_to=[]),
        )  # fmt: skip
