"""The loop: score, probe, evolve, choose by validation, score again; every step on disk before the next."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esreason.core.code import code_of
from esreason.core.errors import RunError
from esreason.core.mixture import version_of
from esreason.core.registry import env_class
from esreason.core.statistics import summary_of
from esreason.core.task import Task
from esreason.es.config import AUTO, RunConfig
from esreason.es.events import Event, Listener, silent
from esreason.es.executor import Executor
from esreason.es.folder import RunFolder
from esreason.es.noise import CENTRE, Member
from esreason.es.probe import TASKS, climb
from esreason.es.progress import Progress
from esreason.es.seedlog import Header, updates
from esreason.es.strategies import strategy_class
from esreason.es.strategy import Strategy
from esreason.es.syllabus import Syllabus, places_by
from esreason.es.update import Update
from esreason.objectives.sensitivity import sensitivity
from esreason.rollout.by_environment import by_environment
from esreason.rollout.draws import rates, task_means
from esreason.rollout.episode import Episode
from esreason.rollout.judgement import without_judgement
from esreason.rollout.played import Played
from esreason.rollout.transcript import RESULT_SCHEMA
from esreason.rollout.unit import split
from esreason.theory.forecast import choose_sigma
from esreason.theory.ladder import Ladder

_METERED = ("episodes", "tokens", "tokens_out")


class Trainer:
    """Carries a run folder from wherever it is to its result."""

    def __init__(self, folder: RunFolder, executor: Executor, listener: Listener = silent) -> None:
        self.folder, self.executor, self.notify = folder, executor, listener
        self.config: RunConfig = folder.config()
        self.syllabus = Syllabus(self.config)
        self.goal = self.config.goal
        self.stopping = ""
        self._meter = dict.fromkeys(_METERED, 0)
        self._started = time.monotonic()

    def stop(self, reason: str) -> None:
        """End the search after the iteration that is running; the run is still scored."""
        self.stopping = reason

    def run(self) -> dict[str, Any]:
        """Everything that is missing from the folder; returns the result."""
        facts = dict(self.executor.facts())
        self.notify(Event("start", {"config": asdict(self.config), "facts": facts, "limit": self.config.time_limit}))
        if "base" not in self.folder.phases():
            self._score("base", self.syllabus.test())
        else:
            self._summary("base")
        header, lines = self._log(facts)
        strategy = strategy_class(self.config.strategy)(
            self.config.settings(header.sigma, header.alpha, header.noise.directions), self.config.seed
        )
        done = list(updates(header, lines))
        for update, line in zip(done, lines, strict=True):
            columns = self.syllabus.columns(update.iteration)
            if strategy.tell(np.array(line["scores"], dtype=np.float64), columns) != update:
                raise RunError(f"iteration {update.iteration} of the seed log does not follow from its scores.")
        if done and self.executor.rewind(done) != lines[-1].get("checksum"):
            raise RunError("the seed log does not rebuild the weights that it was written with.")
        progress = Progress(self.config, header.validation).add(lines)
        self._evolve(strategy, done, progress)
        facts.pop("directions", None)  # the header's noise says it
        return self._finish(header, done, progress, {**facts, **_named(strategy.voters())}, strategy.voters())

    def _log(self, facts: dict[str, Any]) -> tuple[Header, list[dict[str, Any]]]:
        log = self.folder.seedlog
        if log.path.exists():
            log.repair()
        if log.path.exists() and log.path.stat().st_size:
            header, lines = log.read()
            if header.base_sha256 != facts["base_sha256"]:
                raise RunError("The base model is not the one that this run started from.")
            if header.config_sha256 != self.folder.config_sha256():
                raise RunError("config.toml is not the one that this run started with.")
            self.folder.keep_metrics(len(lines))
            return header, lines
        sigma = self._probe() if self.config.sigma == AUTO else float(self.config.sigma)
        alpha = self.config.plan().step(sigma)
        settings = self.config.settings(sigma, alpha, facts.get("directions", 0))
        validation, config_sha256 = self._validate(0, self.config.level), self.folder.config_sha256()
        header = Header(
            facts["base_sha256"], config_sha256, settings.noise, settings.rule, sigma, alpha, validation,
            **self._metered(), lattice=self.config.lattice(),
        )  # fmt: skip
        log.begin(header)
        self.notify(Event("sigma", {"sigma": sigma, "alpha": alpha}))
        return header, []

    def _play(
        self,
        members: Sequence[Member],
        tasks: Sequence[Task],
        phase: str,
        iteration: int | None = None,
        vote: bool = False,
    ) -> list[list[Episode]]:
        """Episodes by member and task; anything but an iteration's population gets its own line of metrics."""
        began = time.monotonic()
        units = list(split(members, tasks, self.config.seed, vote=vote))
        rows: list[list[Episode | None]] = [[None] * len(tasks) for _ in ([CENTRE] if vote else members)]
        total, done = len(rows) * len(tasks), 0
        for index, episodes in self.executor.play(units):
            unit = units[index]
            for m, row in enumerate(episodes):
                rows[unit.member + m][unit.task : unit.task + len(row)] = row
                done += len(row)
            self.notify(Event("score", {"phase": phase, "done": done, "total": total}))
        played = [[episode for episode in row if episode is not None] for row in rows]
        for name, spent in _spent(played).items():
            self._meter[name] += spent
        if phase != "population":
            record = {} if iteration is None else {"iteration": iteration}
            self.folder.add_metrics(
                {**record, "phase": phase, **_spent(played), "seconds": round(time.monotonic() - began, 4)}
            )
        return played

    def _score(self, phase: str, tasks: Sequence[Task], voters: Sequence[Member] = ()) -> None:
        """Play a phase's test episodes, as the centre or by a vote, and keep their transcripts."""
        [episodes] = self._play(voters or [CENTRE], tasks, phase, vote=bool(voters))
        self.folder.add_transcripts(phase, episodes)
        self._metered()  # the transcripts count their own
        self._summary(phase)

    def _summary(self, phase: str) -> dict[str, Any]:
        summary = summary_of(self.folder.scores(phase))
        self.notify(Event("scored", {"phase": phase, **summary}))
        return summary

    def _probe(self) -> float:
        """A sigma from how the members' success falls as the noise grows, on training tasks."""
        config = self.config
        tasks = self.syllabus.probe(TASKS, config.first_level)

        def play(members: Sequence[Member]) -> NDArray[np.float64]:
            return np.array([[e.score for e in row] for row in self._play(members, tasks, "probe")])

        ladder = climb(play, config.seed, self._rung)
        return choose_sigma(ladder.edge(), config.plan())

    def _rung(self, ladder: Ladder) -> None:
        rung = ladder.rungs[-1]
        base, spread = float(ladder.centre.mean()), float(rung.members.std())
        self.notify(Event("probe", {"sigma": rung.sigma, "mean": rung.mean, "spread": spread, "base": base}))

    def _evolve(self, strategy: Strategy, done: list[Update], progress: Progress) -> None:
        config = self.config
        while strategy.iteration < config.iterations:
            stage = strategy.iteration % strategy.stages
            if not self.stopping and progress.exhausted:
                self.stop(f"validation did not rise {config.patience} times in a row")
            if not self.stopping and config.time_limit and time.monotonic() - self._started > config.time_limit:
                self.stop("the time limit")
            if self.stopping and not stage:
                self.notify(Event("stop", {"reason": self.stopping}))
                return
            began, iteration = time.monotonic(), strategy.iteration
            members = strategy.ask()
            tasks = self._sampled(self.syllabus.training(iteration, progress.level))
            episodes = self._play(members, tasks, "population")
            fitness = self.goal.fitness(episodes)
            update = strategy.tell(fitness, self.syllabus.columns(iteration))
            checksum = self.executor.update(update)
            done.append(update)
            values = self._values(iteration, progress.level)
            line = self._keep(update, fitness, checksum, values)
            self._report(iteration, fitness, episodes, values, time.monotonic() - began)
            progress.add([line])

    def _values(self, iteration: int, level: int) -> dict[str, Any]:
        """What validation says after an iteration, if it is due; in a curriculum the level and its mastery as well."""
        config = self.config
        due = (iteration + 1) % config.validate_every == 0 or iteration + 1 == config.iterations
        validation = self._validate(iteration, config.level) if due else None
        if not config.levels:
            return {"validation": validation}
        mastery = self._validate(iteration, level) if due and level != config.level else validation
        return {"validation": validation, "level": level, "mastery": mastery}

    def _validate(self, iteration: int, level: int) -> float:
        """The mean over the environments of the centre's value by the objective."""
        tasks = self._sampled(self.syllabus.validation(level))
        [episodes] = self._play([CENTRE], tasks, "validation", iteration)
        parts = places_by([episode.task.env for episode in episodes])
        return float(np.mean([self.goal.value([episodes[place] for place in places]) for places in parts]))

    def _sampled(self, tasks: Sequence[Task]) -> list[Task]:
        """Each task as often as the objective wants it; every repetition draws for itself."""
        return [task for task in tasks for _ in range(self.goal.samples)]

    def _keep(self, update: Update, fitness: Any, checksum: str, values: dict[str, Any]) -> dict[str, Any]:
        means = [float(mean) for mean in fitness.mean(axis=1)]
        more = {"checksum": checksum, **values, **self._metered()}
        return self.folder.seedlog.append(update, means, fitness.tolist(), **more)

    def _metered(self) -> dict[str, int]:
        """The episodes and tokens, and the written ones among these, since the last call."""
        spent, self._meter = self._meter, dict.fromkeys(_METERED, 0)
        return spent

    def _report(
        self, iteration: int, fitness: Any, episodes: list[list[Episode]], values: dict[str, Any], seconds: float
    ) -> None:
        means = fitness.mean(axis=1)
        record = {
            "iteration": iteration, "min": float(means.min()), "median": float(np.median(means)),
            "mean": float(means.mean()), "max": float(means.max()), "spread": float(means.std()),
            **values, **_spent(episodes), "seconds": round(seconds, 4),
            "elapsed": round(time.monotonic() - self._started, 3),
        }  # fmt: skip
        self.folder.add_metrics(record)
        best = episodes[int(means.argmax())]
        self.notify(Event("iteration", record, max(best, key=lambda episode: episode.score)))

    def _finish(
        self,
        header: Header,
        done: list[Update],
        progress: Progress,
        facts: dict[str, Any],
        voters: list[Member],
    ) -> dict[str, Any]:
        if "tuned" in self.folder.phases() and self.folder.result_path.exists():
            return self.folder.result()
        if progress.curve[-1][0] != len(done):
            progress.curve.append((len(done), self._validate(len(done), self.config.level)))
        best = progress.best
        if best != len(done):
            self.executor.rewind(done[:best])
        if "tuned" not in self.folder.phases():
            self._score("tuned", self.syllabus.test(), voters)
        return self._result(header, best, len(done), facts)

    def _result(self, header: Header, best: int, iterations: int, facts: dict[str, Any]) -> dict[str, Any]:
        phases = {phase: Played() for phase in ("base", "tuned")}
        head = None
        for line in self.folder.transcript_lines():
            head = line["hash"]
            phases[line["phase"]].add(without_judgement(self.config.judgement, line), self.config.mode)
        _, log = self.folder.seedlog.read()
        spent = {
            name: getattr(header, name) + sum(line[name] for line in log)
            + sum(getattr(played, name) for played in phases.values()) for name in _METERED
        }
        code, draws = code_of(*map(env_class, self.config.envs)), self.config.test_samples
        result = {
            "schema": RESULT_SCHEMA, "run": str(self.folder.path), "env": self.config.env,
            "env_version": version_of(self.config.env), "env_sha256": code.env, "verifier_sha256": code.verifier,
            "level": self.config.level, "mode": self.config.mode, "model": self.config.model,
            **{phase: summary_of(task_means(played.scores, draws)) for phase, played in phases.items()},
            "rates": {phase: rates(played.scores, draws) for phase, played in phases.items()},
            "regret": {phase: played.regret() for phase, played in phases.items()},
            "iterations": iterations, "checkpoint": best, "sigma": header.sigma, "alpha": header.alpha,
            "drift": self.executor.drift(), **spent,
            "test_tokens": {phase: played.tokens for phase, played in phases.items()},
            "test_tokens_out": {phase: played.tokens_out for phase, played in phases.items()},
            "seconds": round(time.monotonic() - self._started, 3),
            "device_seconds": round(self.executor.device_seconds(), 3),
            "base_sha256": header.base_sha256, "weights_sha256": self.executor.weights_sha256(),
            "transcripts_head": head, "stopped": self.stopping or None, **facts,
        }  # fmt: skip
        if len(self.config.envs) > 1:
            result["envs"] = by_environment(self.folder.transcript_lines(), draws)
        if self.config.own_tasks:
            result["given"] = self.config.own_tasks.to_dict()
        if self.config.judgement != "none":
            result["metacognition"] = sensitivity(self.folder.transcript_lines(), self.config.judgement)
        self.folder.set_result(result)
        return result


def _named(voters: Sequence[Member]) -> dict[str, Any]:
    """What a result says of the members that voted."""
    return {"voters": [[voter.seed, voter.sigma] for voter in voters]} if voters else {}


def _spent(episodes: Sequence[Sequence[Episode]]) -> dict[str, int]:
    each = [episode for row in episodes for episode in row]
    tokens, written = sum(episode.tokens for episode in each), sum(episode.tokens_out for episode in each)
    return dict(zip(_METERED, (len(each), tokens, written), strict=True))
