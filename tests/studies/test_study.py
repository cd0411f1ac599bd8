"""Every study runs from the command line, does nothing twice, survives a kill, and leaves runs that a board takes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from esreason.core.errors import UnknownNameError, UsageError
from esreason.core.statistics import t_interval
from esreason.es.config import make_config
from esreason.report.sheet import Sheet, markdown, sheets_markdown
from esreason.studies import STUDIES
from esreason.studies.bench import Bench
from esreason.studies.meter import metered
from esreason.studies.study import read_record, study
from tests.cli.conftest import call

SMALL = {"env": "sorting", "iterations": 2, "population": 8, "tasks": 4, "test_episodes": 12, "sigma": 0.025}


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_has_its_functions_and_a_smaller_quick_form(name: str) -> None:
    chosen = study(name)
    assert chosen.settings(quick=True) != chosen.settings(quick=False)
    assert chosen.settings(quick=True)["seeds"] <= chosen.settings(quick=False)["seeds"]
    json.dumps(chosen.settings(quick=False))
    assert callable(chosen.measure) and callable(chosen.sheets) and callable(chosen.plots)


@pytest.fixture(scope="session")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    done = call("study", "seeds", "--quick", "--out", "made", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads((folder / "made" / "record.json").read_text())
    return folder / "made"


@pytest.mark.slow
@pytest.mark.xdist_group("study")  # the study that they look at is carried once
class TestCarried:
    def test_the_record_says_what_was_measured_and_on_what(self, carried: Path) -> None:
        record = read_record(carried / "record.json")
        assert record["study"] == "seeds" and record["claim"] == STUDIES["seeds"]
        assert {"torch", "numpy"} <= set(record["versions"])
        assert len(record["rows"]) == 2 * record["settings"]["seeds"]
        for row in record["rows"]:
            assert row["base"]["ci95"][0] <= row["base"]["score"] <= row["base"]["ci95"][1]

    def test_the_table_and_the_plots_are_written(self, carried: Path) -> None:
        assert "| sorting, mirrored | 2 |" in (carried / "table.md").read_text()
        assert (carried / "plots" / "gains.svg").read_text().startswith("<?xml")

    def test_the_figures_of_a_row_are_those_of_its_run(self, carried: Path) -> None:
        for row in read_record(carried / "record.json")["rows"]:
            run = carried / "runs" / f"{row['env']}-{row['strategy']}-{row['seed']}"
            lines = [json.loads(line) for line in (run / "transcripts.jsonl").read_text().splitlines()]
            scores = [line["verdict"]["score"] for line in lines if line["phase"] == "tuned"]
            assert row["tuned"]["score"] == pytest.approx(sum(scores) / len(scores))

    def test_a_second_call_measures_nothing_and_changes_no_byte(self, carried: Path) -> None:
        before = {path: path.read_bytes() for path in carried.rglob("*") if path.is_file()}
        done = call("study", "seeds", "--quick", "--out", carried, cwd=carried.parent)
        assert done.returncode == 0 and "->" not in done.stderr, done.stderr
        assert {path: path.read_bytes() for path in carried.rglob("*") if path.is_file()} == before

    def test_other_settings_in_the_same_folder_are_refused(self, carried: Path) -> None:
        with pytest.raises(UsageError, match="other settings"):
            Bench(carried).run("sorting-mirrored-0", env="sorting", iterations=1)

    def test_without_matplotlib_the_table_is_written_and_a_sentence_says_how_to_get_plots(self, carried: Path) -> None:
        (carried / "table.md").unlink()
        code = "import sys; sys.modules['matplotlib'] = None; from esreason.cli import main; main(sys.argv[1:])"
        command = [sys.executable, "-P", "-c", code, "study", "seeds", "--quick", "--out", str(carried)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "pip install 'esreason[plots]'" in done.stderr
        assert (carried / "table.md").is_file()

    def test_a_board_takes_its_runs(self, carried: Path, tmp_path: Path) -> None:
        done = call("submit", carried / "runs" / "sorting-mirrored-0", "--board", "board", cwd=tmp_path)
        assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_killed_study_goes_on_to_the_same_runs(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from esreason.studies.bench import Bench\n"
        f"if __name__ == '__main__': Bench(Path('made'), workers=1).run('a', **{SMALL!r})\n"
    )
    (tmp_path / "piece.py").write_text(code)
    process = subprocess.Popen([sys.executable, "piece.py"], cwd=tmp_path, start_new_session=True)
    log, deadline = tmp_path / "made" / "runs" / "a" / "seedlog.jsonl", time.monotonic() + 200
    while time.monotonic() < deadline and (not log.exists() or log.read_bytes().count(b"\n") < 1):
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    resumed = Bench(tmp_path / "made", workers=1).run("a", **SMALL)
    whole = Bench(tmp_path / "other", workers=1).run("a", **SMALL)
    assert resumed["weights_sha256"] == whole["weights_sha256"]
    assert log.read_bytes() == (tmp_path / "other" / "runs" / "a" / "seedlog.jsonl").read_bytes()


def test_a_row_is_measured_once_and_only_for_its_settings(tmp_path: Path) -> None:
    calls = []

    def measure() -> dict[str, Any]:
        calls.append(1)
        return {"value": 0.5}

    bench = Bench(tmp_path)
    assert bench.row("a", {"seed": 1}, measure) == bench.row("a", {"seed": 1}, measure) == {"value": 0.5}
    assert len(calls) == 1
    assert bench.row("a-0.01", {}, measure) == bench.row("a-0.02", {}, lambda: {"value": 0.5})
    assert {path.name for path in (tmp_path / "rows").iterdir()} == {"a.json", "a-0.01.json", "a-0.02.json"}
    with pytest.raises(UsageError, match="other settings"):
        bench.row("a", {"seed": 2}, measure)
    with pytest.raises(ValueError, match="named by letters"):
        bench.row("../a", {}, measure)
    with pytest.raises(ValueError, match="not JSON compliant"):
        bench.row("b", {}, lambda: {"value": float("nan")})


def test_a_row_is_measured_again_where_what_it_left_was_removed(tmp_path: Path) -> None:
    """A kept row of a model whose folder is gone would let the next piece fail."""
    model, calls = tmp_path / "models" / "a" / "model.safetensors", []

    def make() -> dict[str, Any]:
        calls.append(1)
        model.parent.mkdir(parents=True)
        model.write_bytes(b"weights")
        return {"made": len(calls)}

    bench = Bench(tmp_path)
    assert bench.row("a", {"seed": 1}, make, leaves=model) == bench.row("a", {"seed": 1}, make, leaves=model)
    shutil.rmtree(model.parent)
    assert bench.row("a", {"seed": 1}, make, leaves=model) == {"made": 2} and model.is_file()
    assert bench.row("a", {"seed": 1}, make, leaves=model) == {"made": 2} and len(calls) == 2
    shutil.rmtree(model.parent)
    with pytest.raises(UsageError, match="other settings"):
        bench.row("a", {"seed": 2}, make, leaves=model)


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'seeds'"):
        study("seedz")


PAGES = Path(__file__).resolve().parents[2] / "docs"
RECORDS = sorted((PAGES / "data" / "studies").glob("*.json"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: str(path.stem))
def test_the_page_of_a_study_is_made_of_its_record(path: Path) -> None:
    record = read_record(path)
    page = (PAGES / "studies" / f"{record['study']}.md").read_text(encoding="utf-8")
    chosen = study(record["study"])
    whole, measured = chosen.settings(quick=False), record["settings"]
    assert not record["quick"]
    assert measured == whole
    assert sheets_markdown(chosen.sheets(record["rows"])) in page
    for plot in chosen.plots(record["rows"]):
        assert f"plots/{record['study']}-{plot}.svg" in page
        assert (PAGES / "studies" / "plots" / f"{record['study']}-{plot}.svg").is_file()


def test_metered_work_is_returned_with_what_its_process_used() -> None:
    row = metered(dict, {"value": 1})
    assert row["value"] == 1 and set(row) == {"value", "seconds", "cpu_seconds", "peak_mb"}
    assert row["cpu_seconds"] > 0 and row["seconds"] >= 0 and row["peak_mb"] >= 5  # an interpreter has that much


def _pooled() -> dict[str, Any]:
    """Start a pool's worker and end it; returns the MB that this process itself has used."""
    import resource

    from esreason.executors.local import LocalPool

    LocalPool(make_config({"env": "sorting", "model": "sprout"}), 1).close()
    return {"own": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere a pool starts its workers itself")
def test_what_the_workers_of_a_pool_use_is_metered_too() -> None:
    row = metered(_pooled)
    assert row["peak_mb"] > row["own"] + 100  # torch alone is more


def test_a_sheet_is_rectangular_and_becomes_markdown() -> None:
    with pytest.raises(ValueError, match="2 columns"):
        Sheet("t", ("a", "b"), (("1",),))
    assert markdown(("a", "b"), [("x", "1")]) == "| a | b |\n|---|---:|\n| x | 1 |"


def test_the_interval_over_seeds_is_that_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    for count in (2, 3, 5, 10, 31, 32, 40, 200):
        values = [float((7 * k) % 11) for k in range(count)]
        low, high = stats.t.interval(0.95, count - 1, loc=sum(values) / count, scale=stats.sem(values))
        assert t_interval(values) == pytest.approx((low, high), rel=2e-4, abs=1e-9)
    with pytest.raises(ValueError, match="at least two"):
        t_interval([1.0])
