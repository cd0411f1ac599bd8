"""Other projects' packages, or one sentence on how to get them."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from esreason.core.errors import UsageError

CHECKOUT = Path(__file__).resolve().parents[2]
"""Where a plain checkout keeps a folder `verifiers`, which must not hide another project's package of that name."""


def package(name: str, extra: str) -> Any:
    """An installed package's module by name; UsageError if it is missing.

    Anything else that goes wrong while it is imported is raised as it is.
    """
    top = name.partition(".")[0]
    loaded = sys.modules.get(top)
    if loaded is not None and _ours(loaded):
        raise UsageError(f"{top} is imported already and is a folder of this checkout: start Python elsewhere")
    path = sys.path[:]
    sys.path[:] = [entry for entry in path if Path(entry or ".").resolve() != CHECKOUT]
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != top:
            raise
        raise UsageError(f"{top} is not installed: pip install 'esreason[{extra}]'") from None
    finally:
        sys.path[:] = path


def _ours(module: Any) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).resolve().parent.parent == CHECKOUT
