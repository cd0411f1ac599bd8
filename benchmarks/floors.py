"""What players score who know nothing: random legal play, no answer, the question echoed, one constant answer.

Writes esreason/report/data/floors.json and docs/floors.md.
"""

from __future__ import annotations

import random
import sys
from typing import Any

from _tables import ROOT, Row, chosen, dated, families, measure, table, write_between

from esreason.core.env import ReasoningEnv
from esreason.core.registry import env_class
from esreason.core.task import Task

LEVELS = (1, 2, 5)
EPISODES = 400
CONSTANTS = ("", "0", "1", "2", "yes", "no", "none", "True", "A", "a", "x", "U", "1 2 3 4", "0 0 0 0", "A B", "-1")
AnyEnv = ReasoningEnv[Any, Any]


def play(env: AnyEnv, task: Task, choose: Any) -> bool:
    """Whether the episode of a player who chooses each action by `choose(legal actions)` is won."""
    env.reset(options={"task": task})
    while True:
        _, reward, terminated, truncated, _ = env.step(choose(env.legal_actions()))
        if terminated or truncated:
            return reward == 1.0


def of_level(cls: type[AnyEnv], level: int) -> dict[str, Any]:
    """The share of tasks that each of these players wins."""
    tasks = [cls.make_task(seed, level) for seed in range(EPISODES)]
    strangers = [cls.make_task(seed, level) for seed in range(10_000, 10_012)]
    known = [cls.solve(task) for task in strangers]
    actions = sorted({action for solution in known for action in solution.actions})
    rng, env = random.Random(f"{cls.name} {level}"), cls(level=level)
    listed = env.reset(options={"task": tasks[0]}) and env.legal_actions() is not None

    def at_random(legal: list[str] | None) -> str:
        return rng.choice(legal) if legal else rng.choice(actions)

    answers = [*CONSTANTS, *dict.fromkeys(solution.answer for solution in known)]
    by_constant = max(sum(cls.verify(task, text).passed for task in tasks) for text in answers)
    repeated = [solution.actions[0] for solution in known[:6]]
    by_repeating = max(sum(play(env, task, lambda _, a=action: a) for task in tasks[:100]) for action in repeated)
    shown = [(env.reset(options={"task": task}), task) for task in tasks]
    return {
        "random": sum(play(env, task, at_random) for task in tasks) / EPISODES,
        "listed": bool(listed),
        "empty": sum(cls.verify(task, "").passed for task in tasks) / EPISODES,
        "echo": max(
            sum(cls.verify(task, text[0]).passed for text, task in shown),
            sum(cls.verify(task, cls.instructions("answer")).passed for task in tasks),
            sum(cls.verify(task, f"{cls.instructions('answer')}\n{text[0]}").passed for text, task in shown),
        )
        / EPISODES,
        "constant": max(by_constant / EPISODES, by_repeating / 100),
    }


def of(name: str) -> Row:
    """The floors of an environment at the levels that it has."""
    cls = env_class(name)
    levels = {str(level): of_level(cls, level) for level in LEVELS if level <= cls.levels}
    return {"random": levels["2"]["random"], "levels": levels}


def percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def page(rows: dict[str, Row]) -> str:
    """The tables of docs/floors.md, a family each."""
    parts = [
        f"Success of players who know nothing, {EPISODES} tasks a level (`benchmarks/floors.py`, {dated(rows)}).",
        "*Random* plays a legal action drawn at random until the episode ends; where they are not listed (\\*) "
        "it draws from the actions that solve other tasks of the level. *Empty* answers nothing. *Echo* gives back the "
        "observation, the rules or both, whichever scores best. *Constant* is the best of "
        f"{len(CONSTANTS)} fixed texts, of the answers to twelve other tasks, and of one action repeated to the end.",
    ]
    players = ("random", "empty", "echo", "constant")
    heads = ["environment", *(f"{player} L{level}" for level in LEVELS for player in players)]
    for family, names in families(rows).items():
        lines = []
        for name in names:
            levels = rows[name]["levels"]
            cells = [percent(levels[str(n)][p]) if str(n) in levels else "" for n in LEVELS for p in players]
            lines.append([name + ("" if levels["1"]["listed"] else " \\*"), *cells])
        parts += [f"## {family}", table(heads, lines)]
    return "\n\n".join(parts)


def main() -> None:
    arguments = chosen(__doc__)
    rows = measure("floors", arguments, of)
    write_between(ROOT / "docs" / "floors.md", "floors", page(rows), "Floors")
    sys.exit(1 if arguments.failed else 0)


if __name__ == "__main__":
    main()
