"""Integer lattices: rounding and gate by definition, exact residuals, replays, packing, and the same bits any way."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from esreason.es import update_packed
from esreason.es.lattice import FRACTION, Lattice, in_steps, moves, spread
from esreason.es.noise import Member, Noise, normals, uniforms
from esreason.es.update import StepRule, Update
from esreason.es.update_lattice import LatticeCentre
from esreason.es.update_packed import Packed

MATRICES = {"odd": (3, 5), "wide": (6, 64), "one": (4, 96)}
SIGMA = 0.012  # about 0.8 grid steps at int4


def parameters(dtype: torch.dtype = torch.float32) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    drawn = {name: torch.randn(shape, generator=generator) * 0.05 for name, shape in MATRICES.items()}
    return {name: weight.to(dtype) for name, weight in {**drawn, "norm": torch.ones(5)}.items()}


def centre(lattice: Lattice, *, middle: bool = False) -> LatticeCentre:
    """A centre; with `middle` its codes are -1, 0 and 1, so that nothing gets near the range and no gate fires."""
    made = LatticeCentre(parameters().items(), list(MATRICES), lattice)
    if middle:
        for matrix in made.matrices.values():
            matrix.write(slice(0, matrix.size), (np.arange(matrix.size) % 3 - 1).astype(np.int16))
    return made


def updates(count: int, alpha: float = 0.002, pairs: int = 4) -> list[Update]:
    """Updates of mirrored pairs whose coefficients are drawn anew each time."""
    random = np.random.default_rng(5)
    drawn = []
    for t in range(count):
        seeds = tuple(s * (1 + t * pairs + k) for k in range(pairs) for s in (1, -1))
        coefficients = tuple(int(c) for c in random.integers(-60_000, 60_001, 2 * pairs))
        drawn.append(Update(t, seeds, coefficients, 2.0**-15 / pairs, alpha, Noise("dense"), StepRule(), SIGMA))
    return drawn


def codes(made: LatticeCentre) -> dict[str, np.ndarray]:
    return {name: matrix.read(slice(0, matrix.size)).copy() for name, matrix in made.matrices.items()}


def run(made: LatticeCentre, steps: Iterable[Update]) -> dict[str, np.ndarray]:
    for step in steps:
        made.apply(step)
    return codes(made)


def rounded_noise(seed: int, name: str, count: int, sigma: float) -> np.ndarray:
    """floor(sigma * eps + u) by the definition: the exact sum in float64, rounded once to float32."""
    eps, u = normals(seed, name, 0, count) / 256, uniforms(abs(seed), f"{name}:round", 0, count) / 65536
    whole = np.floor((sigma * eps + u).astype(np.float32)).astype(int)
    return whole if seed > 0 else -whole


def increment(update: Update, name: str, at: np.ndarray, made: LatticeCentre) -> np.ndarray:
    """alpha * g in grid steps, by the definition, in float64: a mean over members as gated."""
    sigma, largest = in_steps(update.sigma, made.step), made.lattice.largest
    total = np.zeros(len(at))
    for seed, coefficient in zip(update.seeds, update.coefficients, strict=True):
        move = rounded_noise(seed, name, len(at), sigma)
        total += coefficient * np.where(np.abs(at + move) <= largest, move, 0)
    return total * update.scale * update.alpha / made.step / spread(sigma)


# Noise on the lattice


@pytest.mark.parametrize("sigma", [0.03, 0.81, 11.6])
def test_moves_are_the_rounded_noise(sigma: float) -> None:
    sigma = in_steps(sigma, 1.0)
    whole = moves(9, "w", 0, 4096, sigma)
    assert (whole == rounded_noise(9, "w", 4096, sigma)).all()
    assert (moves(-9, "w", 0, 4096, sigma) == -whole).all()
    assert (np.abs(whole - sigma * normals(9, "w", 0, 4096) / 256) <= 1).all()


@pytest.mark.parametrize("sigma", [0.03, 0.81, 11.6])
def test_rounding_is_right_on_average_and_widens_the_noise_as_said(sigma: float) -> None:
    sigma, n = in_steps(sigma, 1.0), 2**18
    whole, exact = moves(4, "w", 0, n, sigma), sigma * normals(4, "w", 0, n) / 256
    rounding = np.sqrt(np.mean((exact - np.floor(exact)) * (1 - exact + np.floor(exact))))
    assert abs(np.mean(whole - exact)) < 5 * rounding / math.sqrt(n)
    assert np.std(whole) == pytest.approx(spread(sigma), rel=0.02)
    assert spread(sigma) > sigma


@pytest.mark.parametrize("sigma", [0.0, 1e9])
def test_a_sigma_that_the_grid_cannot_hold_is_refused(sigma: float) -> None:
    with pytest.raises(ValueError, match="grid steps"):
        in_steps(sigma, 0.01)


# Codes


@given(
    st.sampled_from([4, 8]),
    st.lists(st.integers(-7, 7), min_size=1, max_size=41),
    st.integers(1, 10).map(lambda n: 2 * n),
)
def test_codes_survive_packing(bits: int, given_codes: list[int], chunk: int) -> None:
    size = len(given_codes)
    stored = torch.zeros(-(-size * bits // 8), dtype=torch.uint8 if bits == 4 else torch.int8)
    packed = Packed(stored, torch.ones(1, 1), (1, size), bits)
    for first in range(0, size, chunk):
        packed.write(slice(first, min(first + chunk, size)), np.array(given_codes[first : first + chunk], np.int16))
    assert packed.read(slice(0, size)).tolist() == given_codes
    assert packed.dequantise(torch.empty(1, size)).tolist() == [given_codes]
    if bits == 4:  # two a byte, the first in the lower half, each with 8 added
        padded = [*given_codes, *[0] * (size % 2)]
        assert packed.codes.tolist() == [
            low + 8 + 16 * (high + 8) for low, high in zip(*[iter(padded)] * 2, strict=True)
        ]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("width", ["int4", "int8"])
def test_codes_are_the_nearest_and_scales_fit_the_largest(width: str, dtype: torch.dtype) -> None:
    lattice = Lattice(width)  # type: ignore[arg-type]
    for name, weight in parameters(dtype).items():
        if name == "norm":
            continue
        packed = Packed.of(weight, lattice)
        group = 32 if width == "int4" and weight.shape[1] % 32 == 0 else weight.shape[1]
        w = weight.double().numpy().reshape(-1, group)
        scale = torch.from_numpy(np.abs(w).max(1) / lattice.largest).to(dtype).double().numpy()
        assert (packed.scale.double().numpy().ravel() == scale).all()
        nearest = np.clip(
            np.rint(w.astype(np.float32) / scale.astype(np.float32)[:, None]), -lattice.largest, lattice.largest
        )
        assert (packed.read(slice(0, packed.size)) == nearest.ravel()).all()
        exact = torch.from_numpy((nearest * scale[:, None]).astype(np.float32)).to(dtype)
        assert torch.equal(packed.dequantise(torch.empty(weight.shape, dtype=dtype)), exact.view(weight.shape))
        assert torch.equal(packed.dequantise(torch.empty(weight.shape)), exact.view(weight.shape).float())


def test_int4_takes_half_a_byte_a_weight() -> None:
    packed = Packed.of(torch.randn(64, 256), Lattice("int4"))
    assert packed.codes.nbytes == 64 * 256 // 2
    assert packed.nbytes == 64 * 256 // 2 + 64 * 256 // 32 * 4


def test_zeros_stay_zero_and_infinities_are_refused() -> None:
    weight = torch.randn(2, 64)
    weight[0, 32:] = 0.0
    packed = Packed.of(weight, Lattice("int4"))
    packed.write(slice(0, 128), np.full(128, 7, np.int16))
    assert (packed.dequantise(torch.empty(2, 64))[0, 32:] == 0).all()
    weight[1, 1] = math.inf
    with pytest.raises(ValueError, match="finite"):
        Packed.of(weight, Lattice("int4"))


def test_a_member_is_the_centre_moved_within_the_range() -> None:
    made = centre(Lattice("int4"))
    sigma = in_steps(0.05, made.step)
    blocked = 0
    for name, at in codes(made).items():
        for seed in (3, -3):
            move = rounded_noise(seed, name, len(at), sigma)
            wanted = np.where(np.abs(at + move) <= 7, at + move, at)
            blocked += int((np.abs(at + move) > 7).sum())
            member = made.member(name, Member(seed, 0.05))
            assert (member.read(slice(0, member.size)) == wanted).all()
            assert (codes(made)[name] == at).all()
    assert blocked


# Steps


@pytest.mark.parametrize("start", ["zero", "uniform", "master"])
def test_gamma_one_carries_the_float_trajectory_exactly(start: str) -> None:
    """code * 65536 + residual is a sum of whole numbers, each the float step to half a part; so W + e is Theta."""
    made = centre(Lattice("int4", "full", 1.0, start=start), middle=True)  # type: ignore[arg-type]
    steps = updates(30)
    first = codes(made)
    if start == "master":
        begun = {name: rest.copy() for name, rest in made.residuals.items()}
    else:
        words = {n: uniforms(abs(steps[0].seeds[0]), f"{n}:start", 0, len(first[n])).astype(int) - 2**15 for n in first}
        begun = words if start == "uniform" else {name: np.zeros(len(at), int) for name, at in first.items()}
    theta = {name: first[name] + begun[name] / FRACTION for name in first}
    whole = {name: first[name].astype(int) * FRACTION + begun[name] for name in first}
    moved = 0
    for step in steps:
        before = codes(made)
        changes = {name: increment(step, name, before[name], made) for name in before}
        made.apply(step)
        for name, at in codes(made).items():
            theta[name] = theta[name] + changes[name]
            whole[name] = whole[name] + np.rint(changes[name] * FRACTION).astype(int)
            assert (at.astype(int) * FRACTION + made.residuals[name] == whole[name]).all()
            moved += int((at != before[name]).sum())
    for name, at in codes(made).items():
        assert np.abs(at + made.residuals[name] / FRACTION - theta[name]).max() <= len(steps) / 2 / FRACTION
        assert np.abs(at - theta[name]).max() <= 0.5 + len(steps) / 2 / FRACTION
        assert np.abs(at).max() < 5  # no gate was near
    assert moved > 100


def test_the_master_start_is_what_rounding_took() -> None:
    made = centre(Lattice("int8", "full", start="master"))
    for name, weight in parameters().items():
        if name in made.matrices:
            scale = made.matrices[name].scale.double().numpy()
            exact = (weight.double().numpy().reshape(*scale.shape, -1) / scale[..., None]).ravel()
            recovered = codes(made)[name] + made.residuals[name] / FRACTION
            assert np.abs(recovered - exact).max() <= 1 / FRACTION


@pytest.mark.parametrize(("gamma", "dead"), [(1.0, 0.0), (0.9, 0.05), (0.5, 0.25)])
def test_below_half_of_one_minus_gamma_nothing_moves(gamma: float, dead: float) -> None:
    """The same step again and again: residuals settle at u / (1 - gamma), below one half in the dead zone."""
    made = centre(Lattice("int4", "full", gamma, start="zero"), middle=True)
    [step] = updates(1, alpha=0.001)
    before = codes(made)
    size = {name: np.abs(increment(step, name, at, made)) for name, at in before.items()}
    after = run(made, [replace(step, iteration=t) for t in range(40)])
    still = moving = 0
    for name, at in after.items():
        inside, outside = size[name] < dead - 2e-3, (size[name] > dead + 1e-2) & (size[name] * 40 > 1)
        assert (at == before[name])[inside].all()
        assert (at != before[name])[outside].all()
        still, moving = still + int(inside.sum()), moving + int((at != before[name]).sum())
    assert (still > 50) == (gamma < 1)
    assert moving > 50 or gamma == 0.5  # where hardly a step is that large


@pytest.mark.parametrize("start", ["zero", "uniform"])
@pytest.mark.parametrize("gamma", [1.0, 0.9])
def test_a_replay_is_the_full_residual_while_its_window_covers_the_run(start: str, gamma: float) -> None:
    steps = updates(12)
    kept = centre(Lattice("int4", "full", gamma, start=start), middle=True)  # type: ignore[arg-type]
    replayed = centre(Lattice("int4", "replay", gamma, 12, start), middle=True)  # type: ignore[arg-type]
    short = centre(Lattice("int4", "replay", gamma, 2, start), middle=True)  # type: ignore[arg-type]
    for number, step in enumerate(steps):
        whole, again, cut = (run(made, [step]) for made in (kept, replayed, short))
        assert all((whole[name] == again[name]).all() for name in whole), number
        if number < 3:  # two updates and the one at hand are all there are
            assert all((whole[name] == cut[name]).all() for name in whole)
    assert any((whole[name] != cut[name]).any() for name in whole)
    assert not replayed.residuals


def test_quzo_rounds_right_on_average_and_none_to_the_nearest() -> None:
    """Over many updates a code's moves have the mean u and the variance p(1 - p)."""
    [step] = updates(1, alpha=0.001)
    quzo, plain = centre(Lattice("int4", "quzo"), middle=True), centre(Lattice("int4", "none"), middle=True)
    before = codes(quzo)
    u = np.concatenate([increment(step, name, at, quzo) for name, at in before.items()])
    assert (
        np.concatenate(list(run(plain, [step]).values())) == np.concatenate(list(before.values())) + np.floor(u + 0.5)
    ).all()
    trials = []
    for key in range(400):  # the draws belong to the update's first seed, whose coefficient may be 0
        seeds, weights = (10_000 + key, *step.seeds), (0, *step.coefficients)
        made = centre(Lattice("int4", "quzo"), middle=True)
        after = run(made, [replace(step, seeds=seeds, coefficients=weights)])
        trials.append(np.concatenate([after[name] - before[name] for name in after]))
    drawn, part = np.array(trials), u - np.floor(u)
    assert (np.abs(drawn - u) < 1).all()
    noise = np.sqrt(part * (1 - part) / 400)
    assert (np.abs(drawn.mean(0) - u) <= 5 * noise + 1e-4).all()
    assert drawn.var(0).sum() == pytest.approx((part * (1 - part)).sum(), rel=0.02)


@pytest.mark.parametrize("residual", ["full", "replay", "none", "quzo"])
@pytest.mark.parametrize("width", ["int4", "int8"])
def test_any_order_and_chunking_gives_the_same_bits(width: str, residual: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lattice = Lattice(width, residual, 0.9, 3, "uniform")  # type: ignore[arg-type]
    random, results, members = np.random.default_rng(2), set(), set()
    for chunk in (2, 34, 100, 2**16):
        monkeypatch.setattr(update_packed, "_CHUNK", chunk)
        made = centre(lattice)
        for step in updates(5, alpha=0.01):
            order = [0, *(1 + random.permutation(len(step.seeds) - 1))]  # the first seed draws the rounding
            seeds, weights = [step.seeds[i] for i in order], [step.coefficients[i] for i in order]
            made.apply(replace(step, seeds=tuple(seeds), coefficients=tuple(weights)))
        results.add(made.checksum())
        members.add(made.member("wide", Member(-8, SIGMA)).codes.numpy().tobytes())
    assert len(results) == len(members) == 1


@pytest.mark.parametrize("residual", ["full", "replay", "quzo"])
def test_codes_stay_in_range_and_a_restart_forgets_everything(residual: str) -> None:
    lattice = Lattice("int4", residual, 1.0, 4, "zero")  # type: ignore[arg-type]
    made, steps = centre(lattice), updates(6, alpha=0.5)  # steps of many grid steps: the gate has to hold
    start = made.checksum()
    after = run(made, steps)
    assert all(np.abs(at).max() <= 7 for at in after.values())
    assert made.checksum() != start
    made.restart(centre(lattice))
    assert made.checksum() == start
    again = run(made, steps)
    assert all((again[name] == after[name]).all() for name in after)


def test_only_the_matrices_move() -> None:
    made = centre(Lattice("int4"))
    run(made, updates(3, alpha=0.05))
    assert torch.equal(made.tensor("norm"), parameters()["norm"])
    assert made.size == sum(weight.numel() for weight in parameters().values())


def test_updates_that_do_not_fit_are_refused_before_anything_moves() -> None:
    made = centre(Lattice("int4"))
    [step] = updates(1)
    before = made.checksum()
    wrong = [
        replace(step, noise=Noise()), replace(step, rule=StepRule("adam")), replace(step, rule=StepRule(decay=0.1)),
        replace(step, sigma=0.0),
    ]  # fmt: skip
    for update in wrong:
        with pytest.raises(ValueError, match=r"lattice|sigma"):
            made.apply(update)
    assert made.checksum() == before


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"width": "int3"}, "int8 or int4"), ({"residual": "some"}, "quzo"), ({"start": "one"}, "master"),
        ({"gamma": 1.5}, "gamma"), ({"window": 0}, "1 to 1000"), ({"residual": "replay"}, "zero or uniform"),
    ],
)  # fmt: skip
def test_wrong_settings_are_one_sentence(settings: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Lattice(**settings)  # type: ignore[arg-type]
