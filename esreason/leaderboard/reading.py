"""Reading what a stranger sent: bounded, literal, and refused in one sentence that names file, line and field."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from esreason.core.errors import SubmissionError
from esreason.core.packed import MAX_UNPACKED, open_stored

MAX_DEPTH = 16
MAX_DIGITS = 25
MAX_LINE = 8 * 2**20
MAX_BYTES = {"config.toml": 2**16, "result.json": 2**18, "seedlog.jsonl": MAX_UNPACKED,
             "transcripts.jsonl": MAX_UNPACKED}  # fmt: skip
"""The files of a submission, and how large each may be, unpacked."""


def refuse(file: str, problem: str, line: int | None = None, field: str | None = None) -> NoReturn:
    """Raise a SubmissionError of one sentence."""
    place = file + (f" line {line}" if line is not None else "") + (f", {plain(field)}" if field else "")
    raise SubmissionError(f"{place}: {plain(problem, 240)}.")


def plain(text: object, limit: int = 80) -> str:
    """A text fit for a terminal and one sentence: control characters, bidirectional marks and the like replaced."""
    joined = " ".join(str(text)[: 4 * limit].split())
    cut = joined if len(joined) <= limit else joined[: limit - 3] + "..."
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in cut)


def read_files(folder: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The bytes of these files of a folder, each read once; links, other kinds of files and large ones are refused."""
    if folder.is_symlink() or not folder.is_dir():
        raise SubmissionError(f"{plain(folder, 200)} is no run folder.")
    return {name: read_file(folder / name, limit) for name in names for limit in (MAX_BYTES[name],)}


def read_file(path: Path, limit: int) -> bytes:
    """A file's bytes as a run wrote them; refused if it is a link, another kind of file, or larger than `limit`."""
    try:
        with open_stored(path) as file:
            data = file.read(limit + 1)
    except FileNotFoundError:
        refuse(path.name, "it is missing: only a finished run can be submitted")
    except OSError as error:
        refuse(path.name, f"it cannot be read ({error.strerror})" if error.strerror else str(error))
    if len(data) > limit:
        refuse(path.name, f"it is larger than {limit} bytes")
    return data


def text_of(data: bytes, file: str) -> str:
    """A file's bytes as text."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        refuse(file, f"byte {error.start} is not UTF-8", data[: error.start].count(b"\n") + 1)


def json_of(text: str, file: str, line: int | None = None) -> dict[str, Any]:
    """A JSON object without repeated keys, NaN, infinities, lone surrogates, long integers or deep nesting."""
    if len(text) > MAX_LINE:
        refuse(file, f"it is longer than {MAX_LINE} characters", line)
    if _depth(text) > MAX_DEPTH:
        refuse(file, f"it is nested deeper than {MAX_DEPTH}", line)
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_int=_int, object_pairs_hook=_object)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # lone surrogates, 1e999
    except (ValueError, RecursionError) as error:
        refuse(file, f"it is not the JSON wanted here ({plain(error)})", line)
    if not isinstance(value, dict):
        refuse(file, "it is not a JSON object", line)
    return value


def _depth(text: str) -> int:
    """The deepest nesting; looks at no more than is needed to know that it is too deep."""
    depth = deepest = 0
    quoted = escaped = False
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return MAX_DEPTH
    for c in text:
        if quoted:
            quoted = escaped or c != '"'
            escaped = c == "\\" and not escaped
        elif c == '"':
            quoted = True
        elif c in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                break
        elif c in "]}":
            depth -= 1
    return deepest


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"an integer has more than {MAX_DIGITS} digits")
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key is repeated")
    return made


def lines_of(data: bytes, file: str) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file, each written exactly as a run writes it (no second spelling of one run)."""
    text = text_of(data, file)
    rows = text.split("\n")
    if rows.pop() != "":
        refuse(file, "it does not end with a line feed", len(rows) + 1)
    found = []
    for number, row in enumerate(rows, 1):
        value = json_of(row, file, number)
        if json.dumps(value, separators=(",", ":"), allow_nan=False) != row:
            refuse(file, "it is not written as a run writes it", number)
        found.append(value)
    return found


def same(a: Any, b: Any) -> bool:
    """Equality of JSON values that tells 1, 1.0 and true apart."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def is_hex(value: Any, digits: int) -> bool:
    """Whether a value is lower-case hexadecimal of this length."""
    return isinstance(value, str) and len(value) == digits and set(value) <= set("0123456789abcdef")


def is_count(value: Any) -> bool:
    """Whether a value is a whole number from 0 on."""
    return type(value) is int and value >= 0


def is_number(value: Any) -> bool:
    """Whether a value is a finite number."""
    return type(value) in (int, float) and math.isfinite(value)


def texts(value: Any) -> bool:
    """Whether a value is a list of texts."""
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(v, str) for v in value)
