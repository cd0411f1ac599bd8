"""Triton kernels: members written and updates applied on a GPU in one pass over memory, with the CPU's bits.

The noise is made where it is used, from the counter-based integers of `esreason.es.noise`; no noise is stored, only the
factors of a low rank. Sums are integers. A float64 product and the sum after it stay two operations, as in `Step`:
fusion is switched off wherever it would change a bit. The kernels compile for CUDA (tests look for fused operations in
what comes out) and run in Triton's interpreter; no figure of them has been measured on a GPU.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from hashlib import blake2b

import torch
import triton
import triton.language as tl

from esreason.es.noise import Noise, table
from esreason.es.update import Terms

_PER_BLOCK = 16
_BLOCKS = 64  # Philox blocks of one program: 1,024 elements
_TILE = (32, 64)  # rows and columns of one program of a low-rank update
_FACTORS = 2**26  # left factors that lie in memory at a time: 256 MB

_M0, _M1 = tl.constexpr(0xD2E7470EE14C6C93), tl.constexpr(0xCA5A826395121157)
_W0, _W1 = tl.constexpr(0x9E3779B97F4A7C15), tl.constexpr(0xBB67AE8584CAA73B)


@triton.jit
def _interleave(a, b, c, d):  # type: ignore[no-untyped-def]
    """[n] four times -> [4 n]: a[0], b[0], c[0], d[0], a[1], ..."""
    return tl.reshape(tl.join(tl.join(a, c), tl.join(b, d)), [4 * a.shape[0]])


@triton.jit  # type: ignore[untyped-decorator]
def _entries(table, keys, key, first, BLOCKS: tl.constexpr):  # type: ignore[no-untyped-def]
    """The integer normals of Philox blocks `first` to `first + BLOCKS` of one key, [16 * BLOCKS] of int32."""
    k0 = tl.load(keys + 2 * key).to(tl.uint64, bitcast=True)
    k1 = tl.load(keys + 2 * key + 1).to(tl.uint64, bitcast=True)
    # numpy counts up before it generates
    c0 = (first + 1 + tl.arange(0, BLOCKS)).to(tl.uint64)
    c1 = tl.zeros([BLOCKS], tl.uint64)
    c2 = tl.zeros([BLOCKS], tl.uint64)
    c3 = tl.zeros([BLOCKS], tl.uint64)
    m0 = tl.full([BLOCKS], _M0, tl.uint64)
    m1 = tl.full([BLOCKS], _M1, tl.uint64)
    for _ in tl.static_range(10):
        high0, high1 = tl.umulhi(c0, m0), tl.umulhi(c2, m1)
        low0, low1 = c0 * m0, c2 * m1
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0 += _W0
        k1 += _W1
    words = _interleave(c0, c1, c2, c3)
    indices = _interleave(words & 0xFFFF, (words >> 16) & 0xFFFF, (words >> 32) & 0xFFFF, words >> 48)
    return tl.load(table + indices.to(tl.int32)).to(tl.int32)


@triton.jit  # type: ignore[untyped-decorator]
def _rounded(value, DTYPE: tl.constexpr):  # type: ignore[no-untyped-def]
    """float32 to nearest, ties to even; in integers for bfloat16, which Triton's interpreter would cut off."""
    if tl.bfloat16 == DTYPE:
        bits = value.to(tl.uint32, bitcast=True)
        bits = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
        return bits.to(tl.uint16).to(tl.bfloat16, bitcast=True)
    else:
        return value.to(DTYPE)


@triton.jit  # type: ignore[untyped-decorator]
def _write(centre, out, count, table, keys, scalars, BLOCKS: tl.constexpr):  # type: ignore[no-untyped-def]
    """out = centre + scalars[0] * entries, in float64, rounded to float32 and then to out's dtype (as torch rounds)."""
    first = tl.program_id(0).to(tl.int64) * BLOCKS
    at = first * 16 + tl.arange(0, 16 * BLOCKS)
    noise = _entries(table, keys, 0, first, BLOCKS).to(tl.float64) * tl.load(scalars)
    value = noise + tl.load(centre + at, mask=at < count, other=0.0).to(tl.float64)
    tl.store(out + at, _rounded(value.to(tl.float32), out.dtype.element_ty), mask=at < count)


@triton.jit  # type: ignore[untyped-decorator]
def _move_dense(  # type: ignore[no-untyped-def]
    centre, count, table, keys, coefficients, terms, scalars, BLOCKS: tl.constexpr
):
    """centre += scalars[1] * (scalars[0] * sum_i coefficients[i] * entries_i), rounded once to float32."""
    first = tl.program_id(0).to(tl.int64) * BLOCKS
    at = first * 16 + tl.arange(0, 16 * BLOCKS)
    total = tl.zeros([16 * BLOCKS], tl.int64)
    for term in range(terms):
        total += (_entries(table, keys, term, first, BLOCKS) * tl.load(coefficients + term)).to(tl.int64)
    moved = total.to(tl.float64) * tl.load(scalars) * tl.load(scalars + 1)
    moved += tl.load(centre + at, mask=at < count, other=0.0).to(tl.float64)
    tl.store(centre + at, moved.to(tl.float32), mask=at < count)


@triton.jit  # type: ignore[untyped-decorator]
def _fill(out, count, start, table, keys, coefficients, BLOCKS: tl.constexpr):  # type: ignore[no-untyped-def]
    """out[term] = coefficients[term] * entries `start` (in blocks) and on, [terms, count] of int32."""
    term = tl.program_id(1).to(tl.int64)
    first = tl.program_id(0).to(tl.int64) * BLOCKS
    at = first * 16 + tl.arange(0, 16 * BLOCKS)
    entries = _entries(table, keys, term, start + first, BLOCKS) * tl.load(coefficients + term)
    tl.store(out + term * count + at, entries, mask=at < count)


@triton.jit  # type: ignore[untyped-decorator]
def _move_lowrank(  # type: ignore[no-untyped-def]
    centre, rows, columns, left, right, terms, scalars, RANK: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr
):
    """centre += scalars[1] * (scalars[0] * sum_i left_i right_i^T); left [terms, rows, rank], right likewise."""
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    column = tl.program_id(1).to(tl.int64) * COLUMNS + tl.arange(0, COLUMNS)
    total = tl.zeros([ROWS, COLUMNS], tl.float64)  # integers below 2**53: exact in any order, fused or not
    for term in range(terms):
        for k in tl.static_range(RANK):
            a = tl.load(left + (term * rows + row) * RANK + k, mask=row < rows, other=0).to(tl.float64)
            b = tl.load(right + (term * columns + column) * RANK + k, mask=column < columns, other=0).to(tl.float64)
            total = tl.fma(a[:, None], b[None, :], total)
    at = row[:, None] * columns + column[None, :]
    mask = (row < rows)[:, None] & (column < columns)[None, :]
    moved = total * tl.load(scalars) * tl.load(scalars + 1)
    moved += tl.load(centre + at, mask=mask, other=0.0).to(tl.float64)
    tl.store(centre + at, moved.to(tl.float32), mask=mask)


def write(centre: torch.Tensor, name: str, seed: int, amplitude: float, out: torch.Tensor) -> None:
    """out = centre + amplitude * entries of (seed, name), by element index; out of any float dtype, both contiguous.

    `amplitude` multiplies the integers: a member's over 256.
    """
    device, count = centre.device, centre.numel()
    if not (centre.is_contiguous() and out.is_contiguous()):
        raise ValueError("a member is written from and into contiguous tensors")
    if count:
        arguments = centre, out, count, _table(device), _keys([seed], name, device), _doubles([amplitude], device)
        with _on(device):
            _write[(_programs(count),)](*arguments, BLOCKS=_BLOCKS, enable_fp_fusion=False)


def move(centre: torch.Tensor, name: str, terms: Terms, noise: Noise, factor: float, alpha: float) -> None:
    """centre += alpha * (factor * sum_i c_i * noise_i), in place: c_i and the noise are integers."""
    if not centre.is_contiguous():
        raise ValueError("an update moves a contiguous tensor")
    with _on(centre.device):
        if noise.factorised(tuple(centre.shape)):
            _lowrank(centre, name, terms, noise.rank, factor, alpha)
        elif centre.numel():
            _dense(centre, name, terms, factor, alpha)


def _dense(centre: torch.Tensor, name: str, terms: Terms, factor: float, alpha: float) -> None:
    device, count = centre.device, centre.numel()
    keys, coefficients = _keys([seed for seed, _ in terms], name, device), _coefficients(terms, device)
    scalars = _doubles([factor, alpha], device)
    _move_dense[(_programs(count),)](
        centre, count, _table(device), keys, coefficients, len(terms), scalars, BLOCKS=_BLOCKS, enable_fp_fusion=False
    )  # fmt: skip


def _lowrank(centre: torch.Tensor, name: str, terms: Terms, rank: int, factor: float, alpha: float) -> None:
    device, (rows, columns) = centre.device, centre.shape
    if not centre.numel():
        return
    scalars = _doubles([factor, alpha], device)
    right = _factors(f"{name}:B", [(seed, 1) for seed, _ in terms], 0, columns * rank, device)
    # A stripe's factors begin at a whole Philox block.
    height = max(_PER_BLOCK, _FACTORS // max(1, len(terms) * rank) // _PER_BLOCK * _PER_BLOCK)
    for first in range(0, rows, height):
        stripe = centre[first : first + height]
        left = _factors(f"{name}:A", terms, first * rank // _PER_BLOCK, len(stripe) * rank, device)
        grid = triton.cdiv(len(stripe), _TILE[0]), triton.cdiv(columns, _TILE[1])
        _move_lowrank[grid](
            stripe, len(stripe), columns, left, right, len(terms), scalars,
            RANK=rank, ROWS=_TILE[0], COLUMNS=_TILE[1], enable_fp_fusion=False,
        )  # fmt: skip


def _factors(name: str, terms: Sequence[tuple[int, int]], block: int, count: int, device: torch.device) -> torch.Tensor:
    """Each term's coefficient times its entries from a block on, [terms, count] of int32."""
    out = torch.empty(max(1, len(terms)), count, dtype=torch.int32, device=device)
    if terms:
        keys, coefficients = _keys([seed for seed, _ in terms], name, device), _coefficients(terms, device)
        grid = _programs(count), len(terms)
        _fill[grid](out, count, block, _table(device), keys, coefficients, BLOCKS=_BLOCKS)
    return out


def _on(device: torch.device) -> AbstractContextManager[object]:
    """Triton launches on the current device, wherever its tensors lie."""
    return torch.cuda.device(device) if device.type == "cuda" else nullcontext()


def _programs(count: int) -> int:
    return math.ceil(count / (_PER_BLOCK * _BLOCKS))


@cache
def _table(device: torch.device) -> torch.Tensor:
    return torch.from_numpy(table().copy()).to(device)


def _keys(seeds: Sequence[int], name: str, device: torch.device) -> torch.Tensor:
    """The Philox keys of seeds with one name, [seeds, 2], their bits in int64."""
    digests = b"".join(blake2b(f"{abs(seed)}:{name}".encode(), digest_size=16).digest() for seed in seeds)
    words = [int.from_bytes(digests[i : i + 8], "little", signed=True) for i in range(0, len(digests), 8)]
    return torch.tensor(words or [0, 0], dtype=torch.int64).to(device)


def _coefficients(terms: Sequence[tuple[int, int]], device: torch.device) -> torch.Tensor:
    return torch.tensor([c for _, c in terms] or [0], dtype=torch.int32).to(device)


def _doubles(values: Sequence[float], device: torch.device) -> torch.Tensor:
    """Numbers for a kernel, whose own float arguments would be rounded to float32."""
    return torch.tensor(values, dtype=torch.float64).to(device)


def interpreted() -> bool:
    """Whether the kernels run in Triton's interpreter, on tensors of the CPU."""
    return not isinstance(_write, triton.runtime.JITFunction)


