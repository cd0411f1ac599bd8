"""Hostile programs are contained: nothing of the host is reached, every limit holds, no verdict can be faked."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pydantic_monty", reason="needs pydantic-monty (pip install 'esreason[programs]')")

import esreason
from esreason.core.errors import UsageError
from esreason.core.registry import env_class
from esreason.verifiers.programs import sandbox, warden
from esreason.verifiers.programs.sandbox import Outcome, ProgramError, SandboxError
from tests.verifiers import _hostile_objects as others
from tests.verifiers import _hostile_programs as programs

HOST, WALKS = [*programs.HOST, *others.HOST], programs.WALKS
BOMBS, FAKES = [*programs.BOMBS, *others.BOMBS], [*programs.FAKES, *others.FAKES]
CALLS: list[list[Any]] = [[1], [2]]
GOOD = "def f(x):\n    return x + 1"


def results(source: str) -> list[Outcome]:
    """What a program comes to; nothing where it breaks off."""
    try:
        return sandbox.call(source, "f", CALLS)
    except ProgramError as error:
        assert str(error).endswith(".") and "\n" not in str(error) and len(str(error)) < 120
        return []


def works() -> bool:
    return sandbox.call(GOOD, "f", CALLS) == [Outcome("value", 2), Outcome("value", 3)]


def idle_warden() -> sandbox._Warden:
    assert works()
    return sandbox._idle[-1]


def processes_of(group: int) -> list[int]:
    """The processes of a group."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(int(entry.name))
    return found


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Path]:
    """A file that must be neither read nor changed."""
    path = tmp_path / "canary"
    path.write_text("secret")
    yield path
    assert path.read_text() == "secret" and sorted(tmp_path.iterdir()) == [path]
    assert not Path("/tmp/loot").exists() and not Path("/tmp/loot.db").exists()


def test_there_are_enough_hostile_programs() -> None:
    every = [*HOST, *WALKS, *BOMBS, *FAKES]
    assert len(every) == len(set(every)) >= 380


@pytest.mark.parametrize("source", HOST)
def test_nothing_of_the_host_is_reached(source: str, canary: Path) -> None:
    outcomes = results(source.replace("CANARY", repr(str(canary))))
    assert all(outcome.kind == "raised" for outcome in outcomes), outcomes
    assert works()


@pytest.mark.parametrize("source", WALKS)
def test_objects_lead_nowhere(source: str) -> None:
    """A walk ends with an exception, or with a name of a type: never with a module, a frame or a list of classes."""
    for outcome in results(source):
        text = str(outcome.value) if outcome.kind == "value" else ""
        assert not any(word in text for word in ("module", "frame", "code", "Popen", "import", "root:", "wrapper", "/"))
        assert text.count("class") < 4 and len(text) < 200, text


@pytest.mark.parametrize("source", BOMBS)
def test_bombs_are_put_out(source: str) -> None:
    held = idle_warden()
    outcomes = results(source)
    assert all(len(str(outcome.value)) < 2_000 for outcome in outcomes)
    assert works()
    assert idle_warden() is held, "put out by the limits, not by the watchdog, which kills the warden too"


@pytest.mark.parametrize("source", FAKES)
def test_no_result_is_taken_for_another(source: str) -> None:
    for outcome in results(source):
        assert not (outcome.kind == "value" and sandbox.same(outcome.value, 7)), outcome
    assert works()


TASK: dict[str, Any] = {
    "signature": "f(xs)", "examples": [[[[1, 2]], 3], [[[]], 0]], "hidden": [[[[5, 6]], 11], [[[7]], 7]],
}  # fmt: skip


@pytest.mark.parametrize("source", [*HOST, *WALKS, *BOMBS[:3], *FAKES])
def test_no_hostile_program_passes_a_task(source: str) -> None:
    task = esreason.task_from_payload("synthesis", TASK)
    for program in (source, source.replace("def f(x)", "def f(xs)")):
        assert not esreason.verify("synthesis", task, program).passed


@pytest.mark.parametrize("shown", ["11", "5, 7", "[11]", "{'a': 11}", "True"])
@pytest.mark.parametrize("wrap", ["A()", "[A()]", "(A(),)", "{'a': A()}"])
def test_an_object_is_no_data_whatever_it_is_written_as(shown: str, wrap: str) -> None:
    """Once `[A()]` was taken for [5, 7]: results cross the wall as text, and this text is the program's own."""
    source = f"class A:\n    def __repr__(self):\n        return {shown!r}\ndef f(x):\n    return {wrap}"
    assert [outcome.kind for outcome in results(source)] == ["unplain", "unplain"]


def test_a_program_that_knows_the_examples_alone_fails() -> None:
    task = esreason.task_from_payload("synthesis", TASK)
    known = "def f(xs):\n    return {'[1, 2]': 3, '[]': 0}.get(str(xs))"
    verdict = esreason.verify("synthesis", task, known)
    assert not verdict.passed and verdict.reason == "Hidden test 1 fails."
    assert esreason.verify("synthesis", task, "def f(xs):\n    return sum(xs)").passed


def test_expected_results_never_enter_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    asked = sandbox._ask
    monkeypatch.setattr(sandbox, "_ask", lambda request: sent.append(request) or asked(request))
    task = esreason.task_from_payload("synthesis", TASK)
    esreason.verify("synthesis", task, "def f(xs):\n    return sum(xs)")
    assert len(sent) == 1 and set(sent[0]) == {"source", "function", "calls"}
    assert sent[0]["calls"] == [[[1, 2]], [[]], [[5, 6]], [[7]]]


def test_hidden_tests_are_shown_nowhere() -> None:
    env = env_class("synthesis")()
    task = env_class("synthesis").task_from_payload({**TASK, "hidden": [[[[4321]], 4321], [[[8765, 1]], 8766]]})
    observation, _ = env.reset(options={"task": task})
    texts = [observation]
    for line in ("return xs", "raise ValueError(xs)", "print(xs)"):
        observation, *_ = env.step(f"def f(xs):\n    {line}")
        texts.append(observation)
    texts.append(str(esreason.verify("synthesis", task, "def f(xs):\n    return xs[0]").reason))
    assert not any("4321" in text or "8765" in text or "8766" in text for text in texts)


def test_programs_do_not_see_each_other() -> None:
    assert results("secret = 5\ndef f(x):\n    return secret")[0].value == 5
    results("import collections\ncollections.loot = 5")
    for source in ("def f(x):\n    return secret", "import collections\ndef f(x):\n    return collections.loot"):
        assert all(outcome.kind == "raised" for outcome in results(source))


@pytest.mark.parametrize(
    "source",
    [
        "import random\ndef f(x):\n    return random.random()",
        "import time\ndef f(x):\n    return [time.time(), time.perf_counter(), time.process_time()]",
        "import datetime\ndef f(x):\n    return str(datetime.datetime.now())",
        "def f(x):\n    return list({'a', 'b', 'c', 'dd', 'eee'})",
        "def f(x):\n    return [hash('a'), hash((1, 'b'))]",
        "import random\ndef f(x):\n    random.shuffle(y := list(range(9)))\n    return y",
    ],
)
def test_programs_are_functions_of_their_source(source: str) -> None:
    first = results(source)
    sandbox.close()  # another process
    assert first and results(source) == first == results(source)


def test_every_limit_is_named() -> None:
    for source, told in (
        ("while True:\n    pass", "The program takes too long."),
        ("x = [0] * 10 ** 9", "The program needs too much memory."),
        ("def f(:\n    pass", "The program raises SyntaxError in line 1."),
        ("x = 1\n1 / 0", "The program raises ZeroDivisionError."),
        ("raise ValueError('a' * 10 ** 5)", "The program raises ValueError."),
        ("x" * 20_001, "A program has at most 20,000 characters."),
        ("\ud800", "The program holds characters that are no text."),
    ):
        with pytest.raises(ProgramError) as caught:
            sandbox.call(source, "f", CALLS)
        assert str(caught.value) == told
    assert str(sandbox.call("def f(x):\n    raise KeyError", "f", [[1]])[0]) == "raises KeyError"


def test_plain_data_survives() -> None:
    data = [None, True, -3, 10**300, 0.5, "äöü", [1, [2, []]], {"a": {"b": [1]}}]
    assert sandbox.call("def f(x):\n    return x", "f", [[data]])[0].value == data
    assert sandbox.call("def f(x):\n    return (1, (2,))", "f", [[1]])[0].value == [1, [2]]


def test_printed_text_is_given_back_when_asked_for() -> None:
    assert sandbox.printed("print(1, 'a')\nprint([2])") == "1 a\n[2]\n"
    with pytest.raises(ProgramError):
        sandbox.printed("while True:\n    print('a' * 1000)")


@pytest.mark.parametrize(
    ("value", "expected", "equal"),
    [(1, 1, True), (1, 1.0, True), (True, 1, False), (0, False, False), (True, True, True), ([1, [2]], [1, [2]], True),
     ([1], [1, 2], False), ({"a": 1}, {"a": 1.0}, True), ({"a": 1}, {"b": 1}, False), ([True], [1], False),
     ("1", 1, False), (None, 0, False), (float("nan"), float("nan"), False), ({"a": [False]}, {"a": [0]}, False)],
)  # fmt: skip
def test_results_are_compared_strictly(value: Any, expected: Any, equal: bool) -> None:
    assert sandbox.same(value, expected) is equal


# The second wall


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_worker_is_limited_by_the_system() -> None:
    warden_pid = idle_warden().process.pid
    workers = [pid for pid in processes_of(warden_pid) if pid != warden_pid]
    assert len(workers) == 1
    for kind, most in (
        (resource.RLIMIT_AS, warden.ADDRESS_SPACE), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, warden.OPEN_FILES), (resource.RLIMIT_NPROC, 0),
    ):  # fmt: skip
        soft, hard = resource.prlimit(workers[0], kind)
        assert 0 <= soft <= hard <= most
    status = Path(f"/proc/{workers[0]}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    assert Path(f"/proc/{workers[0]}/environ").read_bytes().count(b"=") <= 3, "the environment is not handed on"
    assert os.readlink(f"/proc/{workers[0]}/cwd") == "/"
    opened = sorted(os.listdir(f"/proc/{workers[0]}/fd"))
    assert opened == ["0", "1", "2"], "nothing of this process is open there"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_hung_worker_is_killed_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    held = idle_warden()
    group = held.process.pid
    for pid in processes_of(group):
        os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(sandbox, "WATCHDOG", 0.5)
    with pytest.raises(ProgramError, match="too long"):
        sandbox.call(GOOD, "f", CALLS)
    assert not processes_of(group)
    monkeypatch.undo()
    assert works()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_dead_worker_or_warden_is_replaced() -> None:
    held = idle_warden()
    for pid in processes_of(held.process.pid):
        if pid != held.process.pid:
            os.kill(pid, signal.SIGKILL)
    try:
        assert works()  # the pool may find out by this request
    except ProgramError as error:
        assert "ends the process" in str(error)
    assert works()
    os.killpg(idle_warden().process.pid, signal.SIGKILL)
    time.sleep(0.2)
    assert works()


def test_a_reply_to_another_request_is_refused() -> None:
    held = idle_warden()
    held.asked += 1
    assert held._in.write(b'{"source": "", "function": null, "calls": [], "number": 99}\n')
    held._in.flush()
    with pytest.raises(SandboxError, match="another request"):
        held.ask({"source": "", "function": None, "calls": []})
    held.kill()
    sandbox._idle.clear()
    assert works()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_is_left_behind() -> None:
    """A process that used the sandbox and dies, in order or not, takes warden and worker along."""
    code = (
        "from esreason.verifiers.programs import sandbox\n"
        "sandbox.call('def f(x): return x', 'f', [[1]])\n"
        "print(sandbox._idle[-1].process.pid, flush=True)\n"
        "{}"
    )
    for end in ("", "import os; os.kill(os.getpid(), 9)"):
        done = subprocess.run([sys.executable, "-c", code.format(end)], capture_output=True, text=True, cwd=ROOT)
        group = int(done.stdout)
        deadline = time.monotonic() + 20
        while processes_of(group) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not processes_of(group)


ROOT = Path(__file__).parents[2]


def test_threads_and_forks_have_wardens_of_their_own() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: works(), range(40)))
    code = (
        "import os\nfrom esreason.verifiers.programs import sandbox\n"
        "good = lambda: sandbox.call('def f(x): return x', 'f', [[1]])[0].value == 1\n"
        "assert good()\npid = os.fork()\n"
        "if not pid:\n    os._exit(0 if good() and good() else 1)\n"
        "assert os.waitpid(pid, 0)[1] == 0 and good()\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, cwd=ROOT)


def test_there_is_no_way_round(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.close()
    monkeypatch.setattr(sandbox, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"esreason\[programs\]"):
        sandbox.call(GOOD, "f", CALLS)


@pytest.mark.parametrize(("function", "calls"), [("f(1)", CALLS), ("", CALLS), ("def", CALLS), ("f", [[1]] * 65)])
def test_what_is_called_is_a_name(function: str, calls: list[list[Any]]) -> None:
    with pytest.raises(UsageError):
        sandbox.call(GOOD, function, calls)
