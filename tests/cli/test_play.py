"""Leaving a game at its prompt: what comes next stands on a line of its own."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from esreason.cli.play import _line


@pytest.mark.parametrize("left", [EOFError, KeyboardInterrupt])
def test_leaving_at_the_prompt_ends_its_line(left: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(*_: object) -> str:
        raise left

    monkeypatch.setattr("builtins.input", leave)
    out = Console(file=io.StringIO(), width=80)
    if left is EOFError:
        assert _line(out, "> ") is None
    else:
        with pytest.raises(KeyboardInterrupt):
            _line(out, "> ")
    assert out.file.getvalue() == "> \n"  # type: ignore[attr-defined]
