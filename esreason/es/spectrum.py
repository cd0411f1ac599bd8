"""The singular directions of a matrix, the same integers on every machine: a log of their shares rebuilds weights.

A library's SVD differs between builds in the last bits and in the signs. Here every product is one of whole numbers
that float64 holds exactly, whatever the order of its sums; all else is one rounded operation an element.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esreason.es.noise import normals

UNIT = 2**14
"""Entries of directions are whole numbers of this part of 1."""

_FINE = 2**17  # while they are sought; with 15 bits of weight and 2**20 rows the products stay below 2**53
_WEIGHT = 2**15
_MORE = 8  # directions sought beside the wanted ones, which makes those converge
_PASSES = 12
_SWEEPS = 14

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Directions:
    """The largest k singular directions of a matrix: direction j is s_j u_j v_j^T = unit * left[:, j] right[:, j]^T.

    `left` is [rows, k], whole numbers of at most 2**14 in size: u_j s_j / s_1; `right` [columns, k]: v_j.
    So adding a share x of direction j makes the singular value s_j (1 + x).
    """

    left: NDArray[np.int16]
    right: NDArray[np.int16]
    unit: float

    @classmethod
    def of(cls, matrix: NDArray[np.float32], k: int, name: str) -> Directions:
        """The directions of a matrix [rows, columns] by subspace iteration; `name` seeds where it begins.

        Twelve passes over a block of k + 8: where singular values lie close together, directions of a pair of them
        may be mixed, but they are always a singular pair of the matrix within the block, U^T W V diagonal.
        """
        largest = float(np.abs(matrix).max()) or 1.0
        weight = np.rint(matrix.astype(np.float64) * (_WEIGHT / largest))
        block = min(k + _MORE, *matrix.shape)
        start = normals(1, f"{name}:start", 0, matrix.shape[1] * block).reshape(-1, block)
        right = _orthonormal(np.rint(start.astype(np.float64)))[0]
        for _ in range(_PASSES):
            left = _orthonormal(weight @ right)[0]
            right = _orthonormal(weight.T @ left)[0]
        left, sizes, turn = _orthonormal(weight @ right)
        right = np.rint(_combined(right, turn))
        first = float(sizes[0]) or 1.0
        coarse = UNIT / _FINE
        return cls(
            np.rint(left[:, :k] * (sizes[:k] / first * coarse)).astype(np.int16),
            np.rint(right[:, :k] * coarse).astype(np.int16),
            first / _FINE * largest / _WEIGHT / UNIT / UNIT,
        )


def _orthonormal(columns: Floats) -> tuple[Floats, Floats, Floats]:
    """(Q, sizes, E) of columns [n, p] of whole numbers: Q = columns E / sizes, orthonormal in parts of 2**-17.

    The sizes, largest first, are the singular values of the columns, E their right singular vectors [p, p].
    """
    peak = float(np.abs(columns).max()) or 1.0
    scale = min(1.0, _FINE / peak)
    whole = np.rint(columns * scale)
    values, turn = _eigen(whole.T @ whole)
    sizes = np.sqrt(np.maximum(values, 0.0))
    kept = sizes > sizes[0] * 2.0**-16  # below lies what rounding made
    inverse = np.where(kept, _FINE / np.where(kept, sizes, 1.0), 0.0)
    return np.rint(_combined(whole, turn) * inverse), np.where(kept, sizes, 0.0) / scale, turn


def _combined(columns: Floats, turn: Floats) -> Floats:
    """columns @ turn, added up in a fixed order."""
    total = np.zeros((len(columns), turn.shape[1]))
    for j in range(len(turn)):
        total += columns[:, j : j + 1] * turn[j]
    return total


def _eigen(matrix: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues, largest first, and vectors (columns) of a symmetric matrix by Jacobi's rotations.

    Disjoint pairs are turned at once, all pairs in p - 1 rounds (a tournament's); no sum is taken anywhere.
    """
    a, vectors, p = matrix.copy(), np.eye(len(matrix)), len(matrix)
    table = np.arange(p + p % 2)
    for _ in range(_SWEEPS):
        if float(np.abs(a - np.diag(np.diag(a))).max(initial=0.0)) <= 1e-17 * float(np.abs(a).max()):
            break
        for _ in range(len(table) - 1):
            i, j = table[: len(table) // 2], table[::-1][: len(table) // 2]
            real = (i < p) & (j < p)
            _rotate(a, vectors, i[real], j[real])
            table = np.concatenate([table[:1], table[-1:], table[1:-1]])
    values = np.diag(a)
    order = np.argsort(-values, kind="stable")
    return values[order], vectors[:, order]


def _rotate(a: Floats, vectors: Floats, i: NDArray[np.intp], j: NDArray[np.intp]) -> None:
    """Turn the pairs (i, j) of a symmetric matrix so that a[i, j] = 0 (Golub and Van Loan, section 8.5)."""
    off = a[i, j]
    some = off != 0.0
    tau = (a[j, j] - a[i, i]) / np.where(some, 2.0 * off, 1.0)
    tangent = np.where(tau >= 0.0, 1.0, -1.0) / (np.abs(tau) + np.sqrt(1.0 + tau * tau))
    tangent = np.where(some, tangent, 0.0)
    cosine = 1.0 / np.sqrt(1.0 + tangent * tangent)
    sine = tangent * cosine
    for m in (a.T, a, vectors):  # rows, then columns
        first, second = m[:, i], m[:, j]
        m[:, i], m[:, j] = cosine * first - sine * second, sine * first + cosine * second
    a[i, j] = a[j, i] = 0.0


class Spectrum:
    """The directions of all matrices of a model; their shares are numbered from 1 in order of name."""

    def __init__(self, matrices: dict[str, NDArray[np.float32]], k: int) -> None:
        self.k = k
        self._made = {name: Directions.of(matrix, k, name) for name, matrix in sorted(matrices.items())}
        self._first = {name: place * k for place, name in enumerate(self._made)}

    def __contains__(self, name: str) -> bool:
        return name in self._made

    def __getitem__(self, name: str) -> Directions:
        return self._made[name]

    def __len__(self) -> int:
        """How many shares there are: k a matrix."""
        return self.k * len(self._made)

    def part(self, name: str, shares: tuple[int, ...]) -> Floats:
        """A matrix's own of all shares."""
        if len(shares) != len(self):
            raise ValueError(f"{len(shares)} shares for {len(self)} singular directions")
        first = self._first[name]
        return np.array(shares[first : first + self.k], dtype=np.float64)

    def terms(self, name: str, terms: tuple[tuple[int, int], ...]) -> Floats:
        """The coefficients of a matrix's own directions, of an update's (direction, coefficient) pairs."""
        first, own = self._first[name], np.zeros(self.k)
        for direction, coefficient in terms:
            if first < direction <= first + self.k:
                own[direction - first - 1] = coefficient
        return own
