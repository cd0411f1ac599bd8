"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_BLOCKS = " ▁▂▃▄▅▆▇█"


def percent(value: float) -> str:
    """`61.2 %`."""
    return f"{100 * value:.1f} %"


def interval(low: float, high: float) -> str:
    """`[56.3, 65.9]` in per cent."""
    return f"[{100 * low:.1f}, {100 * high:.1f}]"


def duration(seconds: float) -> str:
    """`42 s`, `3 min 05 s`, `2 h 10 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def count(value: float) -> str:
    """`512`, `41.2k`, `3.1M`."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            return f"{value / (1e3 if unit == 'k' else limit):.1f}{unit}"
    return f"{value:.0f}"


def bar(value: float, width: int) -> str:
    """A horizontal bar of `width` cells for a value in [0, 1]."""
    eighths = round(max(0.0, min(1.0, value)) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + ("▏▎▍▌▋▊▉"[rest - 1] if rest else "")).ljust(width)


def spark(values: Sequence[float], width: int) -> str:
    """A row of `width` blocks for values in [0, 1]; the last ones if there are more, averaged in groups if many."""
    if not values:
        return ""
    if len(values) > width:
        edges = [round(i * len(values) / width) for i in range(width + 1)]
        values = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    return "".join(_BLOCKS[max(1, round(max(0.0, min(1.0, v)) * 8))] for v in values)
