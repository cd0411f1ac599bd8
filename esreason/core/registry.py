"""Names to environments and verifiers: the built-in catalogue, decorators, and installed plug-ins.

Listing imports no environment; a class is imported when it is first needed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

import gymnasium

from esreason.core.env import ReasoningEnv
from esreason.core.errors import UnknownNameError, UsageError
from esreason.core.task import Task
from esreason.core.verdict import Solution, Verdict, as_verdict, reject

AnyEnv = ReasoningEnv[Any, Any]
VerifierFunction = Callable[[Task, str], Verdict | float | bool]
E = TypeVar("E", bound=type[AnyEnv])
V = TypeVar("V", bound=VerifierFunction)

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class EnvInfo:
    """What the catalogue knows of an environment without importing it."""

    name: str
    id: str
    family: str
    levels: tuple[int, ...]
    summary: str
    version: int
    origin: str


@dataclass(slots=True)
class _Entry:
    info: EnvInfo
    load: Callable[[], type[AnyEnv]]
    loaded: type[AnyEnv] | None = None


_envs: dict[str, _Entry] = {}
_verifiers: dict[str, VerifierFunction] = {}
_sources: dict[str, str] = {}
_pending: dict[str, EntryPoint] | None = None  # None: plug-ins not looked for yet
_pending_verifiers: dict[str, EntryPoint] = {}


def env_id(name: str, version: int) -> str:
    """The Gymnasium id of a name: `my-env` is `esreason/MyEnv-v0`, `source/my_env` is `source/MyEnv-v0`."""
    source, _, own = name.rpartition("/")
    words = "".join(part[:1].upper() + part[1:] for part in re.split("[-_]", own))
    return f"{source or 'esreason'}/{words}-v{version}"


def build(name: str, **kwargs: Any) -> AnyEnv:
    """The entry point of every registered id: an environment by name."""
    return env_class(name)(**kwargs)


def add_env(info: EnvInfo, load: Callable[[], type[AnyEnv]]) -> None:
    """Put an environment into the registry and into Gymnasium's."""
    _envs[info.name] = _Entry(info, load)
    _announce(info.id, info.name)


def _announce(identifier: str, name: str) -> None:
    if identifier not in gymnasium.registry:
        gymnasium.register(identifier, entry_point="esreason.core.registry:build", kwargs={"name": name})


def announce_plugins() -> None:
    """Tell Gymnasium the ids of installed plug-ins, taken to be of version 0; nothing of theirs is imported."""
    for point in entry_points(group="esreason.envs"):
        if point.name not in _envs and _NAME.fullmatch(point.name):
            _announce(env_id(point.name, 0), point.name)


def add_builtin(path: str, name: str, family: str, summary: str, levels: int, version: int) -> None:
    """Put a line of the built-in catalogue into the registry; `path` is `module:Class`."""
    info = EnvInfo(name, env_id(name, version), family, tuple(range(1, levels + 1)), summary, version, "esreason")
    add_env(info, lambda: _import(path))


def add_source(prefix: str, path: str) -> None:
    """Have the names `prefix/...` made when they are first used, by the function at `path` (`module:function`).

    It is given what follows the slash, and returns a ReasoningEnv subclass or raises an EsreasonError.
    """
    _sources[prefix] = path


def announce(name: str, version: int = 0) -> str:
    """Tell Gymnasium of a name that a source makes, and return its id; nothing is made yet."""
    identifier = env_id(name, version)
    _announce(identifier, name)
    return identifier


def _load_from_source(name: str) -> None:
    prefix, slash, own = str(name).partition("/")
    if slash and prefix in _sources:
        cls = _import(_sources[prefix])(own)
        _register_class(name, cls, prefix, _first_line(cls), prefix)


def _import(path: str) -> Any:
    module, _, attribute = path.partition(":")
    return getattr(import_module(module), attribute)


def _find_plugins() -> None:
    """Learn the names of installed plug-ins; nothing of theirs is imported."""
    global _pending
    if _pending is not None:
        return
    _pending = {}
    for kind, group, into in (
        ("environment", "esreason.envs", _pending),
        ("verifier", "esreason.verifiers", _pending_verifiers),
    ):
        for point in entry_points(group=group):
            if point.name in _envs or point.name in _verifiers or point.name in into:
                _complain(kind, point, "the name is taken")
            elif not _NAME.fullmatch(point.name):
                _complain(kind, point, "a name is lower-case words joined by - or _")
            else:
                into[point.name] = point


def _complain(kind: str, point: EntryPoint, why: object) -> None:
    dist = f" of {point.dist.name} {point.dist.version}" if point.dist else ""
    sys.stderr.write(f"esreason: skipped the {kind} {point.name!r}{dist}: {' '.join(str(why).split())[:300]}\n")


def _load_plugin_env(name: str) -> None:
    _find_plugins()
    point = (_pending or {}).pop(name, None)
    if point is None:
        return
    try:
        cls = point.load()
        if not (isinstance(cls, type) and issubclass(cls, ReasoningEnv)):
            raise TypeError(f"{point.value} is not a ReasoningEnv subclass")
        _register_class(name, cls, "plug-in", _first_line(cls), point.dist.name if point.dist else "plug-in")
    except Exception as error:  # noqa: BLE001  a broken plug-in must not take the rest down
        _complain("environment", point, f"{type(error).__name__}: {error}")


def _load_plugin_verifier(name: str) -> None:
    _find_plugins()
    point = _pending_verifiers.pop(name, None)
    if point is None:
        return
    try:
        function = point.load()
        if not callable(function):
            raise TypeError(f"{point.value} is not a function")
        _verifiers[name] = function
    except Exception as error:  # noqa: BLE001
        _complain("verifier", point, f"{type(error).__name__}: {error}")


def load_plugins() -> None:
    """Import every installed plug-in; a broken one is reported on stderr and skipped."""
    _find_plugins()
    for name in list(_pending or {}):
        _load_plugin_env(name)
    for name in list(_pending_verifiers):
        _load_plugin_verifier(name)


def _first_line(cls: type) -> str:
    return (cls.__doc__ or "").strip().partition("\n")[0]


def _register_class(name: str, cls: type[AnyEnv], family: str, summary: str, origin: str) -> None:
    cls.name = name
    levels = tuple(range(1, cls.levels + 1))
    info = EnvInfo(name, env_id(name, cls.version), family, levels, summary, cls.version, origin)
    if cls.version:
        gymnasium.registry.pop(env_id(name, 0), None)  # announced before the version was known
    add_env(info, lambda: cls)


def _check_free(kind: str, name: str) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsageError(f"a {kind} name is lower-case words joined by - or _, not {name!r}")
    _find_plugins()
    if name in _envs or name in _verifiers or name in (_pending or {}) or name in _pending_verifiers:
        raise UsageError(f"the name {name!r} is taken")


def register_env(name: str, *, family: str = "custom", summary: str = "") -> Callable[[E], E]:
    """Register a ReasoningEnv subclass: `gymnasium.make("esreason/MyEnv-v0")` works after it. ValueError if taken."""
    _check_free("environment", name)

    def decorate(cls: E) -> E:
        if not (isinstance(cls, type) and issubclass(cls, ReasoningEnv)):
            raise UsageError("register_env decorates a subclass of ReasoningEnv")
        _register_class(name, cls, family, summary or _first_line(cls), cls.__module__)
        return cls

    return decorate


def register_verifier(name: str) -> Callable[[V], V]:
    """Register a function (task, answer) -> Verdict | float | bool under a name. ValueError if it is taken."""
    _check_free("verifier", name)

    def decorate(function: V) -> V:
        if not callable(function):
            raise UsageError("register_verifier decorates a function of (task, answer)")
        _verifiers[name] = function
        return function

    return decorate


def list_envs(family: str | None = None) -> list[EnvInfo]:
    """Every environment, built in order of the catalogue, or those of one family."""
    load_plugins()
    infos = [entry.info for entry in _envs.values()]
    if family is None:
        return infos
    chosen = [info for info in infos if info.family == family]
    if not chosen:
        raise UnknownNameError("family", family, {info.family for info in infos})
    return chosen


def list_verifiers() -> list[str]:
    """The names of registered verifiers; every environment's name is one as well."""
    load_plugins()
    return sorted(_verifiers)


def env_info(name: str) -> EnvInfo:
    """The catalogue's line on an environment."""
    if name not in _envs:
        _load_plugin_env(name)
    if name not in _envs:
        _load_from_source(name)
    if name not in _envs:
        raise UnknownNameError("environment", str(name), [*_envs, *(_pending or {})])
    return _envs[name].info


def env_class(name: str) -> type[AnyEnv]:
    """The class of an environment, imported at its first use."""
    env_info(name)
    entry = _envs[name]
    if entry.loaded is None:
        entry.loaded = entry.load()
    return entry.loaded


def make_task(env: str, seed: int, level: int = 1, split: str = "train") -> Task:
    """The task of a seed; the same on every machine, and in no other split."""
    return env_class(env).make_task(seed, level, split)


def task_from_payload(env: str, payload: Mapping[str, Any]) -> Task:
    """A task for an instance that somebody else made; ValueError if it is malformed."""
    return env_class(env).task_from_payload(payload)


def solve(task: Task) -> Solution:
    """A right answer and winning actions of a task."""
    return env_class(task.env).solve(task)


def verify(name: str, task: Task | Mapping[str, Any], answer: object) -> Verdict:
    """The verdict of a verifier, or of the environment of that name, on any text; only an unknown name raises."""
    function = _verifier(name)
    if not isinstance(answer, str):
        return reject(f"An answer is a text, not a {type(answer).__name__}.")
    try:
        return as_verdict(function(task if isinstance(task, Task) else Task.from_dict(task), answer))
    except Exception as error:  # noqa: BLE001  total by contract: whatever goes wrong is a verdict
        return reject(f"{type(error).__name__} in the verifier {name}: {' '.join(str(error).split())[:200]}")


def _verifier(name: str) -> VerifierFunction:
    if name in _verifiers:
        return _verifiers[name]
    if name in _envs:
        return env_class(name).verify
    _load_plugin_verifier(name)
    if name in _verifiers:
        return _verifiers[name]
    try:
        return env_class(name).verify
    except UnknownNameError:
        raise UnknownNameError("verifier", str(name), [*_verifiers, *_envs]) from None
