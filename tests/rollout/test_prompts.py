"""Prompts: styles, shots from the training split, bounds on completions, and the driver on top of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import esreason
from esreason.core.errors import UsageError
from esreason.core.registry import env_class
from esreason.engines.base import Completion, Message, Request
from esreason.es.noise import CENTRE, Member
from esreason.rollout.driver import Driver
from esreason.rollout.prompts import Prompter, Prompts, choose_style
from esreason.rollout.unit import EPISODES, MEMBERS, Unit, split


class Oracle:
    """A policy that answers with the solver's next action, as a model would: a text a request."""

    capacity, chat, context = 64, True, 4096

    def __init__(self, unit: Unit, noise: str = "") -> None:
        self._plans = [list(esreason.solve(task).actions) for task in unit.tasks]
        self._at: dict[tuple[int, int], int] = {}
        self.requests: list[Request] = []
        self._noise = noise

    def load(self, members: Sequence[Member], episodes: int) -> None:
        self._at.clear()

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        self.requests += requests
        replies = []
        for request in requests:
            key = request.member, request.episode
            turn = self._at[key] = self._at.get(key, -1) + 1
            replies.append(Completion(self._noise or self._plans[request.episode][turn], 3, 2))
        return replies


def unit(env: str, members: int = 2, tasks: int = 3) -> Unit:
    return Unit((CENTRE,) * members, tuple(esreason.make_task(env, k) for k in range(tasks)))


def driver(env: str, style: str, **sampling: float) -> Driver:
    return Driver(Prompts("steps", style, 2, max_tokens=16, **sampling))  # type: ignore[arg-type]


@pytest.mark.parametrize("style", ["plain", "few-shot", "chat"])
@pytest.mark.parametrize("env", ["sudoku", "hanoi", "sorting", "countdown", "shortest_path"])
def test_the_solver_wins_every_episode_in_every_style(env: str, style: str) -> None:
    work = unit(env)
    episodes = driver(env, style).play(Oracle(work), work)
    assert [[episode.score for episode in row] for row in episodes] == [[1.0] * 3] * 2
    for row in episodes:
        for episode, task in zip(row, work.tasks, strict=True):
            assert episode.task == task
            assert len(episode.observations) == len(episode.actions) + 1 == len(episode.rewards) + 1
            assert episode.tokens_in == 3 * len(episode.actions)


def test_plain_prompts_show_the_observation_and_nothing_else() -> None:
    work = unit("hanoi")
    oracle = Oracle(work)
    [row, _] = driver("hanoi", "plain").play(oracle, work)
    prompts = [request.prompt for request in oracle.requests if (request.member, request.episode) == (0, 0)]
    assert prompts == [observation + "\n" for observation in row[0].observations[:-1]]


def test_a_chat_keeps_its_dialogue() -> None:
    work = unit("hanoi", tasks=1, members=1)
    oracle = Oracle(work)
    [[episode]] = driver("hanoi", "chat").play(oracle, work)
    last = oracle.requests[-1].prompt
    assert isinstance(last, tuple)
    assert [message.role for message in last] == ["user", "assistant"] * (len(episode.actions) - 1) + ["user"]
    assert last[0].content.startswith(env_class("hanoi").instructions("steps"))
    assert last[-1] == Message("user", episode.observations[-2])


def test_shots_are_solved_training_tasks_and_shared_by_all_prompts() -> None:
    prompter = Prompter(env_class("sorting"), 1, "answer", "few-shot", 3)
    prompts = [prompter.first(esreason.make_task("sorting", k, 1, "test").to_dict()["env"]) for k in range(3)]
    assert all(isinstance(prompt, str) and prompt.startswith(prompter.prefix) for prompt in prompts)
    assert prompter.prefix.count("Answer: ") == 3
    for block in prompter.prefix.split("\n\n")[1:4]:
        observation, _, reply = block.partition("\nAnswer: ")
        items = [int(word) for word in observation.split()]
        task = esreason.task_from_payload("sorting", {"items": items})
        assert esreason.verify("sorting", task, reply).passed
        assert env_class("sorting").split_of(task.payload) == "train"


@pytest.mark.parametrize("noise", ["\0", "x" * 30_000, "\ud800", "\u0663\u0664", "\x1b[31m", "nothing", " "])
def test_any_model_text_costs_the_episode_and_nothing_else(noise: str) -> None:
    work = unit("sudoku")
    episodes = driver("sudoku", "plain").play(Oracle(work, noise), work)
    assert all(episode.score == 0.0 for row in episodes for episode in row)


def test_sampling_seeds_differ_by_member_and_task_and_repeat() -> None:
    work = unit("sorting", members=2)
    seeds = []
    for _ in range(2):
        oracle = Oracle(work)
        driver("sorting", "plain", temperature=1.0).play(oracle, work)
        seeds.append([request.sampling.seed for request in oracle.requests[:6]])
    assert seeds[0] == seeds[1]
    assert len(set(seeds[0][:3])) == 3


def test_units_cover_everything_once_whatever_the_size() -> None:
    for members, tasks in ((64, 8), (3, 5), (1, 400), (17, 9), (16, 8)):
        seen = []
        for part in split([CENTRE] * members, [esreason.make_task("sorting", k) for k in range(tasks)]):
            assert len(part.members) * len(part.tasks) <= max(MEMBERS * EPISODES, MEMBERS)
            seen += [(part.member + m, part.task + t) for m in range(len(part.members)) for t in range(len(part.tasks))]
        assert sorted(seen) == [(m, t) for m in range(members) for t in range(tasks)]


def test_auto_style_follows_the_model() -> None:
    assert choose_style("auto", 0, True) == "chat"
    assert choose_style("auto", 0, False) == "plain"
    assert choose_style("auto", 3, True) == "few-shot"
    with pytest.raises(UsageError, match="chat template"):
        choose_style("chat", 0, False)
    with pytest.raises(UsageError, match="prompt style"):
        choose_style("chatty", 0, True)
