"""A stored episode as it is read in a terminal."""

from __future__ import annotations

from typing import Any

from rich.text import Text


def episode_view(line: dict[str, Any], rules: str = "") -> Text:
    """Task, rules, observations, actions and verdict of a line; control characters are shown, never obeyed."""
    task, verdict = line["task"], line["verdict"]
    text = Text()
    head = f"{task['env']} level {task['level']}, {task['split']} seed {task['seed']}, {line['phase']}"
    text.append(f"{visible(head)}\n", "bold")
    text.append(f"{rules}\n\n" if rules else "\n", "dim")
    actions = [*line["actions"], None]
    for step, (observation, action) in enumerate(zip(line["observations"], actions, strict=False)):
        text.append(f"{visible(observation)}\n")
        if action is not None:
            text.append(f"{step + 1:>3} > {visible(action)}\n", "cyan")
    style = "bold green" if verdict["passed"] else "bold red"
    text.append(f"\nscore {verdict['score']:g}: {visible(verdict['reason'])}", style)
    return text


def visible(text: object) -> str:
    """A text whose control characters, line feeds apart, are written as escapes."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in str(text))
