"""Measures the memory of a model by width, and writes the table in docs/quantised.md.

    python benchmarks/quantised.py [--model DIR]

Each width has a process of its own. `weights` is every tensor of the centre, residuals included. `loaded` is what the
process's own memory (pages of files apart) grew by when the model was opened, `at work` by how much it was larger after
the centre and one member of a population had answered four requests each.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from _tables import ROOT, machine, table, write_between

from esreason.engines.base import Request, Sampling
from esreason.engines.torch_engine import TorchEngine
from esreason.es.lattice import Lattice
from esreason.es.noise import CENTRE, Member, Noise
from esreason.es.update_lattice import LatticeCentre
from esreason.models import SPROUT

WIDTHS: dict[str, dict[str, Any] | None] = {
    "float32": None,
    "int8": {"width": "int8", "residual": "replay", "start": "zero"},
    "int4": {"width": "int4", "residual": "replay", "start": "zero"},
    "int4, residual kept": {"width": "int4", "residual": "full"},
}
MODEL = ROOT / ".models" / "smollm2-135m"


def resident(field: str) -> float:
    """A line of this process's status in MB; `RssAnon` is its own memory, without pages of files."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def play(engine: TorchEngine) -> None:
    """Four short answers by the centre, and by one member."""
    for member in (CENTRE, Member(5, 0.001)):
        engine.load([member], 4)
        engine.generate([Request(0, k, f"Sort 3 {k} 2: ", Sampling(4, stop="")) for k in range(4)])


def opened(model: str, width: str) -> TorchEngine:
    """The model at a width."""
    settings = WIDTHS[width]
    return TorchEngine(model, noise=Noise("dense"), lattice=Lattice(**settings) if settings else None)


def measured(model: str, width: str) -> dict[str, float]:
    """The figures of one width, in MB and bytes a weight; imports are made on the bundled model first."""
    play(opened(str(SPROUT), width))
    gc.collect()
    own = resident("RssAnon")
    engine = opened(model, width)
    gc.collect()
    loaded = resident("RssAnon") - own
    play(engine)
    work = resident("RssAnon") - own
    centre = engine.centre
    held = sum(tensor.nbytes for tensor in centre.parameters.values())
    linear = sum(centre.parameters[name].nbytes for name in engine.checkpoint.linears if name in centre.parameters)
    if isinstance(centre, LatticeCentre):
        linear = sum(matrix.nbytes for matrix in centre.matrices.values())
        linear += sum(residual.nbytes for residual in centre.residuals.values())
        held += linear
    count = sum(rows * columns for rows, columns in (centre.shapes[name] for name in engine.checkpoint.linears))
    return {
        "bytes": linear / count, "held": held / 2**20, "loaded": loaded, "work": work,
        "linear": count / 1e6, "parameters": centre.size / 1e6,
    }  # fmt: skip


def main() -> None:
    """Measure every width in a process of its own, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=str(MODEL))
    parser.add_argument("--width", choices=WIDTHS, help="print the figures of one width as JSON")
    options = parser.parse_args()
    if options.width:
        print(json.dumps(measured(options.model, options.width)))
        return
    rows = []
    for width in WIDTHS:
        command = [sys.executable, __file__, "--model", options.model, "--width", width]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        figures = json.loads(done.stdout.splitlines()[-1])
        cells = [f"{figures[name]:.0f}" for name in ("held", "loaded", "work")]
        rows.append((width, f"{figures['bytes']:.3f}", *cells))
        print(rows[-1], file=sys.stderr)
    heads = ("width", "bytes a weight of a linear layer", "weights, MB", "loaded, MB", "at work, MB")
    text = (
        f"{Path(options.model).name}: {figures['parameters']:.0f} M parameters, {figures['linear']:.0f} M of them in "
        f"linear layers. One run each on {machine()}, by `python benchmarks/quantised.py`.\n\n{table(heads, rows)}"
    )
    write_between(ROOT / "docs" / "quantised.md", "memory", text, "Training in quantised space")


if __name__ == "__main__":
    main()
