"""The tokenizers of the bundled models: characters, and the pairs and phrases that their environments are made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from esreason.core.text import CHARSET
from esreason.rollout.judgement import question

HIDDEN, EXPERT, HABIT, PAD, UNKNOWN = "<s>", "<expert>", "<habit>", "<pad>", "<unk>"
SPECIAL = (PAD, UNKNOWN, HIDDEN, EXPERT, HABIT)
_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What is one token beside the single characters.

    Of `pairs` the first come are first merged; `phrases` are found before any pair, the longest first. An action's
    last token ends the line, so that no step is spent on a newline.
    """

    pairs: tuple[tuple[str, str], ...]
    phrases: tuple[str, ...] = ()


def _sprout() -> Tokens:
    letters = "ABCDE"
    pairs = [("-", ">"), ("=", ">"), (" ", "->"), (" ", "=>"), (" ->", " "), (" =>", " ")]
    pairs += [(x, "->") for x in "ABC"]
    pairs += [(x, "-") for x in letters] + [(x, ":") for x in letters]
    pairs += [("r", d) for d in _DIGITS[1:5]] + [("c", d) for d in _DIGITS[1:5]] + [("=", d) for d in _DIGITS[1:5]]
    pairs += [(f"={d}", "\n") for d in _DIGITS[1:5]]
    pairs += [(x, "\n") for x in _DIGITS + letters + "."] + [(d, " ") for d in _DIGITS]
    return Tokens(tuple(pairs))


def _seedling() -> Tokens:
    phrases = [
        "(x + ", "(x - ", ")*(x + ", ")*(x - ", ")*x ", " >= 0\n", " <= 0\n", " > 0\n", " < 0\n",
        "next zero or pole?\n", "signs?\n", "solution?\n", "+ - +\n", "(-inf, ", ", inf)\n", " or ",
        "*x + ", "*x - ", "*x = ", "x = ",
        " add ", " sub ", " mov ", " set ", " inc ", " dec ", "; ", " | at ", " with ",
        " = ?\n", " stake 0\n", " stake 10\n", "question 1 of 1: ", "can you ", "compute ", "?\n", "yes\n", "no\n",
        " = ?" + question("graded", "") + "\n", question("graded", "") + "\n",
    ]  # fmt: skip
    return Tokens(tuple([(x, "\n") for x in _DIGITS + "AB)]"] + [(",", " ")]), tuple(phrases))


SPROUT_TOKENS, SEEDLING_TOKENS = _sprout(), _seedling()


def save_tokenizer(directory: Path, tokens: Tokens = SPROUT_TOKENS) -> None:
    """Write `tokenizer.json` and its configuration into a model directory."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, processors
    from transformers import PreTrainedTokenizerFast

    words = [*SPECIAL, *CHARSET, *(a + b for a, b in tokens.pairs)]
    vocabulary = {word: i for i, word in enumerate(words)}
    core = Tokenizer(models.BPE(vocabulary, list(tokens.pairs), unk_token=UNKNOWN))
    core.add_special_tokens([AddedToken(word, special=True, normalized=False) for word in SPECIAL])
    core.add_tokens([AddedToken(phrase, normalized=False) for phrase in tokens.phrases])
    core.decoder = decoders.Fuse()
    core.post_processor = processors.TemplateProcessing(
        single=f"{HIDDEN} $A", special_tokens=[(HIDDEN, words.index(HIDDEN))]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=core, bos_token=HIDDEN, eos_token=PAD, pad_token=PAD, unk_token=UNKNOWN,
        model_max_length=512, clean_up_tokenization_spaces=False,
    ).save_pretrained(str(directory))  # fmt: skip
