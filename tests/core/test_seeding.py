"""Random streams depend on what they are for, and on nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from esreason.core.seeding import digest, stream

WORDS = [802, 23, 404, 767]
DIGEST = "00ab35a5"
PARTS = st.lists(st.text(max_size=6) | st.integers(), max_size=5)


@given(PARTS, PARTS)
def test_different_parts_have_different_digests(first: list[object], second: list[object]) -> None:
    same = [str(part) for part in first] == [str(part) for part in second]
    assert (digest(*first) == digest(*second)) == same


def test_parts_are_not_run_together() -> None:
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("1:a"), digest("", "abc")}) == 5


def test_streams_are_the_same_on_every_machine() -> None:
    """The words are fixed: a change here changes every task there is, and needs new versions."""
    rng = stream("sudoku", 0, 1, "train", 7)
    assert [rng.randrange(1_000) for _ in range(4)] == WORDS
    assert digest("sudoku", 0, size=4).hex() == DIGEST


def test_neighbouring_seeds_share_no_draws() -> None:
    drawn = [rng.getrandbits(64) for rng in (stream("x", seed) for seed in range(200)) for _ in range(8)]
    assert len(set(drawn)) == 1_600
