"""Transcripts: a line an episode, each hashed onto the one before, and their replay through the environments."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from esreason.core.errors import EsreasonError, RunError
from esreason.core.packed import stored_lines
from esreason.core.registry import env_class
from esreason.core.task import Task, canonical_json
from esreason.rollout.episode import Episode
from esreason.rollout.judgement import question, without_judgement

FIELDS = ("phase", "index", "task", "prompt_sha256", "observations", "actions", "rewards", "verdict", "tokens",
          "tokens_out", "hash")  # fmt: skip
RESULT_SCHEMA = "esreason.result/1"
CHALLENGE_SCHEMA = "esreason.challenge/1"
"""What the results beside transcripts call themselves: a run's, and a challenge's."""
CHALLENGE_PHASE = "challenge"
MAX_LINE = 8 * 2**20


def line_of(episode: Episode, phase: str, index: int, previous: str) -> dict[str, Any]:
    """An episode as a transcript line; `previous` is the hash of the line before (first: the digest of the config)."""
    line: dict[str, Any] = {
        "phase": phase, "index": index, "task": episode.task.to_dict(), "prompt_sha256": episode.prompt_sha256,
        "observations": list(episode.observations), "actions": [_clean(action) for action in episode.actions],
        "rewards": list(episode.rewards), "verdict": episode.verdict, "tokens": episode.tokens,
        "tokens_out": episode.tokens_out,
    }  # fmt: skip
    return {**line, "hash": chained(previous, line)}


def _clean(action: str) -> str:
    """Lone surrogates cannot be stored as UTF-8; no environment accepts one either way."""
    return action.encode("utf-8", "replace").decode()


def chained(previous: str, line: dict[str, Any]) -> str:
    """SHA-256 over the previous hash and the canonical JSON of a line without its own hash."""
    return hashlib.sha256((previous + canonical_json(line)).encode()).hexdigest()


def config_digest(text: str) -> str:
    """What the first line is hashed onto: the SHA-256 of config.toml."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a transcripts file, as data; RunError names the first that is no JSON object."""
    try:
        for number, text in enumerate(stored_lines(path, MAX_LINE), 1):
            if len(text) > MAX_LINE:
                raise RunError(f"{path.name} line {number} is longer than {MAX_LINE} bytes.")
            try:
                line = json.loads(text)
            except (ValueError, RecursionError):
                raise RunError(f"{path.name} line {number} is not JSON.") from None
            if not isinstance(line, dict):
                raise RunError(f"{path.name} line {number} is not an object.")
            yield line
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def replay(line: dict[str, Any], mode: str, judgement: str = "none") -> str | None:
    """Play a line's actions again; one sentence on the first difference, None if there is none.

    With a judgement, the first observation and action are its question and reply, before the task itself.
    """
    try:
        task = Task.from_dict(line["task"])
        cls = env_class(task.env)
        env = cls(level=max(1, task.level), mode="answer" if mode == "answer" else "steps")
        if task.split != "custom":
            made = made_task(task.env, task.seed, task.level, task.split)
            if made != task:
                return "its task is not the one of its seed"
            task = made  # parsed already, where another phase has played it
        observation, _ = env.reset(options={"task": task})
        if judgement != "none":
            problem = _question_differs(line, question(judgement, observation))
            if problem:
                return problem
        return _compare(env, observation, without_judgement(judgement, line))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return f"it is malformed ({' '.join(str(error).split())[:160]})"
    except EsreasonError:
        raise
    except Exception as error:  # noqa: BLE001  a faulty plug-in, whose episode the driver ends as well
        return f"it makes the environment raise {type(error).__name__} ({' '.join(str(error).split())[:160]})"


@lru_cache(maxsize=4_096)
def made_task(env: str, seed: int, level: int, split: str) -> Task:
    """The task of a seed, kept, for every phase of a run plays the same ones."""
    return env_class(env).make_task(seed, level, split)


def _question_differs(line: dict[str, Any], asked: str) -> str | None:
    if len(line["observations"]) < 2 or not line["actions"] or not line["rewards"]:
        return "it has no judgement before the task"
    if line["observations"][0] != asked:
        return "observation 0 is not the question that was due"
    if type(line["rewards"][0]) is not float or line["rewards"][0] != 0.0:
        return "reward 0 is not that of a judgement, 0.0"
    return None if isinstance(line["actions"][0], str) else "action 0 is not a text"


def _compare(env: Any, observation: str, line: dict[str, Any]) -> str | None:
    observations, actions, rewards = line["observations"], line["actions"], line["rewards"]
    if len(observations) != len(actions) + 1 or len(rewards) != len(actions):
        return "its lists have the wrong lengths"
    if observations[0] != observation:
        return "observation 0 differs"
    over = False
    info: dict[str, Any] = {}
    for step, action in enumerate(actions):
        if over:
            return f"it goes on after its end at step {step}"
        observation, reward, terminated, truncated, info = env.step(action)
        if observations[step + 1] != observation:
            return f"observation {step + 1} differs"
        if type(rewards[step]) is not float or rewards[step] != reward:
            return f"reward {step} is {rewards[step]!r}, the replay gives {reward}"
        over = terminated or truncated
    if not over:
        return "it stops before its end"
    return None if line["verdict"] == info["verdict"] else "its verdict differs"


def first_difference(
    lines: Iterable[dict[str, Any]], digest: str, mode: str, judgement: str = "none"
) -> tuple[int, dict[str, Any] | None]:
    """Replay a whole transcript: the number of lines, and the first difference as {line, field, problem}."""
    previous, number = digest, 0
    for number, line in enumerate(lines, 1):
        bare = {key: value for key, value in line.items() if key != "hash"}
        if set(line) != set(FIELDS):
            other = "it does not have exactly the fields of a transcript line"
            return number, {"line": number, "field": "line", "problem": other}
        try:
            expected = chained(previous, bare)
        except (ValueError, RecursionError):
            return number, {"line": number, "field": "hash", "problem": "it holds a value that JSON cannot"}
        if line["hash"] != expected:
            return number, {"line": number, "field": "hash", "problem": "its hash does not follow from the line before"}
        problem = replay(line, mode, judgement)
        if problem:
            first, second, *_ = problem.split()  # "its task is ...", "reward 3 is ...", "it stops ..."
            field = {"its": second, "it": "line"}.get(first, first)
            return number, {"line": number, "field": field, "problem": problem}
        previous = line["hash"]
    return number, None
