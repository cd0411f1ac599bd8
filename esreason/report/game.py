"""A game that a person plays: what was entered, and the picture."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from esreason.core.errors import Unsolved
from esreason.core.registry import AnyEnv
from esreason.core.task import CUSTOM, Task
from esreason.core.verdict import Solution

WORDS = {
    "help": "this list",
    "hint": "what the solver would do now",
    "undo": "take the last step back",
    "moves": "what is legal now",
    "solve": "show a whole solution",
    "quit": "leave",
}
"""What is understood besides actions."""
_MOVES = 60


class Game:
    """An episode with hints and undo; every state is kept, so that undo gives back the step as well."""

    def __init__(self, env: AnyEnv, task: Task) -> None:
        self._env, self._scratch = env, type(env)(level=env.level, split=env.split)
        self._observation, info = env.reset(options={"task": task})
        self._rules, self._limit, self._message = str(info["rules"]), int(info["limit"]), ""
        self._past: list[tuple[dict[str, Any], str]] = []
        self._solved: Solution | None = None
        self.over = False

    def enter(self, text: str) -> None:
        """Take in a line: one of `WORDS` or an action."""
        word = text.strip()
        commands = {"hint": self._hint, "undo": self._undo, "moves": self._moves, "solve": self._plan}
        if word in ("", "help", "?"):
            self._message = "\n".join(f"{name:<6}{meaning}" for name, meaning in WORDS.items())
        else:
            try:
                self._message = commands[word]() if word in commands else self._act(word)
            except Unsolved as error:  # a hint on a task that somebody else made
                self._message = str(error)

    def _act(self, action: str) -> str:
        self._past.append((self._env.get_state(), self._observation))
        self._observation, reward, terminated, truncated, info = self._env.step(action)
        self.over = terminated or truncated
        if not self.over:
            return ""
        won = f"Solved in {info['steps']} steps{self._fewest()}." if reward == 1.0 else "Over."
        return f"{won} {info['verdict']['reason']}"

    def _fewest(self) -> str:
        """How many steps would have done, or at what cost, where that is known."""
        try:
            solution = self._solution()
        except Unsolved:
            return ""
        best = f", the fewest are {len(solution.actions)}"
        if solution.cost is not None:
            best = f", the least cost is {solution.cost:.15g}"
        return best if solution.optimal else ""

    def _solution(self) -> Solution:
        self._solved = self._solved or self._env.solve(self._env.task)
        return self._solved

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
        return "  ".join(legal[:_MOVES]) + (f"  ... {len(legal) - _MOVES} more" if len(legal) > _MOVES else "")

    def _hint(self) -> str:
        """The solver's next action, here or after as few steps back as needed for its plan to win."""
        states = [state for state, _ in self._past] + [self._env.get_state()]
        for back, state in enumerate(reversed(states)):
            rest = self._winning(state)
            if rest and not back:
                return f"The solver would play {rest[0]}"
            if rest:
                times = "once" if back == 1 else f"{back} times"
                return f"The solver's plan cannot win from here: undo {times}, then {rest[0]}"
        return "The solver has no hint."

    def _winning(self, state: dict[str, Any]) -> list[str]:
        """What is left of the solver's plan, if it wins from this state: its end, or what has not been played of it."""
        plan, played = self._solution().actions, state["actions"]
        rest = plan[len(played) :] if plan[: len(played)] == played else [a for a in plan if a not in played]
        self._scratch.set_state(state)
        reward = 0.0
        for action in rest:
            _, reward, terminated, truncated, _ = self._scratch.step(action)
            if terminated or truncated:
                break
        return rest if reward == 1.0 else []

    def _plan(self) -> str:
        return "  ".join(self._solution().actions)

    def picture(self) -> RenderableType:
        """Rules, board, what was spent, the last message and the words."""
        task, state = self._env.task, self._env.get_state()
        name = f"{task.env}, a given task"
        if task.split != CUSTOM:
            name = f"{task.env} level {task.level} seed {task.seed}"
        board = Panel(Text(self._observation), title=name, title_align="left", expand=False)
        spent = f"step {state['steps']} of {self._limit}, {state['illegal']} of {self._env.max_illegal} illegal actions"
        parts: list[RenderableType] = [Text(self._rules, style="dim"), board, Text(spent, style="cyan")]
        if self._message:
            parts.append(Text(self._message, style="bold" if self.over else ""))
        if not self.over:
            parts.append(Text("  ".join(WORDS), style="dim"))
        return Group(*parts)
