"""The seed log: a header and a line an iteration, from which the tuned weights are rebuilt bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from esreason.core.errors import RunError
from esreason.es.files import append_line, keep_lines, read_lines
from esreason.es.lattice import Lattice
from esreason.es.noise import Noise
from esreason.es.update import StepRule, Update

SCHEMA = "esreason.seedlog/1"


@dataclass(frozen=True, slots=True)
class Header:
    """What the log stands on: digests of base weights and config, the noise, the step rule, sigma and alpha.

    On a lattice, `base_sha256` is the digest of the quantised base.
    """

    base_sha256: str
    config_sha256: str
    noise: Noise
    rule: StepRule
    sigma: float
    alpha: float
    validation: float
    """The base's own validation score: a run that never beats it keeps the base."""
    episodes: int = 0
    tokens: int = 0
    """What was played before the first iteration, test episodes apart."""
    tokens_out: int = 0
    """Of those tokens, the written ones."""
    lattice: Lattice | None = None

    def to_dict(self) -> dict[str, Any]:
        """The header line; it speaks of a lattice or of singular directions only if there are any."""
        data = asdict(self)
        if not self.noise.directions:
            del data["noise"]["directions"]
        if self.lattice is None:
            del data["lattice"]
        return {"schema": SCHEMA, **data}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Header:
        """The header that `to_dict` wrote; RunError otherwise."""
        if data.get("schema") != SCHEMA:
            raise RunError(
                f"seedlog.jsonl has the schema {str(data.get('schema'))[:40]!r}; this version reads {SCHEMA!r}"
            )
        try:
            return cls(
                str(data["base_sha256"]), str(data["config_sha256"]), Noise(**data["noise"]), StepRule(**data["rule"]),
                float(data["sigma"]), float(data["alpha"]), float(data["validation"]),
                int(data["episodes"]),
                int(data["tokens"]),
                int(data["tokens_out"]),
                Lattice(**data["lattice"]) if data.get("lattice") is not None else None,
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(f"the header of seedlog.jsonl is malformed: {error}") from None


class SeedLog:
    """The file `seedlog.jsonl` of a run folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, header: Header) -> None:
        """Write the header into a new log."""
        append_line(self.path, header.to_dict())

    def append(self, update: Update, fitness: list[float], scores: list[list[float]], **more: Any) -> dict[str, Any]:
        """Write an iteration: the update, the members' fitness and the scores they come from; returns its line."""
        line = {
            "iteration": update.iteration, "seeds": list(update.seeds), "fitness": fitness,
            "coefficients": list(update.coefficients), "scale": update.scale, "alpha": update.alpha,
            "scores": scores, "sigma": update.sigma, **more,
        }  # fmt: skip
        append_line(self.path, line)
        return line

    def read(self) -> tuple[Header, list[dict[str, Any]]]:
        """The header and the complete lines; RunError if they do not count up from 0."""
        lines = read_lines(self.path)
        if not lines:
            raise RunError(f"{self.path} has no header.")
        for number, line in enumerate(lines[1:]):
            if line.get("iteration") != number:
                raise RunError(f"{self.path} line {number + 2} should be iteration {number}.")
        return Header.from_dict(lines[0]), lines[1:]

    def repair(self) -> None:
        """Drop a last line that a crash cut short."""
        keep_lines(self.path, len(read_lines(self.path)))


def updates(header: Header, lines: list[dict[str, Any]]) -> Iterator[Update]:
    """The updates that a log's lines stand for; RunError if one is malformed."""
    for number, line in enumerate(lines):
        try:
            seeds, coefficients = line["seeds"], line["coefficients"]
            if not all(type(n) is int for n in (*seeds, *coefficients)):
                raise ValueError("seeds and coefficients are whole numbers")
            yield Update(
                line["iteration"], tuple(seeds), tuple(coefficients), float(line["scale"]), float(line["alpha"]),
                header.noise, header.rule, float(line["sigma"]),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise RunError(f"seedlog.jsonl line {number + 2} is malformed: {error}") from None
