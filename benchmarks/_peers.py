"""Speed of other suites on the same puzzles; run by another interpreter, in which they are installed.

    python _peers.py '[["reasoning-gym", "sudoku"], ["gem", "game:Sudoku-v0-hard"], ["textarena", "Sudoku-v0"]]'

One JSON line a puzzle; rates are per CPU second, as [median, lowest, highest] of the repeats, in default settings.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

REPEATS, SECONDS, MOST = 3, 0.5, 2_000
ACTIONS: dict[str, Callable[[random.Random], str]] = {
    "Sudoku-v0": lambda rng: "[{} {} {}]".format(*(rng.randint(1, 9) for _ in range(3))),
    "Minesweeper-v0": lambda rng: f"[{rng.randrange(8)} {rng.randrange(8)}]",
    "TowerOfHanoi-v0": lambda rng: "[{} {}]".format(*rng.sample("ABC", 2)),
    "Mastermind-v0": lambda rng: "[{} {} {} {}]".format(*rng.sample(range(1, 7), 4)),
    "FifteenPuzzle-v0": lambda rng: f"[{rng.choice(['up', 'down', 'left', 'right'])}]",
    "Sokoban-v0": lambda rng: f"[{rng.choice(['up', 'down', 'left', 'right'])}]",
    "LightsOut-v0": lambda rng: f"[{rng.randrange(5)} {rng.randrange(5)}]",
    "PegJump-v0": lambda rng: f"[{rng.randint(1, 15)} {rng.randint(1, 15)}]",
    "RushHour-v0": lambda rng: f"[{rng.choice('XABCDE')}{rng.choice('+-')}]",
    "Slitherlink-v0": lambda rng: f"[h {rng.randrange(4)} {rng.randrange(4)}]",
    "Countdown-v0": lambda rng: f"[{rng.randrange(6)} {rng.randrange(6)} +]",
    "Cryptarithm-v0": lambda rng: f"[{rng.randrange(8)} {rng.randrange(10)}]",
}


def rates(call: Callable[[int], Any]) -> tuple[list[float], float]:
    """Calls a CPU second over the repeats, and the slowest call in milliseconds."""
    found, slowest, number = [], 0.0, 0
    for _ in range(REPEATS):
        done, begun = 0, time.process_time()
        while done < MOST and time.process_time() - begun < SECONDS:
            before = time.process_time()
            call(number)
            slowest = max(slowest, time.process_time() - before)
            done, number = done + 1, number + 1
        found.append(done / (time.process_time() - begun))
    return spread(found), 1e3 * slowest


def spread(found: list[float]) -> list[float]:
    return [round(x, 1) for x in (statistics.median(found), min(found), max(found))]


def steps(step: Callable[[], bool], begin: Callable[[int], Any]) -> list[float]:
    """Steps a CPU second; `step` tells whether the episode is over, `begin` starts another (not counted)."""
    found, episode = [], 0
    for _ in range(REPEATS):
        begin(episode)
        done, busy = 0, 0.0
        while done < MOST and busy < SECONDS:
            before = time.process_time()
            over = step()
            busy, done = busy + time.process_time() - before, done + 1
            if over:
                episode += 1
                begin(episode)
        found.append(done / max(busy, 1e-9))
    return spread(found)


def reasoning_gym(name: str) -> dict[str, Any]:
    import reasoning_gym as rg

    data = rg.create_dataset(name, seed=1_000, size=20_000)
    entries: list[Any] = []
    generated, slowest = rates(lambda i: entries.append(data[i]))
    known = [entry for entry in entries if entry["answer"] is not None][:200]
    row: dict[str, Any] = {"generate_per_s": generated, "worst_ms": round(slowest, 1)}
    if known:

        def judge(number: int) -> None:
            entry = known[number % len(known)]
            data.score_answer(entry["answer"], entry)

        row["verify_per_s"] = rates(judge)[0]
    return row


def gem(name: str) -> dict[str, Any]:
    import gem as suite
    import gem.envs  # fills its registry

    env = suite.make(name)
    generated, slowest = rates(lambda i: env.reset(seed=i))

    def step() -> bool:
        result = env.step(env.sample_random_action())
        return bool(result[2] or result[3])

    stepped = steps(step, lambda i: env.reset(seed=i))
    return {"generate_per_s": generated, "worst_ms": round(slowest, 1), "steps_per_s": stepped}


def textarena(name: str) -> dict[str, Any]:
    import textarena as ta

    env, rng = ta.make(name), random.Random(0)
    generated, slowest = rates(lambda i: env.reset(num_players=1, seed=i))

    def step() -> bool:
        env.get_observation()
        over = bool(env.step(action=ACTIONS[name](rng))[0])
        if over:
            env.close()
        return over

    stepped = steps(step, lambda i: env.reset(num_players=1, seed=i))
    return {"generate_per_s": generated, "worst_ms": round(slowest, 1), "steps_per_s": stepped}


SUITES = {"reasoning-gym": reasoning_gym, "gem": gem, "textarena": textarena}


def main() -> None:
    for suite, name in json.loads(sys.argv[1]):
        row: dict[str, Any] = {"suite": suite, "task": name}
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                row |= SUITES[suite](name)
        except Exception as error:  # noqa: BLE001  a suite that fails on a puzzle is a result too
            row["error"] = f"{type(error).__name__}: {error}"[:160]
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
