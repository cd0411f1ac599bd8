"""Prompts, stop strings and what an episode remembers between turns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from tokenizers.trainers import BpeTrainer
from transformers import AutoConfig, AutoTokenizer, PreTrainedTokenizerFast

from esreason.core.errors import ModelError
from esreason.engines.base import Message, Request, Sampling
from esreason.engines.torch_engine import TorchEngine
from esreason.engines.torch_rows import Row, Turn, common
from esreason.engines.torch_text import Text
from esreason.es.noise import CENTRE

TEMPLATE = (
    "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% if m.role == 'assistant' %}</s>{% endif %}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)


@pytest.fixture(scope="session")
def pieces(tmp_path_factory: pytest.TempPathFactory, checkpoint: Callable[[str], Path]) -> Text:
    """A byte-level tokenizer whose tokens hold several characters, some with the stop string inside."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    core.decoder = decoders.ByteLevel()
    trainer = BpeTrainer(
        vocab_size=400,
        special_tokens=["</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator(["ok\nnext", "x1;\ny2;\n", "ab cd\n\nef"] * 50, trainer)
    folder = tmp_path_factory.mktemp("pieces")
    PreTrainedTokenizerFast(tokenizer_object=core, eos_token="</s>", chat_template=TEMPLATE).save_pretrained(folder)
    config = AutoConfig.from_pretrained(checkpoint("llama"))
    config.vocab_size, config.eos_token_id = len(core.get_vocab()), 0
    return Text(folder, config)


def say(text: Text, prompt: str, answer: str, stop: str, limit: int = 99, raw: bool = True) -> tuple[Row, str, str]:
    """A row after a completion whose tokens are those of `answer`; the text and how it ended."""
    row = Row(0)
    turn = Turn(row, prompt, row.prompt(prompt, raw, text), Sampling(limit, stop=stop), limit)
    mask = text.stopping(stop)
    for token in text.encode(answer, first=False):
        turn.take(token, bool(mask[token]), text)
        if turn.finish:
            break
    return row, turn.close(text), turn.finish


@pytest.mark.parametrize(
    ("answer", "stop", "wanted"),
    [
        ("ok\nnext", "\n", "ok"),
        ("x1;\ny2;\n", ";\n", "x1"),
        ("ab cd\n\nef", "\n\n", "ab cd"),
        ("ab cd\n\nef", " ", "ab"),
        ("é\n", "\n", "é"),
        ("日本;\n", "本", "日"),
    ],
)
def test_a_completion_ends_at_the_stop_string(pieces: Text, answer: str, stop: str, wanted: str) -> None:
    _, said, finish = say(pieces, "go ", answer, stop)
    assert (said, finish) == (wanted, "stop")


def test_length_and_end_token(pieces: Text) -> None:
    assert say(pieces, "go ", "ok\nnext", "", limit=1)[2] == "length"
    _, said, finish = say(pieces, "go ", "ab</s>", "\n")
    assert (said, finish) == ("ab", "stop")


def test_only_tokens_that_can_end_are_looked_at(pieces: Text) -> None:
    mask = pieces.stopping("\n")
    tokens = pieces.encode("ab cd\n", first=False)
    assert not mask[tokens[0]]
    assert mask[tokens[-1]]
    assert mask[0]


@pytest.mark.parametrize("answer", ["ok\nnext", "ab cd\n\nef", "x1;\ny2;\n"])
def test_the_next_prompt_says_what_was_said(pieces: Text, answer: str) -> None:
    """Whatever the tokens were, ids and text of the next prompt agree, and generated ids stay where they can."""
    row, said, _ = say(pieces, "go ", answer, "\n")
    following = f"go {said}\nnext: "
    ids = row.prompt(following, True, pieces)
    assert pieces.decode(ids) == following
    assert ids[: len(row.ids)] == row.ids
    kept = common(ids, row.computed)
    assert kept >= len(pieces.encode("go ", first=True))


def test_generated_ids_are_never_encoded_again(pieces: Text) -> None:
    """A model may say a text in other tokens than the tokenizer would; they are what it goes on from."""
    row = Row(0)
    prompt = row.prompt("go ", True, pieces)
    turn = Turn(row, "go ", prompt, Sampling(9, stop=""), 9)
    odd = [token for letter in "next" for token in pieces.encode(letter, first=False)]
    assert odd != list(pieces.encode("next", first=False))
    for token in odd:
        turn.take(token, False, pieces)
    turn.finish = "length"
    assert turn.close(pieces) == "next"
    assert row.prompt("go next!", True, pieces)[: len(prompt) + 4] == prompt + odd


def test_another_prompt_starts_afresh(pieces: Text) -> None:
    row, _, _ = say(pieces, "go ", "ok\nnext", "\n")
    assert row.prompt("stay", True, pieces) == list(pieces.encode("stay", first=True))


def test_chat_keeps_its_end_token(pieces: Text) -> None:
    """The end token that the model said is the one that the template writes after the reply."""
    chat = (Message("system", "rules"), Message("user", "play"))
    row = Row(0)
    rendered = pieces.render(chat)
    turn = Turn(row, rendered, row.prompt(rendered, False, pieces), Sampling(9, stop=""), 9)
    for token in pieces.encode("move</s>", first=False):
        turn.take(token, token in pieces.ends, pieces)
    assert turn.close(pieces) == "move"
    after = pieces.render((*chat, Message("assistant", "move"), Message("user", "again")))
    ids = row.prompt(after, False, pieces)
    assert ids[: len(row.computed)] == row.computed
    assert ids[len(row.ids)] == 0
    assert ids.count(0) == 1


def test_a_prefix_space_is_not_added_in_the_middle(tmp_path: Path, checkpoint: Callable[[str], Path]) -> None:
    """Sentence-piece tokenizers put a space before a text; a continuation must not get one."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    core.decoder = decoders.Metaspace(prepend_scheme="first", split=False)
    core.train_from_iterator(["ab cd ab"], BpeTrainer(vocab_size=60, special_tokens=["</s>"], show_progress=False))
    PreTrainedTokenizerFast(tokenizer_object=core, eos_token="</s>").save_pretrained(tmp_path)
    text = Text(tmp_path, AutoConfig.from_pretrained(checkpoint("llama")))
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    parts = [*text.encode("ab c", first=True), *text.encode("d ab", first=False)]
    assert tokenizer.decode(parts) == "ab cd ab"
    assert text.encode("ab", first=True) != text.encode("ab", first=False)


def test_no_chat_template_is_said(checkpoint: Callable[[str], Path]) -> None:
    engine = TorchEngine(checkpoint("llama"))
    assert not engine.chat
    with pytest.raises(ModelError, match="no chat template"):
        engine.generate([Request(0, 0, (Message("user", "hello"),))])


def test_hostile_prompts_cost_nothing_but_themselves(checkpoint: Callable[[str], Path]) -> None:
    """Control characters, other scripts, lone surrogates' neighbours: a completion comes back for each."""
    engine = TorchEngine(checkpoint("llama"))
    prompts = ["\x00\x1b[31m", "１２３ ٣", "</s><pad>", "\u202e evil", "a" * 200]
    engine.load([CENTRE], len(prompts))
    done = engine.generate([Request(0, e, prompt, Sampling(3)) for e, prompt in enumerate(prompts)])
    assert len(done) == len(prompts)
    assert all(1 <= answer.tokens_out <= 3 for answer in done)


def test_context_is_respected(checkpoint: Callable[[str], Path]) -> None:
    """A first prompt that does not fit is an error; a history that outgrows the context ends its episode only."""
    engine = TorchEngine(checkpoint("llama"))
    with pytest.raises(ModelError, match="does not fit the model's context of 256"):
        engine.generate([Request(0, 0, "a" * 256, Sampling(1))])
    text = "a" * 250
    done = engine.generate([Request(0, 0, text, Sampling(50, stop=""))])[0]
    assert done.tokens_out <= 6
    assert engine.generate([Request(0, 0, text + done.text + "b" * 300, Sampling(5))])[0].finish == "length"
    assert engine.generate([Request(0, 0, "short", Sampling(5))])[0].tokens_out > 0
