"""What a study is, and how one is carried from its settings to its record, tables and plots."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from esreason.core.errors import RunError, UnknownNameError
from esreason.core.files import replace_file
from esreason.core.machine import machine, releases
from esreason.models import bundled_for
from esreason.report.plots import save
from esreason.report.sheet import Sheet, sheets_markdown
from esreason.studies import STUDIES
from esreason.studies.bench import Bench, Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCHEMA = "esreason.study/1"
PACKAGES = ("esreason", "torch", "transformers", "numpy", "trl", "accelerate", "datasets")


class Study(Protocol):
    """A module `esreason/studies/<name>.py`: it measures rows, and lays them out as sheets and plots.

    A row is flat JSON data. `sheets` and `plots` are functions of the rows alone, so that a page of the docs can be
    laid out anew without measuring anything.
    """

    def settings(self, quick: bool) -> dict[str, Any]:
        """What is measured: environments, seeds, budgets; `quick` is small enough for a CI job of three minutes."""

    def measure(self, bench: Bench, settings: Mapping[str, Any]) -> list[Row]:
        """The rows; everything that takes time goes through `bench`, which does nothing twice."""

    def sheets(self, rows: Sequence[Row]) -> list[Sheet]:
        """The tables, every mean with its interval."""

    def plots(self, rows: Sequence[Row]) -> dict[str, Figure]:
        """The plots by name; matplotlib is imported inside."""


def study(name: str) -> Study:
    """The study of a name; UnknownNameError suggests the nearest."""
    if name not in STUDIES:
        raise UnknownNameError("study", name, STUDIES)
    return cast(Study, import_module(f"esreason.studies.{name.replace('-', '_')}"))


def default_model(name: str, quick: bool) -> str:
    """The bundled model that plays the environments a study's settings name."""
    settings = study(name).settings(quick)
    named = [settings[key] for key in ("env", "unseen") if key in settings]
    return bundled_for(",".join([*named, *settings.get("envs", ())]))


def carry(name: str, bench: Bench, seeds: int | None = None) -> dict[str, Any]:
    """Carry a study's folder to its record, tables and plots, doing only what is missing; returns the record."""
    chosen, began = study(name), time.monotonic()
    settings = chosen.settings(bench.quick)
    if seeds is not None:
        settings["seeds"] = seeds
    bench.out.mkdir(parents=True, exist_ok=True)
    rows = chosen.measure(bench, settings)
    record = {
        "schema": SCHEMA, "study": name, "claim": STUDIES[name], "quick": bench.quick, "model": str(bench.model),
        "settings": settings, "rows": rows, "date": date.today().isoformat(), "machine": machine(),
        "versions": releases(*PACKAGES), "seconds": round(time.monotonic() - began, 1),  # of the last call alone
    }  # fmt: skip
    path = bench.out / "record.json"
    old = read_record(path) if path.is_file() else {}
    if all(old.get(part) == record[part] for part in ("settings", "model", "rows", "versions")):
        record = old  # nothing was measured, so the day and the seconds are those of the measurement
    replace_file(path, (json.dumps(record, indent=1, allow_nan=False) + "\n").encode())
    replace_file(bench.out / "table.md", (sheets_markdown(chosen.sheets(rows)) + "\n").encode())
    bench.tell(draw(chosen, rows, bench.out / "plots"))
    return record


def draw(chosen: Study, rows: Sequence[Row], folder: Path, prefix: str = "") -> str:
    """Write the plots as SVG; one sentence on what was written, or on how to get plots."""
    try:
        figures = chosen.plots(rows)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] != "matplotlib":
            raise
        return "No plots were drawn: pip install 'esreason[plots]', then repeat the command."
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        save(figure, folder / f"{prefix}{name}.svg")
    return f"The plots are in {folder}: {', '.join(figures)}."


def read_record(path: Path) -> dict[str, Any]:
    """A study's record; RunError if the file is none."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"{path} cannot be read as a study's record: {type(error).__name__}.") from None
    if not isinstance(record, dict) or record.get("schema") != SCHEMA or record.get("study") not in STUDIES:
        raise RunError(f"{path} is not the record of a study of this version ({SCHEMA}).")
    return record
