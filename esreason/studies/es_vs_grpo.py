"""Evolution strategies beside GRPO on the same base, tasks and number of sequences, with null methods of equal budget.

Both tune one number (sigma, the learning rate) on the validation split at half the budget, validate at the same
points, keep the checkpoint that validates best, and are scored greedily on the same test tasks. Every training runs
alone in a process of its own on one thread.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from esreason.core.machine import need
from esreason.models import model_path
from esreason.report.sheet import Sheet
from esreason.studies.bench import Bench, Row
from esreason.studies.es_vs_grpo_pages import plots as plots
from esreason.studies.es_vs_grpo_pages import sheets as sheets
from esreason.studies.meter import metered
from esreason.studies.played import style_of

if TYPE_CHECKING:
    from esreason.engines.torch_engine import TorchEngine

SWEEP_SEED = 1000
"""The seed of the sweeps; the seeds that count are 0, 1, 2, ..."""

__all__ = ["Sheet", "measure", "plots", "settings", "sheets"]


def settings(quick: bool) -> dict[str, Any]:
    """Budgets count training episodes; validation comes on top, the same for both."""
    es = {"population": 64, "tasks": 8, "sigmas": [0.01, 0.016, 0.025, 0.04, 0.063]}
    grpo = {"batch": 64, "group": 8, "learning_rates": [3e-5, 1e-4, 3e-4, 1e-3, 3e-3]}
    null = {"members": 192, "tasks": 32, "vote": 9, "sigmas": [0.01, 0.016, 0.025, 0.04]}
    seen = {"test": 400, "samples": 32, "sample_tasks": 40, "ks": [1, 2, 4, 8, 16, 32], "prior_tasks": 100}
    if quick:
        es |= {"population": 32, "sigmas": [0.04]}
        grpo |= {"learning_rates": [1e-3]}
        null |= {"members": 32, "vote": 5}
        seen |= {"test": 100, "samples": 8, "sample_tasks": 16, "ks": [1, 2, 4, 8], "prior_tasks": 20}
    prior = ["sudoku", "countdown", "hanoi", "shortest_path", "sorting"]
    return {
        "envs": ["sorting"] if quick else ["sorting", "countdown", "sudoku"], "level": 1, "seeds": 2 if quick else 5,
        "sequences": 1024 if quick else 6144, "validate_every": 512, "validation_episodes": 64 if quick else 128,
        "es": es, "grpo": grpo, "null": null, "assess": {**seen, "prior": prior},
    }  # fmt: skip


def measure(bench: Bench, settings: Mapping[str, Any]) -> list[Row]:
    """A row for the base, and one for each method and seed, in each environment; the sweeps' rows before them."""
    need("This study", "torch", "trl", "datasets", extra="trl")
    rows: list[Row] = []
    for env in settings["envs"]:
        rows.append({"env": env, "method": "base", "seed": 0} | _assessed(bench, settings, env, f"{env}-base", {}))
        for method, grid in (("es", "sigmas"), ("grpo", "learning_rates")):
            swept = _sweep(bench, settings, env, method, settings[method][grid])
            value = max(swept, key=lambda row: row["area"])["value"] if swept else settings[method][grid][0]
            rows += swept
            for seed in range(settings["seeds"]):
                name, budget = f"{env}-{method}-{seed}", settings["sequences"]
                trained = _trained(bench, settings, env, method, value, seed, budget, name)
                rows.append(trained | _assessed(bench, settings, env, name, trained))
        for seed in range(settings["seeds"]):
            name = f"{env}-search-{seed}"
            key = {"env": env, "seed": seed, **settings["null"], "test": settings["assess"]["test"]}
            key |= {"prompt": style_of(bench.model)}
            work = partial(metered, run_search, bench.model, settings, env, seed)
            found = bench.row(f"train-{name}", key, work)
            rows.append(found | _assessed(bench, settings, env, name, found))
            rows.append({**found, "method": "randopt", "test": found["vote"]})
    return rows


def _sweep(bench: Bench, settings: Mapping[str, Any], env: str, method: str, values: Sequence[float]) -> list[Row]:
    """A run of half the budget for each value, with the mean of its validation curve; none if there is no choice."""
    if len(values) < 2:
        return []
    budget = settings["sequences"] // 2
    rows = []
    for value in values:
        name = f"{env}-{method}-sweep-{value:g}"
        rows.append(_trained(bench, settings, env, method, value, SWEEP_SEED, budget, name) | {"sweep": True})
    return rows


def _trained(
    bench: Bench, settings: Mapping[str, Any], env: str, method: str, value: float, seed: int, budget: int, name: str
) -> Row:
    """What a training cost and how it validated; measured in a process of its own."""
    keys = ("level", "validate_every", "validation_episodes")
    test = 1 if seed == SWEEP_SEED else settings["assess"]["test"]  # a run has at least one, which a sweep ignores
    key = {"env": env, "method": method, "value": value, "seed": seed, "sequences": budget, "test": test}
    key |= {part: value for part, value in settings[method].items() if not isinstance(value, list)}
    key |= {part: settings[part] for part in keys} | {"prompt": style_of(bench.model)}
    row = bench.row(f"train-{name}", key, partial(metered, WORK[method], bench.out, bench.model, key, name))
    after = [score for sequences, score in row["curve"] if sequences]
    return {**row, "area": fmean(after)}


def run_es(out: Path, model: str, key: Mapping[str, Any], name: str) -> Row:
    """A run folder, made anew so that its times are of one piece."""
    shutil.rmtree(out / "runs" / name, ignore_errors=True)
    each = key["population"] * key["tasks"]
    result = Bench(out, model, workers=1).run(
        name, env=key["env"], level=key["level"], seed=key["seed"], population=key["population"], tasks=key["tasks"],
        sigma=key["value"], alpha=2 * key["value"], iterations=key["sequences"] // each, prompt=key["prompt"],
        validate_every=max(1, key["validate_every"] // each), validation_episodes=key["validation_episodes"],
        test_episodes=key["test"],
    )  # fmt: skip
    from esreason.es.files import read_lines
    from esreason.es.folder import RunFolder

    folder = RunFolder(out / "runs" / name)
    header, lines = folder.seedlog.read()
    curve = [[0, header.validation]]
    curve += [[(n + 1) * each, line["validation"]] for n, line in enumerate(lines) if line["validation"] is not None]
    played = [line for line in read_lines(folder.metrics_path) if "phase" not in line]
    return {
        **_name(key), "curve": curve, "checkpoint": result["checkpoint"], "run": name,
        "before": result["base"], "after": result["tuned"],
        "sequences": sum(line["episodes"] for line in played), "tokens": sum(line["tokens"] for line in played),
    }  # fmt: skip


def run_grpo(out: Path, model: str, key: Mapping[str, Any], name: str) -> Row:
    """Training by TRL; the best validated weights are kept as `weights/<name>.safetensors`.

    Base and result play the test tasks once, as in a run folder, so that the times of both methods hold the same.
    """
    from safetensors.torch import save_file

    from esreason.core.statistics import summary_of
    from esreason.engines.torch_engine import TorchEngine
    from esreason.studies.grpo import GrpoSettings, train
    from esreason.studies.played import play, tasks_of

    trained = train(model, GrpoSettings(
        env=key["env"], level=key["level"], learning_rate=key["value"], sequences=key["sequences"],
        group=key["group"], batch=key["batch"], validate_every=key["validate_every"],
        validation_episodes=key["validation_episodes"], seed=key["seed"], prompt=key["prompt"],
    ), out / "scratch")  # fmt: skip
    engine, tasks = TorchEngine(model_path(model)), tasks_of(key["env"], key["level"], "test", key["test"])
    before = play(engine, tasks, style=key["prompt"])
    engine.set_weights(trained.best)
    after = play(engine, tasks, style=key["prompt"])
    (out / "weights").mkdir(exist_ok=True)
    save_file({part: tensor.contiguous() for part, tensor in trained.best.items()}, out / _weights(name))
    return {
        **_name(key), "curve": [list(point) for point in trained.curve], "sequences": trained.sequences,
        "tokens": trained.tokens, "weights": _weights(name),
        "before": summary_of([one.episode.score for one in before]),
        "after": summary_of([one.episode.score for one in after]),
    }  # fmt: skip


WORK = {"es": run_es, "grpo": run_grpo}
"""What trains by each method: (study's folder, model, settings, name) -> row."""


def run_search(model: str, settings: Mapping[str, Any], env: str, seed: int) -> Row:
    """The best member of a random search, and the success of the best few voting."""
    from esreason.core.statistics import summary_of
    from esreason.engines.torch_engine import TorchEngine
    from esreason.rollout.vote import Vote
    from esreason.studies.played import play, tasks_of
    from esreason.studies.search import search

    null, level = settings["null"], settings["level"]
    engine = TorchEngine(model_path(model))
    shape, style = (null["members"], null["tasks"]), style_of(model)
    found = search(engine, env, level, null["sigmas"], shape, seed, style)
    best, tests = found.members[0], tasks_of(env, level, "test", settings["assess"]["test"])
    voted = play(Vote(engine, found.members[: null["vote"]]), tests, style=style)
    return {
        "env": env, "method": "search", "seed": seed, "value": best.sigma, "member": best.seed,
        "training": found.scores[0], "sequences": found.sequences, "tokens": found.tokens,
        "vote": summary_of([one.episode.score for one in voted]),
    }  # fmt: skip


def _name(key: Mapping[str, Any]) -> Row:
    return {name: key[name] for name in ("env", "method", "seed", "value")}


def _weights(name: str) -> str:
    return f"weights/{name}.safetensors"


def _assessed(bench: Bench, settings: Mapping[str, Any], env: str, name: str, trained: Row) -> Row:
    """What the training did to the model."""
    prior = [other for other in settings["assess"]["prior"] if other != env]
    chosen = {**settings["assess"], "prior": prior, "prompt": style_of(bench.model)}

    def work() -> Row:
        from esreason.engines.torch_engine import TorchEngine
        from esreason.studies.assess import assess

        engine = TorchEngine(model_path(bench.model))
        _become(engine, bench, trained)
        return assess(engine, model_path(bench.model), env, settings["level"], chosen)

    key = {"env": env, **chosen, "trained": {part: trained.get(part) for part in ("method", "seed", "value", "curve")}}
    return bench.row(f"assess-{name}", key, work)


def _become(engine: TorchEngine, bench: Bench, trained: Row) -> None:
    """Give the engine the weights that a training chose; a row without any leaves it the base."""
    from esreason.es.folder import RunFolder
    from esreason.es.noise import Member
    from esreason.es.seedlog import updates
    from esreason.studies.search import become

    if "run" in trained:
        header, lines = RunFolder.open(bench.out / "runs" / trained["run"]).seedlog.read()
        for update in updates(header, lines[: trained["checkpoint"]]):
            engine.apply_update(update)
    elif "weights" in trained:
        from safetensors.torch import load_file

        engine.set_weights(load_file(bench.out / trained["weights"]))
    elif "member" in trained:
        become(engine, Member(trained["member"], trained["value"]), engine.noise)
