"""The rooms import only what the architecture lets them; nothing heavy, printing or evaluating leaks in."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    path for room in ("esreason", "envs", "verifiers") for path in (ROOT / room).rglob("*.py")
)  # rglob follows no links: each file is seen once

# Room -> what it may import besides itself (a subtree, a pattern, or "=" and one module alone).
# "esreason" is the public face; the free rooms may import all.
FREE = ("cli", "models")
MAY_IMPORT = {
    "esreason": {"core", "envs", "verifiers"},
    "__main__": {"cli"},
    "core": set[str](),
    "verifiers": {"core"},
    "envs": {"verifiers", "core"},
    "engines": {"es.noise", "es.lattice", "es.spectrum", "es.update*", "core"},
    "adapters": {"rollout", "verifiers", "core"},
    "rollout": {"engines.base", "es.noise", "core"},
    "objectives": {"rollout", "core"},
    "theory": {"core"},
    "es": {"rollout", "objectives", "engines.base", "theory", "core"},
    "executors": {"es", "engines", "rollout", "objectives", "=models", "core"},
    "leaderboard": {"rollout", "core"},
    "report": {"rollout.transcript", "leaderboard", "theory", "core"},
    "studies": {
        "executors", "report", "leaderboard", "models", "es", "engines", "rollout", "objectives", "envs", "theory",
        "core",
    },
}
# Heavy library -> prefixes of the modules that may import it (when called, not when imported: see below).
HEAVY = {
    "torch": ("engines.torch", "engines.vllm", "es.update", "models", "studies."),
    "transformers": ("engines.torch", "engines.vllm", "models", "studies."),
    "matplotlib": ("report.plots", "studies."),
    "trl": ("studies.",),
    "triton": ("es.update_triton",),
    "vllm": ("engines.vllm",),
    "ray": ("executors.ray",),
    "cma": ("es.strategies.essa",),
}
UNTRUSTED = {"eval", "exec", "compile", "__import__", "sympify", "parse_expr"}


def name_of(path: Path) -> str:
    """The dotted name below esreason: "core.env", "envs.puzzles", "" for the face."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts[1:] if parts[0] == "esreason" else parts
    return ".".join(part for part in parts if part != "__init__")


NAMES = {name_of(path) for path in SOURCES}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Every absolute import of a file, those inside functions too, as dotted names."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.relative_to(ROOT)}:{node.lineno}: relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole.removeprefix("esreason.") in NAMES else str(node.module)


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """Every call of a file as the called name, whole ("pickle.loads") and last ("sympify")."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func), node.lineno


def within(module: str, rooms: set[str]) -> bool:
    return any(fnmatch("=" + module, room) or fnmatch(module, room) or module.startswith(room + ".") for room in rooms)


ids = {"argvalues": SOURCES, "ids": lambda path: str(path.relative_to(ROOT))}


@pytest.mark.parametrize("path", **ids)
def test_a_room_imports_only_what_it_may(path: Path) -> None:
    module = name_of(path)
    room = module.split(".")[0] or "esreason"
    for imported in imports(path):
        top, _, inner = imported.partition(".")
        if top == "esreason" and room not in FREE:
            assert not inner or within(inner, MAY_IMPORT[room] | {room}), f"{module} imports {imported}"
            assert inner or room == "esreason", f"{module} imports the public face"
        assert top not in HEAVY or module.startswith(HEAVY[top]), f"{module} imports {imported}"


@pytest.mark.parametrize("path", **ids)
def test_only_the_command_line_prints_and_nothing_evaluates_text(path: Path) -> None:
    module = name_of(path)
    for call, line in calls(path):
        assert call != "print" or module.startswith(("cli", "models.")), f"{module}:{line} prints"
        last = call.rsplit(".", 1)[-1]
        unsafe = call in UNTRUSTED or last in ("sympify", "parse_expr") or call.startswith(("pickle.", "marshal."))
        assert not unsafe, f"{module}:{line} calls {call}"


def test_no_modules_import_each_other() -> None:
    graph = nx.DiGraph()
    for path in SOURCES:
        for imported in imports(path):
            inner = imported.removeprefix("esreason.")
            target = inner if inner in NAMES else inner.rpartition(".")[0]
            if imported.startswith("esreason.") and target in NAMES and target != name_of(path):
                graph.add_edge(name_of(path), target)
    assert len(graph) > 300
    circles = [sorted(circle) for circle in nx.strongly_connected_components(graph) if len(circle) > 1]
    assert not circles


@pytest.mark.parametrize("module", ["esreason", "esreason.cli", "esreason.envs.catalogue", "esreason.studies.study"])
def test_imports_stay_light(module: str) -> None:
    probe = f"import sys, {module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "esreason" in loaded
    assert not loaded & {"torch", "transformers", "vllm", "ray", "sympy", "networkx", "matplotlib", "unified_planning"}
