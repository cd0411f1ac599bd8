"""Observations in the shared memory of Gymnasium's asynchronous vector environments."""

from __future__ import annotations

import multiprocessing
from copy import deepcopy
from typing import Any

import pytest
from gymnasium.vector.utils import create_shared_memory
from gymnasium.vector.utils import read_from_shared_memory as _read
from gymnasium.vector.utils import write_to_shared_memory as _write
from hypothesis import given
from hypothesis import strategies as st

from esreason.core.spaces import SharedText
from esreason.core.text import CHARSET

SPACE = SharedText(40, min_length=0, charset=CHARSET)
MEMORY = create_shared_memory(SPACE, n=3)
read_from_shared_memory: Any = _read  # declared for arrays of numbers only
write_to_shared_memory: Any = _write
TEXTS = st.text(alphabet=CHARSET, max_size=40)


@given(st.lists(TEXTS, min_size=3, max_size=3))
def test_what_is_written_is_read(texts: list[str]) -> None:
    view = read_from_shared_memory(SPACE, MEMORY, n=3)
    for index, text in enumerate(texts):
        write_to_shared_memory(SPACE, index, text, MEMORY)
    assert list(view) == texts and view[1] == texts[1] and view[-1] == texts[-1] and view[1:] == tuple(texts[1:])
    assert len(view) == 3
    with pytest.raises(IndexError):
        view[3]


def test_a_copy_keeps_what_was_there() -> None:
    view = read_from_shared_memory(SPACE, MEMORY, n=3)
    write_to_shared_memory(SPACE, 0, "first", MEMORY)
    kept = deepcopy(view)
    write_to_shared_memory(SPACE, 0, "2", MEMORY)
    assert kept[0] == "first" and view[0] == "2" and type(kept) is tuple


def test_another_process_writes() -> None:
    context = multiprocessing.get_context("fork")
    process = context.Process(target=write_to_shared_memory, args=(SPACE, 2, "from afar\n", MEMORY))
    process.start()
    process.join(20)
    assert read_from_shared_memory(SPACE, MEMORY, n=3)[2] == "from afar\n"
