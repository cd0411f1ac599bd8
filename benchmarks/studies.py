"""Carries studies in full and writes their tables and plots into docs/studies.

    python benchmarks/studies.py [NAME ...] [--from DIR]

With a name it carries that study in `runs/study-NAME` (or DIR; what is finished there is not measured again), keeps its
record in docs/data/studies and lays out its page. Without one it lays out every page anew from the kept records.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from _tables import ROOT, write_between

from esreason.report.sheet import sheets_markdown
from esreason.studies.bench import Bench
from esreason.studies.study import carry, default_model, draw, read_record, study

RECORDS = ROOT / "docs" / "data" / "studies"
PAGES = ROOT / "docs" / "studies"


def publish(record: dict[str, Any]) -> None:
    """The plots, and the generated part of a study's page."""
    name, chosen = record["study"], study(record["study"])
    draw(chosen, record["rows"], PAGES / "plots", prefix=f"{name}-")
    settings = ", ".join(f"{key} {json.dumps(value)}" for key, value in record["settings"].items())
    versions = ", ".join(f"{package} {release}" for package, release in record["versions"].items())
    plots = "\n".join(f"![{plot}](plots/{name}-{plot}.svg)" for plot in chosen.plots(record["rows"]))
    text = (
        f"`esreason study {name}`, {record['date']}; {record['machine']}; "
        f"{versions}; model {record['model']}; settings: {settings}.\n\n"
        f"{sheets_markdown(chosen.sheets(record['rows']))}\n\n{plots}"
    )
    write_between(PAGES / f"{name}.md", "figures", text, f"`esreason study {name}`")


def main() -> None:
    """Carry what is named, lay out what is kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--from", dest="folder", type=Path)
    options = parser.parse_args()
    for name in options.names:
        folder = options.folder or ROOT / "runs" / f"study-{name}"
        bench = Bench(folder, default_model(name, quick=False), tell=lambda text: print(text, file=sys.stderr))
        record = carry(name, bench)
        RECORDS.mkdir(parents=True, exist_ok=True)
        (RECORDS / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    for path in sorted(RECORDS.glob("*.json")):
        publish(read_record(path))


if __name__ == "__main__":
    main()
