"""The batch driver: plays a unit's episodes through an engine, all turns in step unless the engine schedules."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any

from esreason.core.registry import AnyEnv
from esreason.core.seeding import digest
from esreason.core.task import Task
from esreason.core.verdict import reject
from esreason.engines.base import Completion, Policy, Request, Scheduler
from esreason.es.noise import CENTRE
from esreason.rollout.episode import Episode
from esreason.rollout.judgement import question
from esreason.rollout.prompts import Prompt, Prompter, Prompts
from esreason.rollout.unit import Unit
from esreason.rollout.vote import Vote


@dataclass(slots=True)
class _Seat:
    """One episode being played."""

    env: AnyEnv
    prompter: Prompter
    task: Task
    request: Request
    observations: list[str]
    actions: list[str] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    tokens_in: int = 0
    tokens_out: int = 0
    prompts: Any = field(default_factory=hashlib.sha256)
    verdict: dict[str, Any] | None = None
    task_request: Request | None = None
    """While a judgement is asked for: the request that begins the task itself."""

    def episode(self) -> Episode:
        """What was played."""
        assert self.verdict is not None
        return Episode(
            self.task, tuple(self.observations), tuple(self.actions), tuple(self.rewards), self.verdict,
            self.tokens_in, self.tokens_out, self.prompts.hexdigest(),
        )  # fmt: skip


class Driver:
    """Plays units, whatever environments and levels their tasks are of; keeps its environments for the next unit."""

    def __init__(self, prompts: Prompts) -> None:
        self.prompts = prompts
        self._envs: dict[tuple[str, int], list[AnyEnv]] = {}

    def play(self, engine: Policy, unit: Unit) -> list[list[Episode]]:
        """The episodes of a unit, a list a member in the order of its tasks; one list if its members vote."""
        if unit.vote:
            return self.play(Vote(engine, unit.members), replace(unit, members=(CENTRE,), vote=False))
        seats = self.seats(unit)
        engine.load(unit.members, len(unit.tasks))
        live = [seat for row in seats for seat in row]
        if isinstance(engine, Scheduler):
            everyone = tuple(live)
            live = []
            engine.converse(
                [seat.request for seat in everyone],
                lambda number, reply: everyone[number].request if self.advance(everyone[number], reply) else None,
            )
        while live:
            completions = engine.generate([seat.request for seat in live])
            live = [seat for seat, reply in zip(live, completions, strict=True) if self.advance(seat, reply)]
        return [[seat.episode() for seat in row] for row in seats]

    def seats(self, unit: Unit) -> list[list[_Seat]]:
        """The unit's episodes with their first requests, a list a member."""
        taken: dict[tuple[str, int], int] = {}
        return [
            [self._seat(unit, m, t, taken) for t in range(len(unit.tasks))] for m in range(len(unit.members))
        ]  # fmt: skip

    def _env(self, prompter: Prompter, taken: dict[tuple[str, int], int]) -> AnyEnv:
        """An environment that no other seat of the unit has; `taken` counts those that have one."""
        key = prompter.env.name, prompter.level
        kept = self._envs.setdefault(key, [])
        taken[key] = taken.get(key, 0) + 1
        if len(kept) < taken[key]:
            kept.append(prompter.env(level=prompter.level, mode=prompter.mode))
        return kept[taken[key] - 1]

    def _seat(self, unit: Unit, m: int, t: int, taken: dict[tuple[str, int], int]) -> _Seat:
        task = unit.tasks[t]
        prompter, sampling = self.prompts.of(task)
        env = self._env(prompter, taken)
        observation, _ = env.reset(options={"task": task})
        if sampling.temperature > 0:
            draw = digest(unit.sampling, unit.members[m].seed, unit.member + m, unit.task + t, size=8)
            sampling = replace(sampling, seed=int.from_bytes(draw, "big") >> 1)
        request = Request(m, t, prompter.first(observation), sampling)
        seat = _Seat(env, prompter, task, request, [observation])
        if self.prompts.judgement != "none":
            asked = question(self.prompts.judgement, observation)
            seat.observations.insert(0, asked)
            seat.task_request = request
            if self.prompts.judgement_temperature > 0 and unit.members[m] != CENTRE:
                # the same number for all members, so that what they say differs by their weights alone
                draw = digest("judgement", unit.sampling, asked, size=8)
                heat, seed = self.prompts.judgement_temperature, int.from_bytes(draw, "big") >> 1
                sampling = replace(sampling, temperature=heat, seed=seed)
            seat.request = Request(m, t, prompter.meta(asked), self.prompts.meta_sampling(sampling))
        seat.prompts.update(_bytes(seat.request.prompt))
        return seat

    def advance(self, seat: _Seat, reply: Completion) -> bool:
        """Play a reply; whether the episode goes on (its next request then stands in the seat)."""
        seat.tokens_in += reply.tokens_in
        seat.tokens_out += reply.tokens_out
        action = reply.text.strip()
        seat.actions.append(action)
        if seat.task_request is not None:  # a judgement: the environment never hears of it
            seat.rewards.append(0.0)
            seat.request, seat.task_request = seat.task_request, None
            seat.prompts.update(_bytes(seat.request.prompt))
            return True
        try:
            observation, reward, terminated, truncated, info = seat.env.step(action)
        except Exception as error:  # noqa: BLE001  a faulty plug-in costs its episode, never the run
            problem = f"{type(error).__name__} in the environment: {' '.join(str(error).split())[:200]}"
            observation, reward, terminated, truncated = "", 0.0, True, False
            info = {"verdict": reject(problem).to_dict()}
        seat.rewards.append(reward)
        seat.observations.append(observation)
        if terminated or truncated:
            seat.verdict = info["verdict"]
            return False
        prompt = seat.prompter.next(seat.request.prompt, reply.text, observation)
        seat.prompts.update(_bytes(prompt))
        seat.request = replace(seat.request, prompt=prompt)
        return True


def _bytes(prompt: Prompt) -> bytes:
    if isinstance(prompt, str):
        return prompt.encode("utf-8", "surrogatepass")
    return json.dumps([[message.role, message.content] for message in prompt]).encode()
