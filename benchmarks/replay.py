"""Speed of `esreason submit`: stored episodes unpacked, read, chained and replayed in a second, on one core and on all.

Writes the table "replay" of docs/performance.md. Episodes are those of random and of the solver's play, half each.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from _tables import ROOT, chosen, dated, machine, measure, table, write_between

from esreason.core.packed import MAX_UNPACKED, SUFFIX, pack
from esreason.core.registry import env_class
from esreason.leaderboard.reading import lines_of, read_file
from esreason.leaderboard.replay import WORTH, replayed
from esreason.rollout import transcript
from esreason.rollout.scripted import play
from esreason.rollout.transcript import chained, line_of

SHORT = ("sudoku", "sorting", "hanoi", "countdown", "shortest_path", "n_queens", "game24", "grid_navigation")
TASKS, REPEATS = 2_000, 3


def episodes(name: str) -> bytes:
    """The transcripts of both players on the same tasks, as a run keeps them."""
    tasks = [env_class(name).make_task(seed, 1, "test") for seed in range(TASKS)]
    played = play("random", tasks, 1, "steps") + play("solver", tasks, 1, "steps")
    lines, previous = [], ""
    for index, episode in enumerate(played):
        lines.append(line_of(episode, "tuned", index, previous))
        previous = lines[-1]["hash"]
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()


def best(action: Callable[[], object]) -> float:
    """The shortest of some repeats, in seconds of wall time, each without tasks kept from the one before."""
    spent = []
    for _ in range(REPEATS):
        transcript.made_task.cache_clear()
        began = time.perf_counter()
        action()
        spent.append(time.perf_counter() - began)
    return min(spent)


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a packed file, each checked for its spelling and its place in the chain."""
    lines, previous = lines_of(read_file(path, MAX_UNPACKED), path.name), ""
    for line in lines:
        previous = chained(previous, {key: value for key, value in line.items() if key != "hash"})
        assert previous == line["hash"]
    return lines


def rates(name: str) -> dict[str, Any]:
    """Episodes a second: read, replayed on one core, replayed on all cores (starting the processes included)."""
    with tempfile.TemporaryDirectory() as draft:
        path = Path(draft) / "transcripts.jsonl"
        path.with_name(path.name + SUFFIX).write_bytes(pack(episodes(name)))
        lines, reading = read(path), best(partial(read, path))
    steps = sum(len(line["actions"]) for line in lines) / len(lines)
    found = {"steps": round(steps, 1), "read_per_s": round(len(lines) / reading)}
    for label, workers in (("one", 1), ("all", os.cpu_count() or 1)):
        found[f"{label}_per_s"] = round(len(lines) / best(partial(replayed, lines, "steps", workers=workers)))
    return found


def main() -> None:
    """Measure and write."""
    arguments = chosen(__doc__)
    if not arguments.only and not arguments.table_only:
        arguments.names = list(SHORT)
    rows = measure("replay", arguments, rates)
    heads = ["environment", "steps an episode", "read, episodes/s", "replayed, one core", "replayed, all cores"]
    body = [
        [name, f"{row['steps']:.1f}", *(f"{row[key]:,}" for key in ("read_per_s", "one_per_s", "all_per_s"))]
        for name, row in rows.items()
    ]
    note = (
        f"`benchmarks/replay.py`, {2 * TASKS} episodes at level 1, best of {REPEATS}, wall time, "
        f"{machine()}, {dated(rows)}. Processes are started once more than {WORTH:g} s of work are left."
    )
    write_between(ROOT / "docs" / "performance.md", "replay", f"{note}\n\n{table(heads, body)}", "Performance")


if __name__ == "__main__":
    main()
