"""The endpoint policy against a local server that misbehaves in every way an HTTP server can."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import esreason
from esreason.core.env import Mode
from esreason.core.errors import ModelError
from esreason.engines.base import Message, Request, Sampling
from esreason.engines.endpoint import Endpoint
from esreason.es.noise import CENTRE, Member
from esreason.rollout.driver import Driver
from esreason.rollout.prompts import Prompts
from esreason.rollout.unit import Unit

Reply = tuple[int, dict[str, str], bytes]


class Stub(ThreadingHTTPServer):
    """Answers with the next of `replies`, and when none are left as a model that says `fallback`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Reply] = []
        self.seen: list[tuple[str, dict[str, str], Any]] = []
        self.fallback = "1 2"
        self.delay = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Stub

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._send(200, {}, json.dumps({"data": [{"id": "only"}]}).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, dict(self.headers), body))
        time.sleep(self.server.delay)
        if self.server.replies:
            self._send(*self.server.replies.pop(0))
            return
        text = self.server.fallback
        choice = {"message": {"content": text}} if "messages" in body else {"text": text}
        self._send(
            200, {}, json.dumps({"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}).encode()
        )

    def _send(self, code: int, headers: dict[str, str], data: bytes) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def stub() -> Iterator[Stub]:
    server = Stub()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Retries that do not wait; what they would have waited is returned."""
    waited: list[float] = []
    monkeypatch.setattr("esreason.engines.endpoint.sleep", waited.append)
    return waited


def ask(endpoint: Endpoint, prompt: Any = "2 1\n") -> Any:
    return endpoint.generate([Request(0, 0, prompt, Sampling(max_tokens=9))])[0]


def test_a_redirect_is_refused_and_takes_the_key_nowhere(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    stub.replies = [(302, {"Location": f"{stub.url}/elsewhere"}, b"")]
    with pytest.raises(ModelError, match="HTTP 302"):
        ask(Endpoint(stub.url, "m"))
    assert [path for path, *_ in stub.seen] == ["/v1/completions"]


@pytest.mark.parametrize("url", ["http://", "http:///v1", "http://[::1"])
def test_a_url_without_a_host_is_named_at_once(url: str) -> None:
    with pytest.raises(ModelError, match="is no URL"):
        Endpoint(url)


def test_texts_and_chats_go_where_they_belong(stub: Stub) -> None:
    endpoint = Endpoint(stub.url)
    assert endpoint.model == "only"
    completion = ask(endpoint)
    assert (completion.text, completion.tokens_in, completion.tokens_out) == ("1 2", 7, 3)
    ask(endpoint, (Message("user", "hello"),))
    (path, _, body), (chat, _, talk) = stub.seen
    assert (path, chat) == ("/v1/completions", "/v1/chat/completions")
    assert body["prompt"] == "2 1\n"
    assert body["max_tokens"] == 9
    assert body["stop"] == ["\n"]
    assert talk["messages"] == [{"role": "user", "content": "hello"}]


def test_order_is_kept_when_many_are_under_way(stub: Stub) -> None:
    stub.replies = []
    endpoint = Endpoint(stub.url, "m")
    requests = [Request(0, k, f"{k}\n", Sampling()) for k in range(40)]
    assert len(endpoint.generate(requests)) == 40
    assert sorted(body["prompt"] for _, _, body in stub.seen) == sorted(f"{k}\n" for k in range(40))


def test_429_and_5xx_are_tried_again_after_retry_after(stub: Stub, no_waiting: list[float]) -> None:
    stub.replies = [(429, {"Retry-After": "7"}, b""), (503, {}, b"busy"), (500, {"Retry-After": "soon"}, b"")]
    assert ask(Endpoint(stub.url, "m")).text == "1 2"
    assert no_waiting == [7.0, 1.0, 2.0]


def test_malformed_json_is_tried_again(stub: Stub) -> None:
    stub.replies = [(200, {}, b"{"), (200, {}, b"[1]"), (200, {}, b"[" * 100_000)]
    assert ask(Endpoint(stub.url, "m")).text == "1 2"


def test_retries_end_with_one_sentence(stub: Stub, no_waiting: list[float]) -> None:
    stub.replies = [(500, {}, b"")] * 9
    with pytest.raises(ModelError, match="failed 5 times, at last with: HTTP 500"):
        ask(Endpoint(stub.url, "m"))
    assert len(no_waiting) == 4


@pytest.mark.parametrize("code", [400, 401, 404])
def test_refusals_are_not_tried_again(stub: Stub, code: int, no_waiting: list[float]) -> None:
    stub.replies = [(code, {}, b"no")]
    with pytest.raises(ModelError, match=f"HTTP {code}"):
        ask(Endpoint(stub.url, "m"))
    assert no_waiting == []


@pytest.mark.parametrize(
    "answer", [{}, {"choices": []}, {"choices": [{}]}, {"choices": [{"text": 7}]}, {"choices": "x"}]
)
def test_answers_without_a_completion_are_one_sentence(stub: Stub, answer: dict[str, Any]) -> None:
    stub.replies = [(200, {}, json.dumps(answer).encode())]
    with pytest.raises(ModelError, match="OpenAI-compatible"):
        ask(Endpoint(stub.url, "m"))


def test_time_outs_and_refused_connections_are_one_sentence(stub: Stub) -> None:
    stub.delay = 0.5
    with pytest.raises(ModelError, match="failed 2 times"):
        ask(Endpoint(stub.url, "m", tries=2, timeout=0.05))
    with pytest.raises(ModelError, match="failed 2 times"):
        ask(Endpoint("http://127.0.0.1:9/v1", "m", tries=2))


@pytest.mark.parametrize("url", ["http:///v1", "not a url", "ftp://x"])
def test_urls_that_are_none_are_one_sentence(url: str) -> None:
    with pytest.raises(ModelError):
        ask(Endpoint(url, "m", tries=1))


def test_the_key_is_sent_and_never_shown(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    stub.replies = [(401, {}, b"")]
    endpoint = Endpoint(stub.url, "m")
    with pytest.raises(ModelError) as caught:
        ask(endpoint)
    assert stub.seen[0][1]["Authorization"] == "Bearer sk-secret"
    assert "sk-secret" not in str(caught.value)


def test_an_endpoint_cannot_be_perturbed(stub: Stub) -> None:
    with pytest.raises(ModelError, match="perturbed"):
        Endpoint(stub.url, "m").load([Member(3, 0.1)], 1)


@pytest.mark.parametrize("mode", ["steps", "answer"])
def test_whole_episodes_are_played(stub: Stub, mode: Mode) -> None:
    tasks = tuple(esreason.make_task("sorting", seed) for seed in range(3))
    stub.fallback = "<answer>9 9</answer>"
    [episodes] = Driver(Prompts(mode, "chat", max_tokens=32)).play(
        Endpoint(stub.url, "m"), Unit((CENTRE,), tasks)
    )
    assert all(episode.score == 0.0 and episode.tokens == 10 * len(episode.actions) for episode in episodes)
