"""The strategies by name: built-in presets of published methods, and installed plug-ins."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

from esreason.core.errors import UnknownNameError
from esreason.es.strategies.agentic import Agentic
from esreason.es.strategies.anchored import Anchored
from esreason.es.strategies.eggroll import Eggroll
from esreason.es.strategies.es_at_scale import EsAtScale
from esreason.es.strategies.essa import Essa
from esreason.es.strategies.essam import Essam
from esreason.es.strategies.mirrored import Mirrored
from esreason.es.strategies.random_search import RandomSearch
from esreason.es.strategies.randopt import RandOpt
from esreason.es.strategies.shuffled import Shuffled
from esreason.es.strategy import Strategy

BUILTIN: dict[str, type[Strategy]] = {
    cls.name: cls
    for cls in (Mirrored, Eggroll, EsAtScale, Anchored, Agentic, Essa, Essam, RandomSearch, RandOpt, Shuffled)
}
DEFAULT = Mirrored.name


def list_strategies() -> dict[str, type[Strategy]]:
    """Every strategy by name; a broken plug-in is reported on stderr and skipped."""
    found = dict(BUILTIN)
    for point in entry_points(group="esreason.strategies"):
        try:
            if point.name in found:
                raise ValueError("the name is taken")
            cls = point.load()
            if not (isinstance(cls, type) and issubclass(cls, Strategy)):
                raise TypeError(f"{point.value} is not a Strategy subclass")
            found[point.name] = cls
        except Exception as error:  # noqa: BLE001  a broken plug-in must not take the rest down
            sys.stderr.write(f"esreason: skipped the strategy {point.name!r}: {type(error).__name__}: {error}\n")
    return found


def strategy_class(name: str) -> type[Strategy]:
    """The strategy of a name; UnknownNameError suggests the nearest."""
    if name in BUILTIN:
        return BUILTIN[name]
    found = list_strategies()
    if name not in found:
        raise UnknownNameError("strategy", name, found)
    return found[name]
