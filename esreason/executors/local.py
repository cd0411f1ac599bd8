"""The local pool: worker processes fed through pipes; whoever is free takes the next unit."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, cast

from esreason.core.errors import EsreasonError, RunError
from esreason.core.machine import cores
from esreason.es.config import RunConfig
from esreason.es.update import Update
from esreason.executors.places import VISIBLE, alike
from esreason.executors.worker import Worker
from esreason.rollout.episode import Episode
from esreason.rollout.unit import Unit

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# glibc returns freed blocks above 128 kB to the system and pays for them again; 7-9 % of an iteration
_MALLOC = {"MALLOC_MMAP_THRESHOLD_": "1073741824", "MALLOC_TRIM_THRESHOLD_": "1073741824"}


class LocalPool:
    """`workers` processes with an engine each. Which of them plays a unit never matters to the result.

    With `gpus` they take turns at them, and share the cores. vLLM batches and schedules by itself: it gets one
    process, with `workers` threads.
    """

    def __init__(self, config: RunConfig, workers: int, gpus: Sequence[str] = ()) -> None:
        alone = config.engine == "vllm"
        context = multiprocessing.get_context("spawn") if alone or gpus else _forks()
        processes, threads = (1, workers) if alone else (workers, max(1, cores() // workers) if gpus else 1)
        self._pipes: list[Connection] = []
        self._processes: list[Any] = []
        saved = dict(os.environ)
        os.environ.update(dict.fromkeys(_THREADS, str(threads)) | _MALLOC)  # read when a process starts
        try:
            for number in range(processes):
                if gpus:
                    os.environ[VISIBLE] = gpus[number % len(gpus)]  # it sees no other, and has it as "cuda"
                here, there = context.Pipe()
                # A daemon may have no children, which vLLM needs to share a model among GPUs.
                process = context.Process(target=_serve, args=(there, config), daemon=not alone)
                with _deaf():
                    process.start()
                there.close()
                self._pipes.append(here)
                self._processes.append(process)
        finally:
            for name in (*_THREADS, *_MALLOC, VISIBLE):
                os.environ.pop(name, None)
                os.environ.update({name: saved[name]} if name in saved else {})
        try:
            facts = self._answers("facts")
            alike(facts)
            self._facts = self._same("facts", facts)
        except BaseException:
            self.close()
            raise

    def facts(self) -> dict[str, Any]:
        """What the workers run."""
        return cast(dict[str, Any], self._facts)

    def play(self, units: Sequence[Unit]) -> Iterator[tuple[int, list[list[Episode]]]]:
        """(index, episodes) as units finish; a free worker takes the next one."""
        waiting = list(reversed(list(enumerate(units))))
        busy: dict[Connection, int] = {}
        for pipe in self._pipes:
            self._feed(pipe, waiting, busy)
        while busy:
            for ready in wait(list(busy)):
                pipe = cast(Connection, ready)
                episodes = self._receive(pipe)
                index = busy.pop(pipe)
                self._feed(pipe, waiting, busy)
                yield index, episodes

    def _feed(self, pipe: Connection, waiting: list[tuple[int, Unit]], busy: dict[Connection, int]) -> None:
        if waiting:
            index, unit = waiting.pop()
            self._send(pipe, ("play", unit))
            busy[pipe] = index

    def update(self, update: Update) -> str:
        """Apply an update everywhere; RunError if the checksums differ."""
        return str(self._agreed("update", update))

    def rewind(self, updates: Sequence[Update]) -> str:
        """Bring every worker to the base moved by these updates."""
        return str(self._agreed("rewind", list(updates)))

    def weights_sha256(self) -> str:
        """The digest of the centre of the first worker (all have the same checksum)."""
        self._send(self._pipes[0], ("weights",))
        return str(self._receive(self._pipes[0]))

    def drift(self) -> float:
        """The distance of the first worker's centre from the base."""
        self._send(self._pipes[0], ("drift",))
        return float(self._receive(self._pipes[0]))

    def device_seconds(self) -> float:
        """How long the workers have worked, summed over them."""
        for pipe in self._pipes:
            self._send(pipe, ("seconds",))
        return sum(float(self._receive(pipe)) for pipe in self._pipes)

    def export(self, directory: Path) -> None:
        """Write the centre of the first worker."""
        self._send(self._pipes[0], ("export", directory))
        self._receive(self._pipes[0])

    def close(self) -> None:
        """End the workers."""
        for pipe in self._pipes:
            pipe.close()  # a worker ends when its pipe does
        for process in self._processes:
            process.join(timeout=2 if process.daemon else 15)  # vLLM ends its shards first
            if process.is_alive():
                process.kill()

    def _answers(self, *message: Any) -> list[Any]:
        for pipe in self._pipes:
            self._send(pipe, message)
        return [self._receive(pipe) for pipe in self._pipes]

    def _agreed(self, *message: Any) -> Any:
        return self._same(message[0], self._answers(*message))

    def _same(self, verb: str, answers: list[Any]) -> Any:
        for number, answer in enumerate(answers):
            if answer != answers[0]:
                raise RunError(
                    f"worker {number} disagrees with worker 0 after {verb!r}: this machine computes unreliably."
                )
        return answers[0]

    def _send(self, pipe: Connection, message: Any) -> None:
        try:
            pipe.send(message)
        except (BrokenPipeError, OSError):
            raise self._lost(pipe) from None

    def _receive(self, pipe: Connection) -> Any:
        try:
            good, value = pipe.recv()
        except (EOFError, OSError):
            raise self._lost(pipe) from None
        if not good:
            raise value
        return value

    def _lost(self, pipe: Connection) -> RunError:
        process = self._processes[self._pipes.index(pipe)]
        process.join(timeout=1)
        why = " (out of memory?)" if process.exitcode == -signal.SIGKILL else ""
        return RunError(f"A worker process ended with code {process.exitcode}{why}; go on with `esreason resume`.")


@contextmanager
def _deaf() -> Iterator[None]:
    """What starts in here ignores Ctrl-C even while it imports; without it a traceback of its own would be printed."""
    if threading.current_thread() is not threading.main_thread():  # only that one may say what a signal does
        yield
        return
    old = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, old or signal.SIG_DFL)


def _forks() -> Any:
    """Processes that are forked from one that has imported torch and done no more: a study starts hundreds of them.

    The import takes each seconds otherwise. Not for GPUs, whose variable must be set before torch is there, nor for
    vLLM, which sets its process up itself; and on macOS even a fork of this kind may crash.
    """
    if not sys.platform.startswith("linux"):
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["esreason.engines.torch_engine"])
    return context


def _serve(pipe: Connection, config: RunConfig) -> None:
    """The life of a worker process: build, then answer until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the main process's affair
    worker: Worker | None = None
    while True:
        try:
            message = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            worker = worker or Worker.build(config)
            answer: tuple[bool, Any] = True, _answer(worker, *message)
        except EsreasonError as error:
            answer = False, error
        except MemoryError:
            answer = False, RunError("Out of memory: use a smaller --population, --tasks or model.")
        except Exception as error:  # noqa: BLE001  it must reach the main process, whatever it is
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"in a worker ({Path(last.filename).name} line {last.lineno})"
            answer = False, RunError(f"{type(error).__name__} {where}: {' '.join(str(error).split())[:300]}")
        try:
            pipe.send(answer)
        except (BrokenPipeError, OSError):
            return


def _answer(worker: Worker, verb: str, *arguments: Any) -> Any:
    if verb == "facts":
        return worker.description
    if verb == "play":
        return worker.play(*arguments)
    if verb == "update":
        return worker.update(*arguments)
    if verb == "rewind":
        return worker.rewind(*arguments)
    if verb == "weights":
        return worker.engine.weights_sha256()
    if verb == "drift":
        return worker.engine.drift()
    if verb == "seconds":
        return worker.seconds
    if verb == "export":
        return worker.engine.export(*arguments)
    raise ValueError(f"there is no verb {verb!r}")
