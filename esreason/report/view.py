"""A run as it is watched: what has happened so far, and its picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from esreason.report.numbers import bar, count, duration, interval, percent, spark

PHASES = {"base": "base model on the test split", "tuned": "tuned model on the test split", "probe": "probing sigma",
          "validation": "validation", "population": "population"}  # fmt: skip


@dataclass(slots=True)
class View:
    """The state of a run's picture; `note` folds in what happened."""

    config: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    phase: str = "starting"
    done: int = 0
    total: int = 1
    summaries: dict[str, dict[str, Any]] = field(default_factory=dict)
    probes: list[dict[str, Any]] = field(default_factory=list)
    sigma: float | None = None
    alpha: float | None = None
    iterations: list[dict[str, Any]] = field(default_factory=list)
    board: list[str] = field(default_factory=list)
    stopping: str = ""

    def note(
        self, kind: str, data: dict[str, Any], observations: tuple[str, ...] = (), actions: tuple[str, ...] = ()
    ) -> None:
        """Take in an event of a run."""
        if kind == "start":
            self.config, self.facts = data["config"], data["facts"]
        elif kind == "score":
            self.phase, self.done, self.total = data["phase"], data["done"], data["total"]
        elif kind == "scored":
            self.summaries[data["phase"]] = data
        elif kind == "probe":
            self.probes.append(data)
        elif kind == "sigma":
            self.sigma, self.alpha = data["sigma"], data["alpha"]
        elif kind == "stop":
            self.stopping = data["reason"]
        elif kind == "iteration":
            self.iterations.append(data)
            self.board = [line for o, a in zip(observations, (*actions, ""), strict=False) for line in _turn(o, a)]

    def left(self) -> float | None:
        """The seconds that the remaining iterations will take, once some are done."""
        if not self.iterations:
            return None
        recent = [record["seconds"] for record in self.iterations[-10:]]
        return float(sum(recent) / len(recent) * (self.config["iterations"] - self.iterations[-1]["iteration"] - 1))


def _turn(observation: str, action: str) -> list[str]:
    lines = [*observation.splitlines(), f"> {action}" if action else ""]
    # A model's text must not move the cursor or colour the screen.
    return ["".join(c if c.isprintable() else "?" for c in line) for line in lines]


def screen(view: View, elapsed: float, width: int) -> RenderableType:
    """One screen: head, progress, population, validation, speed and an episode."""
    return Group(
        _head(view, width),
        _population(view, width),
        _validation(view, width),
        _speed(view, elapsed),
        _episode(view, width),
    )


def _head(view: View, width: int) -> RenderableType:
    c = view.config
    if not c:
        return Text("starting the workers ...")
    title = Text.assemble(
        ("esreason ", "bold"), (f"{c['env']} ", "bold cyan"),
        f"level {c['level']}, {c['mode']}, {c['strategy']}, {c['population']} members x {c['tasks']} tasks",
    )  # fmt: skip
    now = PHASES.get(view.phase, view.phase)
    room = max(10, width - len(now) - 16)
    share = view.done / max(1, view.total)
    return Group(title, Text.assemble(f"{now}  ", (bar(share, room), "cyan"), f" {view.done}/{view.total}"))


def _population(view: View, width: int) -> RenderableType:
    if view.sigma is None:
        if not view.probes:
            return Text()
        tried = "  ".join(f"{p['sigma']:g}: {percent(p['mean'])}" for p in view.probes)
        return Text(f"success of members by sigma: {tried}", overflow="fold")
    if not view.iterations:
        return Text(f"sigma {view.sigma:g}, alpha {view.alpha:g}")
    last = view.iterations[-1]
    room = max(10, width - 24)
    lines = Table.grid(padding=(0, 1))
    for name in ("max", "median", "min"):
        lines.add_row(
            f"{name:>7}",
            Text(spark([r[name] for r in view.iterations], room), style="cyan" if name == "median" else "dim"),
            percent(last[name]),
        )  # fmt: skip
    numbers = f"sigma {view.sigma:g}, alpha {view.alpha:g}"
    head = f"iteration {last['iteration'] + 1}/{view.config['iterations']}, fitness of the population ({numbers})"
    return Group(Text(head), lines)


def _validation(view: View, width: int) -> RenderableType:
    points = [r for r in view.iterations if r["validation"] is not None]
    if not points:
        return Text()
    values = [r["validation"] for r in points]
    return Text.assemble(
        "validation ",
        (spark(values, max(10, width - 40)), "green"),
        f" {percent(values[-1])}, best {percent(max(values))}",
    )


def _speed(view: View, elapsed: float) -> RenderableType:
    parts = [duration(elapsed)]
    if view.iterations:
        recent = view.iterations[-5:]
        seconds = sum(r["seconds"] for r in recent) or 1e-9
        parts += [f"{count(sum(r['episodes'] for r in recent) / seconds)} episodes/s",
                  f"{count(sum(r['tokens'] for r in recent) / seconds)} tokens/s"]  # fmt: skip
    left = view.left()
    if left is not None and not view.stopping:
        parts.append(f"about {duration(left)} left")
    if view.stopping:
        parts.append(f"stopping: {view.stopping}")
    return Text(", ".join(parts), style="dim")


def _episode(view: View, width: int, height: int = 8) -> RenderableType:
    if not view.board:
        return Text()
    lines = [line[: width - 4] for line in view.board if line]
    if len(lines) > height:
        lines = [*lines[: height // 2], "...", *lines[-(height - height // 2 - 1) :]]
    return Panel(Text("\n".join(lines)), title="an episode of the best member", title_align="left", expand=False)


def line(kind: str, data: dict[str, Any]) -> str | None:
    """An event as a plain line, None if it needs none."""
    if kind == "start":
        c, f = data["config"], data["facts"]
        where = f.get("gpu") or f.get("device", "")
        model = f"{c['model']} ({count(f.get('parameters', 0))} parameters, {where} {f.get('dtype', '')})"
        return f"{c['env']} level {c['level']}, {c['mode']}: {model}"
    if kind == "scored":
        return f"{data['phase']}: {percent(data['score'])} {interval(*data['ci95'])} of {data['n']} test episodes"
    if kind == "probe":
        return f"sigma {data['sigma']:g}: members {percent(data['mean'])}, centre {percent(data['base'])}"
    if kind == "sigma":
        return f"sigma {data['sigma']:g}, alpha {data['alpha']:g}"
    if kind == "stop":
        return f"stopping: {data['reason']}"
    if kind == "iteration":
        shown = "" if data["validation"] is None else f", validation {percent(data['validation'])}"
        shown += f", level {data['level']}" if "level" in data else ""
        fitness = " / ".join(percent(data[name]) for name in ("min", "median", "max"))
        return f"iteration {data['iteration'] + 1}: fitness {fitness}{shown}, {data['seconds']:.1f} s"
    return None
