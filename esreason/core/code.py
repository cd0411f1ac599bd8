"""Digests of an environment's code and of its verifier's: what a stored result was judged by."""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_FACE = {"esreason", "esreason.envs.catalogue"}
"""The public face and the list of environments: they reach everything and decide nothing."""


@dataclass(frozen=True, slots=True)
class Code:
    """SHA-256 of the environment's files and, among them, of those that judge an answer."""

    env: str
    verifier: str


def code_of(*classes: type) -> Code:
    """The digests of an environment class, or of several together.

    `env` covers every source file of this package and of the class's own that its module reaches by imports, its base
    classes' included; `verifier` covers the files that define `_verify` for it and the reached files of the room
    `verifiers`. A file counts as its text without comments, docstrings, blank lines and trailing spaces, so that only
    changes of code change a digest; other packages do not count. A module without a source file counts by its name.
    """
    roots = {"esreason", *(cls.__module__.partition(".")[0] for cls in classes)}
    own = [base.__module__ for cls in classes for base in cls.__mro__ if base.__module__.partition(".")[0] in roots]
    judges = [next(base.__module__ for base in cls.__mro__ if "_verify" in vars(base)) for cls in classes]
    reached = _reached(own, frozenset(roots))
    shared = [name for name in reached if name.startswith("esreason.verifiers.")]
    return Code(_digest(reached), _digest([*judges, *shared]))


def _reached(starts: Iterable[str], roots: frozenset[str]) -> list[str]:
    """The modules that these import, directly or not, themselves included."""
    found, waiting = set[str](), list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found and name not in _FACE:
            found.add(name)
            waiting += _imports(name, roots)
    return sorted(found)


@cache
def _imports(module: str, roots: frozenset[str]) -> tuple[str, ...]:
    """The modules of `roots` that a module's source imports anywhere."""
    names = [name for name in _names(module) if name.partition(".")[0] in roots]
    return tuple(name for name in names if _source(name) is not None)


def _names(module: str) -> Iterator[str]:
    source = _source(module)
    package = module if source and source.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source.read_bytes())) if source else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".py"):
            yield f"{package}.{node.value[:-3]}"  # a script beside it, run in a process of its own
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


@cache
def _source(module: str) -> Path | None:
    """The source file of a module; None if it has none or is no module."""
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):  # an attribute of a module, or __main__
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _digest(modules: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for name in sorted(set(modules)):
        digest.update(f"{name} {_file_digest(name)}\n".encode())
    return digest.hexdigest()


@cache
def _file_digest(module: str) -> str:
    source = _source(module)
    return hashlib.sha256(bare(source.read_text(encoding="utf-8")).encode()).hexdigest() if source else ""


def bare(source: str) -> str:
    """Python source without comments, statements that are only a string, blank lines and trailing spaces."""
    rows = source.splitlines(keepends=True)
    for (first, start), (last, end) in reversed(list(_silent(source))):
        rows[first - 1 : last] = [rows[first - 1][:start] + rows[last - 1][end:]]
    return "\n".join(row.rstrip() for row in rows if row.strip()) + "\n"


def _silent(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Where comments and statements of one string stand, as (row, column) pairs in order."""
    skipped = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)
    begins = True
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    for token, after in zip(tokens, [*tokens[1:], tokens[-1]], strict=True):
        alone = token.type == tokenize.STRING and begins and after.type in (tokenize.NEWLINE, tokenize.COMMENT)
        if token.type == tokenize.COMMENT or alone:
            yield token.start, token.end
        if token.type not in skipped:
            begins = token.type == tokenize.NEWLINE
