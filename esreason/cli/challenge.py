"""`esreason challenge`: play test tasks that are derived from a model's own weights."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from esreason.es.config import RunConfig
    from esreason.es.executor import Executor
    from esreason.es.folder import RunFolder
    from esreason.rollout.episode import Episode


def command(
    model: Annotated[str, typer.Argument(help="A model directory or hub id; for a run's, `esreason export` it first.")],
    env: Annotated[str, typer.Option("--env", help="The environment, see `esreason envs`.")],
    level: Annotated[int, typer.Option("--level", help="The environment's level.")] = 1,
    mode: Annotated[str, typer.Option("--mode", help="steps or answer.")] = "steps",
    episodes: Annotated[int, typer.Option("--episodes", min=1, help="How many tasks.")] = 400,
    nonce: Annotated[str, typer.Option("--nonce", help="A text that the challenger chose after the weights.")] = "",
    prompt: Annotated[str, typer.Option("--prompt", help="auto, chat, plain or few-shot.")] = "auto",
    shots: Annotated[int, typer.Option("--shots", help="Solved examples in front of a few-shot prompt.")] = 0,
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", help="Longest completion; 0 means from the environment.")
    ] = 0,
    dtype: Annotated[str, typer.Option("--dtype", help="float32, bfloat16 or float16.")] = "float32",
    workers: Annotated[int, typer.Option("--workers", min=0, help="Processes of one thread; 0 means all cores.")] = 0,
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder, new or empty [default: runs/ENV-challenge-N].")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Commit to a model's weights by their digest, derive test tasks from it, play them, and keep the episodes.

    Nobody can have trained on these tasks: other weights have other ones. `esreason submit FOLDER` adds the row.
    """
    from esreason.cli.policies import play_centre
    from esreason.cli.session import default_folder
    from esreason.core.errors import UsageError
    from esreason.core.registry import env_class
    from esreason.es.config import make_config
    from esreason.es.folder import RunFolder
    from esreason.executors.pool import pool
    from esreason.leaderboard.challenge import challenge_seeds, check_nonce
    from esreason.report.console import console
    from esreason.report.outcome import Outcome, outcomes

    if (Path(model) / "seedlog.jsonl").exists():
        raise UsageError(f"{model} is a run: `esreason export {model} DIR` writes its tuned model, then challenge DIR")
    check_nonce(nonce)
    config = make_config({
        "env": env, "model": model, "level": level, "mode": mode, "prompt": prompt, "shots": shots, "dtype": dtype,
        "max_tokens": max_tokens, "test_episodes": episodes, "iterations": 0,
    })  # fmt: skip
    cls, began = env_class(env), time.monotonic()
    folder = RunFolder.create(out or default_folder(f"{env}-challenge"), config)
    with pool(config, workers, None) as executor:
        facts = executor.facts()
        weights = facts["base_sha256"]
        if not as_json:
            print(f"weights_sha256 {weights}" + (f", nonce {nonce!r}" if nonce else ""))
        seeds = challenge_seeds(weights, nonce, env, cls.version, level, episodes)
        played = play_centre(executor, config, [cls.make_task(seed, level, "test") for seed in seeds])
        result = _result(folder, config, played, executor, {"nonce": nonce, "seconds": time.monotonic() - began})
    if as_json:
        print(json.dumps(result))
        return
    row = Outcome(Path(model).name, result["challenge"], result["test_tokens"]["challenge"], result["seconds"])
    out_console = console()
    out_console.print(outcomes(f"{env} level {level}, {mode}, challenge", [row], out_console.width))
    print(f"The episodes are in {folder.path}; `esreason submit {folder.path}` puts them on a leaderboard.")


def _result(
    folder: RunFolder, config: RunConfig, played: list[Episode], executor: Executor, given: dict[str, Any]
) -> dict[str, Any]:
    """Write the transcripts and the result."""
    from esreason.core.code import code_of
    from esreason.core.registry import env_class
    from esreason.core.statistics import summary_of
    from esreason.rollout.draws import rates
    from esreason.rollout.played import Played
    from esreason.rollout.transcript import CHALLENGE_PHASE as PHASE
    from esreason.rollout.transcript import CHALLENGE_SCHEMA

    cls, told = env_class(config.env), Played()
    head = folder.add_transcripts(PHASE, played)
    for line in folder.transcript_lines():
        told.add(line, config.mode)
    code, facts = code_of(cls), dict(executor.facts())
    result = {
        "schema": CHALLENGE_SCHEMA, "run": str(folder.path), "env": config.env, "env_version": cls.version,
        "env_sha256": code.env, "verifier_sha256": code.verifier, "level": config.level, "mode": config.mode,
        "model": config.model, "weights_sha256": facts.pop("base_sha256"), "nonce": given["nonce"],
        PHASE: summary_of(told.scores), "rates": {PHASE: rates(told.scores, 1)},
        "regret": {PHASE: told.regret()}, "test_tokens": {PHASE: told.tokens},
        "test_tokens_out": {PHASE: told.tokens_out}, "seconds": round(given["seconds"], 3),
        "device_seconds": round(executor.device_seconds(), 3), "transcripts_head": head, **facts,
    }  # fmt: skip
    folder.set_result(result)
    return result
