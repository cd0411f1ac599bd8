"""The next token of each row: the most likely one, or a draw that depends on the row's own seed and position only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from esreason.engines.torch_rows import Turn
from esreason.engines.torch_text import Text


def choose(logits: torch.Tensor, turns: Sequence[Turn], text: Text) -> torch.Tensor:
    """Token ids [rows] from logits [rows, vocabulary], added to the turns that have not ended."""
    tokens = _pick(logits, turns)
    masks = {stop: text.stopping(stop) for stop in {turn.sampling.stop for turn in turns}}
    here = tokens.cpu()
    may_end = {stop: mask[here].tolist() for stop, mask in masks.items()}
    for i, (turn, token) in enumerate(zip(turns, here.tolist(), strict=True)):
        if not turn.finish:
            turn.take(token, may_end[turn.sampling.stop][i], text)
    return tokens


def _pick(logits: torch.Tensor, turns: Sequence[Turn]) -> torch.Tensor:
    tokens = logits.argmax(-1)
    drawn = [(i, turn) for i, turn in enumerate(turns) if turn.sampling.temperature > 0]
    if drawn:
        index = torch.tensor([i for i, _ in drawn], device=logits.device)
        tokens[index] = _draw(logits[index], [turn for _, turn in drawn])
    return tokens


def _draw(logits: torch.Tensor, turns: Sequence[Turn]) -> torch.Tensor:
    """Draws by inverse transform, in float64: a row's outcome is fixed by its logits and one uniform number."""
    heat = torch.tensor([turn.sampling.temperature for turn in turns], dtype=torch.float64, device=logits.device)
    shares = torch.softmax(logits.double() / heat.unsqueeze(1), -1)
    # The order in which a GPU adds up a row is not fixed; whole numbers of 2**-52 have the same sums in any.
    sums = shares.cumsum(-1) if shares.device.type == "cpu" else shares.mul_(2.0**52).long().cumsum(-1).double()
    uniform = torch.tensor([_uniform(turn) for turn in turns], dtype=torch.float64, device=logits.device)
    goal = uniform.unsqueeze(1) * sums[:, -1:]
    return torch.searchsorted(sums, goal, right=True).squeeze(1).clamp_(max=logits.shape[1] - 1)


def _uniform(turn: Turn) -> float:
    """The number in [0, 1) of (the episode's seed, the position in its text)."""
    position = len(turn.prompt) + len(turn.new)
    key = turn.sampling.seed % 2**64
    word = int(np.random.Philox(key=key, counter=position).random_raw())
    return (word >> 11) * 2.0**-53
