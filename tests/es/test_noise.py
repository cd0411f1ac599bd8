"""Integer normal noise: the same bits everywhere, and normal enough."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from esreason.es.noise import CENTRE, LARGEST, MAX_SEED, ONE, Member, Noise, factors, normals, table

NAME = "model.layers.0.self_attn.q_proj.weight"
GOLDEN = [188, 22, -227, 111, -197, -215]
GOLDEN_DIGEST = "68f345bd34b6ba5a"
seeds = st.integers(1, MAX_SEED - 1)


def test_the_table_is_the_normal_quantile_function() -> None:
    """Entry i is round(256 * Phi^-1((i + 1/2) / 65536)), by scipy's independent inverse."""
    exact = ONE * stats.norm.ppf((np.arange(65536) + 0.5) / 65536)
    assert np.abs(table() - exact).max() <= 0.5 + 1e-9
    assert hashlib.sha256(table().astype("<i2").tobytes()).hexdigest().startswith("586fabbefab1ca02")
    assert table().dtype == np.int16
    assert np.array_equal(table(), -table()[::-1])
    assert table().max() == LARGEST
    assert abs(float((table() / ONE).var()) - 1) < 1e-4
    assert abs(float(stats.kurtosis(table() / ONE, fisher=False)) - 3) < 2e-3


def test_bits_are_fixed() -> None:
    """A seed log of today must rebuild its weights for ever."""
    assert normals(1, "w", 0, 6).tolist() == normals(-1, "w", 0, 6).tolist() == GOLDEN
    words = normals(2**53 - 1, NAME, 10**9, 4096).astype("<i2").tobytes()
    assert hashlib.sha256(words).hexdigest()[:16] == GOLDEN_DIGEST


def philox(key: int, block: int) -> list[int]:
    """Philox4x64-10 from its definition (Salmon et al. 2011), in Python integers."""
    mask, counter = 2**64 - 1, [block, 0, 0, 0]
    left, right = key & mask, key >> 64
    for round_ in range(10):
        if round_:
            left, right = (left + 0x9E3779B97F4A7C15) & mask, (right + 0xBB67AE8584CAA73B) & mask
        one, two = 0xD2E7470EE14C6C93 * counter[0], 0xCA5A826395121157 * counter[2]
        counter = [(two >> 64) ^ counter[1] ^ left, two & mask, (one >> 64) ^ counter[3] ^ right, one & mask]
    return counter


@pytest.mark.parametrize("index", [0, 15, 16, 12345, 2**40 + 7])
def test_an_element_by_the_definition(index: int) -> None:
    """Key, counter, word, table: each step by hand."""
    key = int.from_bytes(hashlib.blake2b(f"77:{NAME}".encode(), digest_size=16).digest(), "little")
    words = philox(key, index // 16 + 1)  # numpy counts up before it generates
    quarter = words[index % 16 // 4] >> (16 * (index % 4)) & 0xFFFF
    assert normals(77, NAME, index, 1)[0] == table()[quarter]


@given(seeds, st.integers(0, 2**50), st.lists(st.integers(0, 70), min_size=1, max_size=6))
def test_any_chunking_gives_the_same_bits(seed: int, start: int, sizes: list[int]) -> None:
    edges = np.cumsum([start, *sizes]).tolist()
    parts = [normals(seed, NAME, a, b - a) for a, b in pairwise(edges)]
    assert np.array_equal(np.concatenate(parts), normals(seed, NAME, start, sum(sizes)))


@given(seeds)
def test_mirror_images_share_their_noise(seed: int) -> None:
    assert np.array_equal(normals(seed, NAME, 3, 50), normals(-seed, NAME, 3, 50))
    assert Member(seed, 0.5).amplitude == 0.5 == -Member(-seed, 0.5).amplitude


def test_noise_is_normal_and_independent() -> None:
    """Kolmogorov-Smirnov with the table's half-step, and correlations between seeds, names and lags at 4 sigma."""
    count = 200_000
    draws = {
        "one": normals(1, "a", 0, count),
        "other seed": normals(2, "a", 0, count),
        "other name": normals(1, "b", 0, count),
        "far": normals(1, "a", 10**12, count),
        "lag": normals(1, "a", 1, count),
    }
    for draw in draws.values():
        dithered = (draw + np.random.default_rng(0).uniform(-0.5, 0.5, count)) / ONE
        assert stats.kstest(dithered, "norm").pvalue > 1e-4
    values = np.stack([draw.astype(np.float64) for draw in draws.values()])
    correlations = np.corrcoef(values) - np.eye(len(draws))
    assert np.abs(correlations).max() < 4 / count**0.5


@pytest.mark.parametrize("rank", [1, 2, 4, 8, 16])
def test_the_rank_law(rank: int) -> None:
    """Entries of A B^T / sqrt(r): mean 0, variance 1, fourth moment 3 + 6/r (arXiv:2511.16652)."""
    left, right = factors(5, "w", (400_000, 1), rank)[0], factors(6, "w", (400_000, 1), rank)[0]
    entries = (left.astype(np.float64) * right.astype(np.float64)).sum(1) / ONE**2 / rank**0.5
    assert abs(entries.mean()) < 0.01
    assert abs((entries**2).mean() - 1) < 0.02
    assert (entries**4).mean() == pytest.approx(3 + 6 / rank, rel=0.05)


@pytest.mark.parametrize(("members", "rank", "expected"), [(3, 2, 6), (5, 1, 5), (40, 1, 24), (2, 64, 24)])
def test_the_rank_of_a_sum(members: int, rank: int, expected: int) -> None:
    """rank(sum of N noises of rank r) = min(N r, rows, columns)."""
    pairs = [factors(seed, "w", (24, 31), rank) for seed in range(1, members + 1)]
    total = sum((a.astype(np.float64) @ b.astype(np.float64).T) * (i + 1) for i, (a, b) in enumerate(pairs))
    assert np.linalg.matrix_rank(total) == expected


def test_factors_are_their_own_parameters() -> None:
    """A and B are rows of `name:A` and `name:B`, so that a shard of rows can make its own part."""
    left, right = factors(9, "w", (10, 7), 3)
    assert np.array_equal(left[4:6].ravel(), normals(9, "w:A", 12, 6))
    assert np.array_equal(right.ravel(), normals(9, "w:B", 0, 21))
    assert Noise().factorised((3, 4))
    assert not Noise().factorised((3,))
    assert not Noise("dense").factorised((3, 4))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Noise("sparse"), "dense, lowrank or spectral"),  # type: ignore[arg-type]
        (lambda: Noise(rank=0), "rank"),
        (lambda: Member(2**53, 0.1), "seed"),
        (lambda: Member(1, float("nan")), "sigma"),
        (lambda: normals(0, "w", 0, 1), "centre"),
    ],
)
def test_wrong_settings_are_one_sentence(make: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()  # type: ignore[operator]
    assert CENTRE.amplitude == 0.0


def test_numpy_alone_makes_noise() -> None:
    """Workers of other engines import it without torch."""
    code = "import sys; from esreason.es import noise, update; noise.normals(1, 'w', 0, 9); "
    code += "assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
