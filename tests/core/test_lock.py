"""A lock that refuses and one that waits, between processes that are killed, and while its file is removed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from esreason.core.lock import locked

HOLD = "import sys, time, pathlib; from esreason.core.lock import locked\n" \
       "with locked(pathlib.Path(sys.argv[1]), wait=False): print('held', flush=True); time.sleep(600)"  # fmt: skip


def test_it_is_refused_while_it_is_held_and_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "lock"
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


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
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


def _count(folder: Path, times: int) -> None:
    """Adds to a number in a file, in two steps between which another process would lose it."""
    for _ in range(times):
        with locked(folder / "lock", wait=True):
            number = int((folder / "number").read_text())
            time.sleep(0.0005)
            (folder / "number").write_text(str(number + 1))


def test_those_who_wait_come_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "number").write_text("0")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_count, args=(tmp_path, 60)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (tmp_path / "number").read_text() == "240"
    assert not (tmp_path / "lock").exists()
