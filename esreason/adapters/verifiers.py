"""Our environments for Prime Intellect's verifiers: a task set, the episodes of many turns, and a plain chat.

Its loader finds them under the id `esreason-verifiers`. Needs `pip install 'esreason[verifiers]'`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, Literal

from esreason.adapters.packages import package
from esreason.core.errors import UsageError
from esreason.core.registry import env_class
from esreason.core.task import Task
from esreason.rollout.prompts import Prompter

vf = package("verifiers.v1", "verifiers")
dialect = package("verifiers.v1.dialects.chat", "verifiers")
openai = package("openai", "verifiers")

ID = "esreason-verifiers"

# Variables of type Any, because the package need not be installed where types are checked.
AgentConfig: Any = vf.AgentConfig
EnvConfig: Any = vf.EnvConfig
TaskData: Any = vf.TaskData
TasksetConfig: Any = vf.TasksetConfig


class GameData(TaskData):
    """A task as their wire data."""

    mode: Literal["steps", "answer"]
    task: dict[str, Any]
    """The task, as `Task.to_dict` writes it."""


class GamesConfig(TasksetConfig):
    """Which tasks: of one environment, level and split, from the seed `first` on, without end."""

    env: str
    level: int = 1
    split: Literal["train", "validation", "test"] = "train"
    mode: Literal["steps", "answer"] = "steps"
    first: int = 0


GameTask: Any = vf.Task[GameData]


class GameTasks(GameTask):
    """A task; what it is worth is found by playing it."""


class Games(vf.Taskset[GameTasks, GamesConfig]):  # type: ignore[name-defined]
    """The tasks of an environment, one for each seed."""

    INFINITE = True

    def load(self) -> Iterator[Any]:
        """Yield the tasks with the prompts that open them."""
        config = self.config
        cls = env_class(config.env)
        if not 1 <= config.level <= cls.levels:
            raise UsageError(f"{config.env} has levels 1 to {cls.levels}, not {config.level}")
        prompter = Prompter(cls, config.level, config.mode, "chat")
        for seed in count(config.first):
            task = cls.make_task(seed, config.level, config.split)
            instance = cls.instance_of(task)
            prompt = prompter.first(cls._observe(instance, cls._start(instance)))
            text = "".join(part if isinstance(part, str) else part.content for part in prompt)
            data = GameData(
                name=f"{config.env}-{config.split}-{config.level}-{seed}", prompt=text, mode=config.mode,
                task=task.to_dict(),
            )  # fmt: skip
            yield GameTasks(data, config.task)


class PlayConfig(EnvConfig):
    """The one seat: a plain chat on this machine, which runs no code of the model."""

    player: AgentConfig = AgentConfig(runtime=vf.SubprocessConfig())


class Play(vf.Env[PlayConfig]):  # type: ignore[name-defined]
    """An episode: replies are actions, observations come back, the verdict's score is the reward."""

    async def run(self, task: Any, agents: Any) -> None:
        """Play the task to its end, or until the model's own limits end it: then it scores 0."""
        given = Task.from_dict(task.data.task)
        env = env_class(given.env)(level=max(1, given.level), mode=task.data.mode)
        env.reset(options={"task": given})
        reward, over, info = 0.0, False, dict[str, Any]()
        async with agents.player.interaction(task) as interaction:
            segment = await interaction.turn()
            while not segment.terminated:
                observation, reward, terminated, truncated, info = env.step(segment.last_reply)
                over = terminated or truncated
                if over:
                    break
                segment = await interaction.turn(observation)
        trace = interaction.trace
        trace.record_reward("score", reward if over else 0.0, 1.0)
        for name in ("steps", "illegal"):
            trace.record_metric(name, float(info.get(name, 0)))
        trace.info["verdict"] = info["verdict"] if over else None


class Chat(vf.Harness[vf.HarnessConfig]):  # type: ignore[name-defined]
    """One completion a turn over the whole conversation; no tools, no program, no sandbox."""

    APPENDS_SYSTEM_PROMPT = True
    SUPPORTS_RESUME = True
    EXECUTES_CODE = False
    NEEDS_CONTAINER = False

    async def launch(
        self, ctx: Any, trace: Any, runtime: Any, endpoint: str, secret: str, mcp_urls: Any, data: Any
    ) -> Any:
        """Ask for the next reply; the conversation so far is the task's prompt."""
        system, prompt = self.resolve_prompt(data)
        messages = [{"role": "system", "content": system}] if system else []
        if isinstance(prompt, str):
            messages.append({"role": "user", "content": prompt})
        else:
            messages += [dialect.message_to_wire(message) for message in prompt or ()]
        async with openai.AsyncOpenAI(base_url=endpoint, api_key=secret) as client:
            await client.chat.completions.create(model=ctx.model, messages=messages)
        return vf.ProgramResult(exit_code=0, stdout="", stderr="")


def load_environment(env: str, **settings: Any) -> Any:
    """One of our environments as one of theirs; `settings` are those of `GamesConfig`."""
    return vf.load_environment(vf.resolve_env_config({"taskset": {"id": ID, "env": env, **settings}}))
