"""Prompts to token ids and back, and which tokens may end a completion."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, PretrainedConfig

from esreason.core.errors import ModelError
from esreason.engines.base import Message

Prompt = str | tuple[Message, ...]


class Text:
    """A checkpoint's tokenizer."""

    def __init__(self, directory: Path, config: PretrainedConfig) -> None:
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(directory, trust_remote_code=False)
        except (OSError, ValueError, TypeError, KeyError, ImportError, AttributeError) as error:
            raise ModelError(f"{directory} has no readable tokenizer: {str(error).strip().splitlines()[0]}") from error
        self.chat = bool(getattr(self._tokenizer, "chat_template", None))
        self.ends = _ends(directory, config, self._tokenizer)
        self._anchor = _anchor(self._tokenizer)
        self.vocabulary = int(config.vocab_size)
        self._stops: dict[str, torch.Tensor] = {}
        self._pieces: list[str] | None = None
        self._encoded: dict[tuple[str, bool], tuple[int, ...]] = {}
        self._rendered: dict[tuple[Message, ...], str] = {}
        self._decoded: dict[tuple[int, ...], str] = {}

    def forget(self) -> None:
        """Drop what was kept for prompts and answers that come again."""
        self._encoded.clear()
        self._rendered.clear()
        self._decoded.clear()

    def render(self, prompt: Prompt) -> str:
        """The text of a prompt: chats through the model's template."""
        if isinstance(prompt, str):
            return prompt
        if prompt not in self._rendered:
            if not self.chat:
                raise ModelError("This model has no chat template; use plain or few-shot prompts.")
            turns = [{"role": message.role, "content": message.content} for message in prompt]
            self._rendered[prompt] = self._tokenizer.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=True
            )
        return self._rendered[prompt]

    def encode(self, text: str, first: bool) -> tuple[int, ...]:
        """Token ids; `first` adds what the tokenizer puts before a text (a chat template has put it there itself)."""
        ids = self._encoded.get((text, first))
        if ids is None:
            if first or self._anchor is None:
                ids = tuple(self._tokenizer.encode(text, add_special_tokens=first))
            else:
                ids = tuple(self._tokenizer.encode(self._anchor + text, add_special_tokens=False))[1:]
            self._encoded[text, first] = ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of generated ids, special tokens left out."""
        key = tuple(ids)
        text = self._decoded.get(key)
        if text is None:
            text = self._decoded[key] = self._tokenizer.decode(
                list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        return text

    def literal(self, token: int) -> str:
        """The text that stands for a token in a rendered chat, special or not."""
        text: str = self._tokenizer.decode([token], skip_special_tokens=False, clean_up_tokenization_spaces=False)
        return text

    def stopping(self, stop: str) -> torch.Tensor:
        """[vocabulary] bool: tokens after which a completion can have ended, by `stop` or by an end token.

        Only these are looked at again as text, so that a decode step costs one gather.
        """
        mask = self._stops.get(stop)
        if mask is None:
            mask = torch.zeros(self.vocabulary, dtype=torch.bool)
            mask[[token for token in self.ends if token < self.vocabulary]] = True
            if stop:
                last = stop[-1]
                pieces = self._texts_of_tokens()
                # A token may show a space only in company (sentence pieces), and half a character never alone.
                mask[[i for i, piece in enumerate(pieces) if last in piece or "\ufffd" in piece]] = True
                if last == " ":
                    mask[:] = True
            self._stops[stop] = mask
        return mask

    def _texts_of_tokens(self) -> list[str]:
        if self._pieces is None:
            self._pieces = self._tokenizer.batch_decode(
                [[token] for token in range(self.vocabulary)],
                skip_special_tokens=False,
                clean_up_tokenization_spaces=False,
            )
        return self._pieces


def _anchor(tokenizer: Any) -> str | None:
    """A special token to put before a text that continues another, where the tokenizer would add a space to it.

    Sentence-piece tokenizers put a space before a text, but not before what follows a special token.
    """
    special = tokenizer.eos_token or tokenizer.bos_token
    if not special:
        return None
    alone = tokenizer.encode("a", add_special_tokens=False)
    after = tokenizer.encode(special + "a", add_special_tokens=False)
    return special if after[1:] != alone else None


def _ends(directory: Path, config: PretrainedConfig, tokenizer: Any) -> frozenset[int]:
    """The end tokens: the generation settings', or else the configuration's, and the tokenizer's own."""
    found: set[int] = set()
    settings: dict[str, Any] = {}
    file = directory / "generation_config.json"
    if file.is_file():
        try:
            settings = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"{file} cannot be read: {error}") from error
    declared = settings.get("eos_token_id", getattr(config, "eos_token_id", None))
    for value in (declared, tokenizer.eos_token_id):
        found.update(value if isinstance(value, list) else [] if value is None else [value])
    return frozenset(int(token) for token in found)
