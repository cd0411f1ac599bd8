"""The process between this library and untrusted Python: `python -I warden.py SITE`, JSON lines in and out.

It knows nothing of the library: it shuts itself in, owns one worker process of pydantic-monty, gives it one program
at a time, and answers with plain data. What a program prints is no result, nor is the way in which it ends.
"""

from __future__ import annotations

import ast
import ctypes
import datetime
import json
import os
import resource
import sys
from contextlib import suppress
from typing import Any

SECONDS, MEMORY, RECURSION, OUTPUT = 0.25, 64 << 20, 200, 20_000
"""Execution time and heap of one program, its calls one inside the other, the characters that it may print."""
ADDRESS_SPACE, OPEN_FILES = 1 << 30, 64
CHECKOUTS = 5_000
"""Programs after which the worker is replaced."""
PATIENCE = (1, 1, 4)
"""Factors on the time, tried in turn as long as the worker was kept waiting for a processor rather than busy; the
first try is not measured, since nearly every program ends in it."""
TEXT, BITS, DEPTH, REPLY = 20_000, 13_000, 20, 1_000_000
"""Characters of one result, bits of a number, depth of a list; characters of a reply."""

HARNESS = """
def _each(_function, _calls):
    import json
    _made = []
    for _call in _calls:
        try:
            _value = _function(*_call)
            _text = f"{{_value!r}}"[:{text}]
            try:
                json.dumps(_value)
            except:
                _text = [_text, 0]
            _made += [_text]
        except Exception as _error:
            _made += [[f"{{_error!r}}"[:80]]]
    return _made
_each({function}, _calls)
"""
"""Calls the function and writes each result as text, inside the limits of the worker: a value of few cells can be
endless written out. It uses syntax alone, no name that the program could have taken, and a module that no program can
change: what that refuses is no data, whatever its `__repr__` says."""


def shut_in() -> None:
    """Limits that every process from here on inherits, and where the system admits it no way to a network."""
    for limit, value in (
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_AS, ADDRESS_SPACE),
    ):  # fmt: skip
        with suppress(ValueError, OSError):  # a lower one holds already, or the system has none
            resource.setrlimit(limit, (value, value))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
        libc.unshare(0x10000000 | 0x40000000)  # CLONE_NEWUSER | CLONE_NEWNET; some systems refuse


class Unplain(Exception):
    """A value that is no plain data."""


def read(text: str) -> Any:
    """The value that a result written as text stands for; raises Unplain where it is no plain data."""
    if len(text) > TEXT:
        raise Unplain
    try:
        value = json.loads(text)  # numbers and lists of them are written alike, and read much faster so
    except ValueError:
        value = _literal(text)
    return plain(value)


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise Unplain from None


def plain(value: Any, depth: int = 0) -> Any:
    """A value as JSON data, tuples as lists; raises Unplain for anything but plain data of bounded depth."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int) and value.bit_length() <= BITS:
        return value
    if isinstance(value, float) and value - value == 0:
        return value
    if isinstance(value, list | tuple) and depth < DEPTH:
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, dict) and depth < DEPTH and all(type(key) is str for key in value):
        return {key: plain(item, depth + 1) for key, item in value.items()}
    raise Unplain


def outcome(made: str | list[Any]) -> list[Any]:
    """What one call came to: ["value", data], ["raised", name], or ["unplain", its text]."""
    if isinstance(made, list) and len(made) == 1:
        return ["raised", name_of(made[0].partition("(")[0])]
    try:
        if isinstance(made, list):
            raise Unplain
        return ["value", read(made)]
    except (Unplain, RecursionError):
        text = made[0] if isinstance(made, list) else made
        return ["unplain", "".join([c if " " <= c <= "~" else "?" for c in text[:60]])]


def name_of(text: Any) -> str:
    """The name of an exception or a type, as untrusted code gives it."""
    return "".join([c for c in str(text) if c.isascii() and (c.isalnum() or c == "_")])[:40] or "Error"


class Worker:
    """One worker process and the programs that run in it."""

    def __init__(self) -> None:
        import pydantic_monty

        self.monty = pydantic_monty
        self.confined: int | None = None
        self.pool = pydantic_monty.Monty(
            min_processes=1, max_processes=1, max_checkouts_per_worker=CHECKOUTS, feed_duration_limit_grace=0.2
        )
        self.policy: Any = {
            "datetime": datetime.datetime(2000, 1, 1), "timezone": "utc", "sleep": "zero", "random_start": {"seed": 0},
        }  # fmt: skip

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The reply to a request."""
        reply: dict[str, Any] = {}
        for number, factor in enumerate(PATIENCE):
            seconds = SECONDS * factor
            reply, used = self.attempt(request, seconds, measured=number > 0)
            if reply.get("failed") != "time" or (number and (used is None or used > seconds / 2)):
                break
        return reply

    def attempt(
        self, request: dict[str, Any], seconds: float, measured: bool
    ) -> tuple[dict[str, Any], float | None]:
        """The reply, and the processor time that the worker spent on it (None where it is not known)."""
        limits: Any = {
            "max_feed_duration_secs": seconds, "max_memory": MEMORY, "max_recursion_depth": RECURSION,
            "max_suspensions": 50, "max_total_sleep_secs": 0.0,
        }  # fmt: skip
        before = after = None
        try:
            with self.pool.checkout(limits=limits, os_policy=self.policy, script_name="program.py") as session:
                pid = session.worker_pid
                self.confine(pid)
                before = processor_time(pid) if measured else None
                try:
                    reply = self.run(session, request)
                finally:
                    after = processor_time(pid) if measured else None
        except self.monty.MontyCrashedError as error:
            reply = {"failed": "time" if getattr(error, "timed_out", False) else "crash"}
        except self.monty.MontyError as error:
            reply = self.failure(error)
        except (ValueError, OverflowError, RecursionError, MemoryError) as error:  # the result cannot be brought over
            reply = {"failed": "result", "name": type(error).__name__}
        return reply, None if before is None or after is None else after - before

    def confine(self, pid: int | None) -> None:
        """Take from a new worker the right to start processes."""
        if pid is None or pid == self.confined or not hasattr(resource, "prlimit"):
            return
        with suppress(ValueError, OSError):  # gone already, or not ours to limit
            resource.prlimit(pid, resource.RLIMIT_NPROC, (0, 0))
        self.confined = pid

    def run(self, session: Any, request: dict[str, Any]) -> dict[str, Any]:
        """Define the program, then call its function or give back what it printed."""
        printed = self.monty.CollectString(OUTPUT)
        session.feed_run(request["source"], print_callback=printed)
        if request["function"] is None:
            return {"printed": printed.output}
        harness = HARNESS.format(function=request["function"], text=TEXT + 1)
        made = session.feed_run(harness, inputs={"_calls": request["calls"]}, print_callback=printed)
        return {"outcomes": [outcome(each) for each in made]}

    def failure(self, error: Any) -> dict[str, Any]:
        """What went wrong: a limit, or an exception by name, with the line for a syntax error."""
        inner = error.exception()
        name = type(inner).__name__
        text = str(inner)
        if name == "TimeoutError" and "limit exceeded" in text:
            return {"failed": "time"}
        if name == "MemoryError":
            return {"failed": "memory"}
        frames = error.traceback() if hasattr(error, "traceback") else []
        line = frames[-1].line if frames and name == "SyntaxError" else 0
        return {"failed": "raised", "name": name_of(error.display("type-msg").partition(":")[0]), "line": line}


def processor_time(pid: int | None) -> float | None:
    """The processor seconds of a process, where the system tells."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


def main() -> None:
    """Answer requests until the other side hangs up."""
    shut_in()
    sys.path.append(sys.argv[1])
    worker = Worker()
    with worker.pool:
        for line in sys.stdin.buffer:
            request = json.loads(line)
            text = json.dumps({"number": request["number"]} | worker.answer(request))
            if len(text) > REPLY:
                text = json.dumps({"number": request["number"], "failed": "result", "name": "size"})
            sys.stdout.write(text + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
