"""The gallery of environments as Markdown, made from the registry and from what was measured."""

from __future__ import annotations

import inspect
import re
from typing import Any

from esreason.core.registry import EnvInfo, env_class, env_info, list_envs
from esreason.core.text import shown
from esreason.report.figures import figures
from esreason.report.space import task_space

_ACTIONS = 5
_CELL = 300


def gallery() -> str:
    """The whole page: what there is, then a card an environment, by family."""
    infos = [info for info in list_envs() if info.origin == "esreason"]
    families = list(dict.fromkeys(info.family for info in infos))
    parts = [
        "# Gallery",
        f"{len(infos)} environments in {len(families)} families, made by `benchmarks/gallery.py`.",
        "The actions at a level are means over the solver's solutions of 60 tasks, its time is the median over seven. "
        "From level to level the actions rise or stay (what falls is within the noise of the means). Five have levels "
        "with fewer actions: solve_equation, integrate, simplify, optimize and arc, whose levels add other kinds of "
        "questions.",
    ]
    for family in families:
        names = [info.name for info in infos if info.family == family]
        parts.append(f"- **{family}** ({len(names)}): " + ", ".join(f"[{name}](#{name})" for name in names))
    for family in families:
        parts.append(f"## {family}")
        parts += [card(info.name) for info in infos if info.family == family]
    return "\n\n".join(parts).replace(")\n\n- **", ")\n- **") + "\n"


def card(name: str) -> str:
    """One environment: what it is, its rules and grammar, two observations, how levels get harder, its floors."""
    info, cls = env_info(name), env_class(name)
    middle = info.levels[(len(info.levels) - 1) // 2]
    summary = info.summary[:1].upper() + info.summary[1:]
    parts = [
        f"### {name}",
        f"{summary}. `{info.id}`, levels {info.levels[0]} to {info.levels[-1]}.",
        inspect.cleandoc(cls.__doc__ or "").replace("<", "\\<"),
        f"- *Rules*: {_plain(cls.rules)}\n- *Action*: {_plain(cls.action_rule)}\n- *Answer*: {_plain(cls.answer_rule)}"
        f"\n- *Tasks*: {task_space(info)}",
        example(name, 1),
        example(name, middle),
        _levels(info),
        _floors(info),
    ]
    return "\n\n".join(part for part in parts if part)


def example(name: str, level: int) -> str:
    """The first observation of a task and the solver's first actions."""
    cls = env_class(name)
    env, task = cls(level=level), cls.make_task(0, level)
    observation, _ = env.reset(options={"task": task})
    solution = cls.solve(task)
    first = ", ".join(f"`{_cut(action)}`" for action in solution.actions[:_ACTIONS])
    rest = len(solution.actions) - _ACTIONS
    more = f" and {rest} more" if rest > 0 else ""
    fewest = ", the fewest possible" if solution.optimal else ""
    return (
        f"Level {level}:\n\n~~~text\n{observation}\n~~~\n\nThe solver plays {first}{more} "
        f"({len(solution.actions)} in all{fewest}), or answers `{_cut(solution.answer)}`."
    )


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return re.sub(r"([\\`*_<|\[])", r"\\\1", text.replace("\n", " "))


def _cut(text: str) -> str:
    return shown(text.replace("\n", " / "), _CELL)[1:-1].replace("`", "'")


def _levels(info: EnvInfo) -> str:
    """Mean actions and solver time by level, as they were measured; nothing if they were not."""
    lengths: dict[str, Any] = figures("actions").get(info.name, {}).get("levels", {})
    solver: dict[str, Any] = figures("speed").get(info.name, {}).get("solver", {})
    if not lengths or not solver:
        return ""
    rows = [
        ["level", *lengths],
        ["---", *("---:" for _ in lengths)],
        ["actions", *(f"{level['mean']:.3g}" for level in lengths.values())],
        ["solver, ms", *(f"{solver[level]['solve_ms'][0]:.3g}" for level in lengths)],
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _floors(info: EnvInfo) -> str:
    """What random legal play wins, where it was measured."""
    levels: dict[str, Any] = figures("floors").get(info.name, {}).get("levels", {})
    if not levels:
        return ""
    shares = ", ".join(f"{100 * floor['random']:.3g} % at level {level}" for level, floor in levels.items())
    return f"Random play wins {shares}."
