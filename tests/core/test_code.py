"""Digests of code: what changes them and what does not."""

from __future__ import annotations

import importlib
import io
import sys
import tokenize
from pathlib import Path

import pytest

import esreason
from esreason.core.code import bare, code_of
from esreason.core.registry import env_class, list_envs

PARTS = {
    "judge.py": 'def right(answer: str) -> bool:\n    """Judge."""\n    return answer == "1"  # the one\n',
    "puzzle.py": (
        "from esreason import ReasoningEnv\n\n\nclass Base(ReasoningEnv[int, int]):\n"
        "    @classmethod\n    def _verify(cls, instance, answer):\n"
        "        from .judge import right\n        return right(answer)\n"
    ),
    "game.py": "from parcel.puzzle import Base\n\n\nclass Game(Base):\n    rules = 'Play.'\n",
    "other.py": "UNUSED = 1\n",
}


@pytest.fixture
def parcel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "parcel"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    for name, text in PARTS.items():
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def digests() -> tuple[str, str]:
    """The digests in an interpreter that has seen nothing yet."""
    for name in [name for name in sys.modules if name.startswith("parcel")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    import esreason.core.code as code

    for cached in (code._imports, code._source, code._file_digest):
        cached.cache_clear()
    found = code_of(importlib.import_module("parcel.game").Game)
    return found.env, found.verifier


@pytest.mark.parametrize(
    ("file", "old", "new", "env", "verifier"),
    [
        ("judge.py", '"1"', '"2"', True, False),  # reached, yet no file of verifiers/ and not the one of _verify
        ("puzzle.py", "return right(answer)", "return not right(answer)", True, True),
        ("game.py", "'Play.'", "'Play!'", True, False),
        ("other.py", "1", "2", False, False),
        ("judge.py", '"""Judge."""', '"""Judges an answer."""', False, False),
        ("judge.py", "  # the one", "", False, False),
        ("game.py", "\n\n\n", "\n\n", False, False),
    ],
)
def test_only_reached_code_counts(parcel: Path, file: str, old: str, new: str, env: bool, verifier: bool) -> None:
    before = digests()
    text = (parcel / file).read_text()
    assert old in text
    (parcel / file).write_text(text.replace(old, new))
    after = digests()
    assert (before[0] != after[0], before[1] != after[1]) == (env, verifier)


def test_shared_files_of_the_room_verifiers_count_as_judges() -> None:
    codes = {info.name: code_of(env_class(info.name)) for info in list_envs() if info.origin == "esreason"}
    assert len({code.env for code in codes.values()}) == len(codes)
    assert all(len(digest) == 64 for code in codes.values() for digest in (code.env, code.verifier))


@pytest.mark.parametrize("name", ["core/env.py", "core/code.py", "leaderboard/audit.py"])
def test_bare_source_is_the_same_program(name: str) -> None:
    source = (Path(esreason.__file__).parent / name).read_text(encoding="utf-8")
    stripped = bare(source)
    assert "#" not in stripped and '"""' not in stripped
    assert words(stripped) == words(source)


def words(source: str) -> list[str]:
    """Names, operators and numbers: all that neither comments nor texts are made of."""
    kept = (tokenize.NAME, tokenize.OP, tokenize.NUMBER)
    return [t.string for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type in kept]
