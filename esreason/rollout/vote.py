"""A policy that is several members: each turn's action is what most of them say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from esreason.core.seeding import digest
from esreason.engines.base import Completion, Policy, Request
from esreason.es.noise import Member


class Vote:
    """Implements `Policy` by majority vote of `voters`, stripped texts compared; the earlier voter wins a tie.

    All voters see the same history, that of the actions which were played. Tokens are the sum over voters.
    """

    def __init__(self, engine: Policy, voters: Sequence[Member]) -> None:
        if not voters:
            raise ValueError("a vote needs at least one voter")
        self._engine = engine
        self._voters = tuple(voters)
        self.capacity, self.chat, self.context = 1, engine.chat, engine.context
        size = engine.capacity
        self._benches = [self._voters[k : k + size] for k in range(0, len(self._voters), size)]

    def load(self, members: Sequence[Member], episodes: int) -> None:
        """Make the voters resident, whoever `members` names, if the engine holds them all at once."""
        self._episodes = episodes
        if len(self._benches) == 1:
            self._engine.load(self._voters, episodes)

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """The majority's completion of every request."""
        ballots: list[list[Completion]] = [[] for _ in requests]
        for number, bench in enumerate(self._benches):
            if len(self._benches) > 1:
                self._engine.load(bench, self._episodes)
            asked = [
                self._as(request, voter, number * self._engine.capacity + voter)
                for request in requests
                for voter in range(len(bench))
            ]
            replies = iter(self._engine.generate(asked))
            for ballot in ballots:
                ballot += [next(replies) for _ in bench]
        return [majority(ballot) for ballot in ballots]

    def _as(self, request: Request, member: int, voter: int) -> Request:
        sampling = request.sampling
        if sampling.temperature > 0:
            draw = digest("voter", sampling.seed, voter, size=8)
            sampling = replace(sampling, seed=int.from_bytes(draw, "big") >> 1)
        return replace(request, member=member, sampling=sampling)


def majority(ballot: Sequence[Completion]) -> Completion:
    """The first completion whose text occurs most often, with the tokens of all."""
    votes = Counter(completion.text.strip() for completion in ballot)
    most = max(votes.values())
    chosen = next(completion for completion in ballot if votes[completion.text.strip()] == most)
    return replace(chosen, tokens_in=sum(c.tokens_in for c in ballot), tokens_out=sum(c.tokens_out for c in ballot))
