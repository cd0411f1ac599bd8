"""Packed files: the system's gzip as the other side, and everything that is no such file refused in a sentence."""

from __future__ import annotations

import gzip
import random
import shutil
import subprocess
import tracemalloc
import zlib
from pathlib import Path

import pytest

from esreason.core import packed
from esreason.core.packed import is_stored, open_stored, pack, stored_lines

DATA = b"".join(b'{"a":%d}\n' % k for k in range(20)) + "ä\n".encode()
NAME = "transcripts.jsonl"


def lay(folder: Path, data: bytes) -> Path:
    (folder / f"{NAME}.gz").write_bytes(data)
    return folder / NAME


@pytest.mark.parametrize("size", [0, 1, 2**16 - 1, 2**16, 2**16 + 1, 3 * 2**17, 2**21])
@pytest.mark.parametrize("kind", ["zeros", "noise"])
def test_what_was_packed_is_read_again(tmp_path: Path, size: int, kind: str) -> None:
    data = bytes(size) if kind == "zeros" else random.Random(size).randbytes(size)
    made = pack(data)
    assert gzip.decompress(made) == data and made == pack(data) and made[4:8] == bytes(4)
    with open_stored(lay(tmp_path, made)) as file:
        assert file.read() == data
    with open_stored(lay(tmp_path, made)) as file:
        assert b"".join(iter(lambda: file.read(1_000), b"")) == data


@pytest.mark.skipif(shutil.which("gzip") is None, reason="there is no gzip")
def test_files_of_the_systems_gzip_are_read_without_its_header(tmp_path: Path) -> None:
    for level in "169":
        for options, fine in ((["-n"], True), (["-N"], False)):
            path = tmp_path / NAME
            path.write_bytes(DATA)
            subprocess.run(["gzip", "-f", f"-{level}", *options, path], check=True)
            assert is_stored(path) and not path.exists()
            if fine:
                assert list(stored_lines(path, 99)) == DATA.decode().splitlines(keepends=True)
            else:
                with pytest.raises(OSError, match="its header holds a name"):
                    open_stored(path)
    (tmp_path / f"{NAME}.gz").write_bytes(pack(DATA))
    subprocess.run(["gzip", "-d", tmp_path / f"{NAME}.gz"], check=True)
    assert (tmp_path / NAME).read_bytes() == DATA


MADE = pack(DATA)
BAD = {
    "cut": (MADE[:-1], "ends too early"),
    "cut in the data": (MADE[:-9], "ends too early"),
    "cut in the header": (MADE[:2], "it is not gzip"),
    "empty": (b"", "it is not gzip"),
    "not packed": (DATA, "it is not gzip"),
    "zlib": (zlib.compress(DATA), "it is not gzip"),
    "two members": (MADE + MADE, "goes on behind its end"),
    "an empty member more": (MADE + pack(b""), "goes on behind its end"),
    "zeros behind": (MADE + bytes(8), "goes on behind its end"),
    "text behind": (MADE + b"x", "goes on behind its end"),
    "far behind": (MADE + bytes(2**18), "goes on behind its end"),
    "wrong CRC": (MADE[:-8] + bytes([MADE[-8] ^ 1]) + MADE[-7:], "damaged .*incorrect data check"),
    "wrong length": (MADE[:-1] + bytes([MADE[-1] ^ 1]), "damaged .*incorrect length check"),
    "a reserved block": (MADE[:10] + b"\x07" + MADE[11:], "damaged"),
    "a name": (gzip.compress(DATA)[:3] + b"\x08" + bytes(4) + b"\x00\xff" + b"name\0" + MADE[10:], "holds a name"),
    "a comment": (MADE[:3] + b"\x10" + MADE[4:10] + b"said\0" + MADE[10:], "holds a name, a time or more"),
    "more": (MADE[:3] + b"\x04" + MADE[4:10] + b"\x02\0ab" + MADE[10:], "holds a name, a time or more"),
    "a time": (gzip.compress(DATA, mtime=1), "holds a name, a time or more"),
    "another method": (MADE[:2] + b"\x07" + MADE[3:], "it is not gzip"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_such_file_is_refused(tmp_path: Path, name: str) -> None:
    data, says = BAD[name]
    with pytest.raises(OSError, match=rf"^{NAME}\.gz .*{says}"), open_stored(lay(tmp_path, data)) as file:
        file.read()


def test_every_flipped_bit_is_found_or_changes_nothing(tmp_path: Path) -> None:
    for place in range(8 * len(MADE)):
        flipped = bytearray(MADE)
        flipped[place // 8] ^= 1 << place % 8
        try:
            with open_stored(lay(tmp_path, bytes(flipped))) as file:
                read = file.read()
        except OSError:
            continue
        assert read == DATA  # the level and system in the header say nothing


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MAX_UNPACKED", 2**22)
    path = lay(tmp_path, pack(bytes(2**26)))
    assert (tmp_path / f"{NAME}.gz").stat().st_size < 2**17
    tracemalloc.start()
    with pytest.raises(OSError, match=f"unpacks to more than {2**22} bytes"), open_stored(path) as file:
        while file.read(2**16):
            pass
    assert tracemalloc.get_traced_memory()[1] < 2**20
    with pytest.raises(OSError, match="unpacks to more"):  # one endless line
        assert all(len(line) == 101 for line in stored_lines(path, 100))
    tracemalloc.stop()
    with pytest.raises(OSError, match="is larger than"), (tmp_path / f"{NAME}.gz").open("r+b") as file:
        file.truncate(2**23)  # sparse
        open_stored(path)


def test_a_line_is_read_without_what_follows_it(tmp_path: Path) -> None:
    damaged = pack(b"first\n" + random.Random(0).randbytes(2**19).hex().encode())[:-4]
    assert next(stored_lines(lay(tmp_path, damaged), 99)) == "first\n"


def test_a_file_that_is_there_twice_or_a_link_is_refused(tmp_path: Path) -> None:
    path = lay(tmp_path, MADE)
    path.write_bytes(DATA)
    with pytest.raises(OSError, match=f"{NAME}.gz lies beside it"):
        open_stored(path)
    path.unlink()
    (tmp_path / f"{NAME}.gz").rename(tmp_path / "elsewhere")
    for target, name in ((path, "elsewhere"), (tmp_path / f"{NAME}.gz", "elsewhere"), (path, "nowhere")):
        target.symlink_to(tmp_path / name)
        with pytest.raises(OSError, match="it is a link"):
            open_stored(path)
        target.unlink()
    with pytest.raises(FileNotFoundError):
        open_stored(path)
    (tmp_path / "result.json.gz").write_bytes(MADE)  # only the long ones may be packed
    with pytest.raises(FileNotFoundError):
        open_stored(tmp_path / "result.json")
