"""What an engine remembers of an episode between turns: its token ids, the text they stand for, its cache slot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from esreason.core.errors import ModelError
from esreason.engines.base import Completion, Request, Sampling
from esreason.engines.torch_text import Text


@dataclass(slots=True, eq=False)
class Row:
    """One episode of one member.

    `ids` stand for `text`; `computed` are the ids whose keys and values lie in the cache slot. `tail` closed the
    last completion (an end token or the stop string) and stands for `tail_text` if the next prompt goes on with it.
    """

    member: int
    slot: int = -1
    ids: list[int] = field(default_factory=list)
    text: str = ""
    tail: list[int] = field(default_factory=list)
    tail_text: str = ""
    computed: list[int] = field(default_factory=list)

    def prompt(self, rendered: str, raw: bool, text: Text) -> list[int]:
        """Token ids of a prompt: what was generated keeps its ids, only the text after it is encoded."""
        if not self.text or not rendered.startswith(self.text):
            return list(text.encode(rendered, first=raw))
        ids, rest = self.ids, rendered[len(self.text) :]
        if self.tail and rest.startswith(self.tail_text):
            ids, rest = ids + self.tail, rest[len(self.tail_text) :]
        return ids + list(text.encode(rest, first=False)) if rest else list(ids)


@dataclass(slots=True, eq=False)
class Turn:
    """One completion in the making: the row, its prompt ids and what came out so far."""

    row: Row
    rendered: str
    prompt: list[int]
    sampling: Sampling
    limit: int
    start: int = 0
    new: list[int] = field(default_factory=list)
    finish: str = ""

    @property
    def chunk(self) -> int:
        """Prompt tokens that are not in the cache."""
        return len(self.prompt) - self.start

    def take(self, token: int, may_end: bool, text: Text) -> None:
        """Add a generated token; sets `finish` if the completion has ended."""
        self.new.append(token)
        if may_end and (token in text.ends or self._stopped(text)):
            self.finish = "stop"
        elif len(self.new) >= self.limit:
            self.finish = "length"

    def _stopped(self, text: Text) -> bool:
        return bool(self.sampling.stop) and self.sampling.stop in text.decode(self.new)

    def close(self, text: Text) -> str:
        """The completion's text; the row remembers prompt and completion."""
        new, stop, row = self.new, self.sampling.stop, self.row
        row.computed = self.prompt + new[:-1]
        row.tail, row.tail_text = [], ""
        if self.finish == "stop" and new[-1] in text.ends:
            kept, said = new[:-1], text.decode(new[:-1])
            row.tail, row.tail_text = [new[-1]], text.literal(new[-1])
            answer = said
        else:
            whole = text.decode(new)
            answer = whole.split(stop, 1)[0] if stop and self.finish == "stop" else whole
            kept, said = _kept(new, answer, whole, text)
            if answer != whole and said == answer and whole == answer + stop:
                row.tail, row.tail_text = new[len(kept) :], stop
        row.ids, row.text = self.prompt + kept, self.rendered + said
        return answer


class Desk:
    """The episodes of a unit of `members` members: requests become turns, finished turns completions.

    `keeps` says whether an episode's cache lasts from one turn to the next.
    """

    def __init__(self, text: Text, context: int, members: int, keeps: bool) -> None:
        self.rows: dict[tuple[int, int], Row] = {}
        self._text = text
        self._context = context
        self._members = members
        self._keeps = keeps
        text.forget()

    def open(self, request: Request) -> Turn:
        """The turn of a request; its `limit` is 0 where the history has outgrown the context."""
        if not 0 <= request.member < self._members:
            raise ValueError(f"there is no member {request.member} in a unit of {self._members}")
        row = self.rows.setdefault((request.member, request.episode), Row(request.member))
        rendered = self._text.render(request.prompt)
        prompt = row.prompt(rendered, isinstance(request.prompt, str), self._text)
        if not prompt:
            raise ModelError("An empty prompt cannot be continued; this tokenizer puts nothing before a text.")
        limit = min(request.sampling.max_tokens, self._context - len(prompt))
        if limit < 1 and not row.text:
            raise ModelError(
                f"The prompt has {len(prompt)} tokens, which does not fit the model's context of {self._context}."
            )
        start = min(common(prompt, row.computed), len(prompt) - 1) if self._keeps else 0
        return Turn(row, rendered, prompt, request.sampling, max(limit, 0), start)

    def close(self, turn: Turn) -> Completion:
        """The completion of a turn that has been run, or that had no room to run."""
        if turn.limit < 1:
            return Completion("", 0, 0, "length")
        finish: Literal["stop", "length"] = "stop" if turn.finish == "stop" else "length"
        return Completion(turn.close(self._text), turn.chunk, len(turn.new), finish, tuple(turn.new))


def _kept(new: list[int], answer: str, whole: str, text: Text) -> tuple[list[int], str]:
    """The longest start of the generated ids that says no more than the answer, and what it says."""
    if answer == whole:
        return new, whole
    for count in range(len(new) - 1, 0, -1):
        said = text.decode(new[:count])
        if len(said) <= len(answer) and answer.startswith(said):
            return new[:count], said
    return [], ""


def common(left: Sequence[int], right: Sequence[int]) -> int:
    """Length of the common start of two sequences."""
    size = min(len(left), len(right))
    if left[:size] == right[:size]:
        return size
    low, high = 0, size  # left[:low] == right[:low], left[:high] != right[:high]
    while high - low > 1:
        middle = (low + high) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle
    return low
