"""The grammar of docs/expressions.md read a second time, and values by mpmath: nothing of the package is used.

A tree is a tuple: ("num", Fraction), ("name", letters), ("sum", tree, ...), ("neg", tree), ("mul", a, b),
("div", a, b), ("pow", base, exponent), ("call", function, argument); `pi`, `e` and `i` are names too.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from mpmath import mp, mpf

Tree = tuple[Any, ...]

FUNCTIONS = (
    "sin", "cos", "tan", "sec", "csc", "cot", "exp", "log", "sqrt", "abs", "asin", "acos", "atan", "sinh", "cosh",
    "tanh",
)  # fmt: skip
ALIASES = {"ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan"}
SIGNS = {"−": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "π": " pi ", "√": " sqrt ", "**": "^"}
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
COMMANDS = {"cdot": "*", "times": "*", "div": "/", "vert": "|", "lvert": "|", "rvert": "|"}
SPACES = ("\\left", "\\right", "\\quad", "\\displaystyle", "\\limits", "\\mathrm", "\\,", "\\;", "\\:", "\\!", "\\ ")
TOKEN = re.compile(r"(\d+(?:\.\d+)?|\.\d+)|([A-Za-z]\w*)|\\([A-Za-z]+)|([-+*/^(){}\[\]|])", re.ASCII)


class Refused(ValueError):
    """A text outside the grammar."""


class Nowhere(ArithmeticError):
    """An expression that has no real value at a point, or none that can be followed."""


def unwrapped(text: str) -> str:
    """The text without mathematics signs, boxes and one full stop around it."""
    for _ in range(4):
        text = text.strip()
        if re.search(r"(?<!\.)\.$", text):
            text = text[:-1].rstrip()
        for left, right in (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("\\boxed{", "}")):
            inner = text[len(left) : len(text) - len(right)]
            if text == left + inner + right and (closed(inner) if right == "}" else left not in inner):
                text = inner
                break
        else:
            break
    return text


def closed(text: str) -> bool:
    """Whether every brace that closes in this text was opened in it."""
    depths = [0]
    for sign in text:
        depths.append(depths[-1] + (sign == "{") - (sign == "}"))
    return min(depths) == depths[-1] == 0


def _spelled(word: str, known: Collection[str]) -> list[str]:
    """The one way to spell a run of letters with known words."""
    if word in known:
        return [word]
    if not word.isalpha() or len(word) > 32:
        raise Refused(word)
    ways: list[list[list[str]]] = [[[]]]
    for end in range(1, len(word) + 1):
        ways.append([[*way, word[k:end]] for k in range(end) if word[k:end] in known for way in ways[k]][:2])
    if len(ways[-1]) != 1:
        raise Refused(word)
    return ways[-1][0]


class _Reader:
    """One reading: tokens as (kind, text), the place, the depth, and the open bars that a bar may close."""

    def __init__(self, text: str, names: Collection[str], imaginary: bool) -> None:
        if len(text) > 4_000:
            raise Refused("too long")
        text = re.sub(f"[{RAISED}]+", lambda run: "^" + "".join(str(RAISED.index(c)) for c in run[0]) + " ", text)
        for sign, plain in SIGNS.items():
            text = text.replace(sign, plain)
        text = unwrapped(text)
        for broken in re.finditer(r"[ \t]*[\r\n]\s*", text):
            if text[broken.start() - 1] not in "+-*/^({" and text[broken.end()] not in "+*/^)}":
                raise Refused("a line that could be another answer")
        for space in SPACES:
            text = re.sub(re.escape(space) + (r"(?![A-Za-z])" if space[-1].isalpha() else ""), " ", text)
        self.names = {*names, *(name for name in (("pi", "e", "i") if imaginary else ("pi", "e")))}
        self.tokens, self.place, self.depth, self.bars = list(self._cut(text)), 0, 0, 0

    def _cut(self, text: str) -> Iterator[tuple[str, str]]:
        place, known = 0, {*FUNCTIONS, *ALIASES, *self.names}
        while text[place:].strip(" \t\r\n"):
            place += len(text[place:]) - len(text[place:].lstrip(" \t\r\n"))
            found = TOKEN.match(text, place)
            if not found:
                raise Refused(text[place])
            place = found.end()
            number, word, command, sign = found.groups()
            if number and len(number) > 400:
                raise Refused("a long number")
            if command in COMMANDS:
                sign, command = COMMANDS[command], None
            elif command in ("frac", "dfrac", "tfrac", "sqrt"):
                yield "command", command.strip("dt") if "frac" in command else command
                continue
            for part in [word] if word in known else _spelled(word, known) if word else [command] if command else []:
                if command and part not in (*FUNCTIONS, *ALIASES, "pi"):
                    raise Refused(part)
                kind = "name" if part in self.names and part not in FUNCTIONS else "function"
                yield kind, ALIASES.get(part, part) if kind == "function" else part
            if number or sign:
                yield ("number", number) if number else ("sign", sign)
        yield "end", ""

    @property
    def kind(self) -> str:
        return self.tokens[self.place][0]

    def at(self, signs: str) -> bool:
        return self.kind == "sign" and self.tokens[self.place][1] in signs

    def take(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1][1]

    def deeper(self, inner: Callable[[], Tree]) -> Tree:
        self.depth += 1
        if self.depth > 64:
            raise Refused("too deep")
        tree = inner()
        self.depth -= 1
        return tree

    def sum(self) -> Tree:
        terms = [self.product()]
        while self.at("+-"):
            terms.append(("neg", self.product()) if self.take() == "-" else self.product())
        return terms[0] if len(terms) == 1 else ("sum", *terms)

    def product(self) -> Tree:
        tree = self.signed()
        while True:
            if self.at("*/"):
                tree = ("mul" if self.take() == "*" else "div", tree, self.signed())
            elif self.kind in ("name", "function", "command") or self.at("({") or (self.at("|") and not self.bars):
                tree = ("mul", tree, self.power())
            elif self.kind == "number":
                raise Refused("a number after a factor")
            else:
                return tree

    def signed(self) -> Tree:
        minus = False
        while self.at("+-"):
            minus ^= self.take() == "-"
        return ("neg", self.power()) if minus else self.power()

    def power(self) -> Tree:
        base = self.primary()
        if not self.at("^"):
            return base
        self.take()
        return ("pow", base, self.exponent(self.deeper(self.signed)))

    def exponent(self, tree: Tree) -> Tree:
        """The exponent itself; where it is written as a number, its parts are bounded."""
        value = fraction(tree)
        if value is not None and max(abs(value.numerator), value.denominator) > 10_000:
            raise Refused("a huge exponent")
        return tree

    def group(self) -> Tree:
        opening = self.take()
        outer, self.bars = self.bars, self.bars + 1 if opening == "|" else 0
        tree = self.deeper(self.sum)
        if not self.at({"(": ")", "{": "}", "|": "|"}[opening]):
            raise Refused("an open bracket")
        self.take()
        self.bars = outer
        return ("call", "abs", tree) if opening == "|" else tree

    def argument(self) -> Tree:
        """What a command takes: braces, a name, or one digit."""
        if self.kind == "name":
            return ("name", self.take())
        if self.kind == "number" and len(self.tokens[self.place][1]) == 1:
            return ("num", Fraction(self.take()))
        if not self.at("{"):
            raise Refused("braces are missing")
        return self.group()

    def above_and_below(self) -> tuple[Tree, Tree]:
        """Both arguments of a fraction; two digits are one each."""
        if self.kind == "number" and re.fullmatch("[0-9]{2}", self.tokens[self.place][1]):
            above, below = self.take()
            return ("num", Fraction(above)), ("num", Fraction(below))
        above_it = self.argument()
        return above_it, self.argument()

    def primary(self) -> Tree:
        if self.kind == "number":
            return ("num", Fraction(self.take()))
        if self.kind == "name":
            return ("name", self.take())
        if self.at("({|"):
            return self.group()
        if self.kind == "function":
            return self.call()
        if self.kind != "command":
            raise Refused("something is missing")
        if self.take() == "frac":
            return ("div", *self.above_and_below())
        if not self.at("["):
            return ("call", "sqrt", self.argument())
        self.take()
        index = self.take()
        if not index.isdigit() or not 2 <= int(index) <= 10_000 or not self.at("]"):
            raise Refused("the index of a root")
        self.take()
        return ("pow", self.argument(), ("num", Fraction(1, int(index))))

    def call(self) -> Tree:
        """A function with brackets, or with one number, name or group after which its argument surely ends."""
        function, power = self.take(), None
        if self.at("^"):
            self.take()
            power = ("num", 0) if self.at("-") else self.exponent(self.deeper(self.primary))
            if power[0] != "num" or power[1] < 1 or Fraction(power[1]).denominator > 1:
                raise Refused("an exponent before an argument")
        bare = not self.at("({|")
        if bare and self.kind not in ("number", "name", "command"):
            raise Refused("an argument is missing")
        tree = ("call", function, self.primary())
        if bare and not (self.at("+-*/)}") or (self.bars and self.at("|")) or self.kind in ("end", "function")):
            raise Refused("an argument without end")
        return tree if power is None else ("pow", tree, power)


def fraction(tree: Tree) -> Fraction | None:
    """The value of a written number: `-3`, `3/4`."""
    if tree[0] == "num":
        return Fraction(tree[1])
    if tree[0] == "neg":
        inner = fraction(tree[1])
        return None if inner is None else -inner
    if tree[0] == "div":
        above, below = fraction(tree[1]), fraction(tree[2])
        return above / below if above is not None and below else None
    return None


def parse(text: str, names: Collection[str] = ("x",), *, imaginary: bool = False) -> Tree:
    """The tree of a text; `Refused` where it is outside the grammar."""
    reader = _Reader(text, names, imaginary)
    tree = reader.deeper(reader.sum)
    if reader.kind != "end" or sum(1 for _ in walk(tree)) > 4_000:
        raise Refused("something is left over")
    return tree


def walk(tree: Tree) -> Iterator[Tree]:
    """Every node."""
    yield tree
    for part in tree[1:]:
        if isinstance(part, tuple):
            yield from walk(part)


def names_of(tree: Tree) -> set[str]:
    """The names that occur, constants too."""
    return {node[1] for node in walk(tree) if node[0] == "name"}


# values

_INVERSE = {"sec": "cos", "csc": "sin"}


def value(tree: Tree, at: Mapping[str, Any]) -> Any:
    """The real value at a point, at the working precision; `Nowhere` where there is none."""
    kind = tree[0]
    if kind == "num":
        return mpf(tree[1].numerator) / tree[1].denominator
    if kind == "name":
        return at[tree[1]] if tree[1] in at else {"pi": mp.pi, "e": mp.e}[tree[1]] + mpf(0)
    if kind == "sum":
        return mp.fsum([value(part, at) for part in tree[1:]])
    if kind == "neg":
        return -value(tree[1], at)
    if kind == "call":
        return _called(tree[1], value(tree[2], at))
    left, right = value(tree[1], at), value(tree[2], at)
    if kind == "mul":
        return left * right
    return left / _not_zero(right) if kind == "div" else _power(left, right)


@lru_cache(maxsize=64)
def _power_of_ten(exponent: int) -> Any:
    return mpf(10) ** exponent


def tiny(number: Any) -> bool:
    return bool(abs(number) < _power_of_ten(-mp.dps * 2 // 3))


def _not_zero(number: Any) -> Any:
    if tiny(number):
        raise Nowhere("division by zero")
    return number


def _power(base: Any, exponent: Any) -> Any:
    nearest = int(mp.nint(exponent)) if abs(exponent) < 10**6 else 0
    whole = exponent == nearest or tiny(exponent - nearest)
    if tiny(base):
        if exponent <= 0 or tiny(exponent):
            raise Nowhere("0 to a power that is not positive")
        return mpf(0)
    if not whole and base < 0:
        raise Nowhere("a root of a negative number")
    if abs(exponent) > 20 and abs(exponent * mp.log(abs(base))) > 10**5:
        raise Nowhere("too large to follow")
    if whole:
        return base**nearest
    return mp.sqrt(base) if exponent == 0.5 else mp.power(base, exponent)


def _called(function: str, u: Any) -> Any:
    if abs(u) > 10**6 and function not in ("log", "sqrt", "abs", "atan"):
        raise Nowhere("too large to follow")
    if function in _INVERSE:
        return 1 / _not_zero(getattr(mp, _INVERSE[function])(u))
    if function in ("tan", "cot"):
        above, below = (mp.sin(u), mp.cos(u)) if function == "tan" else (mp.cos(u), mp.sin(u))
        return above / _not_zero(below)
    if function in ("log", "sqrt") and tiny(u) and function == "sqrt":
        return mpf(0)
    if (function == "log" and (u <= 0 or tiny(u))) or (function == "sqrt" and u < 0):
        raise Nowhere("outside the domain")
    if function in ("asin", "acos") and abs(u) > 1:
        if not tiny(abs(u) - 1):
            raise Nowhere("outside the domain")
        u = mp.sign(u)
    return abs(u) if function == "abs" else getattr(mp, function)(u)


def precision(*texts: str) -> int:
    """Decimal digits at which values of these texts are compared: no literal in them can hide a difference."""
    return 60 + 2 * max((len(run) for text in texts for run in re.findall(r"[0-9.]+", text)), default=0)


@lru_cache(maxsize=8)
def points(names: tuple[str, ...], whole: bool = False) -> tuple[dict[str, Fraction], ...]:
    """Points to compare at: numbers of both signs and several sizes, or small whole ones where a border may be."""
    rng = random.Random(7)
    if whole:
        near = [Fraction(n, d) for d in (1, 2, 3) for n in range(-12, 13)]
        return tuple(dict.fromkeys(names, x) for x in near) if len(names) == 1 else tuple(
            {name: rng.choice(near) for name in names} for _ in range(120)
        )  # fmt: skip

    def number() -> Fraction:
        size = Fraction(rng.randint(1, 9_999), rng.choice([101, 1_009, 10_007, 3_001]))
        return rng.choice([1, 1, -1]) * size

    return tuple({name: number() for name in names} for _ in range(80))


def at(point: Mapping[str, Fraction]) -> dict[str, Any]:
    """A point at the working precision."""
    return {name: mpf(x.numerator) / x.denominator for name, x in point.items()}


def agree(a: Any, b: Any) -> bool:
    """Whether two values are equal as far as half the digits tell."""
    return bool(abs(a - b) <= _power_of_ten(-mp.dps // 2) * max(1, abs(a), abs(b)))


def same(
    answer: Callable[[dict[str, Any]], Any],
    wanted: Callable[[dict[str, Any]], Any],
    where: Sequence[Mapping[str, Fraction]],
    enough: int = 12,
) -> bool:
    """Whether two functions agree at the first points at which both have a value, of which there is at least one."""
    common = 0
    for point in where:
        try:
            place = at(point)
            left, right = answer(place), wanted(place)
        except Nowhere:
            continue
        if not agree(left, right):
            return False
        common += 1
        if common >= enough:
            break
    return common > 0
