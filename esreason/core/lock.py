"""A lock between processes: a file that one of them holds, released by the system when its holder ends or is killed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PAUSE = 0.02
"""Seconds between two tries on Windows, whose own waiting gives up after ten seconds."""
OPENINGS = 50
"""How often Windows is asked to open the file: it denies one that another process is removing just now."""


@contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[None]:
    """Hold a lock file, made if it is missing and removed in the end: `wait` for it, or BlockingIOError if it is held.

    Between the processes of one machine. On Linux and macOS it is flock(2), on Windows a lock on the file's first byte
    (`msvcrt.locking`): the same promises, but there another's handle may keep the file from being removed. On a network
    drive it holds as far as the drive passes locks on; one that has none raises OSError.
    """
    handle = _taken(path, wait)
    try:
        yield
    finally:
        _given_back(handle, path)


def _taken(path: Path, wait: bool) -> int:
    while True:
        handle = _open(path)
        try:
            _lock(handle, wait)
            if _is_at(handle, path):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # its holder has removed it in the meantime: whoever comes next makes another


def _opened(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_RDWR, 0o666)


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _open(path: Path) -> int:
        for _ in range(OPENINGS - 1):
            with suppress(PermissionError):
                return _opened(path)
            time.sleep(PAUSE)
        return _opened(path)

    def _lock(handle: int, wait: bool) -> None:
        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
                return
            except PermissionError:
                if not wait:
                    raise BlockingIOError("held by another process") from None
            time.sleep(PAUSE)

    def _given_back(handle: int, path: Path) -> None:
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)  # closing alone gives it back some time later
        os.close(handle)
        with suppress(PermissionError, FileNotFoundError):  # another process has it open, or removed it
            path.unlink()

else:
    import fcntl

    _open = _opened

    def _lock(handle: int, wait: bool) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))

    def _given_back(handle: int, path: Path) -> None:
        path.unlink(missing_ok=True)  # while it is held, so that nobody can hold a file without a name unnoticed
        os.close(handle)
