"""A game that a person plays: what was entered, and the picture."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from esreason.core.registry import AnyEnv
from esreason.core.task import Task

HELP = "hint: the solver's next action   undo: take back   moves: what is legal   solve: show a solution   quit"


class Game:
    """An episode with hints and undo; every state is kept, so that undo gives back the step as well."""

    def __init__(self, env: AnyEnv, task: Task) -> None:
        self._env = env
        self._observation, info = env.reset(options={"task": task})
        self._rules, self._message = str(info["rules"]), HELP
        self._past: list[tuple[dict[str, Any], str]] = []
        self.over = False

    def enter(self, text: str) -> None:
        """Take in a line: a word of help or an action."""
        word = text.strip()
        commands = {
            "help": lambda: HELP,
            "hint": self._hint,
            "undo": self._undo,
            "moves": self._moves,
            "solve": self._solution,
        }
        self._message = commands[word]() if word in commands else self._act(word)

    def _act(self, action: str) -> str:
        if not action:
            return HELP
        self._past.append((self._env.get_state(), self._observation))
        self._observation, reward, terminated, truncated, info = self._env.step(action)
        self.over = terminated or truncated
        if not self.over:
            return f"step {info['steps']} of {info['limit']}"
        return f"{'Solved' if reward == 1.0 else 'Over'}: {info['verdict']['reason']}"

    def _undo(self) -> str:
        if not self._past:
            return "There is nothing to take back."
        state, self._observation = self._past.pop()
        self._env.set_state(state)
        return "Taken back."

    def _moves(self) -> str:
        legal = self._env.legal_actions()
        if legal is None:
            return "The legal actions of this game are not listed."
        return "  ".join(legal[:60]) + (f"  ... {len(legal) - 60} more" if len(legal) > 60 else "")

    def _hint(self) -> str:
        """The next action of the solution, if the actions so far are its beginning."""
        planned = self._env.solve(self._env.task).actions
        played = self._env.get_state()["actions"]
        if planned[: len(played)] == played and len(played) < len(planned):
            return f"The solver plays {planned[len(played)]}"
        remaining = [action for action in planned if action not in played]
        legal = self._env.legal_actions()
        fitting = next((action for action in remaining if legal is None or action in legal), None)
        return (
            f"The solver would have played {fitting}"
            if fitting
            else "From here the solver has no hint: take something back."
        )

    def _solution(self) -> str:
        return "  ".join(self._env.solve(self._env.task).actions)

    def picture(self) -> RenderableType:
        """Rules, board and the last message."""
        name = f"{self._env.name} level {self._env.task.level} seed {self._env.task.seed}"
        board = Panel(Text(self._observation), title=name, title_align="left", expand=False)
        return Group(Text(self._rules, style="dim"), board, Text(self._message))
