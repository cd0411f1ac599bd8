"""The studies of horizon, transfer and metacognition: what they measure, and how they lay it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from esreason.core.statistics import t_interval
from esreason.es.config import make_config
from esreason.studies import horizon, metacognition, transfer
from esreason.studies.bench import Bench, Row

SCORE = {"score": 0.5, "ci95": [0.4, 0.6], "n": 10}


class Recorder(Bench):
    """A bench that plays nothing: it notes what was asked for."""

    __slots__ = ()
    asked: dict[str, dict[str, Any]] = {}

    def run(self, name: str, **settings: Any) -> Row:
        config = make_config({"model": self.model, **settings})
        self.asked[name] = settings | {"model": self.model, "level": config.level}
        return {"base": SCORE, "tuned": SCORE, "episodes": 10, "tokens": 100, "seconds": 1.0}

    def row(
        self, name: str, settings: Mapping[str, Any], measure: Callable[[], Row], leaves: Path | None = None
    ) -> Row:
        self.asked[name] = settings | ({"leaves": leaves} if leaves else {})
        if name.endswith("sampled"):
            return {"sampled": settings["sequences"], "rewarded": int(settings["level"] == 1)}
        return {"before": SCORE, "after": SCORE}


def test_horizon_spends_the_same_at_every_length(tmp_path: Path) -> None:
    pytest.importorskip("trl")
    Recorder.asked = {}
    settings = horizon.settings(quick=True)
    rows = horizon.measure(Recorder(tmp_path), settings)
    asked = Recorder.asked
    assert {name: (run["level"], run.get("curriculum")) for name, run in asked.items() if name[-1] == "0"} == {
        "sudoku-1-direct-0": (1, None), "sudoku-1-drawn-0": (1, None),
        "sudoku-2-direct-0": (2, None), "sudoku-2-climb-0": (2, "1-2@0.4"),
        "sudoku-1-grpo-0": (1, None), "gripper-1-direct-0": (1, None),
    }  # fmt: skip
    trained = [run for name, run in asked.items() if name not in ("gripper-taught", "gripper-1-knows")]
    episodes = [run.get("sequences") or run["population"] * run["tasks"] * run["iterations"] for run in trained]
    assert len(set(episodes)) == 1 and len(episodes) == 14  # 2 seeds of 6 ways, and 2 levels sampled from the base
    assert asked["gripper-1-direct-0"]["model"] == str(tmp_path / "models" / "gripper")
    assert asked["gripper-taught"]["leaves"] == tmp_path / "models" / "gripper" / "model.safetensors"
    assert all(("knows" in row) == (row["env"] == "gripper") for row in rows)
    assert asked["sudoku-1-drawn-0"]["temperature"] == 1.0 and "temperature" not in asked["sudoku-1-direct-0"]
    assert asked["sudoku-1-grpo-0"]["validate_every"] == asked["sudoku-1-direct-0"]["validate_every"] * 128
    steps = [(row["way"], row["steps"]) for row in rows if row["seed"] == 0]
    assert steps[:3] == [(way, 4.0) for way in (horizon.DIRECT, horizon.SAMPLED, horizon.GRPO)]  # blanks of both levels
    assert steps[3:6] == [(way, 8.0) for way in (horizon.DIRECT, horizon.CURRICULUM, horizon.GRPO)]
    assert {row["rewarded"] for row in rows if row["way"] == horizon.GRPO and row["level"] == 2} == {0}


def test_where_no_sample_is_rewarded_grpo_moves_no_weight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the study builds on where it leaves GRPO out."""
    pytest.importorskip("trl")
    from esreason.studies import grpo

    seen, load = list[dict[str, Any]](), grpo._Rollouts.load

    def kept(rollouts: Any, module: Any) -> dict[str, Any]:
        seen.append(load(rollouts, module))
        return seen[-1]

    monkeypatch.setattr(grpo._Rollouts, "load", kept)
    settings: dict[str, Any] = {"learning_rate": 0.01, "sequences": 8, "group": 4, "batch": 4, "validate_every": 8}

    def train(env: str, level: int) -> bool:
        """Whether any weight moved; batches are of one task, so that a reward moves weights if its group is mixed."""
        seen.clear()
        grpo.train("sprout", grpo.GrpoSettings(env=env, level=level, validation_episodes=2, **settings), tmp_path)
        return any(not bool((seen[0][name] == seen[-1][name]).all()) for name in seen[0])

    assert train("sorting", 1) and not train("hanoi", 3)


def test_horizon_shows_each_length_with_its_interval() -> None:
    rows = [
        {"env": "hanoi", "level": level, "steps": 4.0 * level, "way": "at the level", "seed": seed,
         "base": {"score": 0.25, "ci95": [0.2, 0.3], "n": 9},
         "tuned": {"score": 0.5 + seed / 10, "ci95": [0, 1], "n": 9}}
        for level in (1, 2) for seed in range(3)
    ]  # fmt: skip
    rows += [
        {"env": "hanoi", "level": level, "steps": 4.0 * level, "way": horizon.GRPO, "seed": seed, "sampled": 3072,
         "rewarded": 768 * (2 - level), "base": {"score": 0.0, "ci95": [0.0, 0.1], "n": 9},
         "tuned": {"score": (2 - level) * (0.5 + seed / 10), "ci95": [0, 1], "n": 9}}
        for level in (1, 2) for seed in range(3) if level == 1 or not seed
    ]  # fmt: skip
    sheet, samples = horizon.sheets(rows)
    low, high = t_interval([0.5, 0.6, 0.7])
    assert sheet.body[1] == (
        "hanoi level 2, at the level", "8.0", "25.0 [20.0, 30.0]", "60.0", f"[{100 * low:.1f}, {100 * high:.1f}]", "3",
    )  # fmt: skip
    assert sheet.body[2][1:] == ("4.0", "0.0 [0.0, 10.0]", "60.0", sheet.body[1][4], "3")
    assert sheet.body[3][1:] == ("8.0", "0.0 [0.0, 10.0]", "0.0", "no reward: stays the base", "-")
    alone = [row for row in rows if row["level"] == 2 and row["way"] == "at the level" and row["seed"] == 0]
    assert horizon.sheets(alone)[0].body[0][3:] == ("50.0", "-", "1")
    assert [row[2] for row in samples.body] == ["768 of 3072", "0 of 3072"] and samples.body[0][3][:5] == "25.00"
    pytest.importorskip("matplotlib")
    assert set(horizon.plots(rows)) == {"horizon"}


def test_transfer_is_measured_against_the_base() -> None:
    rows: list[Row] = [{"trained": "", "tested": env, "seed": 0, "score": 0.1} for env in ("hanoi", "sorting")]
    rows += [
        {"trained": trained, "tested": env, "seed": seed, "score": 0.1 + (0.3 + seed / 10) * (trained != other)}
        for seed in range(2) for trained in ("hanoi", "sorting", transfer.ALL)
        for env, other in (("hanoi", "sorting"), ("sorting", "hanoi"))
    ]  # fmt: skip
    success, gained = transfer.sheets(rows)
    assert success.body[0] == ("nothing (base)", "10.0", "10.0")
    assert success.body[1] == ("hanoi", "45.0", "10.0")
    low, high = t_interval([30.0, 40.0])
    assert gained.body[0] == ("hanoi", f"+35.0 [{low:+.1f}, {high:+.1f}]", "+0.0 [+0.0, +0.0]")
    assert gained.body[2][0] == transfer.ALL and gained.body[2][1] == gained.body[2][2] == gained.body[0][1]
    pytest.importorskip("matplotlib")
    assert set(transfer.plots(rows)) == {"matrix"}


def test_metacognition_reports_changes_of_each_way() -> None:
    def part(value: float) -> dict[str, Any]:
        return {"value": value, "ci95": [value - 0.1, value + 0.1]}

    rows = [
        {"seed": seed, "way": way, "tasks": tasks, "phase": "tuned"}
        | {measure: part(0.6 + 0.1 * seed) for measure in metacognition.SHOWN}
        for seed in range(2) for way in metacognition.WAYS for tasks in metacognition.PLACES
    ]  # fmt: skip
    rows += [
        {"tasks": tasks, "phase": "base"} | dict.fromkeys(metacognition.SHOWN, part(0.5))
        for tasks in metacognition.PLACES
    ]
    seen, unseen, each = metacognition.sheets(rows)
    low, high = t_interval([0.1, 0.2])
    assert seen.body[2] == ("discernment: type-2 d'", "0.500", "0.650", "+0.150", f"[{low:+.3f}, {high:+.3f}]")
    assert len(seen.body) == len(unseen.body) == len(metacognition.WAYS) * len(metacognition.SHOWN)
    assert len(each.body) == len(rows) and each.body[-1] == ("base, unseen", *["0.50 [0.40, 0.60]"] * 7)
    pytest.importorskip("matplotlib")
    assert set(metacognition.plots(rows)) == {"sensitivity", "transfer"}
    lost = {"value": None, "ci95": None, "reason": "all judgements are no"}
    for row in rows:
        row["m_ratio"] = lost
        row["meta_d_prime"] = part(0.4) if row.get("seed") else lost
    seen, _, each = metacognition.sheets(rows)
    assert seen.body[5] == ("discernment: meta-d'", "-", "0.400 (1 of 2)", "-", "cannot be estimated")
    assert seen.body[6][1:4] == ("-",) * 3 and each.body[0][-2:] == ("-", "-")


def test_metacognition_trains_every_way_from_the_same_base_and_budget(tmp_path: Path) -> None:
    class Judged(Recorder):
        __slots__ = ()

        def row(
            self, name: str, settings: Mapping[str, Any], measure: Callable[[], Row], leaves: Path | None = None
        ) -> Row:
            return {"piece": name}

    Recorder.asked = {}
    settings = metacognition.settings(quick=False)
    rows = metacognition.measure(Judged(tmp_path, "seedling"), settings)
    runs, free = Recorder.asked, ("objective", "strategy", "seed")
    assert len(runs) == settings["seeds"] * len(metacognition.WAYS)
    alike = [{name: value for name, value in run.items() if name not in free} for run in runs.values()]
    assert all(run == alike[0] for run in alike) and alike[0]["judgement"] == "graded"
    pieces = [f"{run}-{place}" for run in (*runs, "base") for place in metacognition.PLACES]
    assert sorted(row["piece"] for row in rows) == sorted(pieces)


def test_a_run_s_model_plays_elsewhere_as_it_did_in_the_run(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from esreason.es.folder import RunFolder
    from esreason.studies.centre import play_elsewhere
    from esreason.studies.played import tasks_of

    bench = Bench(tmp_path, workers=1)
    settings = {"env": "sorting", "iterations": 1, "population": 8, "tasks": 4, "test_episodes": 8, "sigma": 0.025}
    result = bench.run("a", judgement="graded", validation_episodes=8, **settings)
    folder = RunFolder(tmp_path / "runs" / "a")
    for phase, checkpoint in (("base", 0), ("tuned", None)):
        played = play_elsewhere(folder.path, tasks_of("sorting", 1, "test", 8), checkpoint)
        lines = [line for line in folder.transcript_lines() if line["phase"] == phase]
        assert [list(episode.actions) for episode in played] == [line["actions"] for line in lines]
    assert replace(bench, quick=True).run("a", judgement="graded", validation_episodes=8, **settings) == result
