"""The vLLM engine: a population of low-rank members as adapter slots of one V1 engine, filled from memory."""

from __future__ import annotations

import logging
import math
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import torch

from esreason.core.errors import ModelError, UsageError
from esreason.core.seeding import digest
from esreason.engines.base import Answer, Completion, Dtype, EngineLost, Request
from esreason.engines.torch_checkpoint import describe
from esreason.engines.torch_rows import Desk, Turn
from esreason.engines.torch_text import Text
from esreason.es.noise import CENTRE, Member, Noise
from esreason.es.update import Update

_SETTINGS = {
    # The engine core runs in this process, so that its schedule is a function of the requests alone.
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_USE_V2_MODEL_RUNNER": "0",  # the runner whose adapter manager is known to `vllm_private`
    "VLLM_NO_USAGE_STATS": "1",
}
_EXTENSION = "esreason.engines.vllm_worker.Extension"
_SEQUENCES = 256
_TOKENS = 4096
_CACHE_BYTES = 2**30
_SIGMAS = (0.25, 8.0, 256.0)
"""Noise that shows in the answer to one prompt; a layer that says little there, and that rounded, takes more of it."""

_CHANGE = 1e-3
"""Log-probabilities that differ by more have changed; two batches' rounding lies far below."""

MISSING = "--engine vllm needs vLLM: pip install 'esreason[vllm]' (GPU), or `make vllm` for a build that runs on a CPU"


class VLLMEngine:
    """Implements `Engine` (esreason.engines.base) on vLLM.

    Low-rank members share one batch; dense members are written into the weights and played one after the other.
    `threads` are the OpenMP threads of a CPU; `shards` worker processes share the model (tensor parallelism), and the
    threads among them.
    A process has one open engine, for vLLM keeps its process groups in global variables.
    """

    _open = False

    def __init__(
        self,
        model: str | Path,
        *,
        noise: Noise | None = None,
        dtype: Dtype = "float32",
        capacity: int = 16,
        threads: int = 1,
        shards: int = 1,
    ) -> None:
        if min(capacity, threads, shards) < 1:
            raise ValueError("capacity, threads and shards must be at least 1")
        if VLLMEngine._open:
            raise ModelError("A process can have one vLLM engine: close the other one first.")
        self.noise, self.capacity = noise or Noise(), capacity
        self._dtype, self._shards = dtype, shards
        checkpoint = describe(model)  # the workers read the weights
        _check_cuts(checkpoint.config, shards)
        self._text = Text(checkpoint.directory, checkpoint.config)
        self.chat = self._text.chat
        self.context = int(getattr(checkpoint.config, "max_position_embeddings", None) or 2048)
        self._engine, self._version = self._start(str(checkpoint.directory), threads)
        VLLMEngine._open = True
        try:
            self._facts = self._agreed("open", str(checkpoint.directory), self.noise)
            self._numbers = 0
            self.load([CENTRE], 1)
            self._check_reach()
        except BaseException:
            self.close()
            raise

    def load(self, members: Sequence[Member], episodes: int) -> None:
        """Make `members` resident for a unit of `episodes` episodes each; forgets the last unit's caches."""
        if not 0 < len(members) <= self.capacity or episodes < 1:
            raise ValueError(f"a unit has 1 to {self.capacity} members and at least one episode")
        self._members = tuple(members)
        self._desk = Desk(self._text, self.context, len(members), keeps=False)
        # The centre alone needs no adapter; among members it has a slot like any other, whose factors are zero.
        self._adapted = self.noise.kind == "lowrank" and any(member.amplitude for member in members)
        if self._adapted:
            self._call("load", self._members)
        self._forget()

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """One completion a request, in order."""
        done: dict[int, Completion] = {}

        def keep(number: int, completion: Completion) -> None:
            done[number] = completion

        self.converse(requests, keep)
        return [done[number] for number in range(len(requests))]

    def converse(self, requests: Sequence[Request], answer: Answer) -> None:
        """Carry conversations to their ends; a next request joins the batch as soon as `answer` gives it."""
        if self.noise.kind == "lowrank":
            self._run(list(enumerate(requests)), answer)
            return
        for member in sorted({request.member for request in requests}):
            self._call("write", self._members[member])
            self._forget()
            self._run([(i, request) for i, request in enumerate(requests) if request.member == member], answer)

    def _run(self, requests: list[tuple[int, Request]], answer: Answer) -> None:
        open_turns: dict[str, tuple[int, Request, Turn]] = {}
        with self._whole():
            try:
                for number, request in requests:
                    self._submit(number, request, answer, open_turns)
                while self._engine.has_unfinished_requests():
                    for output in self._engine.step():
                        if output.finished:
                            number, request, turn = open_turns.pop(output.request_id)
                            self._finish(turn, output)
                            following = answer(number, self._desk.close(turn))
                            if following is not None:
                                self._submit(number, following, answer, open_turns)
            except BaseException:
                self._engine.abort_request(list(open_turns))
                raise

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """EngineLost for whatever is raised in here once a shard has ended: vLLM says "cancelled", or trips."""
        try:
            yield
        except Exception as error:
            from esreason.engines import vllm_private as private

            if self._shards > 1 and private.failed(self._engine):
                raise EngineLost("A shard of vLLM has ended (out of memory?); go on with `esreason resume`.") from error
            raise

    def _submit(
        self, number: int, request: Request, answer: Answer, open_turns: dict[str, tuple[int, Request, Turn]]
    ) -> None:
        """Hand a request to vLLM; turns without room are answered at once."""
        following: Request | None = request
        while following is not None:
            turn = self._desk.open(following)
            if turn.limit > 0:
                self._numbers += 1
                open_turns[str(self._numbers)] = number, following, turn
                self._add(str(self._numbers), following.member, turn)
                return
            following = answer(number, self._desk.close(turn))

    def _add(self, name: str, member: int, turn: Turn) -> None:
        from vllm import SamplingParams
        from vllm.sampling_params import RequestOutputKind

        wanted = turn.sampling
        parameters = SamplingParams(
            max_tokens=turn.limit,
            temperature=wanted.temperature,
            seed=_seed(turn) if wanted.temperature else None,
            stop=[wanted.stop] if wanted.stop else None,
            stop_token_ids=sorted(self._text.ends),
            output_kind=RequestOutputKind.FINAL_ONLY,
        )
        prompt = {"prompt_token_ids": list(turn.prompt)}
        self._engine.add_request(name, prompt, parameters, lora_request=self._adapter(member))

    def _adapter(self, member: int) -> Any:
        if not self._adapted:
            return None
        from vllm.lora.request import LoRARequest

        return LoRARequest(f"slot {member}", member + 1, "in memory")

    def _finish(self, turn: Turn, output: Any) -> None:
        """Take vLLM's tokens into the turn up to where it ends by our own rule."""
        turn.start = min(output.num_cached_tokens or 0, len(turn.prompt) - 1)
        may_end = self._text.stopping(turn.sampling.stop)
        for token in output.outputs[0].token_ids:
            turn.take(int(token), bool(may_end[token]), self._text)
            if turn.finish:
                return
        if output.outputs[0].finish_reason != "stop":
            raise ModelError(f"vLLM ended a completion before its time ({output.outputs[0].finish_reason}).")
        turn.finish = "stop"  # vLLM reads the stop string in the text, which may show a space that the ids alone do not

    def apply_update(self, update: Update) -> str:
        """Move the centre by one update and return its checksum."""
        return self._moved("update", update)

    def rewind(self) -> str:
        """Go back to the checkpoint and return the centre's checksum."""
        return self._moved("rewind")

    def _moved(self, verb: str, *arguments: Any) -> str:
        checksum = str(self._agreed(verb, *arguments))
        self.load([CENTRE], 1)
        return checksum

    def facts(self) -> dict[str, Any]:
        """What a result says of the engine."""
        return {
            "engine": "vllm", "parameters": self._facts["parameters"], "device": self._facts["device"],
            "dtype": self._dtype, "vllm": self._version, "shards": self._shards, **self._facts["gpu"],
        }  # fmt: skip

    def export(self, directory: Path) -> None:
        """Write the centre as a Hugging Face directory (safetensors, config, tokenizer)."""
        self._call("export", directory)

    def weights_sha256(self) -> str:
        """The digest of the centre in the checkpoint's dtype."""
        return str(self._agreed("weights_sha256"))

    def drift(self) -> float:
        """The L2 distance of the centre from the checkpoint, both in the checkpoint's dtype."""
        return float(self._agreed("drift"))

    def _call(self, verb: str, *arguments: Any) -> list[Any]:
        with self._whole():
            answers: list[tuple[bool, Any]] = self._engine.collective_rpc("es_call", args=(verb, *arguments))
        for good, value in answers:
            if not good:
                raise value
        return [value for _, value in answers]

    def _agreed(self, verb: str, *arguments: Any) -> Any:
        """The answer of all workers; ModelError if they differ."""
        answers = self._call(verb, *arguments)
        if any(answer != answers[0] for answer in answers[1:]):
            raise ModelError(f"The workers of one engine disagree after {verb}: this machine computes unreliably.")
        return answers[0]

    def _forget(self) -> None:
        """Drop every cached prefix: it was computed with other weights."""
        with self._whole():
            dropped = self._engine.reset_prefix_cache()
        if not dropped:
            raise ModelError("vLLM could not drop its prefix cache, whose contents belong to other weights.")

    def close(self) -> None:
        """End vLLM; the engine is of no use afterwards."""
        self._end()
        VLLMEngine._open = False

    def _start(self, directory: str, threads: int) -> tuple[Any, str]:
        os.environ.update(_SETTINGS)
        os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
        os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
        # By itself vLLM wants a NUMA node for each shard on a CPU; a user who binds them says so in this variable.
        os.environ.setdefault("VLLM_CPU_OMP_THREADS_BIND", "nobind")
        # As vLLM does on a CPU and in Ray: by itself it forks on GPUs, with torch's threads and their locks in use.
        os.environ["VLLM_WORKER_MULTIPROC_METHOD"] = "spawn"
        if self._shards > 1:
            os.environ["OMP_NUM_THREADS"] = str(max(1, threads // self._shards))  # of each shard's process
            os.environ.setdefault("PYTHONWARNINGS", "ignore")  # there as here, see below
        logging.getLogger("vllm").setLevel(os.environ["VLLM_LOGGING_LEVEL"])  # it warns before it has read the above
        torch.set_num_threads(threads)  # vLLM forbids it from the start of its worker on
        try:
            with warnings.catch_warnings():  # its modules use what torch and transformers deprecate
                warnings.simplefilter("ignore")
                import vllm

                from esreason.engines import vllm_private as private
        except ModuleNotFoundError as error:
            if error.name != "vllm":
                raise
            raise UsageError(MISSING) from None
        private.check_release()
        options: dict[str, Any] = {}
        if self.noise.kind == "lowrank":
            options = {
                "enable_lora": True, "max_loras": self.capacity, "max_cpu_loras": self.capacity,
                "max_lora_rank": private.ranks(self.noise.rank),
            }  # fmt: skip
        if private.on_cpu():
            # Without a number vLLM takes a share of the machine; its blocks of 128 tokens would cache no short prompt.
            options |= {"kv_cache_memory_bytes": _CACHE_BYTES, "block_size": 32, "max_num_batched_tokens": _TOKENS}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                llm = vllm.LLM(
                    directory, dtype=self._dtype, max_model_len=self.context, max_num_seqs=_SEQUENCES,
                    enforce_eager=True, enable_prefix_caching=True, async_scheduling=False,
                    tensor_parallel_size=self._shards, distributed_executor_backend="mp" if self._shards > 1 else None,
                    worker_extension_cls=_EXTENSION, disable_log_stats=True, use_tqdm_on_load=False, **options,
                )  # fmt: skip
        except (ValueError, RuntimeError, AssertionError) as error:
            raise ModelError(f"vLLM cannot run {directory}: {' '.join(str(error).split())[:300]}") from error
        # A worker process of a pool runs no hooks of atexit at its end, by which vLLM would end the shards.
        self._end = Finalize(None, private.end, (llm.llm_engine,), exitpriority=1)
        return llm.llm_engine, str(vllm.__version__)

    def _check_reach(self) -> None:
        """ModelError unless the noise of each single parameter changes what the model says."""
        names: list[str] = self._facts["names"]
        self._adapted = self.noise.kind == "lowrank"
        step = self.capacity if self._adapted else 1
        self._call("single_out", CENTRE, names[:step])
        [before] = self._first_words(1)
        for sigma in _SIGMAS:
            unmoved: list[str] = []
            for start in range(0, len(names), step):
                block = names[start : start + step]
                self._call("single_out", Member(1, sigma), block)
                answers = zip(block, self._first_words(len(block)), strict=True)
                unmoved += [name for name, after in answers if _same(before, after)]
            names = unmoved
        if names:
            raise ModelError(f"Noise on {names[0]} does not reach what vLLM computes: use --engine torch.")
        if self.noise.kind == "dense":
            self._call("write", CENTRE)
        self.load([CENTRE], 1)

    def _first_words(self, members: int) -> list[dict[int, float]]:
        """Token -> log-probability of the likeliest words after a fixed prompt, of the first slots."""
        from vllm import SamplingParams

        self._forget()
        prompt = {"prompt_token_ids": [1 + i * 7919 % (self._text.vocabulary - 1) for i in range(8)]}
        parameters = SamplingParams(max_tokens=1, temperature=0.0, logprobs=20, detokenize=False)
        for member in range(members):
            self._engine.add_request(f"probe {member}", prompt, parameters, lora_request=self._adapter(member))
        found: dict[str, dict[int, float]] = {}
        while self._engine.has_unfinished_requests():
            for output in self._engine.step():
                if output.finished:
                    [likely] = output.outputs[0].logprobs
                    found[output.request_id] = {token: entry.logprob for token, entry in likely.items()}
        return [found[f"probe {member}"] for member in range(members)]


def _check_cuts(config: Any, shards: int) -> None:
    """ModelError if a model cannot be cut into as many slices; vLLM's own worker would end with an assertion."""
    heads = int(getattr(config, "num_attention_heads", None) or shards)
    shared = int(getattr(config, "num_key_value_heads", None) or heads)
    inner = int(getattr(config, "intermediate_size", None) or shards)
    if heads % shards or inner % shards or (shared % shards and shards % shared):
        raise ModelError(
            f"A model with {heads} attention heads, {shared} key-value heads and an inner width of {inner} "
            f"cannot be cut into {shards} shards."
        )


def _same(before: dict[int, float], after: dict[int, float]) -> bool:
    """Whether nothing has changed; a word that is gone has, and so has one that is no number any more."""
    return all(abs(after.get(word, math.inf) - value) < _CHANGE for word, value in before.items())


def _seed(turn: Turn) -> int:
    """The seed of a turn's draws: of the episode's seed and the position in its text, as in the torch engine."""
    return int.from_bytes(digest(turn.sampling.seed, len(turn.prompt), size=8), "big") >> 1
