"""The long files of a run, plain as a run writes them or packed as a board keeps them: one reader for both.

Packed means one gzip member that holds nothing but the data (`gzip -n` writes such): no name, time or comment, nothing
behind its end. What a file says and what its digest is never depend on how it is stored.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PACKED = ("seedlog.jsonl", "transcripts.jsonl")
"""The files that may be stored packed, under their name and `SUFFIX`."""
SUFFIX = ".gz"
MAX_UNPACKED = 2**28
_HEADER = b"\x1f\x8b\x08\0\0\0\0\0"  # deflate, no flags, no time; what follows names level and system
_CHUNK = 2**16


def pack(data: bytes) -> bytes:
    """The packed form."""
    made = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, made, mtime=0) as file:
        file.write(data)
    return made.getvalue()


def is_stored(path: Path) -> bool:
    """Whether the file is there, plain or packed."""
    return stored_path(path).is_file()


def stored_path(path: Path) -> Path:
    """The file that holds what a run writes to `path`: this one, or the packed one beside it."""
    packed = path.with_name(path.name + SUFFIX)
    return packed if path.name in PACKED and os.path.lexists(packed) and not os.path.lexists(path) else path


def open_stored(path: Path) -> BinaryIO:
    """What a run writes to `path`, to be read as a stream, plain or packed.

    OSError, when it is opened or read, if it is a link or another kind of file, is there twice, or is badly packed.
    """
    found = stored_path(path)
    if path.name in PACKED and found == path and os.path.lexists(path.with_name(path.name + SUFFIX)):
        raise OSError(f"{path.name}{SUFFIX} lies beside it: only one of them can be meant")
    file = _regular(found)
    if found == path:
        return file
    try:
        return io.BufferedReader(_Unpacked(file, found.name), _CHUNK)
    except OSError:
        file.close()
        raise


def stored_lines(path: Path, most: int) -> Iterator[str]:
    """The lines of such a file, one at a time; of one that is longer than `most`, a piece that is.

    OSError as of `open_stored`, or UnicodeDecodeError.
    """
    with io.TextIOWrapper(open_stored(path), encoding="utf-8") as file:
        while text := file.readline(most + 1):
            yield text


def _regular(path: Path) -> BinaryIO:
    flags = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
    try:
        handle = os.open(path, os.O_RDONLY | sum(flags))
    except OSError:
        if path.is_symlink():
            raise OSError("it is a link") from None
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError("it is no regular file")
    return os.fdopen(handle, "rb")


class _Unpacked(io.RawIOBase):
    """The data of a packed file; no more of it is unpacked than is read."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        if os.fstat(file.fileno()).st_size > MAX_UNPACKED:
            raise OSError(f"{name} is larger than {MAX_UNPACKED} bytes")
        head = file.read(len(_HEADER))
        if head != _HEADER:
            other = "its header holds a name, a time or more" if head[:3] == _HEADER[:3] else "it is not gzip"
            raise OSError(f"{name} is not as `gzip -n` writes it: {other}")
        self._file, self._name, self._left = file, name, MAX_UNPACKED
        self._packed = zlib.decompressobj(wbits=31)  # with header, and with CRC and length at the end
        self._rest = head

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: WriteableBuffer) -> int:
        into = memoryview(buffer).cast("B")
        piece = self._next(min(len(into), _CHUNK)) if len(into) else b""
        self._left -= len(piece)
        if self._left < 0:
            raise OSError(f"{self._name} unpacks to more than {MAX_UNPACKED} bytes")
        into[: len(piece)] = piece
        return len(piece)

    def _next(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""
        while True:
            data = self._rest or self._file.read(_CHUNK)
            try:
                piece = self._packed.decompress(data, size)
            except zlib.error as error:
                raise OSError(f"{self._name} is damaged ({error})") from None
            self._rest, ended = self._packed.unconsumed_tail, self._packed.eof
            if ended and (self._packed.unused_data or self._file.read(1)):
                raise OSError(f"{self._name} goes on behind its end")
            if piece or ended:
                return piece
            if not data:
                raise OSError(f"{self._name} ends too early")
