"""`esreason challenge`: play test tasks that are derived from a model's own weights."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from esreason.cli.options import AsJson, Device, Workers, settings

if TYPE_CHECKING:
    from esreason.es.config import RunConfig
    from esreason.es.executor import Executor
    from esreason.es.folder import RunFolder
    from esreason.rollout.episode import Episode


@settings("level", "mode", "prompt", "shots", "max_tokens", "dtype")
def command(
    model: Annotated[str, typer.Argument(help="A model directory or hub id; for a run's, `esreason export` it first.")],
    env: Annotated[
        str | None, typer.Option("--env", help="The environment, or several: sudoku,countdown; see `esreason envs`.")
    ] = None,
    family: Annotated[str | None, typer.Option("--family", help="All environments of a family.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All environments.")] = False,
    *,
    chosen: dict[str, Any],
    episodes: Annotated[int, typer.Option("--episodes", min=1, help="How many tasks of each environment.")] = 400,
    nonce: Annotated[str, typer.Option("--nonce", help="A text that the challenger chose after the weights.")] = "",
    device: Device = None,
    workers: Workers = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The folder, new or empty; of several environments one in it for each "
                                   "[default: runs/ENV-challenge-N]."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Commit to a model's weights by their digest, derive test tasks from it, play them, and keep the episodes.

    Nobody can have trained on these tasks: other weights have other ones. Several environments share the commitment,
    and the tasks of each are those that it has alone. `esreason submit FOLDER` adds the row of one.
    """
    from dataclasses import replace

    from esreason.cli.device import place_on
    from esreason.core.errors import UsageError
    from esreason.core.mixture import label_of
    from esreason.core.packed import is_stored
    from esreason.es.config import make_config
    from esreason.executors.pool import pool
    from esreason.leaderboard.challenge import check_nonce

    if is_stored(Path(model) / "seedlog.jsonl"):
        raise UsageError(f"{model} is a run: `esreason export {model} DIR` writes its tuned model, then challenge DIR")
    check_nonce(nonce)
    names = _names(env, family, everything)
    place = place_on(device, quiet=as_json)
    common = make_config({
        "env": ",".join(names), "model": model, "test_episodes": episodes, "iterations": 0,
        "validation_episodes": max(128, len(names)), **chosen, "device": place.kind,
    })  # fmt: skip
    configs = [replace(common, env=name, validation_episodes=128) for name in names]
    folders = list(_folders(configs, out, f"{label_of(common.env)}-challenge"))
    try:
        with pool(common, workers, gpu=place.gpu) as executor:
            weights = executor.facts()["base_sha256"]
            if not as_json:
                print(f"weights_sha256 {weights}" + (f", nonce {nonce!r}" if nonce else ""), flush=True)
            results = [_challenged(folder, executor, weights, nonce) for folder in folders]
    finally:
        for folder in folders:
            folder.discard()  # what was refused before its first episode leaves nothing behind
    if as_json:
        told = {"weights_sha256": weights, "nonce": nonce, "challenges": results}
        print(json.dumps(results[0] if len(results) == 1 else told))
    else:
        _tell(model, common, folders, results)


def _names(env: str | None, family: str | None, everything: bool) -> tuple[str, ...]:
    """The environments that the options name, in a fixed order."""
    from esreason.core.errors import UsageError
    from esreason.core.mixture import names_in
    from esreason.core.registry import list_envs

    if sum((env is not None, family is not None, everything)) != 1:
        raise UsageError("a challenge is of --env NAME, of several (--env a,b), of a --family, or of --all")
    if env is not None:
        return names_in(env)
    return tuple(info.name for info in list_envs(family))


def _folders(configs: Sequence[RunConfig], out: Path | None, label: str) -> Iterator[RunFolder]:
    """A new folder for each environment: `out` itself, or of several one in it."""
    from esreason.cli.session import default_folder
    from esreason.core.errors import UsageError
    from esreason.es.folder import RunFolder

    path = out or default_folder(label)
    if len(configs) > 1 and path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UsageError(f"{path} exists already: choose another --out")
    for config in configs:
        below = path / config.env.replace("/", "-") if len(configs) > 1 else path
        yield RunFolder.create(below, config)


def _challenged(folder: RunFolder, executor: Executor, weights: str, nonce: str) -> dict[str, Any]:
    """Derive the tasks of a folder's environment, play them and write transcripts and result."""
    from esreason.cli.policies import play_centre
    from esreason.core.registry import env_class
    from esreason.leaderboard.challenge import challenge_seeds

    config, began, device = folder.config(), time.monotonic(), executor.device_seconds()
    cls = env_class(config.env)
    seeds = challenge_seeds(weights, nonce, config.env, cls.version, config.level, config.test_episodes)
    played = play_centre(executor, config, [cls.make_task(seed, config.level, "test") for seed in seeds])
    spent = {"seconds": round(time.monotonic() - began, 3),
             "device_seconds": round(executor.device_seconds() - device, 3)}  # fmt: skip
    return _result(folder, config, played, executor, {"nonce": nonce, **spent})


def _tell(model: str, config: RunConfig, folders: Sequence[RunFolder], results: Sequence[dict[str, Any]]) -> None:
    """Print a row for each environment, and where the episodes are."""
    from esreason.report.console import TABLE, console
    from esreason.report.outcome import Outcome, outcomes

    out, alone = console(least=TABLE), len(results) == 1
    rows = [
        Outcome(Path(model).name if alone else result["env"], result["challenge"], result["test_tokens"]["challenge"],
                result["seconds"])
        for result in results
    ]  # fmt: skip
    title = f"{config.env if alone else Path(model).name} level {config.level}, {config.mode}, challenge"
    out.print(outcomes(title, rows, out.width, "player" if alone else "environment"))
    where = folders[0].path if alone else folders[0].path.parent
    each = where if alone else where / "ENV"
    print(f"The episodes are in {where}; `esreason submit {each}` puts them on a leaderboard.")


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
        "test_tokens_out": {PHASE: told.tokens_out}, "seconds": given["seconds"],
        "device_seconds": given["device_seconds"], "transcripts_head": head, **facts,
    }  # fmt: skip
    folder.set_result(result)
    return result
