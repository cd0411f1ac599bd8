"""Measures the memory of a model by width, and writes the table in docs/quantised.md.

    python benchmarks/quantised.py [--model DIR]

Each width has a process of its own. `weights` is what the engine holds of the model: every tensor of the centre, its
residuals, and what the decoder keeps besides. `resident` is the process's memory beyond what the imports took: after
loading, and at its highest while the centre and one member of a population answer four requests.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from _tables import ROOT, machine, table, write_between

WIDTHS: dict[str, dict[str, Any] | None] = {
    "float32": None,
    "int8": {"width": "int8", "residual": "replay", "start": "zero"},
    "int4": {"width": "int4", "residual": "replay", "start": "zero"},
    "int4, residual kept": {"width": "int4", "residual": "full"},
}
MODEL = ROOT / ".models" / "smollm2-135m"


def resident(field: str) -> float:
    """This process's memory in MB: `VmRSS` now, `VmHWM` at its highest."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def measured(model: str, width: str) -> dict[str, float]:
    """The figures of one width, in MB and bytes a weight."""
    from esreason.engines.base import Request, Sampling
    from esreason.engines.torch_engine import TorchEngine
    from esreason.es.lattice import Lattice
    from esreason.es.noise import CENTRE, Member, Noise
    from esreason.es.update_lattice import LatticeCentre

    settings, before = WIDTHS[width], resident("VmRSS")
    engine = TorchEngine(model, noise=Noise("dense"), lattice=Lattice(**settings) if settings else None)
    loaded = resident("VmRSS") - before
    centre = engine.centre
    held = sum(tensor.nbytes for tensor in centre.parameters.values())
    linear = sum(centre.parameters[name].nbytes for name in engine.checkpoint.linears if name in centre.parameters)
    if isinstance(centre, LatticeCentre):
        linear = sum(matrix.nbytes for matrix in centre.matrices.values())
        residuals = sum(residual.nbytes for residual in centre.residuals.values())
        linear, held = linear + residuals, held + linear + residuals
    count = sum(rows * columns for rows, columns in (centre.shapes[name] for name in engine.checkpoint.linears))
    for member in (CENTRE, Member(5, 0.001)):
        engine.load([member], 4)
        engine.generate([Request(0, k, f"Sort 3 {k} 2: ", Sampling(4, stop="")) for k in range(4)])
    return {
        "bytes": linear / count, "held": held / 2**20, "loaded": loaded, "peak": resident("VmHWM") - before,
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
        cells = [f"{figures[name]:.0f}" for name in ("held", "loaded", "peak")]
        rows.append((width, f"{figures['bytes']:.3f}", *cells))
        print(rows[-1], file=sys.stderr)
    heads = ("width", "bytes a weight of a linear layer", "weights, MB", "resident, MB", "peak, MB")
    text = (
        f"{Path(options.model).name}: {figures['parameters']:.0f} M parameters, {figures['linear']:.0f} M of them in "
        f"linear layers. One run each on {machine()}, by `python benchmarks/quantised.py`.\n\n{table(heads, rows)}"
    )
    write_between(ROOT / "docs" / "quantised.md", "memory", text, "Training in quantised space")


if __name__ == "__main__":
    main()
