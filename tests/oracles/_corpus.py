"""Wrong answers and rewritten right ones that can be made for any environment.

Nothing here knows whether a text is right: an oracle decides, these functions only come near.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tests.oracles import Oracle
from tests.oracles._reading import counted


@dataclass(frozen=True, slots=True)
class Sample:
    """A task as text: payload, a right answer, what the player is shown, and answers that are none or another's."""

    payload: dict[str, Any]
    answer: str
    observation: str
    rules: str
    others: tuple[str, ...]


Mutator = Callable[[Sample, random.Random], str]

_TOKEN = re.compile(r"[A-Za-z0-9_.]+|[^A-Za-z0-9_.\s]+|\s+")
_NUMBER = re.compile(r"[0-9]+")
_FOREIGN_ZEROS = ("٠", "०", "０", "𝟎")
_CYRILLIC = str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")
_CONSTANTS = (
    "", " ", "?", "0", "1", "-1", "None", "nan", "inf", "True", "yes", "I don't know", "[]", "()", "{}", "a", "A", "x",
    "U", "R", "1 2 3 4", "0 0 0 0", "1, 1", "A->B", "...", "-", "pass", "stop", "done", "<answer></answer>",
)  # fmt: skip
_OUTER_WORDS = (
    "The answer is {}", "{} is my answer", "Answer: {}", "{}.", "{}!", "({})", "[{}]", "{{{}}}", "'{}'", "x = {}",
    "{} # sure", "{} // sure", "{};", "{},", ", {}", "**{}**", "\\boxed{{{}}}", "${}$", "not {}", "Let me think.\n{}",
    "{}\n\nI checked this.", "{}\nanything else?", "> {}", "- {}", "1. {}", "<{}>", "lambda: {}", "print({})",
    "{} == {}", "({},)", "[{}][0]", "int({})", "max({}, 0)", "True and {}", "{} if True else 0", "{}()", "{} + nan",
)  # fmt: skip


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _two(count: int, rng: random.Random) -> tuple[int, int]:
    first = rng.randrange(count)
    return first, rng.choice([i for i in range(count) if i != first] or [first])


def swap_tokens(sample: Sample, rng: random.Random) -> str:
    tokens = _tokens(sample.answer)
    i, j = _two(len(tokens), rng)
    tokens[i], tokens[j] = tokens[j], tokens[i]
    return "".join(tokens)


def swap_characters(sample: Sample, rng: random.Random) -> str:
    letters = list(sample.answer)
    i, j = _two(len(letters), rng)
    letters[i], letters[j] = letters[j], letters[i]
    return "".join(letters)


def drop_token(sample: Sample, rng: random.Random) -> str:
    tokens = _tokens(sample.answer)
    del tokens[rng.randrange(len(tokens))]
    return "".join(tokens)


def drop_character(sample: Sample, rng: random.Random) -> str:
    place = rng.randrange(len(sample.answer))
    return sample.answer[:place] + sample.answer[place + 1 :]


def repeat_token(sample: Sample, rng: random.Random) -> str:
    tokens = _tokens(sample.answer)
    place = rng.randrange(len(tokens))
    return "".join([*tokens[:place], tokens[place], rng.choice([" ", ", ", ""]), *tokens[place:]])


def insert_character(sample: Sample, rng: random.Random) -> str:
    place = rng.randrange(len(sample.answer) + 1)
    sign = rng.choice("0123456789abcxyzUDLR+-*/^().,;:=<>|&~!?#@$%[]{}\"'\\_ \t\n\0\x1b\x7fé٣½²∞√")
    return sample.answer[:place] + sign + sample.answer[place:]


def other_letter(sample: Sample, rng: random.Random) -> str:
    place = rng.randrange(len(sample.answer))
    sign = rng.choice(sample.answer + sample.observation + "abcxyz0123456789")
    return sample.answer[:place] + sign + sample.answer[place + 1 :]


def truncate(sample: Sample, rng: random.Random) -> str:
    return sample.answer[: rng.randrange(len(sample.answer))]


def behead(sample: Sample, rng: random.Random) -> str:
    return sample.answer[rng.randrange(len(sample.answer)) :]


def double(sample: Sample, rng: random.Random) -> str:
    return rng.choice([" ", "\n", ", ", "; ", "", "\n\n", " = "]).join([sample.answer] * rng.choice([2, 2, 3, 40]))


def reverse(sample: Sample, rng: random.Random) -> str:
    return rng.choice([sample.answer[::-1], "".join(reversed(_tokens(sample.answer)))])


def shuffle(sample: Sample, rng: random.Random) -> str:
    words = sample.answer.split()
    rng.shuffle(words)
    return " ".join(words)


def _with_number(text: str, rng: random.Random, change: Callable[[str], str]) -> str:
    numbers = list(_NUMBER.finditer(text))
    if not numbers:
        return text + change("1")
    match = rng.choice(numbers)
    return text[: match.start()] + change(match[0]) + text[match.end() :]


def bump(sample: Sample, rng: random.Random) -> str:
    step = rng.choice([-2, -1, 1, 2, 10])
    return _with_number(sample.answer, rng, lambda digits: str(int(digits) + step))


def other_digit(sample: Sample, rng: random.Random) -> str:
    places = [i for i, c in enumerate(sample.answer) if c in "0123456789"]
    if not places:
        return sample.answer + str(rng.randrange(10))
    place = rng.choice(places)
    return sample.answer[:place] + rng.choice("0123456789") + sample.answer[place + 1 :]


def odd_number(sample: Sample, rng: random.Random) -> str:
    forms = ["-{}", "+{}", "0{}", "{}.0", "{}e0", "0x{}", "{}_0", "{}.5", "{}/1", "({})", "--{}", "{}%", "1*{}"]
    return _with_number(sample.answer, rng, rng.choice(forms).format)


def huge_number(sample: Sample, rng: random.Random) -> str:
    digits = rng.choice([20, 60, 400, 5_000])
    nines = "9" * digits
    huge = rng.choice([nines, "-" + nines, f"1e{digits}", f"10**{digits}", f"9^9^{digits}", "1" + "0" * digits])
    return _with_number(sample.answer, rng, lambda _: huge)


def foreign_digits(sample: Sample, rng: random.Random) -> str:
    zero = ord(rng.choice(_FOREIGN_ZEROS))
    swapped = {ord("0") + d: zero + d for d in range(10)}
    if rng.random() < 0.5:
        return sample.answer.translate(swapped)
    return _with_number(sample.answer, rng, lambda digits: digits.translate(swapped))


def lookalikes(sample: Sample, rng: random.Random) -> str:
    return sample.answer.translate(_CYRILLIC)


def other_case(sample: Sample, rng: random.Random) -> str:
    return rng.choice([sample.answer.upper(), sample.answer.lower(), sample.answer.swapcase()])


def hedge(sample: Sample, rng: random.Random) -> str:
    other = rng.choice([*sample.others, bump(sample, rng), swap_tokens(sample, rng)])
    pair = [sample.answer, other]
    rng.shuffle(pair)
    forms = ("{} or {}", "{} | {}", "either {} or {}", "{}, or perhaps {}", "{}\n{}", "{}\nor\n{}", "{} and {}")
    return rng.choice(forms).format(*pair)


def extra_rows(sample: Sample, rng: random.Random) -> str:
    rows = sample.answer.split("\n") if "\n" in sample.answer else sample.answer.split(" ")
    joint = "\n" if "\n" in sample.answer else " "
    row = rng.choice([*rows, rows[-1], "0", rows[0][::-1]])
    return joint.join([*rows, row] if rng.random() < 0.5 else [row, *rows])


def missing_row(sample: Sample, rng: random.Random) -> str:
    joint = "\n" if "\n" in sample.answer else " "
    rows = sample.answer.split(joint)
    del rows[rng.randrange(len(rows))]
    return joint.join(rows)


def echo(sample: Sample, rng: random.Random) -> str:
    payload = str(sample.payload)
    whole = f"{sample.rules}\n{sample.observation}"
    return rng.choice([sample.observation, sample.rules, whole, payload, f"{sample.observation}\n{sample.answer}"])


def constant(sample: Sample, rng: random.Random) -> str:
    return rng.choice(_CONSTANTS)


def other_task(sample: Sample, rng: random.Random) -> str:
    return rng.choice(sample.others)


def outer_words(sample: Sample, rng: random.Random) -> str:
    return rng.choice(_OUTER_WORDS).replace("{}", sample.answer).replace("{{", "{").replace("}}", "}")


def fenced_wrong(sample: Sample, rng: random.Random) -> str:
    return f"```\n{rng.choice([bump, swap_tokens, drop_token, other_task])(sample, rng)}\n```"


def broken_fence(sample: Sample, rng: random.Random) -> str:
    forms = ("```{}```", "```\n{}", "{}\n```", "`{}`", "```\n{}\n```\nor so", "~~~\n{}\n~~~")
    return rng.choice(forms).format(sample.answer)


def wrong_tag(sample: Sample, rng: random.Random) -> str:
    wrong = rng.choice([bump, swap_tokens, other_task])(sample, rng)
    return f"{sample.answer} <answer>{wrong}</answer>"


def several_changes(sample: Sample, rng: random.Random) -> str:
    text = sample.answer
    for _ in range(rng.randrange(2, 6)):
        if text:
            sample = Sample(sample.payload, text, sample.observation, sample.rules, sample.others)
            text = rng.choice([other_letter, swap_tokens, bump, drop_character, insert_character])(sample, rng)
    return text


MUTATORS: tuple[Mutator, ...] = (
    swap_tokens, swap_characters, drop_token, drop_character, repeat_token, insert_character, other_letter, truncate,
    behead, double, reverse, shuffle, bump, other_digit, odd_number, huge_number, foreign_digits, lookalikes,
    other_case, hedge, extra_rows, missing_row, echo, constant, other_task, outer_words, fenced_wrong, broken_fence,
    wrong_tag, several_changes,
)  # fmt: skip


def wrappers(answer: str, rng: random.Random) -> Iterator[str]:
    """The same answer as every environment must read it: white space around it, answer tags, one fence."""
    yield from (f" {answer}\n", f"\n\n\t{answer}  ", f"\u200b{answer}\ufeff", f"\r\n{answer}\r\n")
    yield from (f"<answer>{answer}</answer>", f"I think.\n<answer>\n{answer}\n</answer> Done.", f"<answer>{answer}")
    yield from (f"<answer>?</answer> No: <answer>{answer}</answer>", f"``` \n{answer}\n```", f"```\n{answer}\n```")
    for language in rng.sample(["text", "python", "json", "c++", "plain_text", "objective-c"], 3):
        yield f"```{language}\n{answer}\n```"
    yield f"<answer>```\n{answer}\n```</answer>"


def generic(sample: Sample, rng: random.Random) -> Iterator[str]:
    """An endless stream of generic mutations, each mutator in turn."""
    while True:
        for mutate in MUTATORS:
            yield mutate(sample, rng)


def near(oracle: Oracle, sample: Sample, rng: random.Random, count: int) -> list[str]:
    """`count` different texts near the right answer, or fewer: the oracle's own mutations and generic ones in turn."""
    found: dict[str, None] = {}
    own = iter(oracle.mutations(sample.payload, sample.answer, rng))
    for text in islice(generic(sample, rng), 40 * count):
        found.setdefault(text)
        special = next(own, None)
        if special is not None:
            found.setdefault(special)
        if len(found) >= count:
            break
    return list(found)[:count]


def rewritten(oracle: Oracle, sample: Sample, rng: random.Random, count: int) -> list[str]:
    """`count` different right answers, or fewer: the oracle's own rewrites, and wrappers around them."""
    own = [sample.answer, *islice(oracle.rewrites(sample.payload, sample.answer, rng), count)]
    found = dict.fromkeys(own)
    while len(found) < count:
        before = len(found)
        found.update(dict.fromkeys(wrappers(counted(rng.choice(own)) or sample.answer, rng)))
        if len(found) == before:
            break
    texts = list(found)
    return texts[: count // 2] + rng.sample(texts[count // 2 :], min(count - count // 2, len(texts) - count // 2))


def expected(oracle: Oracle, payload: dict[str, Any], text: str) -> bool:
    """The oracle's judgement of a whole reply."""
    answer = counted(text)
    return answer is not None and oracle.judge(payload, answer)
