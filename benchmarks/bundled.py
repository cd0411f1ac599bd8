"""Evolves the bundled models on their environments with the default settings, and writes every run into the docs.

    python benchmarks/bundled.py [--seeds 10] [--other-seeds 1] [--only sudoku,...] [--table-only]

Each run is the command a user types; base and tuned scores are those of its test split. Rows stay on disk.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from _tables import ROOT, machine, table, write_between

from esreason.models import BUNDLED

ROWS = ROOT / "docs" / "data" / "bundled.json"
ENVS = [env for envs in BUNDLED.values() for env in envs]
Row = dict[str, Any]


def run(env: str, seed: int) -> Row:
    """One `esreason run` with nothing but a seed."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "esreason", "run", "--env", env, "--seed", str(seed), "--json", "--quiet"]
        done = subprocess.run([*command, "--out", f"{folder}/run"], check=True, capture_output=True, text=True)
    result = json.loads(done.stdout)
    kept = ("base", "tuned", "sigma", "checkpoint", "iterations", "episodes", "tokens", "seconds", "weights_sha256")
    return {"env": env, "seed": seed, "date": date.today().isoformat(), **{name: result[name] for name in kept}}


def cell(summary: Row) -> str:
    """`76.2 [71.8, 80.2]` in per cent."""
    low, high = summary["ci95"]
    return f"{100 * summary['score']:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def gain(row: Row) -> float:
    """Points gained."""
    return float(100 * (row["tuned"]["score"] - row["base"]["score"]))


def disjoint(row: Row) -> bool:
    """Whether the two 95 % intervals do not touch."""
    return bool(row["base"]["ci95"][1] < row["tuned"]["ci95"][0])


def report(rows: list[Row]) -> str:
    """The section of docs/performance.md."""
    heads = ["environment", "seed", "base, %", "tuned, %", "points", "disjoint", "checkpoint", "sigma", "seconds"]
    cells = [
        [r["env"], str(r["seed"]), cell(r["base"]), cell(r["tuned"]), f"{gain(r):+.1f}", "yes" if disjoint(r) else "no",
         f"{r['checkpoint']} of {r['iterations']}", f"{r['sigma']:g}", f"{r['seconds']:.0f}"]
        for r in sorted(rows, key=lambda r: (ENVS.index(r["env"]), r["seed"]))
    ]  # fmt: skip
    tables = [f"`{model}`\n\n" + table(heads, [row for row in cells if row[0] in envs])
              for model, envs in BUNDLED.items()]  # fmt: skip
    sudoku = [r for r in rows if r["env"] == "sudoku"]
    good = sum(gain(r) >= 30 and disjoint(r) for r in sudoku)
    times = [r["seconds"] for r in sudoku] or [0.0]
    return (
        "## The bundled models\n\n"
        f"`benchmarks/bundled.py`, {date.today().isoformat()}; {machine()}, both cores, float32. Default settings of "
        "`esreason run --env ENV --seed SEED`; mean score (of most environments the success) on 400 "
        "test tasks of level 1 with Wilson 95 % intervals; the checkpoint is chosen on the validation split.\n\n"
        f"Sudoku: {good} of {len(sudoku)} seeds gain at least 30 points with disjoint intervals; a run takes "
        f"{statistics.median(times):.0f} s (median; {min(times):.0f} to {max(times):.0f}).\n\n" + "\n\n".join(tables)
    )


def main() -> None:
    """Measure what is missing, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--other-seeds", type=int, default=1)
    parser.add_argument("--only", default=",".join(ENVS))
    parser.add_argument("--table-only", action="store_true")
    options = parser.parse_args()
    rows: list[Row] = json.loads(ROWS.read_text(encoding="utf-8")) if ROWS.is_file() else []
    have = {(row["env"], row["seed"]) for row in rows}
    for env in options.only.split(","):
        for seed in range(options.seeds if env == "sudoku" else options.other_seeds):
            if options.table_only or (env, seed) in have:
                continue
            rows.append(run(env, seed))
            ROWS.parent.mkdir(exist_ok=True)
            ROWS.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n", encoding="utf-8")
            sys.stderr.write(f"{env} {seed}: {cell(rows[-1]['base'])} -> {cell(rows[-1]['tuned'])}\n")
    write_between(ROOT / "docs" / "performance.md", "bundled", report(rows), "Performance")


if __name__ == "__main__":
    main()
