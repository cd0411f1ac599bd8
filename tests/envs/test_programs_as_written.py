"""Programs and grids in the shapes in which players write them: what counts as the function, what is one answer."""

from __future__ import annotations

from typing import Any

import pytest

import esreason
from esreason.core.registry import env_class

DOUBLE: dict[str, Any] = {
    "signature": "f(x)",
    "examples": [[[1], 3], [[2], 5], [[3], 7]],
    "hidden": [[[10], 21], [[0], 1], [[-4], -7]],
}
RIGHT = [
    "f = lambda x: 2*x + 1",
    "def f(x):\n    return 0\ndef f(x):\n    return 2*x + 1",
    "def g():\n    def f(x):\n        return 2*x + 1\n    return f\nf = g()",
    "def same(g):\n    return g\n@same\ndef f(x):\n    return 2*x + 1",
    "class F:\n    def __call__(self, x):\n        return 2*x + 1\nf = F()",
    "def f(x, seen=[]):\n    seen.append(x)\n    return 2*x + 1",
    "def f(*all):\n    return 2*all[0] + 1",
    "len = 5\nrepr = str = print = None\ndef f(x):\n    return 2*x + 1",
    "def f(x):\n\treturn 2*x + 1",
    "```python\ndef f(x):\n    return 2*x + 1\n```",
]
WRONG = [
    "def f(x):\n    return 2*x + 1\ndef f(x):\n    return 0",
    "def g(x):\n    return 2*x + 1",
    "def g():\n    def f(x):\n        return 2*x + 1",
    "async def f(x):\n    return 2*x + 1",
    "class f:\n    def __init__(s, x):\n        s.v = 2*x + 1\n    def __repr__(s):\n        return str(s.v)",
    "def f(x):\n    print(2*x + 1)",
    "def f(*, x):\n    return 2*x + 1",
    "def f(x):\n    yield 2*x + 1",
    "def f(x):\n    return True if x == 0 else 2*x + 1",
    "def f(x):\n    return str(2*x + 1)",
    "def f(x):\n    return [2*x + 1]",
    "def f(x):\n    return 2*x + 1\nor\ndef f(x):\n    return 3",
    "k = 0\ndef f(x):\n    global k\n    k += 1\n    return 2*k + 1",
    "def f(x, k=[0]):\n    k[0] += 1\n    return 2*k[0] + 1",
    "def f(x):\n    for call in _calls:\n        call[0] = 1\n    return 3",
    "def f(x):\n    _calls.clear()\n    return 3",
    "def _each(a, b):\n    return ['3', '5', '7', '21', '1', '-7']\ndef f(x):\n    return 0",
    "def repr(x):\n    return '3'\ndef f(x):\n    return 2*x",
    "class Any:\n    def __eq__(self, other):\n        return True\ndef f(x):\n    return Any()",
    "def f(x):\n    return 2*x + 1\ndel f",
]


@pytest.mark.parametrize(("source", "right"), [(s, True) for s in RIGHT] + [(s, False) for s in WRONG])
def test_what_counts_is_what_the_name_stands_for_at_the_end(source: str, right: bool) -> None:
    task = esreason.task_from_payload("synthesis", DOUBLE)
    assert esreason.verify("synthesis", task, source).passed is right
    env = env_class("synthesis")()
    env.reset(options={"task": task})
    _, reward, *_ = env.step(source)
    assert (reward == 1.0) is right


@pytest.mark.parametrize("signature", ["if(x)", "None(x)", "f(class)", "f(x, x)", "_each(x)", "_calls(x)"])
@pytest.mark.parametrize("name", ["synthesis", "repair"])
def test_a_signature_that_no_function_can_have_is_refused(name: str, signature: str) -> None:
    args = [1] * (signature.count(",") + 1)
    payload = {"signature": signature, "examples": [[args, 3]], "hidden": []}
    if name == "repair":
        payload["source"] = f"def {signature}:\n    return 2"
    with pytest.raises(ValueError, match="signature"):
        esreason.task_from_payload(name, payload)


@pytest.mark.parametrize(
    ("name", "program"), [("synthesis", "def f(x):\n\treturn 2*x"), ("brainfuck", "+\t."), ("sql", "SELECT\t1")]
)
def test_a_tab_is_no_illegal_action_and_is_shown_as_blanks(name: str, program: str) -> None:
    env = env_class(name)()
    task = esreason.task_from_payload(name, DOUBLE) if name == "synthesis" else esreason.make_task(name, 3)
    env.reset(options={"task": task})
    observation, _, _, _, info = env.step(program)
    assert info["illegal"] == 0 and "\t" not in observation and program.expandtabs() in observation


PAIRS = [([[1, 0], [2, 3]], [[2, 1], [3, 0]]), ([[4, 5], [6, 7]], [[6, 4], [7, 5]])]
TURN = {
    "train": [{"input": first, "output": second} for first, second in PAIRS],
    "test": [[[1, 2], [3, 4]]],
    "expected": [[[3, 1], [4, 2]]],
}


@pytest.mark.parametrize(
    ("text", "right"),
    [("31\n42", True), ("31/42", True), ("|31|\n|42|", True), ("```\n31\n42\n```", True), ("rot90", True),
     ("transpose | flip_h", True), ("31\n42\n\n31\n42", False), ("31\n42\n-\n13\n24", False), ("31\n4", False),
     ("13\n24", False), ("34\n12", False), ("٣١\n٤٢", False), ("３１\n４２", False), ("31\n42 or 13\n24", False),
     ("rot90 or flip_h", False), ("rot90\nflip_h", False), ("rot90 31\n42", False), ("031\n042", False),
     ("31\n42\n00", False), ("+31\n42", False), ("31.0\n42", False), ("3142", False), ("", False)],
)  # fmt: skip
def test_one_grid_or_one_program_is_an_answer(text: str, right: bool) -> None:
    assert esreason.verify("arc", esreason.task_from_payload("arc", TURN), text).passed is right


@pytest.mark.parametrize(
    ("actions", "reward"),
    [(["31", "42", "done"], 1.0), (["rot90", "done"], 1.0), (["rot90", "31", "42", "done"], 1.0),
     (["31", "next", "42", "done"], 0.0), (["31", "42", "31", "42", "done"], 0.0), (["flip_h", "done"], 0.0)],
)  # fmt: skip
def test_rows_and_stages_are_judged_as_one_answer_at_the_end(actions: list[str], reward: float) -> None:
    env = env_class("arc")()
    env.reset(options={"task": esreason.task_from_payload("arc", TURN)})
    assert [env.step(action)[1] for action in actions] == [0.0] * (len(actions) - 1) + [reward]
