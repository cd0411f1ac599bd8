"""A lock that refuses and one that waits, between processes that are killed, and while its file is removed.

On this system and by the rules of Windows, whose branch is tried on an emulation of them.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from esreason.core import lock

HOLD = "import sys, time; from tests.core.test_lock import system\n" \
       "locked, path = system(sys.argv[2])\n" \
       "with locked(path(sys.argv[1]), wait=False): print('held', flush=True); time.sleep(600)"  # fmt: skip
LINUX = sys.platform == "linux"


def system(name: str) -> tuple[Callable[..., AbstractContextManager[None]], type[Path]]:
    """The lock and the paths of this system, or of Windows."""
    if name == "here":
        return lock.locked, Path
    from tests.core._windows import WindowsPath, windows_lock

    return windows_lock().locked, WindowsPath


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "where" in metafunc.fixturenames:
        metafunc.parametrize("where", ["here", *(["windows"] if LINUX else [])])


def test_it_is_refused_while_it_is_held_and_leaves_no_file(tmp_path: Path, where: str) -> None:
    locked, kind = system(where)
    path = kind(tmp_path / "lock")
    with locked(path, wait=False):
        with pytest.raises(BlockingIOError), locked(path, wait=False):
            raise AssertionError("held twice")
        assert path.exists()
    assert not path.exists()
    with pytest.raises(ZeroDivisionError), locked(path, wait=False):
        raise ZeroDivisionError
    with locked(path, wait=False):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_killed_holder_holds_nothing(tmp_path: Path, where: str) -> None:
    locked, kind = system(where)
    path = kind(tmp_path / "lock")
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path), where], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    with pytest.raises(BlockingIOError), locked(path, wait=False):
        pass
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    assert path.exists()
    with locked(path, wait=False):
        pass
    assert not path.exists()


def _count(folder: Path, times: int, where: str) -> None:
    """Adds to a number in a file, in two steps between which another process would lose it."""
    locked, kind = system(where)
    for _ in range(times):
        with locked(kind(folder / "lock"), wait=True):
            number = int((folder / "number").read_text())
            time.sleep(0.0005)
            (folder / "number").write_text(str(number + 1))


def test_those_who_wait_come_one_by_one(tmp_path: Path, where: str) -> None:
    (tmp_path / "number").write_text("0")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_count, args=(tmp_path, 60, where)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (tmp_path / "number").read_text() == "240"
    assert where == "windows" or not (tmp_path / "lock").exists()  # there a waiter's handle may have kept the file


@pytest.mark.skipif(not LINUX, reason="emulates Windows on Linux")
def test_on_windows_a_held_file_stays_and_its_next_holder_removes_it(tmp_path: Path) -> None:
    locked, kind = system("windows")
    path = kind(tmp_path / "lock")
    with locked(path, wait=False):
        other = os.open(path, os.O_RDWR)  # as a waiter has it
    assert path.exists()
    os.close(other)
    with locked(path, wait=True):
        pass
    assert not path.exists()


@pytest.mark.skipif(not LINUX, reason="emulates Windows on Linux")
@pytest.mark.parametrize("times", [3, 10**9])
def test_on_windows_a_file_that_is_just_being_removed_is_opened_again(
    tmp_path: Path, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening a file while another process removes it is denied; so is, for ever, one in a folder without the right."""
    from tests.core._windows import windows_lock

    module, refused, slept, real = windows_lock(), 0, [], os.open

    def denied(path: Any, flags: int, mode: int = 0o777) -> int:
        nonlocal refused
        if refused < times:
            refused += 1
            raise PermissionError(13, "Access is denied", str(path))
        return real(path, flags, mode)

    monkeypatch.setattr(module.os, "open", denied)
    monkeypatch.setattr(module.time, "sleep", slept.append)
    if times == 3:
        with module.locked(tmp_path / "lock", wait=False):
            assert slept == 3 * [module.PAUSE]
    else:
        with pytest.raises(PermissionError), module.locked(tmp_path / "lock", wait=False):
            raise AssertionError("held without a file")
        assert 0.5 < sum(slept) < 2


@pytest.mark.skipif(not LINUX, reason="emulates Windows on Linux")
def test_the_emulated_system_call_is_the_documented_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.core import _windows as windows

    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", lambda seconds: slept.append(seconds))
    path = tmp_path / "file"
    path.touch()
    first, second = (os.open(path, os.O_RDWR) for _ in range(2))
    windows.locking(first, windows.LK_NBLCK, 1)
    for handle in (first, second):  # a range is locked once, whoever asks
        with pytest.raises(PermissionError):
            windows.locking(handle, windows.LK_NBLCK, 1)
    with pytest.raises(OSError, match="deadlock"):
        windows.locking(second, windows.LK_LOCK, 1)
    assert slept.count(1) == 9
    with pytest.raises(PermissionError):
        windows.locking(second, windows.LK_UNLCK, 1)
    os.close(first)
    windows.locking(second, windows.LK_LOCK, 1)
    windows.locking(second, windows.LK_UNLCK, 1)
    os.close(second)
