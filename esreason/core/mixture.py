"""Several environments in one run, named by one text: `sudoku,countdown`."""

from __future__ import annotations

from esreason.core.errors import UsageError
from esreason.core.registry import env_class, env_info


def names_in(text: str) -> tuple[str, ...]:
    """The environments that a text names, in its order; an ordinary run names one.

    UnknownNameError for a name that is none, UsageError for one that stands there twice.
    """
    names = tuple(part.strip() for part in text.split(","))
    for place, name in enumerate(names):
        env_info(name)
        if name in names[:place]:
            raise UsageError(f"the environment {name!r} is named twice")
    return names


def label_of(text: str) -> str:
    """A short name for the environments of a run, fit for a folder: `sudoku`, or `sudoku-and-4-more`."""
    first, *others = text.split(",")
    return f"{first.strip()}-and-{len(others)}-more" if others else first


def version_of(text: str) -> int | list[int]:
    """The version of the environment that a text names; a list where it names several."""
    versions = [env_class(name).version for name in names_in(text)]
    return versions if len(versions) > 1 else versions[0]
