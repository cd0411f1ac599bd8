"""Random streams that are functions of what they are for."""

from __future__ import annotations

import random
from hashlib import blake2b


def digest(*parts: object, size: int = 16) -> bytes:
    """A digest of the parts, each written with its length so that no two lists of parts collide."""
    text = "".join(f"{len(s)}:{s}" for s in map(str, parts))
    return blake2b(text.encode(), digest_size=size).digest()


def stream(*parts: object) -> random.Random:
    """A Mersenne twister of its own for the purpose named by `parts`; Python keeps its integer draws stable."""
    return random.Random(int.from_bytes(digest(*parts), "big"))
