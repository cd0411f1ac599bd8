"""Judging answers to arithmetic questions that come with a judgement, for the environments of metacognition."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator, Sequence


def value(question: str) -> int:
    """The value by Python's own parser, whose tree is walked."""

    def walk(node: ast.expr) -> int:
        if isinstance(node, ast.BinOp):
            left, right = walk(node.left), walk(node.right)
            if isinstance(node.op, ast.Mult):
                return left * right
            return left + right if isinstance(node.op, ast.Add) else left - right
        assert isinstance(node, ast.Constant) and isinstance(node.value, int)
        return node.value

    return walk(ast.parse(question, mode="eval").body)


def all_right(questions: Sequence[str], answer: str, form: str) -> bool:
    """Whether each item is the right number in the given form, in which # stands for it."""
    items = [item.strip() for item in answer.split(";")]
    if len(items) != len(questions) or len(answer) > 1_000:
        return False
    for item, question in zip(items, questions, strict=True):
        before, after = form.split("#")
        match = re.fullmatch(before + r"(-?[0-9]{1,12})" + after, item)
        if not match or int(match[1]) != value(question):
            return False
    return True


def mutations(answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        items = answer.split("; ")
        place = rng.randrange(len(items))
        number = re.search(r"-?[0-9]+", items[place])
        assert number
        wrong = str(int(number[0]) + rng.choice([-100, -10, -2, -1, 1, 2, 10, 100, 1000]))
        changed = items[place].replace(number[0], wrong, 1)
        weaker = re.sub(r"100%|10$", rng.choice(["0%", "50%", "99%", "101%", "9", "0", "11"]), items[place])
        items[place] = rng.choice([changed, weaker, "pass", items[place] + "%", "no " + number[0], number[0]])
        if rng.random() < 0.2:
            items.append(items[place])
        yield rng.choice(["; ", ";", " ; "]).join(items)


def rewrites(answer: str, rng: random.Random) -> Iterator[str]:
    while True:
        text = answer.replace("; ", rng.choice([";", " ; ", ";\n", ";  ", " ;\n"]))
        yield re.sub(r"(?<=[0-9s]) (?=[0-9s-])", rng.choice([" ", ", ", "  ", ","]), text)
