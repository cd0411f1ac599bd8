"""Which part of a reply counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esreason.core.text import CHARSET, MAX_ACTION, TextTooLong, canonical, shown
from tests.oracles._reading import counted

PIECES = st.lists(
    st.sampled_from(["<answer>", "</answer>", "```", "```python\n", "\n", " ", "x", "1 2", "−", "→", "×", "\u200b"])
    | st.text(max_size=4),
    max_size=12,
).map("".join)


@given(PIECES)
def test_two_readings_agree(text: str) -> None:
    assert canonical(text) == counted(text)


@given(st.text(alphabet=CHARSET, max_size=60).filter(lambda t: "<answer>" not in t and not t.strip().startswith("```")))
def test_plain_text_counts_as_it_is(text: str) -> None:
    assert canonical(text) == text.strip()
    if "</answer>" not in text:
        assert canonical(f"because of this\n<answer>{text}</answer>") == text.strip()
        assert canonical(f"<answer>old</answer> no <answer>\n{text}") == text.strip()
    if "```" not in text:
        assert canonical(f"```text\n{text}\n```") == text.strip()


@pytest.mark.parametrize(
    ("text", "meant"),
    [("3 − 2 × 4 ÷ 5", "3 - 2 * 4 / 5"), ("A→C", "A->C"), ("\ufeff1\u00a02", "1 2"), ("“x”", '"x"'), ("٣", "٣"),
     ("```\n1\n```\n", "1"), ("```\n1\n``` or ```\n2\n```", "1\n``` or ```\n2"), ("``1``", "``1``"), ("", "")],
)  # fmt: skip
def test_signs_and_fences(text: str, meant: str) -> None:
    assert canonical(text) == meant


def test_long_texts_are_refused_unread() -> None:
    assert canonical("x" * MAX_ACTION) == "x" * MAX_ACTION
    with pytest.raises(TextTooLong, match=r"20,000 characters\.$"):
        canonical(" " * (MAX_ACTION + 1))


@given(st.text(), st.integers(8, 50))
def test_shown_text_fits_a_sentence(text: str, limit: int) -> None:
    sentence = shown(text, limit)
    assert len(sentence) <= limit + 2 and set(sentence) <= set(CHARSET) - {"\n"}


def test_the_alphabet_is_printable_ascii_and_the_newline() -> None:
    assert len(CHARSET) == 96 and set(CHARSET) == {"\n", *map(chr, range(32, 127))}
