"""Speed of every environment: tasks generated, solved, stepped through and verified in a CPU second of one core.

Writes esreason/report/data/speed.json and two tables of docs/performance.md. `--peers-python PATH` also measures other
suites on the same puzzles, in the same run, by an interpreter in which they are installed.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from _tables import ROOT, Row, chosen, dated, families, load, machine, measure, table, write_between

from esreason.core.env import ReasoningEnv
from esreason.core.registry import env_class
from esreason.core.task import Task

REPEATS, SECONDS = 3, 0.12
WORST_OF, SOLVED = 30, 7
RATES = ("generate_per_s", "steps_per_s", "verify_per_s")
AnyEnv = ReasoningEnv[Any, Any]
CLOCK = time.process_time

PEERS = {
    "sudoku": [("reasoning-gym", "sudoku"), ("gem", "game:Sudoku-v0-hard"), ("textarena", "Sudoku-v0")],
    "countdown": [("reasoning-gym", "countdown"), ("textarena", "Countdown-v0")],
    "sorting": [("reasoning-gym", "number_sorting")],
    "hanoi": [
        ("reasoning-gym", "tower_of_hanoi"),
        ("gem", "game:TowerofHanoi-v0-hard"),
        ("textarena", "TowerOfHanoi-v0"),
    ],
    "shortest_path": [("reasoning-gym", "shortest_path")],
    "game24": [("reasoning-gym", "puzzle24")],
    "n_queens": [("reasoning-gym", "n_queens")],
    "zebra": [("reasoning-gym", "zebra_puzzles")],
    "knights_knaves": [("reasoning-gym", "knights_knaves")],
    "futoshiki": [("reasoning-gym", "futoshiki")],
    "kakurasu": [("reasoning-gym", "kakurasu")],
    "cryptarithm": [("reasoning-gym", "cryptarithm"), ("textarena", "Cryptarithm-v0")],
    "mastermind": [("gem", "game:Mastermind-v0-hard"), ("textarena", "Mastermind-v0")],
    "minesweeper": [("gem", "game:Minesweeper-v0-hard"), ("textarena", "Minesweeper-v0")],
    "fifteen_puzzle": [("gem", "game:FifteenPuzzle-v0-hard"), ("textarena", "FifteenPuzzle-v0")],
    "lights_out": [("textarena", "LightsOut-v0")],
    "slitherlink": [("textarena", "Slitherlink-v0")],
    "peg_solitaire": [("textarena", "PegJump-v0")],
    "sokoban": [("reasoning-gym", "sokoban"), ("gem", "game:Sokoban-v0-hard"), ("textarena", "Sokoban-v0")],
    "rush_hour": [("reasoning-gym", "rush_hour"), ("textarena", "RushHour-v0")],
    "jugs": [("reasoning-gym", "jugs")],
    "graph_coloring": [("reasoning-gym", "graph_color")],
    "course_schedule": [("reasoning-gym", "course_schedule")],
    "integrate": [("reasoning-gym", "simple_integration"), ("reasoning-gym", "intermediate_integration")],
    "solve_equation": [("reasoning-gym", "polynomial_equations"), ("reasoning-gym", "simple_equations")],
    "expand": [("reasoning-gym", "polynomial_multiplication")],
    "brainfuck": [("reasoning-gym", "bf")],
    "list_functions": [("reasoning-gym", "list_functions")],
}


def spread(found: list[float]) -> list[float]:
    """Median, lowest and highest of the repeats."""
    return [round(value, 1) for value in (statistics.median(found), min(found), max(found))]


def rate(call: Callable[[int], Any]) -> list[float]:
    """Calls in a CPU second; the argument counts the calls."""
    found, number = [], 0
    for _ in range(REPEATS):
        begun = CLOCK()
        first = number
        while CLOCK() - begun < SECONDS or number == first:
            call(number)
            number += 1
        found.append((number - first) / (CLOCK() - begun))
    return spread(found)


def step_rate(cls: type[AnyEnv], tasks: list[Task], actions: list[list[str]]) -> list[float]:
    """Steps in a CPU second over solver games, the last step with its verdict included, resets not."""
    env, found, game = cls(level=tasks[0].level), list[float](), 0
    for _ in range(REPEATS):
        busy, count = 0.0, 0
        while busy < SECONDS:
            env.reset(options={"task": tasks[game % len(tasks)]})
            played = actions[game % len(tasks)]
            begun = CLOCK()
            for action in played:
                env.step(action)
            busy, count, game = busy + CLOCK() - begun, count + len(played), game + 1
        found.append(count / busy)
    return spread(found)


def anew(task: Task) -> Task:
    """The task as a solver first meets it: nothing parsed yet."""
    return Task.from_dict(task.to_dict())


def of_level(cls: type[AnyEnv], level: int) -> dict[str, Any]:
    """Rates at one level."""
    tasks = [cls.make_task(seed, level) for seed in range(8)]
    solutions = [cls.solve(task) for task in tasks]
    return {
        "generate_per_s": rate(lambda i: cls.make_task(1_000 + i, level)),
        "steps_per_s": step_rate(cls, tasks, [solution.actions for solution in solutions]),
        "verify_per_s": rate(lambda i: cls.verify(tasks[i % 8], solutions[i % 8].answer)),
    }


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    begun = CLOCK()
    value = call()
    return 1e3 * (CLOCK() - begun), value


def of_solver(cls: type[AnyEnv], level: int) -> dict[str, Any]:
    """The slowest of some generations, how long solving takes (median, longest) and how many actions it finds."""
    made = [timed(partial(cls.make_task, seed, level)) for seed in range(2_000, 2_000 + WORST_OF)]
    solved = [timed(partial(cls.solve, anew(task))) for _, task in made[:SOLVED]]
    spent = [milliseconds for milliseconds, _ in solved]
    return {
        "worst_generation_ms": round(max(milliseconds for milliseconds, _ in made), 1),
        "solve_ms": [round(statistics.median(spent), 2), round(max(spent), 2)],
        "actions": statistics.median(len(solution.actions) for _, solution in solved),
        "optimal": all(solution.optimal for _, solution in solved),
    }


def peers_of(name: str, python: str) -> list[Row]:
    """What another interpreter measures of the suites that have this puzzle."""
    script = Path(__file__).with_name("_peers.py")
    done = subprocess.run([python, script, json.dumps(PEERS[name])], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def of(name: str, python: str) -> Row:
    """All figures of one environment; those of its peers stay if they are not measured anew."""
    cls = env_class(name)
    middle = (cls.levels + 1) // 2
    solver = {str(level): of_solver(cls, level) for level in range(1, cls.levels + 1)}
    row: Row = {
        "machine": machine(),
        "horizon": solver[str(middle)]["actions"],
        "solve_ms": solver[str(middle)]["solve_ms"][0],
        "levels": {str(level): of_level(cls, level) for level in sorted({1, middle, cls.levels})},
        "solver": solver,
    }
    if python and name in PEERS:
        row["peers"] = peers_of(name, python)
    elif "peers" in load("speed").get(name, {}):
        row["peers"] = load("speed")[name]["peers"]
    return row


def shown(figure: list[float]) -> str:
    """A median with half the range of the repeats in per cent."""
    median, low, high = figure
    return f"{median:,.0f} ±{50 * (high - low) / median:.0f} %" if median else "0"


def own_tables(rows: dict[str, Row]) -> str:
    """The table of every family."""
    machines = sorted({row["machine"] for row in rows.values()})
    parts = [
        f"`benchmarks/environments.py`, {dated(rows)}; {'; '.join(machines)}; CPU seconds of a core, median of "
        f"{REPEATS} repeats of {SECONDS} s ± half their range, at the lowest, middle and highest level. *Worst* "
        f"is the slowest of {WORST_OF} generations at each level, *solver* the longest of {SOLVED} solutions at each "
        "level, parsing included.",
    ]
    heads = ["environment", "tasks/s", "middle", "top", "worst, ms", "solver, ms", "steps/s", "middle", "top"]
    heads += ["verdicts/s", "middle", "top"]
    for family, names in families(rows).items():
        lines = []
        for name in names:
            levels, solver = list(rows[name]["levels"].values()), rows[name]["solver"].values()
            cells = [[shown(level[key]) for level in levels] for key in RATES]
            worst = f"{max(level['worst_generation_ms'] for level in solver):,.1f}"
            solving = f"{max(level['solve_ms'][1] for level in solver):,.1f}"
            lines.append([name, *cells[0], worst, solving, *cells[1], *cells[2]])
        parts += [f"### {family}", table(heads, lines)]
    return "\n\n".join(parts)


def peer_table(rows: dict[str, Row]) -> str:
    """The table of the puzzles that other suites have too."""
    lines = []
    for name, row in rows.items():
        middle = list(row["levels"].values())[len(row["levels"]) // 2]
        for number, peer in enumerate(row.get("peers", [])):
            ours = [shown(middle[key]) for key in RATES]
            ours.insert(1, f"{max(level['worst_generation_ms'] for level in row['solver'].values()):,.1f}")
            if not number:
                lines.append([f"**{name}**", "esreason, middle level", *ours])
            figures = [shown(peer[key]) if key in peer else "" for key in RATES]
            figures.insert(1, f"{peer['worst_ms']:,.1f}" if "worst_ms" in peer else "")
            failed = f" ({peer['error'].partition(':')[0]})" if "error" in peer else ""
            lines.append(["", f"{peer['suite']} `{peer['task']}`{failed}", *figures])
    return (
        "The same script, the same run; peers in their default settings. What is compared is work of the same kind, "
        "not the same puzzles: sizes and what is promised of them (one solution, solvability) differ.\n\n"
        + table(["puzzle", "suite", "tasks/s", "worst, ms", "steps/s", "verdicts/s"], lines)
    )


def main() -> None:
    arguments = chosen(__doc__, peers_python={"default": "", "help": "an interpreter that has the other suites"})
    rows = measure("speed", arguments, lambda name: of(name, arguments.peers_python))
    path = ROOT / "docs" / "performance.md"
    write_between(path, "environments", "## Environments\n\n" + own_tables(rows), "Performance")
    if any("peers" in row for row in rows.values()):
        write_between(path, "environments: peers", "### Peers\n\n" + peer_table(rows), "Performance")
    sys.exit(1 if arguments.failed else 0)


if __name__ == "__main__":
    main()
