"""The text spaces of observations, which also work in the shared memory of Gymnasium's AsyncVectorEnv."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from typing import Any, overload

from gymnasium.spaces import Text
from gymnasium.vector.utils import create_shared_memory, read_from_shared_memory, write_to_shared_memory


class SharedText(Text):
    """A Text space over ASCII without the zero byte.

    Gymnasium reads the shared memory of a Text space once, when the vector environment is made, and returns
    those blank texts for ever after; this space hands out a view that is read when it is looked at.
    """

    width = 1
    """Bytes of a character at most."""


class AnyText(SharedText):
    """The texts of up to `max_length` characters of any kind but the zero byte; samples are of its charset."""

    width = 4

    def contains(self, x: Any) -> bool:
        """Whether it is a text, not too long, that can be written as UTF-8."""
        if not isinstance(x, str) or not self.min_length <= len(x) <= self.max_length or "\0" in x:
            return False
        return not any("\ud800" <= c <= "\udfff" for c in x)


class SharedTexts(Sequence[str]):
    """The current observations of all sub-environments; a copy of it is a plain tuple."""

    def __init__(self, memory: Any, count: int, size: int) -> None:
        self._memory, self._count, self._size = memory, count, size

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        if isinstance(index, slice):
            return tuple(self)[index]
        start = range(self._count)[index] * self._size
        text: bytes = self._memory[start : start + self._size]
        return text.partition(b"\0")[0].decode()

    def __iter__(self) -> Iterator[str]:
        return (self[index] for index in range(self._count))

    def __deepcopy__(self, memo: dict[int, Any]) -> tuple[str, ...]:
        return tuple(self)


def _size(space: SharedText) -> int:
    return space.max_length * space.width + 1


@create_shared_memory.register(SharedText)
def _create(space: SharedText, n: int = 1, ctx: Any = multiprocessing) -> Any:
    return ctx.Array("c", n * _size(space))


@read_from_shared_memory.register(SharedText)
def _read(space: SharedText, shared_memory: Any, n: int = 1) -> SharedTexts:
    return SharedTexts(shared_memory.get_obj(), n, _size(space))


@write_to_shared_memory.register(SharedText)
def _write(space: SharedText, index: int, values: str, shared_memory: Any) -> None:
    text = values.encode() + b"\0"
    start = index * _size(space)
    shared_memory.get_obj()[start : start + len(text)] = text
