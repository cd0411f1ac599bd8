"""Writing so that a crash at any moment leaves the last complete state readable."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

from esreason.core.errors import RunError
from esreason.core.files import replace_file
from esreason.core.packed import open_stored


def write_whole(path: Path, text: str) -> None:
    """Replace a file of a run by `text` in one step."""
    try:
        replace_file(path, text.encode())
    except OSError as error:
        raise _cannot(path, error) from None


def append_line(path: Path, record: dict[str, Any], sync: bool = True) -> None:
    """Add one JSON line and flush it to the disk; a line that a crash cut short is dropped by `read_lines`."""
    data = (json.dumps(record, separators=(",", ":"), allow_nan=False) + "\n").encode()
    try:
        with path.open("ab") as file:
            size = file.tell()
            try:
                file.write(data)
                file.flush()
                if sync:
                    os.fsync(file.fileno())
            except OSError:
                file.close()
                os.truncate(path, size)  # a full disk must not leave half a line
                raise
    except OSError as error:
        raise _cannot(path, error) from None


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The complete JSON lines of a file that `append_line` wrote."""
    try:
        with open_stored(path) as file:
            data = file.read()
    except OSError as error:
        raise RunError(f"{path} cannot be read: {error.strerror or error}.") from None
    lines = []
    for number, text in enumerate(data.split(b"\n")[:-1], 1):
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            raise RunError(f"{path} line {number} is not JSON.") from None
        if not isinstance(line, dict):
            raise RunError(f"{path} line {number} is not an object.")
        lines.append(line)
    return lines


def keep_lines(path: Path, count: int) -> None:
    """Cut a file after its first `count` complete lines."""
    lines = path.read_bytes().split(b"\n")[:-1][:count]
    write_whole(path, "".join(line.decode() + "\n" for line in lines))


def _cannot(path: Path, error: OSError) -> RunError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    way = " Free some space, then go on with `esreason resume`." if full else ""
    return RunError(f"{path} cannot be written: {error.strerror}.{way}")
