"""Where a study's work is done: runs and rows by name, each done once and kept in the study's folder."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esreason.core.errors import RunError, UsageError
from esreason.core.files import replace_file
from esreason.es.config import RunConfig, make_config
from esreason.es.folder import RunFolder
from esreason.es.trainer import Trainer
from esreason.executors.pool import pool

Row = dict[str, Any]
WEIGHTS = "model.safetensors"
"""The file of a model's directory that is written last."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def silent(text: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A study's folder and how its work is done.

    `model` is a directory, a hub id or a bundled model's name; `workers` processes play (0: one a core);
    `tell` hears a sentence as each piece is done.
    """

    out: Path
    model: str = "sprout"
    quick: bool = False
    workers: int = 0
    tell: Callable[[str], None] = silent

    def run(self, name: str, **settings: Any) -> Row:
        """The result of the run `runs/<name>` with these options of `esreason run`.

        A finished one is read, an unfinished one goes on where it stopped, and `esreason submit` takes either.
        UsageError if the folder holds a run with other options.
        """
        config = make_config({"model": self.model, **settings})
        folder = RunFolder(self._place("runs", name))
        if not folder.config_path.is_file():
            if folder.path.exists():
                shutil.rmtree(folder.path)  # a crash before the first file: no run yet
            folder = RunFolder.create(folder.path, config)
        elif folder.config() != config:
            raise self._other(folder.path)
        if folder.result_path.is_file():
            return folder.result()
        return self._carry(name, folder, config)

    def _carry(self, name: str, folder: RunFolder, config: RunConfig) -> Row:
        with folder.lock(), pool(config, self.workers) as executor:
            result = Trainer(folder, executor).run()
        base, tuned = result["base"]["score"], result["tuned"]["score"]
        self.tell(f"{name}: {100 * base:.1f} % -> {100 * tuned:.1f} % in {result['seconds']:.0f} s")
        return result

    def row(
        self, name: str, settings: Mapping[str, Any], measure: Callable[[], Row], leaves: Path | None = None
    ) -> Row:
        """What `measure` returned for these settings, kept as `rows/<name>.json`; measured if it is not there yet.

        `leaves` is a file that it makes and later pieces read: without it, it is measured again. UsageError if the row
        holds a measurement with other settings.
        """
        path = self._place("rows", f"{name}.json")
        key = json.loads(json.dumps({"model": self.model, **settings}))
        if path.is_file():
            kept = _read(path)
            if kept["settings"] != key:
                raise self._other(path)
            if leaves is None or leaves.is_file():
                return dict(kept["row"])
        row = json.loads(json.dumps(measure(), allow_nan=False))
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, (json.dumps({"settings": key, "row": row}, indent=1) + "\n").encode())
        self.tell(f"{name}: done")
        return dict(row)

    def _place(self, kind: str, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"a piece of a study is named by letters, digits, dots and dashes, not {name!r}")
        return self.out / kind / name

    def _other(self, path: Path) -> UsageError:
        return UsageError(f"{path} holds a measurement with other settings: choose another --out, or remove it.")


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        kept = None
    if not (isinstance(kept, dict) and isinstance(kept.get("settings"), dict) and isinstance(kept.get("row"), dict)):
        raise RunError(f"{path} is not a kept measurement: remove it to measure again.")
    return kept
