"""The machine and what is installed on it: its cores, its name in words, releases, and what is missing."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from esreason.core.errors import UsageError


def machine() -> str:
    """The machine in words, for the line under a table."""
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text(encoding="utf-8").splitlines() if cpus.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def releases(*packages: str) -> dict[str, str]:
    """The installed release of each package; those that are not installed are left out."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def need(what: str, *packages: str, extra: str) -> None:
    """UsageError with the way out if a package that `what` needs is missing: before hours of work, not after them."""
    for package in packages:
        if find_spec(package) is None:
            raise UsageError(f"{what} needs {package}: pip install 'esreason[{extra}]'")


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
