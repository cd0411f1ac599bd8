"""Measures what a unit, an update and a message cost, and predicts the efficiency of 1 to 4,096 workers from it.

    python benchmarks/scaling.py [--repeats N] [--skip-ray]

The prediction is a discrete-event simulation (`_simulation.py`) of the executors' own scheduling. It is checked against
real iterations of 1, 2 and 4 workers, which it has not seen. Run it on an idle machine.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("RAY_worker_niceness", "0")  # otherwise whatever else runs here comes before Ray's workers

import json
import multiprocessing
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import numpy as np
import torch
from _costs import Costs, Drivers, config_of, least, local_driver, measured, ray_driver, seconds, units_of, update_of
from _simulation import iteration, own_core, shared
from _tables import ROOT, machine, table, write_between
from safetensors.torch import load_file, save_file

from esreason.core.machine import cores
from esreason.es.executor import Executor
from esreason.es.update import Update
from esreason.executors.local import LocalPool
from esreason.executors.worker import Worker
from esreason.models import model_path
from esreason.rollout.unit import Unit

MEMBERS, TASKS = 32, 64  # 16 units
CHECKED = (1, 2, 4)
WORKERS = tuple(2**k for k in range(13))
PER_WORKER = 4  # units of a worker in weak scaling: 16 members more with each worker, on 32 tasks
STRONG = 4_096  # units in strong scaling: 2,048 members on 256 tasks
SLOWER = 100.0


def widened(target: Path, factor: int) -> Path:
    """The bundled model with `factor` times as many hidden units, the new ones without a say: it says the same."""
    shutil.copytree(model_path("sprout"), target)
    config = json.loads((target / "config.json").read_text(encoding="utf-8"))
    width = config["intermediate_size"]
    (target / "config.json").write_text(json.dumps(config | {"intermediate_size": factor * width}), encoding="utf-8")
    [file] = target.glob("*.safetensors")
    tensors, generator = load_file(file), torch.Generator().manual_seed(0)
    more = (factor - 1) * width
    for name, tensor in tensors.items():
        if name.endswith(("gate_proj.weight", "up_proj.weight")):
            fresh = 0.1 * torch.randn(more, tensor.shape[1], generator=generator)
            tensors[name] = torch.cat([tensor, fresh.to(tensor.dtype)])
        elif name.endswith("down_proj.weight"):
            tensors[name] = torch.cat([tensor, tensor.new_zeros(tensor.shape[0], more)], 1)
    save_file(tensors, file, metadata={"format": "pt"})
    return target


def moved(model: str, members: int = MEMBERS, tasks: int = TASKS) -> tuple[int, dict[str, int]]:
    """A model's parameters, and the bytes of an iteration's messages as the pool's pipes carry them.

    The members stand so close to the centre that models which say the same do so with noise too.
    """
    worker, update = Worker.build(config_of(model)), update_of(members)
    units = units_of(members, tasks, 1e-7)
    return int(worker.description["parameters"]), {
        "units, to the workers": sum(_size(("play", unit)) for unit in units),
        "episodes, from the workers": sum(_size((True, worker.play(unit))) for unit in units),
        "the update, to each worker": _size(("update", update)),
        "its checksum, from each worker": _size((True, worker.update(update))),
    }


def _size(message: Any) -> int:
    """What `Connection.send` writes: the pickle, and four bytes for its length."""
    return len(ForkingPickler.dumps(message)) + 4


def real(pool: Executor, units: Sequence[Unit], update: Update, repeats: int) -> float:
    """Wall time of an iteration."""
    try:
        list(pool.play(units[: 2 * max(CHECKED)]))
        return least(repeats, lambda: seconds(lambda: (list(pool.play(units)), pool.update(update))))
    finally:
        pool.close()


def overhead(units: Sequence[Unit], update: Update, repeats: int) -> tuple[float, float]:
    """A pool of 2 over a worker in this process: work a CPU second, and work a second of wall time."""
    import psutil

    worker, pool = Worker.build(config_of()), LocalPool(config_of(), 2)
    children = [psutil.Process(child.pid) for child in multiprocessing.active_children()]

    def cpu() -> float:
        return time.process_time() + float(sum(c.cpu_times().user + c.cpu_times().system for c in children))

    def spent(action: Callable[[], Any]) -> tuple[float, float]:
        before = cpu()
        wall = seconds(action)
        return cpu() - before, wall

    found: list[tuple[float, ...]] = []
    try:
        for _ in range(repeats + 1):  # the first warms up
            one = spent(lambda: ([worker.play(unit) for unit in units], worker.update(update)))
            two = spent(lambda: (list(pool.play(units)), pool.update(update)))
            found.append(one + two)
    finally:
        pool.close()
    cpu_one, wall_one, cpu_two, wall_two = (min(column) for column in zip(*found[1:], strict=True))
    return cpu_one / cpu_two, wall_one / wall_two


def predicted(costs: Costs, drivers: Drivers, workers: int, units: int, members: int, scale: float) -> float:
    """An iteration's time on a cluster, the mean of three draws from the measured units; `scale` slows the model."""
    update = scale * (costs.update + members * costs.member)
    draws = [np.random.default_rng(seed).choice(costs.units, units) * scale for seed in range(3)]
    return statistics.mean(iteration(draw.tolist(), update, workers, drivers(members), own_core) for draw in draws)


def weak(costs: Costs, drivers: Drivers, workers: int, scale: float) -> float:
    """The efficiency when each worker brings 16 members: one worker's time over that of so many."""
    alone = predicted(costs, drivers, 1, PER_WORKER, 16, scale)
    return alone / predicted(costs, drivers, workers, PER_WORKER * workers, 16 * workers, scale)


def strong(costs: Costs, drivers: Drivers, workers: int, scale: float) -> float:
    """The efficiency at a fixed population: one worker's time over that of all workers added up."""
    alone = predicted(costs, drivers, 1, STRONG, STRONG // 2, scale)
    return alone / workers / predicted(costs, drivers, workers, STRONG, STRONG // 2, scale)


def prediction(costs: Costs, drivers: Drivers) -> str:
    """The efficiency of every number of workers."""
    kinds = [(kind, scale) for kind in (weak, strong) for scale in (1.0, SLOWER)]
    heads = ["workers", *(f"{kind.__name__}{f', model {scale:.0f} x slower' * (scale > 1)}" for kind, scale in kinds)]
    return table(heads, ([f"{w:,}", *(f"{kind(costs, drivers, w, s):.2f}" for kind, s in kinds)] for w in WORKERS))


def checks(name: str, costs: Costs, drivers: Drivers, times: dict[int, float]) -> list[list[str]]:
    """Measured and predicted iterations of one executor on this machine."""
    speed, update = shared(cores(), costs.together), costs.update + MEMBERS * costs.member
    rows = []
    for workers, took in times.items():
        guess = iteration(costs.units, update, workers, drivers(MEMBERS), speed)
        rows.append([f"{name}, {workers}", f"{took:.2f}", f"{guess:.2f}", f"{100 * (guess / took - 1):+.0f} %"])
    return rows


def bytes_moved() -> str:
    """The bytes of an iteration for the bundled model and for a wider one."""
    with tempfile.TemporaryDirectory() as scratch:
        models = [moved("sprout"), moved(str(widened(Path(scratch) / "wide", 8)))]
    heads = ["bytes of an iteration", *(f"{size:,} parameters" for size, _ in models)]
    return table(heads, ([name, *(f"{count[name]:,}" for _, count in models)] for name in models[0][1]))


def with_ray(units: Sequence[Unit], answer: Any, repeats: int) -> tuple[Drivers, dict[int, float]]:
    """Ray on this machine: what its main process spends, and real iterations."""
    import ray

    from esreason.executors.ray_pool import RayPool

    ray.init(address="local", num_cpus=max(CHECKED), include_dashboard=False, log_to_driver=False)
    try:
        drivers = ray_driver(units[0], answer)
        update = update_of(MEMBERS)
        return drivers, {w: real(RayPool(config_of(), w, "local"), units, update, repeats) for w in CHECKED}
    finally:
        ray.shutdown()


def main() -> None:
    """Measure, print, and write the tables into docs/scaling.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=3, help="the least disturbed of so many counts")
    parser.add_argument("--skip-ray", action="store_true")
    args = parser.parse_args()
    units, update = units_of(MEMBERS, TASKS), update_of(MEMBERS)
    costs = measured(units, args.repeats)
    answer = Worker.build(config_of()).play(units[0])
    drivers = {"local pool": local_driver(units[0], answer)}
    times = {w: real(LocalPool(config_of(), w), units, update, args.repeats) for w in CHECKED}
    rows = checks("local pool", costs, drivers["local pool"], times)
    if not args.skip_ray:
        drivers["Ray"], times = with_ray(units, answer, args.repeats)
        rows += checks("Ray", costs, drivers["Ray"], times)
    efficiency, speed_up = overhead(units, update, args.repeats)
    name, of = list(drivers.items())[-1]
    text = page(costs, drivers, rows, efficiency, speed_up, name, prediction(costs, of), args.repeats)
    print(text)
    write_between(ROOT / "docs" / "scaling.md", "scaling", text, "Beyond one machine")


def page(
    costs: Costs, drivers: dict[str, Drivers], rows: list[list[str]], efficiency: float, speed_up: float,
    name: str, forecast: str, repeats: int,
) -> str:  # fmt: skip
    """What the docs say."""
    spent = [
        f"{key}: {1e3 * (d.feed + d.take):.2f} ms a unit, {1e6 * (d.wait + d.wait_each):.0f} us a look at one worker "
        f"and {1e6 * d.wait_each:.1f} us more for each other"
        for key, d in ((key, of(MEMBERS)) for key, of in drivers.items())
    ]
    day = date.today().isoformat()
    least_unit, middle, most = min(costs.units), statistics.median(costs.units), max(costs.units)
    return f"""`benchmarks/scaling.py`, {day}; {machine()}; the bundled model on `sudoku` level 1, \
{len(costs.units)} units and an update of {MEMBERS} members an iteration; the least disturbed of {repeats} repeats.

Unit costs: a unit takes {least_unit:.2f} to {most:.2f} s (median {middle:.2f}), an update of n members \
{1e3 * costs.update:.1f} + {1e3 * costs.member:.3f} n ms. With a worker on each of the {cores()} cores each has \
{costs.together:.2f} of its speed alone. The main process spends, {"; ".join(spent)}.

A pool of 2 does {efficiency:.2f} of the work of a worker in this process a CPU second, and {speed_up:.2f} of it a \
second of wall time.

{table(["workers", "measured s", "predicted s", "difference"], rows)}

{bytes_moved()}

Predicted efficiency with {name}, each worker on a core of its own. Weak: {PER_WORKER} units and 16 members a worker, \
the population grows with the workers. Strong: {STRONG:,} units of {STRONG // 2:,} members.

{forecast}"""


if __name__ == "__main__":
    main()
