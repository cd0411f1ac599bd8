"""Variants of a submission, each of which lies about something."""

from __future__ import annotations

import copy
import gzip
import hashlib
import json
import lzma
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import esreason
from esreason.core.packed import pack
from esreason.core.statistics import wilson

Files = dict[str, bytes]
Lines = list[dict[str, Any]]
FREE = {"seconds", "device_seconds", "device", "torch", "python", "run", "stopped", "style"}
"""Fields of the result of which only the form can be checked."""
FORMED = {"hash", "tokens", "tokens_out", "prompt_sha256"}
"""Fields of a transcript line that nothing but the model can give."""


def lines_of(files: Files, name: str) -> Lines:
    return [json.loads(line) for line in files[name].decode().splitlines()]


def written(lines: Lines) -> bytes:
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()


def rechained(files: Files, lines: Lines, redo: bool = True) -> Files:
    """The files with these transcripts, hashed anew, head and (if `redo`) all numbers in the result adapted."""
    previous = hashlib.sha256(files["config.toml"]).hexdigest()
    for line in lines:
        bare = {key: value for key, value in line.items() if key != "hash"}
        text = previous + json.dumps(bare, sort_keys=True, separators=(",", ":"))
        previous = line["hash"] = hashlib.sha256(text.encode()).hexdigest()
    result = json.loads(files["result.json"])
    result["transcripts_head"] = previous
    for phase in ("base", "tuned") if redo else ():
        verdicts = [line["verdict"] for line in lines if line["phase"] == phase]
        scores = [verdict.get("score") if isinstance(verdict, dict) else None for verdict in verdicts]
        if scores and all(isinstance(score, float) and 0 <= score <= 1 for score in scores):  # one draw a task
            result[phase] = {"score": sum(scores) / len(scores), "ci95": list(wilson(sum(scores), len(scores))),
                             "n": len(scores)}  # fmt: skip
            if "rates" in result:
                result["rates"][phase] = {"pass@1": scores.count(1.0) / len(scores)}
    return {**files, "transcripts.jsonl": written(lines), "result.json": json.dumps(result).encode()}


def wrong(value: Any) -> Iterator[Any]:
    """Values that differ from this one, some only in type."""
    if isinstance(value, bool):
        yield from (not value, int(value), None)
    elif isinstance(value, int):
        yield from (value + 1, str(value), float(value) + 0.5, None, True, [value])
    elif isinstance(value, float):
        yield from (value + 0.01, str(value), None, 10**400, float("nan"), float("inf"))
    elif isinstance(value, str):
        yield from (value + "x", "", None, 7, "\x1b[31m" + value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            for other in wrong(inner):
                yield {**value, key: other}
        yield from ({}, None, {**value, "more": 1})
    elif isinstance(value, list):
        yield from (value[:-1], None, [*value, 1])
        if value[::-1] != value:
            yield value[::-1]
    else:
        yield from ("x" * 500, ["y"], {})


def results(files: Files) -> Iterator[tuple[str, Files]]:
    result = json.loads(files["result.json"])
    for name, value in result.items():
        for other in wrong(value):
            free = type(other) is type(value) and name in FREE
            if not free and not (name in ("seconds", "device_seconds", "stopped") and type(other) in (float, int, str)):
                forged = json.dumps({**result, name: other}).encode()
                yield f"result {name} {str(other)[:20]!r}", {**files, "result.json": forged}
        rest = {key: inner for key, inner in result.items() if key != name}
        if name not in ("torch", "rates"):
            yield f"result without {name}", {**files, "result.json": json.dumps(rest).encode()}
    yield "result with more", {**files, "result.json": json.dumps({**result, "award": "best"}).encode()}
    doubled = files["result.json"].replace(b"{", b'{"env": "hanoi",', 1)
    yield "result with a key twice", {**files, "result.json": doubled}


def transcripts(files: Files) -> Iterator[tuple[str, Files]]:
    lines = lines_of(files, "transcripts.jsonl")

    def changed(name: str, change: Callable[[Lines], object]) -> Iterator[tuple[str, Files]]:
        again = copy.deepcopy(lines)
        change(again)
        yield f"{name}, as it is", {**files, "transcripts.jsonl": written(again)}
        yield f"{name}, hashed anew", rechained(files, again, redo=False)
        yield f"{name}, all numbers redone", rechained(files, again)

    for index in range(len(lines)):
        yield from changed(f"line {index} dropped", lambda ls, i=index: ls.pop(i))
    for index in (0, 5, 11, 12, 23):
        yield from changed(f"line {index} doubled", lambda ls, i=index: ls.insert(i, copy.deepcopy(ls[i])))
        yield from changed(f"line {index} won", lambda ls, i=index: win(ls[i]))
        yield from changed(f"line {index} solved", lambda ls, i=index: solve(ls[i]))
        others = [(name, other) for name, value in lines[index].items() if name not in FORMED for other in wrong(value)]
        others += [("tokens", -1), ("tokens", 1.0), ("tokens_out", -1), ("tokens_out", 10**6)]
        others += [("prompt_sha256", "z" * 64), ("more", 1)]
        for number, (name, other) in enumerate(others):
            change = partial(_set, index=index, name=name, value=other)
            yield from changed(f"line {index} {name} {number}", change)
        forged = [{**line, "hash": "0" * 64} if i == index else line for i, line in enumerate(lines)]
        yield f"line {index} hash", {**files, "transcripts.jsonl": written(forged)}
    yield from changed("two tasks swapped", lambda ls: swap(ls[12], ls[13]))
    yield from changed("phases swapped", lambda ls: ls.reverse())
    yield from changed("tasks of the train split", retask)
    given = esreason.task_from_payload("sorting", {"items": [1, 2]}).to_dict()
    yield from changed("a given task", lambda ls: ls[0].update(task=given))
    yield from changed("nothing played", lambda ls: ls.clear())
    yield "a blank line", {**files, "transcripts.jsonl": files["transcripts.jsonl"] + b"\n"}
    yield "no last line feed", {**files, "transcripts.jsonl": files["transcripts.jsonl"][:-1]}
    spaced = files["transcripts.jsonl"].replace(b'"phase":', b'"phase": ')
    yield "another spelling", {**files, "transcripts.jsonl": spaced}
    yield "CRLF", {**files, "transcripts.jsonl": files["transcripts.jsonl"].replace(b"\n", b"\r\n")}


def _set(lines: Lines, index: int, name: str, value: Any) -> None:
    lines[index][name] = value


def retask(lines: Lines) -> None:
    """The training tasks of the same seeds."""
    for line in lines:
        line["task"] = esreason.make_task("sorting", line["index"]).to_dict()


def win(line: dict[str, Any]) -> None:
    line["verdict"] = {"score": 1.0, "passed": True, "reason": "Sorted!"}
    line["rewards"][-1] = 1.0


def solve(line: dict[str, Any]) -> None:
    """The solver's actions pasted in, the observations left as they were."""
    line["actions"] = [*esreason.solve(esreason.Task.from_dict(line["task"])).actions, "x"]
    win(line)


def swap(a: dict[str, Any], b: dict[str, Any]) -> None:
    a["task"], b["task"] = b["task"], a["task"]


def seedlogs(files: Files) -> Iterator[tuple[str, Files]]:
    lines = lines_of(files, "seedlog.jsonl")
    for index, line in enumerate(lines):
        yield f"seed log without line {index}", {**files, "seedlog.jsonl": written(lines[:index] + lines[index + 1 :])}
        for name, value in line.items():
            for other in list(wrong(value))[:3]:
                if index == 0 and name == "validation" and type(other) is float:
                    continue  # a claim that only playing again could check
                if name in ("scores", "validation") and type(other) is float:
                    continue
                variant = [*lines[:index], {**line, name: other}, *lines[index + 1 :]]
                yield f"seed log line {index} {name} {str(other)[:12]}", {**files, "seedlog.jsonl": written(variant)}


def configs(files: Files) -> Iterator[tuple[str, Files]]:
    text = files["config.toml"].decode()
    for line in text.splitlines():
        rest = text.replace(line + "\n", "")
        yield f"config without {line}", {**files, "config.toml": rest.encode()}
    for old, new in (
        ('env = "sorting"', 'env = "hanoi"'), ('env = "sorting"', 'env = "../../etc"'), ("level = 1", "level = 2"),
        ("level = 1", "level = 1.0"), ("test_episodes = 12", "test_episodes = 6"), ("seed = 0", "seed = 1"),
        ("iterations = 3", "iterations = 2"), ('mode = "steps"', 'mode = "answer"'), ("rank = 1", "rank = 2"),
        ('model = "sprout"', 'model = "\\u001b[31mgpt"'), ("population = 8", "population = 10"),
        ("sigma = 0.025", "sigma = nan"), ("level = 1", "level = 1 # one"), ("shots = 0", "shots = " + "[" * 5000),
    ):  # fmt: skip
        assert old in text
        forged = {**files, "config.toml": text.replace(old, new).encode()}
        yield f"config {new[:30]}", forged
        yield f"config {new[:30]}, hashed anew", rechained(forged, lines_of(files, "transcripts.jsonl"))


def packings(files: Files) -> Iterator[tuple[str, Files]]:
    """The long files packed, but otherwise than a board packs them; or with other content, or as well as plain."""
    for name in ("seedlog.jsonl", "transcripts.jsonl"):
        data, others = files[name], {other: data for other, data in files.items() if other != name}
        honest = pack(data)
        head, body = honest[:10], honest[10:]
        forged = {
            "cut": honest[:-1], "cut early": honest[: len(honest) // 2], "of no bytes": b"", "plain": data,
            "zlib": zlib.compress(data), "xz": lzma.compress(data), "packed twice": pack(honest),
            "in two members": pack(data[:100]) + pack(data[100:]), "an empty member more": honest + pack(b""),
            "text behind": honest + b"{}\n", "zeros behind": honest + bytes(512),
            "another CRC": honest[:-8] + bytes([honest[-8] ^ 1]) + honest[-7:],
            "another length": honest[:-4] + bytes([honest[-4] ^ 1]) + honest[-3:],
            "a name": head[:3] + b"\x08" + head[4:] + b"../../x\0" + body,
            "a comment": head[:3] + b"\x10" + head[4:] + b"said\0" + body,
            "more": head[:3] + b"\x04" + head[4:] + b"\x02\0ab" + body,
            "a time": gzip.compress(data, mtime=1),
            "a line more": pack(data + b"{}\n"), "a line less": pack(data[: data.rindex(b"\n", 0, -1) + 1]),
            "no last line feed": pack(data[:-1]), "nothing in it": pack(b""), "no UTF-8": pack(b"\xff" + data),
            "nested": pack(b"[" * 2**20 + b"\n"),
        }  # fmt: skip
        for what, packed in forged.items():
            yield f"{name} packed, {what}", {**others, f"{name}.gz": packed}
        yield f"{name} plain and packed", {**files, f"{name}.gz": honest}
        yield f"{name} plain, packed otherwise", {**files, f"{name}.gz": pack(b"")}
    for name in ("config.toml", "result.json"):
        rest = {other: data for other, data in files.items() if other != name}
        yield f"{name} packed", {**rest, f"{name}.gz": pack(files[name])}


def variants(files: Files) -> Iterator[tuple[str, Files]]:
    """Every variant with its name."""
    for make in (results, transcripts, seedlogs, configs, packings):
        yield from make(files)
    for name in files:
        yield f"{name} empty", {**files, name: b""}
        yield f"{name} of another kind", {**files, name: b"\x80\x04K\x01."}
        yield f"{name} nested", {**files, name: b"[" * 2**20 + b"\n"}
        yield f"{name} missing", {other: data for other, data in files.items() if other != name}
