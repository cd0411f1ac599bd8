"""Our environments in Prime Intellect's verifiers: its own loader, episodes and traces, a model that a server plays."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any

import pytest

from esreason import list_envs, make_task, solve
from esreason.core.errors import UsageError
from esreason.core.registry import env_class

pytestmark = [pytest.mark.peers("verifiers"), pytest.mark.filterwarnings("default::Warning")]


def adapter() -> Any:
    from esreason.adapters import verifiers

    return verifiers


class Player(ThreadingHTTPServer):
    """A model that says the next of `script` whenever it is asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[str] = []
        self.asked: list[list[dict[str, Any]]] = []


class Handler(BaseHTTPRequestHandler):
    server: Player

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body["messages"])
        said = self.server.script.pop(0) if self.server.script else "?"
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": said}}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        reply = {
            "id": "1",
            "object": "chat.completion",
            "created": 0,
            "model": "m",
            "choices": [choice],
            "usage": usage,
        }
        data = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def player() -> Iterator[Player]:
    server = Player()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def episode(player: Player, env: str, script: list[str], **settings: Any) -> Any:
    """The episode of the first task, played with these replies by their own machinery."""
    vf = adapter().vf
    player.script = list(script)
    loaded = adapter().load_environment(env, **settings)
    client = vf.EvalClientConfig(base_url=f"http://127.0.0.1:{player.server_address[1]}/v1", api_key_var="NO_KEY")

    async def play() -> Any:
        async with loaded.serving():
            [task] = islice(loaded.taskset, 1)
            return await loaded.run_episode(task, vf.ModelContext(model="m", client=client))

    return asyncio.run(play())


def test_their_loader_finds_the_task_set_by_its_id() -> None:
    vf = adapter().vf
    assert vf.taskset_config_type("esreason-verifiers") is adapter().GamesConfig
    assert vf.environment_class("esreason-verifiers") is adapter().Play
    assert vf.default_harness_id("esreason-verifiers") == "esreason-verifiers"


@pytest.mark.parametrize("env", [info.name for info in list_envs() if info.origin == "esreason"][::9])
def test_its_tasks_are_ours(env: str) -> None:
    loaded = adapter().load_environment(env, level=2, split="test", first=4)
    for seed, task in zip((4, 5), islice(loaded.taskset, 2), strict=True):
        assert task.data.task == make_task(env, seed, 2, "test").to_dict()
        assert env_class(env).rules in task.data.prompt
        assert type(task.data).model_validate_json(task.data.model_dump_json()) == task.data


@pytest.mark.parametrize("env", ["sudoku", "hanoi", "pddl", "countdown"])
def test_an_episode_of_many_turns_is_won_with_the_solver_s_actions(player: Player, env: str) -> None:
    actions = solve(make_task(env, 0)).actions
    played = episode(player, env, actions)
    assert played.ok, played.errors
    [trace] = played.traces
    assert trace.reward == 1.0 and set(trace.rewards) == {"score"}
    assert trace.info["verdict"]["passed"] and trace.metrics["steps"] == len(actions)
    own = env_class(env)()
    first, _ = own.reset(seed=0)
    observations = [first] + [own.step(action)[0] for action in actions[:-1]]
    last = player.asked[-1]
    assert [message["content"] for message in last if message["role"] == "assistant"] == actions[:-1]
    users = [message["content"] for message in last if message["role"] == "user"]
    assert users[0].endswith(first) and users[1:] == observations[1:]


def test_illegal_actions_end_it_at_nothing(player: Player) -> None:
    played = episode(player, "hanoi", ["A->A", "what?"])
    [trace] = played.traces
    assert trace.reward == 0.0 and trace.metrics["illegal"] == 3
    assert "Third illegal action" in trace.info["verdict"]["reason"]


def test_one_answer(player: Player) -> None:
    answer = solve(make_task("sorting", 0)).answer
    [trace] = episode(player, "sorting", [f"So: <answer>{answer}</answer>"], mode="answer").traces
    assert trace.reward == 1.0 and trace.num_turns == 1


def test_wrong_settings_are_told() -> None:
    with pytest.raises(UsageError, match="did you mean 'sudoku'"):
        next(iter(adapter().load_environment("sudoki").taskset))
    with pytest.raises(UsageError, match="levels 1 to"):
        next(iter(adapter().load_environment("sudoku", level=99).taskset))
