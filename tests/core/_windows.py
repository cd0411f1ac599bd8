"""The Windows branch of the lock on Linux: a `msvcrt.locking` and a file system with Windows' rules.

`locking` as Microsoft documents `_locking` and Python `msvcrt`: a range of bytes from the handle's position on, owned
by the handle and given back when it is closed or its process ends; LK_NBLCK fails at once with EACCES, LK_LOCK tries
ten times, a second apart, and fails with EDEADLOCK; giving back what is not held is EACCES. It stands on Linux's locks
of open file descriptions, which belong to a handle as well and not, like those of POSIX, to a process.
"""

from __future__ import annotations

import errno
import fcntl
import importlib.util
import os
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PosixPath
from types import ModuleType

from esreason.core import lock

LK_UNLCK, LK_LOCK, LK_NBLCK = 0, 1, 2
_system_open = os.open


def locking(handle: int, mode: int, count: int) -> None:
    start = os.lseek(handle, 0, os.SEEK_CUR)
    if mode == LK_UNLCK:
        if not _holds(handle, start, count):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        _set(handle, fcntl.F_UNLCK, start, count)
        return
    for tries in range(10 if mode == LK_LOCK else 1):
        if tries:
            time.sleep(1)
        if not _holds(handle, start, count) and _set(handle, fcntl.F_WRLCK, start, count):
            return
    number = errno.EDEADLOCK if mode == LK_LOCK else errno.EACCES
    raise OSError(number, os.strerror(number))


def _set(handle: int, kind: int, start: int, count: int) -> bool:
    try:
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", kind, os.SEEK_SET, start, count, 0))
    except OSError as error:
        assert error.errno in (errno.EAGAIN, errno.EACCES)
        return False
    return True


def _holds(handle: int, start: int, count: int) -> bool:
    """Whether this very handle holds the range: another description of the file would be refused."""
    probe = os.open(f"/proc/self/fd/{handle}", os.O_RDWR)
    try:
        asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, start, count, 0)
        seen = fcntl.fcntl(probe, fcntl.F_OFD_GETLK, asked)
        own = fcntl.fcntl(handle, fcntl.F_OFD_GETLK, asked)
    finally:
        os.close(probe)
    return struct.unpack("hhqqi4x", seen)[0] != fcntl.F_UNLCK and struct.unpack("hhqqi4x", own)[0] == fcntl.F_UNLCK


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time opens or removes a file of a folder, for on a file system these are single steps."""
    handle = _system_open(folder.parent / f".{folder.name}.steps", os.O_CREAT | os.O_RDWR, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class WindowsPath(PosixPath):
    """A path whose file cannot be removed while any process has it open: `open` of the C library shares no deletion."""

    def unlink(self, missing_ok: bool = False) -> None:
        with _alone(self.parent):
            told = self.stat()
            for place in Path("/proc").glob("[0-9]*/fd/*"):
                if _is_file(place, told):
                    raise PermissionError(errno.EACCES, "The process cannot access the file", str(self))
            super().unlink(missing_ok)


def _is_file(place: Path, told: os.stat_result) -> bool:
    try:
        return os.path.samestat(place.stat(), told)
    except OSError:  # gone in the meantime, or another user's
        return False


def windows_lock() -> ModuleType:
    """`esreason.core.lock` as it is on Windows."""
    msvcrt = ModuleType("msvcrt")
    for name, value in (("locking", locking), ("LK_UNLCK", LK_UNLCK), ("LK_LOCK", LK_LOCK), ("LK_NBLCK", LK_NBLCK)):
        setattr(msvcrt, name, value)
    spec = importlib.util.spec_from_file_location("lock_on_windows", lock.__file__)
    assert spec is not None and spec.loader is not None
    module, here = importlib.util.module_from_spec(spec), sys.platform
    sys.modules["msvcrt"] = msvcrt
    sys.platform = "win32"
    try:
        spec.loader.exec_module(module)
    finally:
        sys.platform = here
        del sys.modules["msvcrt"]
    opened = module._opened

    def alone(path: Path) -> int:
        with _alone(Path(path).parent):
            return int(opened(path))

    module._opened = alone  # type: ignore[attr-defined]
    return module
