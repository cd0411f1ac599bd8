"""Replacing files so that a crash at any moment leaves the old or the new one, whole."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, data: bytes) -> None:
    """Make `data` what a file holds, in one step: written beside it, flushed to the disk, renamed.

    OSError names the file itself; what was there before then stands, and nothing lies beside it.
    """
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):  # a read-only system refuses this too
            part.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from None
