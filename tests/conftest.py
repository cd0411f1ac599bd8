"""Settings every test runs under, and the reasons why a machine skips some of them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

# Before anything imports a numerical library: one thread a process, and no model hub.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ.pop("COLUMNS", None)

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
REAL_MODEL = ROOT / ".models" / "smollm2-135m"

# Machines that run tests are shared and slow: time is no property. CI draws the same examples every time.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def _has_gpu() -> bool:
    if find_spec("torch") is None:
        return False
    import torch

    return torch.cuda.is_available()


def _obstacle(marker: str) -> str | None:
    """Return why tests with this marker cannot run here, None if they can."""
    if marker == "vllm" and find_spec("vllm") is None:
        return "vLLM is not installed here (make test-vllm)"
    if marker == "ray" and find_spec("ray") is None:
        return "Ray is not installed here (pip install 'esreason[ray]')"
    if marker == "gpu" and not _has_gpu():
        return "no CUDA device"
    if marker == "browser" and not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        return "no Chromium is installed here"
    if marker == "real_model" and not (REAL_MODEL / "config.json").is_file():
        return "the real model is not here (make real-model)"
    return None


def _missing(marks: Iterable[pytest.Mark], installed: set[str]) -> str | None:
    """Return which package of another project, named by a test's marker `peers`, is not installed here."""
    missing = sorted({name for mark in marks for name in mark.args} - installed)
    return f"{missing[0]} is not installed here (make test or make test-adapters)" if missing else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with its reason, each test whose marker names something this machine lacks."""
    obstacles = {marker: _obstacle(marker) for marker in ("vllm", "ray", "gpu", "browser", "real_model")}
    installed = {re.sub("[-_.]+", "-", str(found.metadata["Name"])).lower() for found in distributions()}
    for item in items:
        if missing := _missing(item.iter_markers("peers"), installed):
            item.add_marker(pytest.mark.skip(reason=missing))
        for marker, reason in obstacles.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def real_model() -> Path:
    """The directory of the converted real model (tests that use it carry the marker real_model)."""
    return REAL_MODEL
