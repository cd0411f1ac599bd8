"""Untrusted Python: run in a worker of pydantic-monty behind a warden process, results by return value.

There is no other way to run it: without pydantic-monty a call raises UsageError. docs/sandbox.md says what is
contained and by which walls.
"""

from __future__ import annotations

import atexit
import json
import keyword
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from esreason.core.errors import EsreasonError, UsageError

MAX_SOURCE, MAX_CALLS = 20_000, 64
WATCHDOG = 30.0
"""Seconds after which a warden that does not answer is killed; its own limits end any program long before."""
RECYCLED = 50_000
"""Requests after which a warden is replaced."""

_WARDEN = Path(__file__).with_name("warden.py")
_FAILURES = {
    "time": "The program takes too long.",
    "memory": "The program needs too much memory.",
    "crash": "The program ends the process that runs it.",
    "result": "The program gives a result that cannot be brought over.",
}


class ProgramError(ValueError):
    """A program that could not be run to its end; the text is one sentence."""


class SandboxError(EsreasonError):
    """The sandbox itself does not work."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call came to: a value as JSON data, or why there is none."""

    kind: Literal["value", "raised", "unplain"]
    value: Any

    def __str__(self) -> str:
        if self.kind == "value":
            return json.dumps(self.value)
        return f"raises {self.value}" if self.kind == "raised" else f"gives {self.value}, which is no plain data"


def call(source: str, function: str, calls: Sequence[Sequence[Any]]) -> list[Outcome]:
    """Run a program, then its function with each list of arguments (JSON data), one after the other.

    Raises ProgramError where the program cannot be read, does not come to its end or breaks a limit; what an
    exception in one of the calls says is an Outcome. At most 64 calls.
    """
    if not function.isidentifier() or keyword.iskeyword(function) or len(calls) > MAX_CALLS:
        raise UsageError(f"a function name and at most {MAX_CALLS} calls are needed")
    reply = _ask({"source": _checked(source), "function": function, "calls": [list(each) for each in calls]})
    outcomes = [Outcome(kind, value) for kind, value in reply["outcomes"]]
    if len(outcomes) != len(calls):
        raise ProgramError("The program does not answer every call.")
    return outcomes


def printed(source: str) -> str:
    """What a program prints; raises ProgramError as `call` does."""
    return str(_ask({"source": _checked(source), "function": None, "calls": []})["printed"])


def same(value: Any, expected: Any) -> bool:
    """Whether two pieces of JSON data are equal: numbers by value, but True and 1 differ, at every depth."""
    if isinstance(value, bool) or isinstance(expected, bool):
        return value is expected
    if isinstance(value, list) and isinstance(expected, list):
        return len(value) == len(expected) and all(map(same, value, expected))
    if isinstance(value, dict) and isinstance(expected, dict):
        return value.keys() == expected.keys() and all(same(value[key], expected[key]) for key in value)
    return bool(value == expected)


def _checked(source: str) -> str:
    if len(source) > MAX_SOURCE:
        raise ProgramError(f"A program has at most {MAX_SOURCE:,} characters.")
    try:
        source.encode()
    except UnicodeEncodeError:
        raise ProgramError("The program holds characters that are no text.") from None
    return source


def _ask(request: dict[str, Any]) -> dict[str, Any]:
    """The reply of a warden, of a second one where the first is found dead; ProgramError if a limit was broken."""
    try:
        reply = _asked(request)
    except SandboxError:
        reply = _asked(request)
    failed = reply.get("failed")
    if failed == "raised":
        where = f" in line {reply['line']}" if reply.get("line") else ""
        raise ProgramError(f"The program raises {reply['name']}{where}.")
    if failed is not None:
        raise ProgramError(_FAILURES[failed])
    return reply


def _asked(request: dict[str, Any]) -> dict[str, Any]:
    """The reply of a warden, which is then free for the next request."""
    warden = _borrowed()
    try:
        reply = warden.ask(request)
    except BaseException:
        warden.kill()
        raise
    if warden.asked < RECYCLED:
        _idle.append(warden)
    else:
        warden.kill()
    return reply


class _Warden:
    """A warden process, the lines to it and from it."""

    def __init__(self) -> None:
        spec = find_spec("pydantic_monty")
        if spec is None or spec.origin is None:
            raise UsageError("Python programs need pydantic-monty: pip install 'esreason[programs]'")
        site = str(Path(spec.origin).parents[1])
        kept = {name: os.environ[name] for name in ("MONTY_BIN", "HOME", "SYSTEMROOT") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(_WARDEN), site],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=kept, cwd="/", start_new_session=True,
        )  # fmt: skip
        self.owner, self.asked, self._rest = os.getpid(), 0, b""
        assert self.process.stdin and self.process.stdout
        self._in, self._out = self.process.stdin, self.process.stdout
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The reply to a request; SandboxError if there is none in time or it belongs to another request."""
        self.asked += 1
        text = json.dumps(request | {"number": self.asked}) + "\n"
        try:
            self._in.write(text.encode())
            self._in.flush()
        except OSError as error:
            raise SandboxError(f"the sandbox is gone: {error}") from None
        reply = json.loads(self._line())
        if not isinstance(reply, dict) or reply.get("number") != self.asked:
            raise SandboxError("the sandbox answers another request")
        return reply

    def _line(self) -> bytes:
        while b"\n" not in self._rest:
            if not self._selector.select(WATCHDOG):
                raise ProgramError(_FAILURES["time"])
            part = os.read(self._out.fileno(), 1 << 16)
            if not part:
                raise SandboxError("the sandbox ended: is pydantic-monty installed whole (its binary `monty` too)?")
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def kill(self) -> None:
        """End the warden and what it started."""
        self._selector.close()
        if self.owner != os.getpid():  # a copy in a forked process: the original is not ours to end
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._in.close()
        self._out.close()


_idle: list[_Warden] = []
"""Wardens without a request; a thread takes one or starts another (list.append and list.pop are atomic)."""


def _borrowed() -> _Warden:
    while _idle:
        warden = _idle.pop()
        if warden.owner == os.getpid() and warden.process.poll() is None:
            return warden
        warden.kill()
    return _Warden()


@atexit.register
def close() -> None:
    """End every idle warden."""
    while _idle:
        _idle.pop().kill()
