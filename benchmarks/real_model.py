"""Evolves SmolLM2-135M-Instruct (Q4_1, `make real-model`), which nobody here trained, beside a shuffled control.

    python benchmarks/real_model.py [--model .models/smollm2-135m] [--envs sorting,shortest_path] [--seeds 1]

One-answer mode, few-shot prompts. The control is the same run whose fitness is shuffled over the members before it is
told: whatever it gains is luck. Each run is on disk as soon as it is done.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from _tables import ROOT, machine, table, write_between
from bundled import cell, disjoint, gain

ROWS = ROOT / "docs" / "data" / "real_model.json"
SETTINGS = [
    "--mode", "answer", "--prompt", "few-shot", "--shots", "3", "--population", "16", "--tasks", "12",
    "--dtype", "bfloat16", "--test-episodes", "300", "--sigma", "0.01", "--alpha", "0.01",
]  # fmt: skip
Row = dict[str, Any]


def run(options: argparse.Namespace, env: str, seed: int, strategy: str) -> Row:
    """One run of the command line."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable, "-m", "esreason", "run", "--env", env, "--model", options.model, "--seed", str(seed),
            "--iterations", str(options.iterations), "--strategy", strategy, "--json", "--quiet", "--workers", "1",
            *SETTINGS, *options.more, "--out", f"{folder}/run",
        ]  # fmt: skip
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
    result = json.loads(done.stdout)
    kept = ("base", "tuned", "sigma", "alpha", "checkpoint", "iterations", "episodes", "tokens", "seconds")
    return {"env": env, "seed": seed, "strategy": strategy, "date": date.today().isoformat(),
            **{name: result[name] for name in kept}}  # fmt: skip


def report(rows: list[Row]) -> str:
    """The section of docs/performance.md."""
    heads = ["environment", "fitness", "seed", "base, %", "tuned, %", "points", "disjoint", "sigma", "seconds"]
    body = [
        [r["env"], "shuffled" if r["strategy"] == "shuffled" else "real", str(r["seed"]), cell(r["base"]),
         cell(r["tuned"]),
         f"{gain(r):+.1f}", "yes" if disjoint(r) else "no", f"{r['sigma']:g}", f"{r['seconds']:.0f}"]
        for r in rows
    ]  # fmt: skip
    return (
        "## A real model\n\n"
        f"`benchmarks/real_model.py`, {date.today().isoformat()}; {machine()}, one worker, bfloat16 over a float32 "
        "centre. SmolLM2-135M-Instruct as Q4_1 (not the original weights); one-answer mode, three shots, rank-1 "
        "noise, sigma = alpha = 0.01, 16 members x 12 tasks; success on 300 test tasks of level 1 with Wilson "
        "95 % intervals. Shortest path is no evidence: its control rose as well.\n\n" + table(heads, body)
    )


def main() -> None:
    """Measure what is missing, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=".models/smollm2-135m")
    parser.add_argument("--envs", default="sorting,shortest_path")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--iterations", type=int, default=24)
    parser.add_argument("--table-only", action="store_true")
    options, options_more = parser.parse_known_args()
    options.more = options_more
    rows: list[Row] = json.loads(ROWS.read_text(encoding="utf-8")) if ROWS.is_file() else []
    have = {(row["env"], row["seed"], row["strategy"]) for row in rows}
    for env in options.envs.split(","):
        for strategy in ("mirrored", "shuffled"):
            for seed in range(options.seeds):
                if options.table_only or (env, seed, strategy) in have:
                    continue
                rows.append(run(options, env, seed, strategy))
                ROWS.parent.mkdir(exist_ok=True)
                ROWS.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n", encoding="utf-8")
                sys.stderr.write(f"{env} {strategy} {seed}: {cell(rows[-1]['base'])} -> {cell(rows[-1]['tuned'])}\n")
    write_between(ROOT / "docs" / "performance.md", "real-model", report(rows), "Performance")


if __name__ == "__main__":
    main()
