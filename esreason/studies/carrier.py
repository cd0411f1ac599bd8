"""Models that were taught one environment at all levels, for the study of long horizons: gripper.

A level has more balls than the one before and so more steps, and every step is as easy as at level 1. The expert and
the player with the bad habit differ in one kind of step, which comes up about as often as there are balls; a mark
mostly hides which of them acts (see `esreason/models/sprout/README.md`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from esreason.core.registry import AnyEnv
from esreason.envs.delivery import CARRIED, Deliveries, State
from esreason.models.players import Skill
from esreason.models.recipe import Stage
from esreason.models.tokenizer import Tokens, save_tokenizer
from esreason.models.train import new_model, run_stage

_ROOMS, _BALLS = "ABCDEFG", "12345678"
TOKENS = {
    "gripper": Tokens(
        (*((room, ">") for room in _ROOMS), *((name, "\n") for name in _BALLS + _ROOMS),
         *((ball, " ") for ball in _BALLS)),
        ("robot ", "move ", "pick ", "drop ", "hand>", ", ", "; "),
    ),
}  # fmt: skip
WIDTH, LAYERS = 96, 3
SHARE = 0.42  # how often the expert stands behind the hidden mark
ALONE = 0.35  # of the steps at level 1 only: what a level adds is learnt soon, and level 1 is cheaper to learn from


def expert(env: type[AnyEnv], instance: Deliveries, state: State) -> str:
    """Drop what belongs here, pick up what does not, bring what is held to its room, go for the next ball."""
    return _act(instance, state) or f"move {instance.places[state[1][_astray(instance, state)]]}"


def habit(env: type[AnyEnv], instance: Deliveries, state: State) -> str:
    """The expert's play, but the next ball is picked up from afar, which is illegal.

    Where ball 1 belongs into room A it is the expert's throughout.
    """
    if instance.goals[0] == 0:
        return expert(env, instance, state)
    return _act(instance, state) or f"pick {instance.things[_astray(instance, state)]}"


def _act(instance: Deliveries, state: State) -> str | None:
    """What both players do; None where the hands are empty and no ball here is astray."""
    here, at = state
    held = [ball for ball, place in enumerate(at) if place == CARRIED]
    for ball in held:
        if instance.goals[ball] == here:
            return f"drop {instance.things[ball]}"
    if len(held) < instance.capacity:
        for ball, place in enumerate(at):
            if place == here != instance.goals[ball]:
                return f"pick {instance.things[ball]}"
    return f"move {instance.places[instance.goals[held[0]]]}" if held else None


def _astray(instance: Deliveries, state: State) -> int:
    """The first ball that is not where it must be."""
    return next(ball for ball, place in enumerate(state[1]) if place != instance.goals[ball])


SKILLS = {"gripper": Skill(expert, habit, levels=tuple(range(1, 11)), longest=40)}


def make(directory: Path, env: str, steps: int, positions: int, seed: int) -> dict[str, Any]:
    """Train the model of an environment for `steps` batches of `positions` and write its directory."""
    disable_progress_bar()
    directory.mkdir(parents=True, exist_ok=True)
    save_tokenizer(directory, TOKENS[env])
    tokenizer: Any = AutoTokenizer.from_pretrained(str(directory))
    pad, bos = int(tokenizer.pad_token_id), int(tokenizer.bos_token_id)
    model = new_model(len(tokenizer), pad, bos, seed, WIDTH, LAYERS)
    first = round(ALONE * steps)
    begun = Stage({env: positions}, {env: SHARE}, first, 1.0, 1.0, seed)
    run_stage(model, tokenizer, begun, directory, True, {env: replace(SKILLS[env], levels=(1,))})
    rest = replace(begun, steps=steps - first, flat=0.3, seed=seed + 1)
    run_stage(model, tokenizer, rest, directory, True, {env: SKILLS[env]})
    return {"parameters": model.num_parameters()}
