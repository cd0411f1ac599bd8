"""The audit of a submission: everything that can be computed again is, and compared."""

from __future__ import annotations

import hashlib
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from esreason.core.code import code_of
from esreason.core.errors import EsreasonError, SubmissionError
from esreason.core.mixture import label_of, names_in, version_of
from esreason.core.registry import env_class
from esreason.core.statistics import summary_of
from esreason.core.task import canonical_json
from esreason.leaderboard import challenge
from esreason.leaderboard.reading import (
    MAX_BYTES,
    is_count,
    is_hex,
    is_number,
    json_of,
    lines_of,
    plain,
    read_file,
    read_files,
    refuse,
    same,
    text_of,
    texts,
)
from esreason.leaderboard.replay import Different, Progress, replayed, silent
from esreason.rollout.by_environment import by_environment
from esreason.rollout.draws import rates, task_means
from esreason.rollout.judgement import JUDGEMENTS
from esreason.rollout.played import regret
from esreason.rollout.transcript import CHALLENGE_PHASE, CHALLENGE_SCHEMA, FIELDS, RESULT_SCHEMA, chained, config_digest

TRANSCRIPTS, RESULT, CONFIG, SEEDLOG = "transcripts.jsonl", "result.json", "config.toml", "seedlog.jsonl"
_TEXTS = ("engine", "device", "dtype", "style", "python")
_VERSIONS = {"torch", "vllm", "transformers", "cuda", "gpu", "quantize"}
MAX_DRAWS = 1_000
_FREE = {*_TEXTS, *_VERSIONS, "run", "seconds", "device_seconds", "stopped", "parameters", "shards"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of submission consists of; `derived` are the fields of its result that no other kind has."""

    schema: str
    phases: tuple[str, ...]
    files: tuple[str, ...]
    derived: frozenset[str]


RUN = Kind(
    RESULT_SCHEMA, ("base", "tuned"), (CONFIG, SEEDLOG, TRANSCRIPTS, RESULT),
    frozenset({"base_sha256", "weights_sha256", "iterations", "checkpoint", "sigma", "alpha", "episodes", "tokens",
               "tokens_out", "drift", "voters"}),
)  # fmt: skip
CHALLENGE = Kind(
    CHALLENGE_SCHEMA, (CHALLENGE_PHASE,), (CONFIG, TRANSCRIPTS, RESULT), frozenset({"weights_sha256", "nonce"})
)


@dataclass(frozen=True, slots=True)
class Origin:
    """What config, seed log and models at hand prove: fields of the result, and whether the weights are the named."""

    values: dict[str, Any]
    weights: bool


Follow = Callable[[Path], Origin]
"""Follows the config and seed log of a run folder; raises SubmissionError at the first difference."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission that has passed: its files, what they say, and each phase's scores by task."""

    id: str
    kind: Kind
    files: dict[str, bytes]
    config: dict[str, Any]
    result: dict[str, Any]
    weights: bool
    current: bool
    """Whether the environment's code is the installed one."""
    scores: dict[str, list[float]] = field(repr=False)

    @property
    def draws(self) -> int:
        """How often each test task was played."""
        return _draws(self.config)


def audit(
    folder: Path, follow: Follow, workers: int = 0, progress: Progress = silent, stored: bool = False
) -> Submission:
    """Verify a run folder from its files alone; SubmissionError at the first difference.

    A `stored` one, an entry of a board, may have been made with other code of its environment: the replay decides.
    """
    kind = _kind(folder)
    files = read_files(folder, kind.files)
    config = _config(files[CONFIG])
    result = json_of(text_of(files[RESULT], RESULT), RESULT)
    lines = lines_of(files[TRANSCRIPTS], TRANSCRIPTS)
    _complete(lines, kind, _due(kind, config, result, len(lines)))
    head = _chain(lines, config_digest(text_of(files[CONFIG], CONFIG)))
    _result(kind, result, config, lines, head)
    current = _current(result, config, stored)
    try:
        extra = replayed(lines, config["mode"], config.get("judgement", "none"), workers, progress)
    except Different as error:
        since = "" if current else " (the environment's code has changed since the run)"
        refuse(TRANSCRIPTS, error.problem + since, error.index + 1)
    each = len(lines) // len(kind.phases)
    lost = {phase: regret(extra[k * each : (k + 1) * each]) for k, phase in enumerate(kind.phases)}
    compare(result, {"regret": lost})
    if SEEDLOG in files and not lines_of(files[SEEDLOG], SEEDLOG):
        refuse(SEEDLOG, "it has no header", 1)
    origin = _follow(files, follow)
    compare(result, origin.values)
    scores = {phase: task_means(_scores(lines, phase), _draws(config)) for phase in kind.phases}
    return Submission(run_id(files, config["env"]), kind, files, config, result, origin.weights, current, scores)


def _kind(folder: Path) -> Kind:
    """What the result says that it is; a run, where it says nothing of use."""
    if folder.is_symlink() or not folder.is_dir():
        return RUN
    result = json_of(text_of(read_file(folder / RESULT, MAX_BYTES[RESULT]), RESULT), RESULT)
    return CHALLENGE if result.get("schema") == CHALLENGE.schema else RUN


def run_id(files: dict[str, bytes], env: str) -> str:
    """The name of a run: its environment and a digest of everything that a repeated run would write again."""
    digest = hashlib.sha256()
    for name in sorted(files.keys() - {RESULT}):
        digest.update(hashlib.sha256(files[name]).digest())
    return f"{label_of(env)}-{digest.hexdigest()[:16]}"


def _config(data: bytes) -> dict[str, Any]:
    try:
        config = tomllib.loads(text_of(data, CONFIG))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        refuse(CONFIG, f"it is not TOML ({plain(error)})")
    wanted = {"env": str, "model": str, "level": int, "mode": str, "test_episodes": int, "engine": str, "dtype": str}
    for name, kind in wanted.items():
        if type(config.get(name)) is not kind:
            refuse(CONFIG, f"it is not a {kind.__name__}", field=name)
    if config["mode"] not in ("steps", "answer"):
        refuse(CONFIG, "it is neither steps nor answer", field="mode")
    if config.get("judgement", "none") not in JUDGEMENTS:
        refuse(CONFIG, f"it is none of {', '.join(JUDGEMENTS)}", field="judgement")
    if not (is_count(config.get("test_samples", 1)) and 1 <= _draws(config) <= MAX_DRAWS):
        refuse(CONFIG, f"it is no whole number from 1 to {MAX_DRAWS}", field="test_samples")
    return config


def _draws(config: dict[str, Any]) -> int:
    """How often each test task was played."""
    return int(config.get("test_samples", 1))


def _due(kind: Kind, config: dict[str, Any], result: dict[str, Any], found: int) -> list[dict[str, Any]]:
    """The fields of the tasks that each phase plays, in order: each environment's test seeds, or the challenge's."""
    try:
        versions = {env: env_class(env).version for env in names_in(config["env"])}
    except EsreasonError as error:
        refuse(CONFIG, str(error), field="env")
    if config.get("given"):
        refuse(CONFIG, "a run on given tasks is no entry of a board, which ranks players on the same generated ones; "
                       "`esreason verify` replays it", field="given")  # fmt: skip
    envs, each, level = list(versions), config["test_episodes"], config["level"]
    total = each * len(envs) * _draws(config)
    if each < 1 or found != total * len(kind.phases):  # before anything as long as that is made
        due = f"{len(kind.phases)} times {total} test episodes were due"
        refuse(TRANSCRIPTS, f"it has {found} episodes; {due}", found)
    seeds = list(range(each))
    if kind is CHALLENGE:
        if len(envs) > 1:
            refuse(CONFIG, "a challenge is of one environment", field="env")
        for name, good in (("weights_sha256", is_hex(result.get("weights_sha256"), 64)),
                           ("nonce", challenge.good_nonce(result.get("nonce")))):  # fmt: skip
            if not good:
                refuse(RESULT, "it is not what a challenge commits to", field=name)
        given = (result["weights_sha256"], result["nonce"], envs[0])
        seeds = challenge.challenge_seeds(*given, versions[envs[0]], level, each)
    return [
        {"env": env, "version": versions[env], "level": level, "split": "test", "seed": seed}
        for env in envs for seed in seeds for _ in range(_draws(config))
    ]  # fmt: skip


def _complete(lines: list[dict[str, Any]], kind: Kind, due: list[dict[str, Any]]) -> None:
    """Each phase plays the tasks that are due exactly once, in order."""
    for number, line in enumerate(lines, 1):
        if set(line) != set(FIELDS):
            refuse(TRANSCRIPTS, f"it does not have exactly the fields {', '.join(FIELDS)}", number)
        place, index = divmod(number - 1, len(due))
        phase = kind.phases[place]
        _same(line["phase"], phase, number, "phase", f"it should be {phase!r}")
        _same(line["index"], index, number, "index", f"it should be {index}")
        task = line["task"] if isinstance(line["task"], dict) else {}
        for name, value in due[index].items():
            _same(task.get(name), value, number, f"task.{name}", f"it should be {value!r}")
        _types(line, number)


def _same(value: Any, wanted: Any, number: int, name: str, problem: str) -> None:
    if not same(value, wanted):
        refuse(TRANSCRIPTS, problem, number, name)


def _types(line: dict[str, Any], number: int) -> None:
    verdict = line["verdict"]
    good = {
        "prompt_sha256": is_hex(line["prompt_sha256"], 64), "hash": is_hex(line["hash"], 64),
        "tokens": is_count(line["tokens"]),
        "tokens_out": is_count(line["tokens_out"])
        and (not is_count(line["tokens"]) or line["tokens_out"] <= line["tokens"]),
        "observations": texts(line["observations"]),
        "actions": texts(line["actions"]),
        "rewards": isinstance(line["rewards"], list) and all(type(r) is float for r in line["rewards"]),
        "verdict": isinstance(verdict, dict) and set(verdict) == {"score", "passed", "reason"}
        and type(verdict["score"]) is float and type(verdict["passed"]) is bool and type(verdict["reason"]) is str,
    }  # fmt: skip
    for name, fine in good.items():
        if not fine:
            refuse(TRANSCRIPTS, "it is of the wrong type", number, name)


def _chain(lines: list[dict[str, Any]], digest: str) -> str:
    for number, line in enumerate(lines, 1):
        digest = chained(digest, {name: value for name, value in line.items() if name != "hash"})
        if line["hash"] != digest:
            refuse(TRANSCRIPTS, "it does not follow from this line and the one before", number, "hash")
    return digest


def _result(
    kind: Kind, result: dict[str, Any], config: dict[str, Any], lines: list[dict[str, Any]], head: str
) -> None:
    wanted: dict[str, Any] = {
        "schema": kind.schema, "env": config["env"], "env_version": version_of(config["env"]),
        "level": config["level"], "mode": config["mode"], "model": config["model"],
        **{phase: summary_of(task_means(_scores(lines, phase), _draws(config))) for phase in kind.phases},
        **{field: {phase: sum(line[name] for line in lines if line["phase"] == phase) for phase in kind.phases}
           for field, name in (("test_tokens", "tokens"), ("test_tokens_out", "tokens_out"))},
        "transcripts_head": head, "engine": config["engine"], "dtype": config["dtype"],
    }  # fmt: skip
    if len(names_in(config["env"])) > 1:
        wanted["envs"] = by_environment(lines, _draws(config))
    if "rates" in result or _draws(config) > 1:  # the first published results have none
        wanted["rates"] = {phase: rates(_scores(lines, phase), _draws(config)) for phase in kind.phases}
    compare(result, wanted)
    for name in _TEXTS:
        if not isinstance(result.get(name), str):
            refuse(RESULT, "it is not a text", field=name)
    for name in ("parameters", "shards"):
        if (name == "parameters" or name in result) and not (is_count(result.get(name)) and result[name]):
            refuse(RESULT, "it is not a whole number from 1 on", field=name)
    for name in ("seconds", "device_seconds", *(("drift",) if kind is RUN else ())):
        if not (is_number(result.get(name)) and result[name] >= 0):
            refuse(RESULT, "it is not a number from 0 on", field=name)
    if kind is RUN and not (result.get("stopped", 0) is None or isinstance(result.get("stopped"), str)):
        refuse(RESULT, "it is neither null nor a text", field="stopped")
    if not isinstance(result.get("run"), str):
        refuse(RESULT, "it is not a text", field="run")
    derived = kind.derived | {"regret", "env_sha256", "verifier_sha256"}
    if "judgement" in config:
        derived |= {"metacognition"}
    free = _FREE - ({"stopped"} if kind is CHALLENGE else set())
    for name in result:
        if name not in free | derived | set(wanted):
            refuse(RESULT, "a result has no such field", field=plain(name))
        if name in _FREE and isinstance(result[name], str) and (len(result[name]) > 400 or plain(result[name], 400) !=
                                                                result[name]):  # fmt: skip
            refuse(RESULT, "it is not one short line of printable characters", field=name)
        if name in _VERSIONS and not isinstance(result[name], str):
            refuse(RESULT, "it is not a text", field=name)
    for name in ("weights_sha256", "env_sha256", "verifier_sha256"):
        if not is_hex(result.get(name), 64):
            refuse(RESULT, "it is not a SHA-256", field=name)


def _current(result: dict[str, Any], config: dict[str, Any], stored: bool) -> bool:
    """Whether the run was made with the installed code of its environment; refused if not, unless it is stored."""
    code = code_of(*map(env_class, names_in(config["env"])))
    wanted = {"env_sha256": code.env, "verifier_sha256": code.verifier}
    for name, value in wanted.items():
        if not stored and result[name] != value:
            refuse(RESULT, "the installed code is another than the run was made with: run it again", field=name)
    return all(result[name] == value for name, value in wanted.items())


def compare(result: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Refuse a result that lacks one of these fields or has another value for it."""
    for name, value in wanted.items():
        if name not in result:
            refuse(RESULT, "it is missing", field=name)
        if isinstance(value, dict) and isinstance(result[name], dict):
            for part in value:
                if not same(result[name].get(part), value[part]):
                    refuse(RESULT, _differs(result[name].get(part), value[part]), field=f"{name}.{part}")
        if not same(result[name], value):
            refuse(RESULT, _differs(result[name], value), field=name)


def _differs(given: Any, wanted: Any) -> str:
    return f"it is {plain(canonical_json(given), 70)}, computed again it is {plain(canonical_json(wanted), 90)}"


def _follow(files: dict[str, bytes], follow: Follow) -> Origin:
    """Hand a private copy of the read bytes to `follow`, so that the folder cannot change in between."""
    with tempfile.TemporaryDirectory(prefix="esreason-") as draft:
        copy = Path(draft)
        for name, data in files.items():
            (copy / name).write_bytes(data)
        try:
            return follow(copy)
        except SubmissionError:
            raise
        except EsreasonError as error:
            raise SubmissionError(plain(str(error).replace(f"{draft}/", ""), 300)) from None


def _scores(lines: list[dict[str, Any]], phase: str) -> list[float]:
    return [line["verdict"]["score"] for line in lines if line["phase"] == phase]
