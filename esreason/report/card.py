"""The card of an environment."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from esreason.core.registry import EnvInfo, env_class
from esreason.report.catalogue import solver_time
from esreason.report.figures import figures
from esreason.report.numbers import percent
from esreason.report.space import task_space

_STEPS = 4


def card(info: EnvInfo, level: int = 1) -> RenderableType:
    """Rules, answer grammar, levels and the beginning and end of the solver's episode at a level."""
    cls = env_class(info.name)
    task = cls.make_task(0, level, "train")
    solution = cls.solve(task)
    steps = f"{len(solution.actions)} step{'s' * (len(solution.actions) != 1)}{', the fewest' * solution.optimal}"
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="cyan", no_wrap=True)
    facts.add_column()
    for name, text in (("Rules", cls.rules), ("Action", cls.action_rule), ("Answer", cls.answer_rule),
                       ("Levels", _levels(info)), ("Tasks", task_space(info))):  # fmt: skip
        if text:
            facts.add_row(name, Text(text))
    parts: list[RenderableType] = [
        Text.assemble((info.name, "bold"), f"  {info.id}  family {info.family}"),
        Text(_about(cls.__doc__ or info.summary)), Text(), facts, Text(),
        Text(f"An episode at level {level} ({steps}):", style="cyan"),
    ]  # fmt: skip
    env = cls(level=level)
    observation, _ = env.reset(options={"task": task})
    parts.append(Panel(Text(observation), expand=False))
    for number, action in enumerate(solution.actions, 1):
        observation, reward, *_ = env.step(action)
        if number <= _STEPS or number == len(solution.actions):
            parts.append(Text.assemble(("> ", "dim"), (action, "bold"), f"   reward {reward:g}" if reward else ""))
            parts.append(Panel(Text(observation), expand=False))
        elif number == _STEPS + 1:
            parts.append(Text(f"  ... {len(solution.actions) - _STEPS - 1} more", style="dim"))
    parts.append(Text.assemble(("As one answer: ", "cyan"), solution.answer))
    parts.append(Text(f"\nesreason play --env {info.name}", style="dim"))
    return Group(*parts)


def _about(text: str) -> str:
    """What the code says of an environment, its levels included, in paragraphs for any width."""
    return "\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))


def _levels(info: EnvInfo) -> str:
    """The range of levels, and what was measured at the middle one."""
    speed, floor = figures("speed").get(info.name, {}), figures("floors").get(info.name, {})
    known = [f"1 to {info.levels[-1]}, from easy to hard"]
    if "horizon" in speed:
        known.append(f"at the middle one a solution takes {speed['horizon']} steps")
    if solver_time(speed):
        known.append(f"the solver needs {solver_time(speed)}")
    if isinstance(floor.get("random"), float):
        known.append(f"random legal play wins {percent(floor['random'])} of episodes at level 2")
    return "; ".join(known) + "."
