"""Any other causal language model: the transformers module, written anew for one member after another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from esreason.engines.torch_checkpoint import Checkpoint
from esreason.engines.torch_rows import Turn
from esreason.engines.torch_sampling import choose
from esreason.engines.torch_text import Text
from esreason.engines.torch_written import write
from esreason.es.noise import CENTRE, Member, Noise
from esreason.es.update_centre import Centre


class ModuleRunner:
    """Decodes with the module's own cache, if it has one, which lasts for one turn."""

    keeps = False

    def __init__(
        self, checkpoint: Checkpoint, centre: Centre, noise: Noise, text: Text, dtype: torch.dtype, device: torch.device
    ) -> None:
        self._centre = centre
        self._noise = noise
        self._text = text
        self._device = device
        self._stored = checkpoint.stored
        module: Any = AutoModelForCausalLM.from_config(checkpoint.config, dtype=dtype, trust_remote_code=False)
        self._module = module.to(device).eval()
        self._written: Member | None = None

    def load(self, members: Sequence[Member], episodes: int) -> None:
        """Remember the members."""
        self._members = tuple(members)

    def moved(self) -> None:
        """The centre has moved: what is written is out of date."""
        self._written = None

    def run(self, turns: list[Turn]) -> None:
        """Complete every turn, member by member; prompts of equal length together, so that none is padded."""
        turns.sort(key=lambda turn: (turn.row.member, len(turn.prompt)))
        for (member, _), alike in groupby(turns, key=lambda turn: (turn.row.member, len(turn.prompt))):
            self._write(self._members[member])
            self._complete(list(alike))

    def _write(self, member: Member) -> None:
        member = member if member.amplitude else CENTRE
        if member == self._written:
            return
        self._written = None
        for name, parameter in self._module.named_parameters():
            write(self._centre, self._stored[name], member, self._noise, parameter.data)
        self._written = member

    def _complete(self, turns: list[Turn]) -> None:
        tokens = torch.tensor([turn.prompt for turn in turns], device=self._device)
        past = None
        while True:
            out = self._module(input_ids=tokens, past_key_values=past, use_cache=True, logits_to_keep=1)
            past = getattr(out, "past_key_values", None)
            new = choose(out.logits[:, -1], turns, self._text).view(-1, 1)
            if all(turn.finish for turn in turns):
                return
            # Models of another kind of state (Mamba) hand over no such cache, and read everything anew.
            tokens = new if past is not None else torch.cat([tokens, new], 1)
