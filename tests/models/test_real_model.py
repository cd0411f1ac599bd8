"""Everything on a language model that nobody here trained (`make real-model`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import esreason
from esreason.core.registry import env_class, list_envs
from esreason.es.config import make_config
from esreason.es.noise import CENTRE
from esreason.executors.worker import Worker
from esreason.rollout.prompts import Prompter
from esreason.rollout.unit import Unit
from tests.cli.conftest import call

MODEL = Path(__file__).resolve().parents[2] / ".models" / "smollm2-135m"
pytestmark = [
    pytest.mark.real_model,
    pytest.mark.xdist_group("real_model"),
]
SETTINGS = {"model": str(MODEL), "mode": "answer", "prompt": "few-shot", "shots": 2}


def test_every_observation_survives_the_tokenizer() -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    for info in list_envs():
        cls = env_class(info.name)
        for level in (1, info.levels[-1]):
            env = cls(level=level)
            observation, details = env.reset(seed=0)
            for text in (observation, details["rules"]):
                ids = tokenizer(text, add_special_tokens=False)["input_ids"]
                assert tokenizer.decode(ids) == text, info.name


def test_few_shot_answers_equal_plain_transformers() -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    worker = Worker.build(make_config({"env": "sorting", **SETTINGS}))
    tasks = tuple(esreason.make_task("sorting", seed, 1, "validation") for seed in range(6))
    [episodes] = worker.play(Unit((CENTRE,), tasks))
    tokenizer, model = AutoTokenizer.from_pretrained(MODEL), AutoModelForCausalLM.from_pretrained(MODEL).float().eval()
    prompter = Prompter(env_class("sorting"), 1, "answer", "few-shot", 2)
    for task, episode in zip(tasks, episodes, strict=True):
        prompt = prompter.first(esreason_observation(task))
        ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            made = model.generate(ids, max_new_tokens=prompter.max_tokens, do_sample=False)[0, ids.shape[1] :]
        assert tokenizer.decode(made, skip_special_tokens=True).split("\n")[0].strip() == episode.actions[0]


def esreason_observation(task: esreason.Task) -> str:
    cls = env_class(task.env)
    return cls._observe(cls.instance_of(task), cls._start(cls.instance_of(task)))


def test_a_chat_gives_episodes_of_many_turns() -> None:
    worker = Worker.build(make_config({"env": "hanoi", "model": str(MODEL), "prompt": "chat", "max_tokens": 12}))
    [episodes] = worker.play(Unit((CENTRE,), (esreason.make_task("hanoi", 1), esreason.make_task("hanoi", 2))))
    assert all(len(episode.actions) >= 1 for episode in episodes)
    assert worker.description["style"] == "chat"


def test_three_iterations_through_the_command_line(tmp_path: Path) -> None:
    done = call(
        "run", "--env", "sorting", "--model", MODEL, "--mode", "answer", "--prompt", "few-shot", "--shots", "2",
        "--iterations", "3", "--population", "4", "--tasks", "4", "--sigma", "0.01", "--test-episodes", "8",
        "--dtype", "bfloat16", "--workers", "1", "--out", "run", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["tuned"]["n"] == 8
    assert call("verify", "run", cwd=tmp_path).returncode == 0
    exported = call("export", "run", "model", "--json", cwd=tmp_path)
    assert json.loads(exported.stdout)["weights_sha256"] == result["weights_sha256"]
