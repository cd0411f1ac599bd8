"""What a ladder of probes advises for a run, with the uncertainty of every number."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esreason.theory.extremes import SIZES, best_of, normal_best
from esreason.theory.forecast import Forecast, Plan, choose_sigma, forecast, nearest
from esreason.theory.ladder import Ladder, Rung, components, curvature

DRAWS = 200
"""Bootstrap samples: enough for the ends of a 95 % interval to a few per cent of its width."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and the 2.5 and 97.5 % points of its bootstrap distribution."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Step:
    """A rung in numbers.

    `mean` of the members, `signal` the standard deviation of their true odd parts (negative: the estimate of its square
    is below 0), `spread` the standard deviation of fitness on the plan's tasks.
    """

    sigma: float
    mean: Estimate
    signal: Estimate
    spread: float
    better: float
    """The share of members that score above the centre on the probe's tasks."""


@dataclass(frozen=True, slots=True)
class Gain:
    """The best of n members over the centre: measured, by a normal law of the same mean and spread, and by luck alone.

    Luck: members that all have the same true score and differ by the tasks they happen to solve. A gain that follows
    the normal law says nothing of the landscape but its mean and spread.
    """

    n: int
    measured: Estimate
    normal: float
    luck: float


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that `esreason diagnose` reports of a landscape; the plan is the advised one."""

    base: Estimate
    steps: tuple[Step, ...]
    edge: Estimate
    open: bool
    detected: float | None
    """The smallest sigma whose signal is above 0 at 95 %."""
    trace: Estimate
    dimension: float | None
    gains: tuple[Gain, ...]
    plan: Plan
    probed: float
    """The rung that stands for the plan's sigma."""
    alpha: float
    members_needed: int
    tasks_enough: int | None
    rise: Estimate
    peak: Estimate
    horizon: Estimate
    course: tuple[float, ...]
    """The forecast score after 0, 1, ... iterations."""
    kept: tuple[float, ...]
    """The share of the base that an undirected walk of as many iterations leaves."""

    def to_dict(self) -> dict[str, Any]:
        """The diagnosis as JSON data; what is not finite is null."""
        found: dict[str, Any] = _plain(asdict(self))
        return found


def diagnose(ladder: Ladder, plan: Plan, seed: int = 0, draws: int = DRAWS) -> Diagnosis:
    """The advice for a plan; its own sigma is kept if it has one."""
    rng = np.random.default_rng(seed)
    samples = [ladder.redrawn(rng) for _ in range(draws)]

    def estimate(number: Callable[[Ladder], float]) -> Estimate:
        return _estimate(number(ladder), [number(sample) for sample in samples])

    advised = replace(plan, sigma=plan.sigma or choose_sigma(ladder.edge(), plan))
    assert advised.sigma is not None
    rung = nearest(ladder, advised.sigma)
    where, alpha = ladder.rungs.index(rung), advised.step(advised.sigma)
    signal = rung.signal()
    courses = [forecast(one, advised, rung, _mean(signal, rng)) for one in samples]
    course = forecast(ladder, advised, rung, float(signal.mean()))

    def foretold(number: Callable[[Forecast], float]) -> Estimate:
        return _estimate(number(course), [number(one) for one in courses])

    lasting, luck = components(rung.scores)
    steps = tuple(_step(ladder, samples, k, plan.tasks, rng) for k in range(len(ladder.rungs)))
    room = ladder.edge() ** 2 - advised.sigma**2
    needed = math.ceil(alpha**2 * plan.iterations / room) if room > 0 else 0
    return Diagnosis(
        base=estimate(lambda one: float(one.centre.mean())), steps=steps,
        edge=estimate(lambda one: one.edge()), open=ladder.open,
        detected=next((step.sigma for step in steps if step.signal.low > 0), None),
        trace=estimate(lambda one: curvature(one, one.rungs[where])[0]), dimension=curvature(ladder, rung)[1],
        gains=tuple(_gain(ladder, samples, where, n) for n in SIZES if n <= len(rung.scores)),
        plan=advised, probed=rung.sigma, alpha=alpha, members_needed=needed,
        tasks_enough=math.ceil(luck / lasting) if lasting > 0 else None,
        rise=foretold(lambda one: one.rise), peak=foretold(lambda one: float(one.t_peak)),
        horizon=foretold(lambda one: one.horizon), course=tuple(map(float, course.curve)),
        kept=tuple(map(float, ladder.keep(advised.walk(alpha, np.arange(plan.iterations + 1.0))))),
    )  # fmt: skip


def _step(ladder: Ladder, samples: Sequence[Ladder], number: int, tasks: int, rng: np.random.Generator) -> Step:
    rung = ladder.rungs[number]
    signal = rung.signal()
    drawn = [_mean(signal, rng) for _ in samples]
    return Step(
        rung.sigma, _estimate(rung.mean, [one.rungs[number].mean for one in samples]),
        _estimate(_root(float(signal.mean())), [_root(value) for value in drawn]),
        math.sqrt(max(0.0, rung.variance(tasks))), float((rung.members > ladder.centre.mean()).mean()),
    )  # fmt: skip


def _gain(ladder: Ladder, samples: Sequence[Ladder], number: int, n: int) -> Gain:
    def gain(one: Ladder) -> float:
        return best_of(one.rungs[number].members, n) - float(one.centre.mean())

    rung: Rung = ladder.rungs[number]
    middle = rung.mean - float(ladder.centre.mean())
    luck = components(rung.scores)[1] / rung.scores.shape[1]
    return Gain(
        n, _estimate(gain(ladder), [gain(one) for one in samples]),
        middle + float(rung.members.std(ddof=1)) * normal_best(n), middle + math.sqrt(luck) * normal_best(n),
    )  # fmt: skip


def sentences(found: Diagnosis) -> list[str]:
    """The advice in words, the doubtful parts named as such."""
    plan, said = found.plan, []
    edge = f"sigma {found.edge.value:.2g} [{found.edge.low:.2g}, {found.edge.high:.2g}]"
    if all(step.mean.value == 0.0 for step in found.steps):
        return ["No member solved any task at any sigma: there is nothing to select. Take an easier level, more shots, "
                "or an objective that grades."]  # fmt: skip
    if found.open:
        said.append(f"Members still bear the largest sigma tried, so the window may reach beyond {found.edge.value:g}.")
    else:
        said.append(f"Members keep half of their best score up to {edge}: the window ends there.")
    said.append(f"Take sigma {plan.sigma:g} and alpha {found.alpha:g} for {plan.iterations} iterations of "
                f"{plan.population} members.")  # fmt: skip
    if found.members_needed > plan.population:
        left = plan.iterations * plan.population / found.members_needed
        said.append(f"By the drift law, which knows no selection, members leave the window near iteration {left:.0f}; "
                    f"{found.members_needed} members would stay inside, and so would a smaller alpha.")  # fmt: skip
    if found.rise.low <= 0:
        said.append("No signal could be told from luck at this sigma: more members and tasks in the probe would say "
                    "whether there is one, and the run may not rise.")  # fmt: skip
    else:
        last = found.peak.value >= plan.iterations
        when = "still rising at the end" if last else f"best near iteration {found.peak.value:.0f}"
        said.append(f"Forecast: {when} (95 %: {found.peak.low:.0f} to {found.peak.high:.0f}), at first by "
                    f"{100 * found.rise.value:.2g} points an iteration or less.")  # fmt: skip
    if found.tasks_enough is not None and found.tasks_enough > plan.tasks:
        said.append(f"Members differ more by the luck of {plan.tasks} tasks than by what lasts: up to about "
                    f"{found.tasks_enough} tasks an iteration pay as well as members do.")  # fmt: skip
    if found.trace.high < 0:
        said.append("Members score above the centre: noise helps here, so the landscape is no quadratic around a peak.")
    return said


def _mean(values: NDArray[np.float64], rng: np.random.Generator) -> float:
    return float(values[rng.integers(len(values), size=len(values))].mean())


def _root(square: float) -> float:
    """The root with the sign: an estimated variance may lie below 0."""
    return math.copysign(math.sqrt(abs(square)), square)


def _estimate(value: float, drawn: Sequence[float]) -> Estimate:
    low, high = np.quantile(np.array(drawn), [0.025, 0.975], method="nearest")
    return Estimate(value, float(low), float(high))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
