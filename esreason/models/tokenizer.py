"""The tokenizer of the bundled model: characters, and the pairs that its five environments are made of."""

from __future__ import annotations

from pathlib import Path

from esreason.core.text import CHARSET

HIDDEN, EXPERT, HABIT, PAD, UNKNOWN = "<s>", "<expert>", "<habit>", "<pad>", "<unk>"
SPECIAL = (PAD, UNKNOWN, HIDDEN, EXPERT, HABIT)


def merges() -> list[tuple[str, str]]:
    """The pairs that become one token, first come first merged.

    An action is thus two or three tokens, the last of which ends the line, so that no step is spent on a newline.
    """
    digits, letters = "0123456789", "ABCDE"
    pairs = [("-", ">"), ("=", ">"), (" ", "->"), (" ", "=>"), (" ->", " "), (" =>", " ")]
    pairs += [(x, "->") for x in "ABC"]
    pairs += [(x, "-") for x in letters] + [(x, ":") for x in letters]
    pairs += [("r", d) for d in digits[1:5]] + [("c", d) for d in digits[1:5]] + [("=", d) for d in digits[1:5]]
    pairs += [(f"={d}", "\n") for d in digits[1:5]]
    pairs += [(x, "\n") for x in digits + letters + "."] + [(d, " ") for d in digits]
    return pairs


def save_tokenizer(directory: Path) -> None:
    """Write `tokenizer.json` and its configuration into a model directory."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, processors
    from transformers import PreTrainedTokenizerFast

    pairs = merges()
    words = [*SPECIAL, *CHARSET, *(a + b for a, b in pairs)]
    core = Tokenizer(models.BPE({word: i for i, word in enumerate(words)}, pairs, unk_token=UNKNOWN))
    core.add_special_tokens([AddedToken(word, special=True, normalized=False) for word in SPECIAL])
    core.decoder = decoders.Fuse()
    core.post_processor = processors.TemplateProcessing(
        single=f"{HIDDEN} $A", special_tokens=[(HIDDEN, words.index(HIDDEN))]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=core, bos_token=HIDDEN, eos_token=PAD, pad_token=PAD, unk_token=UNKNOWN,
        model_max_length=512, clean_up_tokenization_spaces=False,
    ).save_pretrained(str(directory))  # fmt: skip
