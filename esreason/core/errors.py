"""The exception tree.

EsreasonError                one sentence for the user; exit code 1
├── UsageError               the call was wrong; exit code 2
│   └── UnknownNameError     no such environment, verifier, strategy, run, ...; suggests the nearest
├── ModelError               a model directory is missing, damaged or unfit
├── RunError                 a run folder is missing, damaged, of another version, or cannot be written
├── SubmissionError          a submission differs from its replay
├── Unsolved                 the solver has no answer to a task that somebody else made
├── TaskSpaceError           no task of the wanted split was found
└── ContractError            an environment or verifier breaks its contract
IllegalAction                an action against the rules of a puzzle; never leaves an environment
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class EsreasonError(Exception):
    """An error whose text is meant for the user."""

    exit_code = 1


class UsageError(EsreasonError, ValueError):
    """The call was wrong."""

    exit_code = 2


class UnknownNameError(UsageError, KeyError):
    """A name that is not registered."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        shown = name if len(name) <= 60 else name[:57] + "..."
        near = difflib.get_close_matches(name[:60], sorted(known), n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        self.sentence = f"There is no {kind} named {shown!r}{hint}"
        super().__init__(self.sentence)

    def __str__(self) -> str:  # KeyError would show the repr
        return self.sentence


class ModelError(EsreasonError):
    """A model cannot be used."""


class RunError(EsreasonError):
    """A run folder cannot be used."""


class SubmissionError(EsreasonError):
    """A submission was refused."""


class Unsolved(EsreasonError, ValueError):
    """There is no solution, or none was found."""


class TaskSpaceError(EsreasonError):
    """The task space of a level is too small for the wanted split."""


class ContractError(EsreasonError, AssertionError):
    """An environment or a verifier breaks its contract."""


class IllegalAction(Exception):
    """An action against the rules; its text is the one sentence that the player reads."""
