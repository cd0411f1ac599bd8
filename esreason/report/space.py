"""How many tasks an environment has."""

from __future__ import annotations

from esreason.core.registry import EnvInfo, env_class


def task_space(info: EnvInfo) -> str:
    """One sentence on how often seeds repeat a task; nothing where others made the environment and do not say."""
    known = env_class(info.name).task_space
    if not known and info.origin != "esreason":
        return ""
    seldom = "fewer than 1 % of a thousand seeds repeat a task"
    sizes = ", ".join(f"{size:,} at level {level}" for level, size in known.items())
    return f"About {sizes}; at the other levels {seldom}." if known else f"At every level {seldom}."
