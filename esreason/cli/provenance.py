"""Following a run's config and seed log: do the updates follow from the fitness, and the weights from the updates?"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from esreason.core.errors import ModelError, SubmissionError
from esreason.es.config import AUTO, RunConfig
from esreason.es.folder import RunFolder
from esreason.es.lattice import Lattice
from esreason.es.progress import Progress
from esreason.es.seedlog import Header, updates
from esreason.es.strategies import strategy_class
from esreason.es.strategies.essa import MOST
from esreason.es.strategy import Settings, Strategy
from esreason.es.syllabus import Syllabus
from esreason.es.update import Update
from esreason.leaderboard.audit import CONFIG, RESULT, SEEDLOG, Origin, compare
from esreason.leaderboard.reading import is_count, is_hex, is_number, refuse, same
from esreason.models import BUNDLED, model_path
from esreason.objectives.sensitivity import LATER, sensitivity

_LINE = {"iteration", "seeds", "fitness", "coefficients", "scale", "alpha", "scores", "sigma", "checksum",
         "validation", "episodes", "tokens", "tokens_out"}  # fmt: skip


def follow(run: Path) -> Origin:
    """Everything that config, seed log and the models here say of the result; SubmissionError at a difference."""
    folder = RunFolder.open(run)
    config = folder.config()
    if config.to_toml() != folder.config_path.read_text(encoding="utf-8"):
        refuse(CONFIG, "it is not written as a run writes it")
    if not folder.seedlog.path.exists():
        return _challenged(folder.result(), config)
    header, lines = folder.seedlog.read()
    _header(header, config, folder)
    strategy = strategy_class(config.strategy)(_settings(header, config), config.seed)
    done = _updates(header, lines, config, strategy)
    result = folder.result()
    if result["stopped"] is None and len(lines) != config.iterations:
        refuse(RESULT, f"the log ends before iteration {config.iterations} and nothing says why", field="stopped")
    checkpoint = _checkpoint(Progress(config, header.validation).add(lines), lines, result)
    spent = {name: getattr(header, name) + sum(line[name] for line in lines) for name in
             ("episodes", "tokens", "tokens_out")}  # fmt: skip
    values = {
        "iterations": len(lines), "checkpoint": checkpoint, "sigma": header.sigma, "alpha": header.alpha,
        "episodes": spent["episodes"] + 2 * config.test_episodes * config.test_samples * len(config.envs),
        "tokens": spent["tokens"] + sum(result["test_tokens"].values()),
        "tokens_out": spent["tokens_out"] + sum(result["test_tokens_out"].values()), "base_sha256": header.base_sha256,
    }  # fmt: skip
    voters = [[voter.seed, voter.sigma] for voter in strategy.voters()]
    if voters:
        values["voters"] = voters
    elif "voters" in result:
        refuse(RESULT, "nobody votes in this strategy", field="voters")
    if config.judgement != "none":
        values["metacognition"] = _judgements(folder, config.judgement, result.get("metacognition"))
    compare(result, values)  # before the weights are rebuilt, which takes a while
    base = _base(config, header)
    if base is not None:
        values.update(_rebuilt(base, header, done, lines, checkpoint))
    return Origin(values, base is not None)


def _judgements(folder: RunFolder, kind: str, told: Any) -> dict[str, dict[str, Any]]:
    """The measures of a run's judgements; without the younger ones where a result has none of these at all."""
    measures = sensitivity(folder.transcript_lines(), kind)
    phases = told.values() if isinstance(told, dict) else ()
    if any(isinstance(phase, dict) and not phase.keys().isdisjoint(LATER) for phase in phases):
        return measures
    return {phase: {k: v for k, v in each.items() if k not in LATER} for phase, each in measures.items()}


def _challenged(result: dict[str, Any], config: RunConfig) -> Origin:
    """What follows from the challenged model, if it is on this machine with the weights that the result commits to."""
    found = _model_here(config.model, config.lattice())
    if found is None:
        return Origin({}, False)
    directory, digest = found
    if digest != result["weights_sha256"]:
        if config.model in BUNDLED:
            refuse(RESULT, "it is not the digest of this version's bundled model", field="weights_sha256")
        return Origin({}, False)
    from esreason.engines.torch_checkpoint import open_checkpoint

    _, centre = open_checkpoint(directory, config.lattice())
    return Origin({"parameters": centre.size}, True)


def _settings(header: Header, config: RunConfig) -> Settings:
    """The strategy's numbers; how many singular directions there are is the one thing that the model says."""
    spectral = config.noise == "spectral"
    if not (0 < header.noise.directions <= MOST if spectral else header.noise.directions == 0):
        refuse(SEEDLOG, "it does not fit config.toml", 1, "noise")
    return config.settings(header.sigma, header.alpha, header.noise.directions)


def _header(header: Header, config: RunConfig, folder: RunFolder) -> None:
    settings = _settings(header, config)
    good = {
        "config_sha256": header.config_sha256 == folder.config_sha256(), "base_sha256": is_hex(header.base_sha256, 64),
        "sigma": config.sigma in (AUTO, header.sigma), "alpha": config.alpha in (AUTO, header.alpha),
        "noise": header.noise == settings.noise, "rule": header.rule == settings.rule,
        "lattice": header.lattice == config.lattice(),
        "validation": 0.0 <= header.validation <= 1.0, "episodes": is_count(header.episodes),
        "tokens": is_count(header.tokens), "tokens_out": is_count(header.tokens_out),
    }  # fmt: skip
    for name, fine in good.items():
        if not fine:
            refuse(SEEDLOG, "it does not fit config.toml", 1, name)
    given = folder.seedlog.path.read_text(encoding="utf-8").split("\n", 1)[0]
    if not same(json.loads(given), json.loads(json.dumps(header.to_dict()))):
        refuse(SEEDLOG, "the header has fields that no run writes", 1)


def _updates(header: Header, lines: list[dict[str, Any]], config: RunConfig, strategy: Strategy) -> list[Update]:
    """The log's updates, each told again from the scores beside it."""
    if len(lines) > config.iterations:
        refuse(SEEDLOG, f"config.toml asks for {config.iterations} iterations", config.iterations + 2, "iteration")
    syllabus, progress, done = Syllabus(config), Progress(config, header.validation), []
    for number, (line, update) in enumerate(zip(lines, updates(header, lines), strict=True), 2):
        _line(line, number, config, progress.level)
        progress.add([line])
        scores = np.array(line["scores"], dtype=np.float64)
        told = strategy.tell(scores, syllabus.columns(number - 2))
        wanted = {
            "iteration": told.iteration, "seeds": list(told.seeds), "coefficients": list(told.coefficients),
            "fitness": [float(mean) for mean in scores.mean(axis=1)], "scale": told.scale, "alpha": told.alpha,
            "sigma": told.sigma,
        }  # fmt: skip
        for name, value in wanted.items():
            if not same(line[name], value):
                refuse(SEEDLOG, "it does not follow from the scores of this line", number, name)
        done.append(update)
    return done


def _line(line: dict[str, Any], number: int, config: RunConfig, level: int) -> None:
    if set(line) != _LINE | ({"level", "mastery"} if config.levels else set()):
        refuse(SEEDLOG, "it does not have exactly the fields of an iteration", number)
    scores, validation = line["scores"], line["validation"]
    due = number - 1 == config.iterations or (number - 1) % config.validate_every == 0
    good = {
        "scores": isinstance(scores, list) and len(scores) == config.population
        and all(isinstance(row, list) and len(row) == config.tasks and all(type(s) is float and math.isfinite(s)
                                                                           for s in row) for row in scores),
        "checksum": is_hex(line["checksum"], 16), "episodes": is_count(line["episodes"]),
        "tokens": is_count(line["tokens"]), "tokens_out": is_count(line["tokens_out"]),
        "validation": _share(validation) if due else validation is None,
    }  # fmt: skip
    if config.levels:
        mastery = line["mastery"]
        good["level"] = same(line["level"], level)
        known = validation if level == config.level else mastery
        good["mastery"] = same(mastery, known) and (_share(mastery) if due else mastery is None)
    for name, fine in good.items():
        if not fine:
            refuse(SEEDLOG, "it is not what a run of this config writes", number, name)


def _share(value: Any) -> bool:
    return is_number(value) and 0.0 <= value <= 1.0


def _checkpoint(progress: Progress, lines: list[dict[str, Any]], result: dict[str, Any]) -> int:
    """The checkpoint that validation chooses; a stopped run may also have chosen its last one, unlogged."""
    if progress.curve[-1][0] != len(lines) and same(result.get("checkpoint"), len(lines)):
        return len(lines)
    return progress.best


def _base(config: RunConfig, header: Header) -> Path | None:
    """The base model's directory if it is on this machine."""
    found = _model_here(config.model, header.lattice)
    if found is not None and found[1] == header.base_sha256:
        return found[0]
    if found is not None and config.model in BUNDLED:
        refuse(SEEDLOG, "it is not the digest of this version's bundled model, which config.toml names", 1,
               "base_sha256")  # fmt: skip
    return None


def _model_here(name: str, lattice: Lattice | None) -> tuple[Path, str] | None:
    """A model's directory and digest if it is on this machine; nothing is ever fetched for a submission."""
    directory = Path(model_path(name))
    if not directory.is_dir():
        return None
    try:
        from esreason.engines.torch_checkpoint import checkpoint_sha256
    except ImportError:  # an installation without torch
        return None
    try:
        return directory, checkpoint_sha256(directory, lattice)
    except ModelError:
        return None


def _rebuilt(
    base: Path, header: Header, done: list[Update], lines: list[dict[str, Any]], checkpoint: int
) -> dict[str, Any]:
    """What follows from the rebuilt weights; the checksums of all iterations are compared on the way."""
    from esreason.engines.torch_checkpoint import open_checkpoint

    try:
        _, centre = open_checkpoint(base, header.lattice)
        digest, drift = centre.weights_sha256(), 0.0
        for number, update in enumerate(done, 1):
            centre.apply(update)
            if centre.checksum() != lines[number - 1]["checksum"]:
                refuse(SEEDLOG, "it is not the checksum of the rebuilt weights", number + 1, "checksum")
            if number == checkpoint:
                digest, drift = centre.weights_sha256(), centre.drift(open_checkpoint(base, header.lattice)[1])
    except ValueError as error:
        raise SubmissionError(f"{SEEDLOG}: {error}.") from None
    return {"weights_sha256": digest, "drift": drift, "parameters": centre.size}

