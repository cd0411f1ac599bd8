"""A CUDA device that is not there: its tensors say `cuda:0`, hold values on the CPU, and refuse what CUDA refuses.

torch's FakeTensorMode knows devices but no values, and decoding depends on values. Here each call of torch that meets
a tensor of the device, or asks for one, is carried out on the tensors inside; one that meets tensors of both
devices raises what torch raises, except where CUDA takes them together too (copies, scalars, indices).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_map

DEVICE = torch.device("cuda", 0)
NAME = "a simulated GPU"

_TO, _COPY = torch.Tensor.to, torch.Tensor.copy_
_GET, _SET = torch.Tensor.__getitem__, torch.Tensor.__setitem__
_HOST_ONLY = {torch.Tensor.numpy, torch.Tensor.__array__, torch.Tensor.data_ptr}
_READS = {torch.Tensor.cpu, torch.Tensor.tolist, torch.Tensor.item, torch.Tensor.__bool__, torch.Tensor.__int__,
          torch.Tensor.__float__, torch.equal, torch.Tensor.equal}  # fmt: skip
_DOWN = {torch.Tensor.cpu, torch.Tensor.tolist, torch.Tensor.item}


@dataclass(slots=True)
class Traffic:
    """The numbers of elements that were carried between the two memories, a copy each."""

    up: list[int] = field(default_factory=list)
    down: list[int] = field(default_factory=list)

    def forget(self) -> None:
        self.up.clear()
        self.down.clear()


_TRAFFIC = Traffic()


class Simulated(torch.Tensor):
    """A tensor of the device; its values lie in `inner`, a tensor of the CPU."""

    inner: torch.Tensor

    @staticmethod
    def __new__(cls, inner: torch.Tensor) -> Simulated:
        made: Simulated = torch.Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls, inner.shape, strides=inner.stride(), dtype=inner.dtype, device="cpu", requires_grad=False
        )
        made.inner = inner
        return made

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _call(func, args, kwargs or {})

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise AssertionError(f"{func} reached a simulated tensor from below: the simulation does not know this call")

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        return f"Simulated({self.inner!r})"


class _Factories(TorchFunctionMode):
    """Calls that ask for the device without a tensor of it."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _call(func, args, kwargs or {})


def _call(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    with torch._C.DisableTorchFunction():
        return _carried(func, args, dict(kwargs))


def _carried(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    here, there = _tensors((args, kwargs))
    if getattr(func, "__self__", None) is torch.Tensor.device:  # the property
        return DEVICE if there else func(*args, **kwargs)
    asked = _asked(func, args, kwargs)
    if not there and (asked is None or asked.type != DEVICE.type):
        return func(*args, **kwargs)
    if there and func is torch._has_compatible_shallow_copy_type:  # a module that moves asks before it does
        return not here
    if there and func in _HOST_ONLY:
        raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() first.")
    if there and not _together(func, args, here, there):
        raise RuntimeError(f"Expected all tensors to be on the same device: {func} got cuda:0 and cpu")
    if func is _TO:
        return _moved(args, kwargs, asked)
    if "device" in kwargs:
        kwargs["device"] = _inside(kwargs["device"])
    inner = func(*tree_map(_opened, tuple(args)), **tree_map(_opened, kwargs))
    _count(func, args, there, inner)
    out_of = func is _COPY and not isinstance(args[0], Simulated)
    if func in _DOWN or out_of or (asked is not None and asked.type == "cpu"):
        return inner.clone() if func is torch.Tensor.cpu else inner
    known = {id(tensor.inner): tensor for tensor in there}  # a call in place returns what it was given
    return tree_map(lambda each: known[id(each)] if id(each) in known else _closed(each), inner)


def _count(func: Any, args: Sequence[Any], there: list[Simulated], inner: Any) -> None:
    if func is _COPY and len(there) == 1:
        (_TRAFFIC.up if isinstance(args[0], Simulated) else _TRAFFIC.down).append(args[0].numel())
    elif there and func in _READS:
        _TRAFFIC.down.append(there[0].inner.numel())
    elif not there and func is torch.tensor:  # the other factories fill their tensors where they lie
        _TRAFFIC.up.append(inner.numel())


def _tensors(values: Any) -> tuple[list[torch.Tensor], list[Simulated]]:
    here: list[torch.Tensor] = []
    there: list[Simulated] = []

    def look(value: Any) -> Any:
        if isinstance(value, Simulated):
            there.append(value)
        elif isinstance(value, torch.Tensor):
            here.append(value)
        return value

    tree_map(look, values)
    return here, there


def _asked(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> torch.device | None:
    """The device that a call names, if it names one."""
    device = kwargs.get("device")
    if device is None and func is _TO:
        device = next((each for each in args[1:] if isinstance(each, str | torch.device)), None)
    return None if device is None else torch.device(device)


def _together(func: Any, args: Sequence[Any], here: list[torch.Tensor], there: list[Simulated]) -> bool:
    """Whether CUDA takes these tensors in one call."""
    large = [tensor for tensor in here if tensor.dim()]
    if not large or func is _COPY:
        return True
    if func in (_GET, _SET) and isinstance(args[0], Simulated):  # indices may lie on the CPU; values beside slices only
        value = args[2] if func is _SET else None
        indexed = any(_tensors(args[1]))
        return not (indexed and isinstance(value, torch.Tensor) and not isinstance(value, Simulated) and value.dim())
    return False


def _moved(args: Sequence[Any], kwargs: Mapping[str, Any], asked: torch.device | None) -> torch.Tensor:
    tensor, rest = args[0], [_inside(each) for each in args[1:]]
    simulated = isinstance(tensor, Simulated)
    inner = _opened(tensor)
    moved: torch.Tensor = _TO(inner, *rest, **{key: _inside(value) for key, value in kwargs.items()})
    if simulated == (asked is None or asked.type == DEVICE.type):
        return tensor if moved is inner else _closed(moved) if simulated else moved
    moved = moved.clone() if moved is inner else moved  # another device is other memory
    (_TRAFFIC.down if simulated else _TRAFFIC.up).append(moved.numel())
    return moved if simulated else _closed(moved)


def _inside(value: Any) -> Any:
    """A device as it is inside."""
    named = isinstance(value, str | torch.device) and torch.device(value).type == DEVICE.type
    return torch.device("cpu") if named else value


def _opened(value: Any) -> Any:
    return value.inner if isinstance(value, Simulated) else value


def _closed(value: Any) -> Any:
    return Simulated(value) if isinstance(value, torch.Tensor) and not isinstance(value, Simulated) else value


class _Kernels:
    """Triton's kernels in its interpreter, on the tensors inside."""

    def __init__(self, kernels: Any) -> None:
        self._kernels = kernels

    def __getattr__(self, name: str) -> Callable[..., None]:
        def call(*args: Any) -> None:
            getattr(self._kernels, name)(*map(_opened, args))

        return call


@contextmanager
def simulated_device(monkeypatch: pytest.MonkeyPatch, kernels: Any = None) -> Iterator[Traffic]:
    """One CUDA device, as far as torch's callers can tell; `kernels` move and write on it, else torch's operations."""
    answers = {"is_available": True, "device_count": 1, "current_device": 0, "get_device_name": NAME,
               "mem_get_info": (2**33, 2**34), "memory_reserved": 2**20, "memory_allocated": 2**20}  # fmt: skip
    with monkeypatch.context() as patch:
        for name, answer in answers.items():
            patch.setattr(torch.cuda, name, lambda *_, answer=answer: answer)
        patch.setattr(torch.cuda, "device", lambda _: nullcontext())
        patch.setattr("esreason.es.update_kernels._triton", lambda: kernels and _Kernels(kernels))
        with _Factories():
            _TRAFFIC.forget()
            yield _TRAFFIC
