"""The settings of a run: complete, validated with one sentence, the same as TOML."""

from __future__ import annotations

import difflib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from esreason.core.errors import UnknownNameError, UsageError
from esreason.core.mixture import names_in
from esreason.core.registry import env_info
from esreason.es.curriculum import Curriculum, read_curriculum
from esreason.es.given import Given, given_tasks
from esreason.es.lattice import Lattice
from esreason.es.noise import Noise
from esreason.es.schedule import Schedule
from esreason.es.shaping import SHAPINGS
from esreason.es.strategies import DEFAULT, strategy_class
from esreason.es.strategy import Settings
from esreason.es.update import StepRule
from esreason.objectives import objective
from esreason.objectives.objective import Objective
from esreason.rollout.judgement import JUDGEMENTS
from esreason.theory.forecast import Plan

AUTO = "auto"
CHOICES = {
    "engine": ("torch", "vllm"), "noise": ("dense", "lowrank", "spectral"), "mode": ("steps", "answer"),
    "prompt": (AUTO, "chat", "plain", "few-shot"), "step": ("sgd", "momentum", "adam"), "decay_norm": ("l1", "l2"),
    "quantize": ("none", "int8", "int4"), "residual": ("full", "replay", "none", "quzo"),
    "residual_start": (AUTO, "zero", "uniform", "master"), "dtype": ("float32", "bfloat16", "float16"),
    "device": ("cpu", "cuda"),
    "shaping": tuple(SHAPINGS), "judgement": JUDGEMENTS,
    "sigma_schedule": ("constant", "linear", "cosine"), "alpha_schedule": ("constant", "linear", "cosine"),
}  # fmt: skip
_RANGES: dict[str, tuple[float, float]] = {
    "rank": (1, 64), "population": (2, 65_536), "iterations": (0, 1_000_000), "tasks": (1, 65_536),
    "test_episodes": (1, 1_000_000), "validation_episodes": (1, 1_000_000), "validate_every": (1, 1_000_000),
    "shots": (0, 64), "max_tokens": (0, 1_000_000), "temperature": (0, 99), "judgement_temperature": (0, 99),
    "level": (1, 1_000), "seed": (0, 2**31),
    "samples": (0, 1_000), "test_samples": (1, 1_000), "patience": (0, 1_000_000),
    "decay": (0, 1e9), "sigma_final": (0, 10), "alpha_final": (0, 10), "time_limit": (0, 1e9),
    "replay_window": (1, 1_000),
}  # fmt: skip

LATER = (
    "given", "samples", "judgement", "judgement_temperature", "curriculum", "patience", "test_samples", "device",
)  # fmt: skip
"""Settings younger than the first published runs: written only where they are in use, so that those runs stay valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """Every option of a run.

    `env` names one environment or several, joined by commas. Sigma and alpha are "auto" or a number; `max_tokens` 0
    and `time_limit` 0 (seconds) mean no bound of the user's, `samples` 0 as many draws of a task as the objective
    needs, `judgement_temperature` 0 that members judge at the temperature of all replies, `patience` 0 that validation
    never ends a run, an empty `curriculum` that `level` is trained on from the start. `level` is what validation and
    test play in any case. `given` holds payloads as JSON, of tasks to play instead of generated ones; it may be empty.
    `device` is the kind that the torch engine computes on: kinds round differently, so a run keeps to its own; which
    one of several it is (`cuda:1`) is no setting.
    The residual's settings matter on a lattice only (`quantize`). Its gamma is by default 1, and 0.9 for a replay,
    whose short memory needs it; it starts by default at master, and at zero for a replay, which has none.
    """

    env: str
    model: str
    given: str = ""
    level: int = 1
    mode: str = "steps"
    prompt: str = AUTO
    shots: int = 0
    max_tokens: int = 0
    temperature: float = 0.0
    engine: str = "torch"
    dtype: str = "float32"
    device: str = "cpu"
    strategy: str = DEFAULT
    noise: str = "lowrank"
    rank: int = 1
    mirrored: bool = True
    population: int = 64
    sigma: str | float = AUTO
    alpha: str | float = AUTO
    shaping: str = "task-zscore"
    step: str = "sgd"
    decay: float = 0.0
    decay_norm: str = "l2"
    sigma_schedule: str = "constant"
    sigma_final: float = 1.0
    alpha_schedule: str = "constant"
    alpha_final: float = 1.0
    objective: str = "return"
    samples: int = 0
    judgement: str = "none"
    judgement_temperature: float = 0.0
    curriculum: str = ""
    patience: int = 0
    quantize: str = "none"
    residual: str = "full"
    gamma: str | float = AUTO
    residual_start: str = AUTO
    replay_window: int = 20
    iterations: int = 80
    tasks: int = 8
    validate_every: int = 5
    validation_episodes: int = 128
    test_episodes: int = 400
    test_samples: int = 1
    time_limit: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            _check(field.name, getattr(self, field.name), field.type)
        needed = (self.level, self.levels.first, self.levels.last) if self.levels else (self.level,)
        for env in names_in(self.env):
            levels = env_info(env).levels
            for level in needed:
                if level not in levels:
                    raise UsageError(f"{env} has levels {levels[0]} to {levels[-1]}, not {level}")
        if self.given and (len(self.envs) > 1 or self.curriculum):
            raise UsageError("tasks are given for one environment, without a curriculum")
        if self.given:
            given_tasks(self.env, self.given)
        if self.validation_episodes < len(self.envs):
            raise UsageError(f"{len(self.envs)} environments need as many validation episodes at least")
        if self.device != "cpu" and self.engine != "torch":
            raise UsageError(f"the device belongs to the torch engine: {self.engine} computes where its own build does")
        self._check_spectral()
        stages = strategy_class(self.strategy).stages
        if self.iterations % stages or self.validate_every % stages:
            raise UsageError(f"iterations and validate_every are multiples of {stages} with {self.strategy}")
        if self.goal.samples > 1 and not self.temperature:
            raise UsageError(f"the draws of {self.objective} are all the same without a --temperature above 0")
        if self.test_samples > 1 and not self.temperature:
            raise UsageError("--test-samples needs --temperature above 0: greedy draws are all the same")
        if self.test_samples > 1 and self.judgement != "none":
            raise UsageError("a judgement is asked once a task: leave out --test-samples or --judgement")
        if self.judgement_temperature and self.judgement == "none":
            raise UsageError("--judgement-temperature needs a --judgement, yes-no or graded")
        if self.mirrored and self.population % 2:
            raise UsageError(f"mirrored pairs need an even population, not {self.population}")
        if self.lattice() and (self.noise != "dense" or self.step != "sgd" or self.decay or self.engine != "torch"):
            raise UsageError("--quantize takes plain steps of dense noise on the torch engine: leave out what asks for "
                             "another --noise, --step, --decay or --engine")  # fmt: skip

    def _check_spectral(self) -> None:
        vectors = strategy_class(self.strategy).vectors
        if vectors != (self.noise == "spectral"):
            why = "needs --noise spectral, on float weights" if vectors else "searches no singular values as essa does"
            raise UsageError(f"{self.strategy} {why}: not --noise {self.noise}")
        kept = (self.step, self.decay, self.sigma_schedule, self.alpha_schedule, self.mirrored)
        if vectors and (self.engine != "torch" or kept != ("sgd", 0.0, "constant", "constant", False)):
            raise UsageError(f"{self.strategy} chooses its own steps on the torch engine: leave out another --engine, "
                             "--step, --decay, schedule or mirrored pairs")  # fmt: skip
        if vectors and AUTO in (self.sigma, self.alpha):
            raise UsageError(f"nothing probes the sigma of {self.strategy}: give --sigma and --alpha as numbers")

    def lattice(self) -> Lattice | None:
        """The integer lattice that the weights are rounded to, if any."""
        if self.quantize == "none":
            return None
        replays = self.residual == "replay"
        gamma = (0.9 if replays else 1.0) if self.gamma == AUTO else float(self.gamma)
        start = ("zero" if replays else "master") if self.residual_start == AUTO else self.residual_start
        try:
            return Lattice(self.quantize, self.residual, gamma, self.replay_window, start)  # type: ignore[arg-type]
        except ValueError as error:
            raise UsageError(f"{error}") from None

    @property
    def envs(self) -> tuple[str, ...]:
        """The environments: one in an ordinary run."""
        return tuple(self.env.split(","))

    @property
    def own_tasks(self) -> Given | None:
        """The tasks that were given, if any were."""
        return given_tasks(self.env, self.given) if self.given else None

    @property
    def about(self) -> str:
        """What is played, in a few words for people."""
        own = self.own_tasks
        if own is None:
            return f"{self.env} level {self.level}"
        return f"{self.env}, {'a given task' if own.count == 1 else f'{own.count} given tasks'}"

    @property
    def levels(self) -> Curriculum | None:
        """The curriculum, if there is one."""
        return read_curriculum(self.curriculum) if self.curriculum else None

    @property
    def first_level(self) -> int:
        """The level that training starts on."""
        return self.levels.first if self.levels else self.level

    @property
    def goal(self) -> Objective:
        """What a member's fitness is."""
        return objective(self.objective, self.samples, self.judgement)

    def settings(self, sigma: float, alpha: float, directions: int = 0) -> Settings:
        """The strategy's numbers, once sigma and alpha are known, and of spectral noise the singular directions."""
        return Settings(
            population=self.population, sigma=sigma, alpha=alpha,
            noise=self.perturbation(directions),
            mirrored=self.mirrored, shaping=self.shaping,
            rule=StepRule(self.step, decay=float(self.decay), decay_norm=self.decay_norm),  # type: ignore[arg-type]
            sigma_schedule=self._schedule(self.sigma_schedule, self.sigma_final),
            alpha_schedule=self._schedule(self.alpha_schedule, self.alpha_final),
        )  # fmt: skip

    def perturbation(self, directions: int = 0) -> Noise:
        """What members differ by."""
        return Noise(self.noise, 1 if self.noise == "dense" else self.rank, directions)  # type: ignore[arg-type]

    def plan(self) -> Plan:
        """What the course of the run depends on; sigma and alpha where they are numbers."""
        sigma, alpha = (None if value == AUTO else float(value) for value in (self.sigma, self.alpha))
        decay = self.decay if self.decay_norm == "l2" else 0.0
        return Plan(self.population, self.iterations, self.tasks, sigma, alpha, float(decay))

    def _schedule(self, kind: str, final: float) -> Schedule:
        return Schedule(kind, float(final), self.iterations)  # type: ignore[arg-type]

    def to_toml(self) -> str:
        """The settings as TOML, a line each, in order of definition."""
        default = {field.name: field.default for field in fields(self)}
        return "".join(
            f"{name} = {json.dumps(value)}\n"
            for name, value in asdict(self).items()
            if name not in LATER or value != default[name]
        )


def _check(name: str, value: Any, kind: Any) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    good, wanted = {
        "bool": (isinstance(value, bool), "true or false"),
        "int": (number and isinstance(value, int), "a whole number"),
        "float": (number, "a number"),
        "str": (isinstance(value, str), "a text"),
    }.get(str(kind), (value == AUTO or (number and value > 0), f"{AUTO!r} or a number above 0"))
    if not good:
        raise UsageError(f"{name} is {wanted}, not {value!r}")
    if name in CHOICES and value not in CHOICES[name]:
        near = difflib.get_close_matches(str(value), CHOICES[name], n=1)
        raise UsageError(
            f"{name} is one of {', '.join(CHOICES[name])}, not {value!r}"
            + (f"; did you mean {near[0]!r}?" if near else "")
        )
    if name in _RANGES and not _RANGES[name][0] <= value <= _RANGES[name][1]:
        low, high = (f"{bound:,.15g}" for bound in _RANGES[name])
        raise UsageError(f"{name} is between {low} and {high}, not {value!r}")


def make_config(given: Mapping[str, Any]) -> RunConfig:
    """The config of these options over the strategy's preset over the defaults; unknown names are refused."""
    names = [field.name for field in fields(RunConfig)]
    for name in given:
        if name not in names:
            raise UnknownNameError("setting", name, names)
    for name in ("env", "model"):
        if name not in given:
            raise UsageError(f"a run needs the setting {name!r}: --{name} NAME")
    preset = strategy_class(str(given.get("strategy", DEFAULT))).preset
    quantised = given.get("quantize", "none") != "none"
    merged = {**preset, **({"noise": "dense"} if quantised else {}), **given}
    if isinstance(merged["env"], str):
        merged["env"] = ",".join(names_in(merged["env"]))
    if merged.get("curriculum") and "level" not in merged:
        merged["level"] = read_curriculum(str(merged["curriculum"])).last
    if merged.get("objective") in ("metacognition", "discernment"):
        merged.setdefault("judgement", JUDGEMENTS[1])
    for name in ("sigma", "alpha", "gamma"):
        if isinstance(merged.get(name), str) and merged[name] != AUTO:
            merged[name] = _number(name, merged[name])
    return RunConfig(**merged)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{name} is {AUTO!r} or a number above 0, not {text!r}") from None


def read_settings(path: Path) -> dict[str, Any]:
    """The options of a TOML file; a run's own, which has them all, was on the CPU unless it says otherwise."""
    given = read_toml(path)
    whole = all(field.name in given for field in fields(RunConfig) if field.name not in LATER)
    return {"device": "cpu", **given} if whole else given


def read_toml(path: Path) -> dict[str, Any]:
    """The options of a TOML file; UsageError with one sentence if it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"The file {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {' '.join(str(error).split())}.") from None
