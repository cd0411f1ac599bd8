"""The card of an environment."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from esreason.core.registry import EnvInfo, env_class

_STEPS = 4


def card(info: EnvInfo, level: int = 1) -> RenderableType:
    """Rules, answer grammar, levels and the beginning and end of the solver's episode at a level."""
    cls = env_class(info.name)
    task = cls.make_task(0, level, "train")
    solution = cls.solve(task)
    steps = f"{len(solution.actions)} steps{', the fewest' if solution.optimal else ''}"
    parts: list[RenderableType] = [
        Text.assemble((info.name, "bold"), f"  {info.id}  levels 1-{info.levels[-1]}  family {info.family}"),
        Text((cls.__doc__ or info.summary).strip().partition("\n\n")[0]), Text(),
        Text.assemble(("Rules    ", "cyan"), cls.rules),
        Text.assemble(("Action   ", "cyan"), cls.action_rule),
        Text.assemble(("Answer   ", "cyan"), cls.answer_rule), Text(),
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
    return Group(*parts)
