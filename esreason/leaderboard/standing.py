"""The standing: rows of a board by group of the same tasks, with ranks, and an aggregate over environments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from esreason.core.errors import EsreasonError, SubmissionError
from esreason.core.registry import env_info
from esreason.core.statistics import summary_of
from esreason.leaderboard.board import Board
from esreason.leaderboard.nulls import NULLS, null_scores
from esreason.leaderboard.reading import plain
from esreason.leaderboard.statistics import (
    Scores,
    iqm_of_means,
    paired_test,
    ranks,
    stratified,
    two_samples,
)
from esreason.rollout.draws import rates
from esreason.rollout.transcript import CHALLENGE_PHASE

TEST = "test"

Group = tuple[str, int, int, str, str]
"""Environment, version, level, mode, tasks: rows of one group can be compared.

Tasks are "test", the same for all, or "challenge": drawn alike, yet other ones for each player.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `rank` is the best and worst place that the data allow, None for null rows."""

    env: str
    version: int
    level: int
    mode: str
    tasks: str
    family: str
    player: str
    kind: str
    """tuned, base, challenge or null"""
    score: float
    ci95: tuple[float, float]
    n: int
    rank: tuple[int, int] | None
    mark: str
    """The row's class: self-reported, replayed, reproduced or computed."""
    weights: str
    """Whether the weights were rebuilt: checked, not checked or - (no weights)."""
    entry: str
    tokens: int | None
    parameters: int | None
    seed: int | None
    scores: list[float] = field(repr=False)
    rates: dict[str, float] = field(default_factory=dict)
    """`pass@1`, and where tasks were drawn several times `pass@k` and `best-of-k`."""
    recipe: str = ""
    """The same for runs that differ in their seed alone; empty where nothing was trained."""

    @property
    def draws(self) -> int:
        """How often each task was played."""
        return max((int(name.removeprefix("pass@")) for name in self.rates if name.startswith("pass@")), default=1)

    @property
    def group(self) -> Group:
        """What the row is compared within."""
        return self.env, self.version, self.level, self.mode, self.tasks

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON data, without its scores by task."""
        data = asdict(self)
        del data["scores"]
        return {**data, "ci95": list(self.ci95), "rank": None if self.rank is None else list(self.rank)}


def standing(board: Board, env: str | None = None, family: str | None = None) -> list[Row]:
    """The rows of a board, group by group, best first within a group; null rows always stand beside."""
    groups: dict[Group, list[Row]] = {}
    for line in board.entries():
        for row in _read(board, line):
            if not any(_twin(row, other) for other in groups.get(row.group, [])):
                groups.setdefault(row.group, []).append(row)
    kept = board.nulls()
    for (name, level, mode), record in kept.items():
        groups.setdefault((name, int(record["version"]), level, mode, TEST), [])
    rows: list[Row] = []
    for group in sorted(groups):
        if env in (None, group[0]) and family in (None, family_of(group[0])):
            rows += _ranked(groups[group]) + _nulls(group, groups[group], kept.get((group[0], group[2], group[3])))
    return sorted(rows, key=lambda row: (*row.group, -row.score, row.kind == "null", row.player))


def family_of(env: str) -> str:
    """The family of an environment, "?" for one that is not installed."""
    try:
        return env_info(env).family
    except EsreasonError:
        return "?"


def _read(board: Board, line: dict[str, Any]) -> list[Row]:
    """An entry's rows; SubmissionError if its line has been damaged."""
    recipe = board.recipe(line["id"])
    try:
        rows = list(_rows(line, recipe))
        for row in rows:
            numbers = (row.version, row.level, row.tokens, row.parameters)
            texts = (row.env, row.mode, row.mark, row.weights)
            if not all(type(value) is int for value in numbers) or not all(isinstance(text, str) for text in texts):
                raise ValueError("a value is of the wrong type")
            if not all(0.0 <= score <= 1.0 for score in row.scores):
                raise ValueError("a score is not from 0 to 1")
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        problem = f"it lacks {error}" if isinstance(error, KeyError) else plain(error)
        raise SubmissionError(f"{board.index_path}: the line of {line['id']} is damaged ({problem}).") from None
    return rows


def _rows(line: dict[str, Any], recipe: str) -> Iterable[Row]:
    """The rows of an entry: one for each of its environments and phases."""
    envs = line["env"].split(",")
    versions = line["env_version"] if len(envs) > 1 else [line["env_version"]]
    tokens = line["envs"] if len(envs) > 1 else {envs[0]: line["test_tokens"]}
    name = plain(str(line["model"]).rstrip("/").rsplit("/", 1)[-1], 40)
    tuned = f"{name} + ES" + (f" on {len(envs)} environments" if len(envs) > 1 else "")
    for place, (env, version) in enumerate(zip(envs, versions, strict=True)):
        for phase in reversed(line["scores"]):
            each = len(line["scores"][phase]) // len(envs)
            scores = [float(score) for score in line["scores"][phase][place * each : (place + 1) * each]]
            summary = summary_of(scores)
            yield Row(
                env, version, line["level"], line["mode"], phase if phase == CHALLENGE_PHASE else TEST, family_of(env),
                tuned if phase == "tuned" else name, phase, summary["score"],
                (summary["ci95"][0], summary["ci95"][1]), summary["n"], None, line["class"], line["weights"],
                line["id"], tokens[env][phase], line["parameters"], line.get("seed"), scores,
                line["rates"][env][phase] if "rates" in line else rates(scores, 1),
                recipe if phase == "tuned" else "",
            )  # fmt: skip


def _twin(row: Row, other: Row) -> bool:
    """Whether two rows are the same base model's same episodes, as several runs from one base bring along."""
    return row.kind == other.kind == "base" and row.player == other.player and row.scores == other.scores


def _ranked(rows: Sequence[Row]) -> list[Row]:
    alike = all(row.tasks == TEST for row in rows)
    placed = ranks([np.array(row.scores) for row in rows], paired_test if alike else two_samples)
    return [replace(row, rank=rank) for row, rank in zip(rows, placed, strict=True)]


def _nulls(group: Group, rows: Sequence[Row], kept: dict[str, Any] | None) -> list[Row]:
    env, version, level, mode, tasks = group
    n = max((row.n for row in rows), default=0)
    if kept is not None and kept["version"] == version and kept["n"] >= n:
        found = {name: kept["scores"][name][: n or None] for name in NULLS}
    elif family_of(env) != "?" and env_info(env).version == version:
        found = null_scores(env, level, mode, n)
    else:
        return []  # an environment that is not installed in this version cannot be played
    made = []
    for name, scores in found.items():
        summary = summary_of(scores)
        made.append(Row(
            env, version, level, mode, tasks, family_of(env), name, "null", summary["score"],
            (summary["ci95"][0], summary["ci95"][1]), summary["n"], None, "computed", "-", "", None, None, None,
            list(scores), rates(scores, 1),
        ))  # fmt: skip
    return made


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A player over environments: the interquartile mean of its mean scores, and the environments it lacks."""

    player: str
    kind: str
    iqm: float
    ci95: tuple[float, float]
    envs: int
    missing: tuple[str, ...]


def aggregates(rows: Sequence[Row]) -> list[Aggregate]:
    """Each player's interquartile mean over the groups it played, with a bootstrap stratified by group.

    In a group with several seeds of a player its mean is over them, and the bootstrap draws seeds and tasks anew.
    """
    runs: dict[tuple[str, str, str], dict[str, list[Row]]] = {}
    rows = [row for row in rows if row.tasks == TEST]
    names = sorted({_name(row.group) for row in rows if row.kind != "null"})
    for row in rows:
        if _name(row.group) in names:
            runs.setdefault((row.player, row.kind, row.recipe), {}).setdefault(_name(row.group), []).append(row)
    found = []
    for (player, kind, _), by_name in runs.items():
        strata = {name: table_of(several) for name, several in by_name.items()}
        value = iqm_of_means([strata[name] for name in sorted(strata)])
        missing = tuple(name for name in names if name not in strata)
        found.append(Aggregate(player, kind, value, stratified(strata, iqm_of_means), len(strata), missing))
    return sorted(found, key=lambda a: (len(a.missing), -a.iqm))


def table_of(rows: Sequence[Row]) -> Scores:
    """Scores by run and task, [runs, tasks], over the tasks that all of the runs played."""
    common = min(len(row.scores) for row in rows)
    return np.array([row.scores[:common] for row in rows], dtype=np.float64)


def _name(group: Group) -> str:
    env, _, level, mode, _ = group
    return f"{env}/{level}" + ("" if mode == "steps" else f"/{mode}")
