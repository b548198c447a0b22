"""How np.linalg is recorded: solutions, determinants, factors, eigenvalues."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from selgrad.tracing.recorder import record
from selgrad.tracing.refusals import refuse

Slogdet = namedtuple("Slogdet", ("sign", "logabsdet"))
Eigh = namedtuple("Eigh", ("eigenvalues", "eigenvectors"))


def square(a: Any) -> Any:
    """a, if it is a stack of square matrices. Raises ValueError otherwise."""
    if np.ndim(a) < 2 or np.shape(a)[-1] != np.shape(a)[-2]:
        raise ValueError(f"it takes square matrices, not an array of shape {np.shape(a)}")
    return a


def inv(a: Any) -> Any:
    return record("inv", square(a))


def solve(a: Any, b: Any) -> Any:
    """A vector b where it has one axis, else a stack of matrices."""
    a, vector = square(a), np.ndim(b) == 1
    n = np.shape(a)[-1]
    if np.shape(b)[-1 if vector else -2] != n:
        raise ValueError(f"the matrix has {n} rows, but the right-hand side has the shape {np.shape(b)}")
    lead = np.broadcast_shapes(np.shape(a)[:-2], () if vector else np.shape(b)[:-2])
    a = np.broadcast_to(a, (*lead, n, n))
    b = np.broadcast_to(b, (*lead, *np.shape(b)[-1 if vector else -2 :]))
    return record("solve", a, b, vector=vector)


def slogdet(a: Any) -> Slogdet:
    return Slogdet(record("signdet", square(a)), record("logabsdet", a))


def det(a: Any) -> Any:
    """Sign times exp(log |det|), off the singular matrices."""
    sign, size = slogdet(a)
    return sign * np.exp(size)


def symmetric(a: Any, triangle: str) -> Any:
    """The symmetric matrix of which NumPy reads one triangle."""
    if triangle not in ("L", "U", "l", "u"):
        raise ValueError("UPLO argument must be 'L' or 'U'")
    cut = np.tril if triangle in ("L", "l") else np.triu
    whole = np.ones(np.shape(square(a)), dtype=a.dtype)
    return a * cut(whole) + np.swapaxes(a * cut(whole, -1 if cut is np.tril else 1), -1, -2)


def cholesky(a: Any, upper: bool = False) -> Any:
    factor = record("cholesky", symmetric(a, "U" if upper else "L"))
    return np.swapaxes(factor, -1, -2) if upper else factor


def eigh(a: Any, UPLO: str = "L") -> Eigh:
    both = record("eigh", symmetric(a, UPLO))
    return Eigh(both[..., 0, :], both[..., 1:, :])


def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    return eigh(a, UPLO).eigenvalues


def matrix_norm(x: Any, ord: Any, axes: Any, keepdims: bool = False) -> Any:
    if ord == "fro":
        return np.sqrt(np.sum(np.square(x), axis=axes, keepdims=keepdims))
    row, column = (a % np.ndim(x) for a in axes)
    if ord in (1, -1, np.inf, -np.inf):
        inner, outer = (row, column) if ord in (1, -1) else (column, row)
        sums = np.sum(np.abs(x), axis=inner, keepdims=True)
        y = (np.max if ord > 0 else np.min)(sums, axis=outer, keepdims=True)
    elif ord in (2, -2, "nuc"):
        y = np.expand_dims(_singular_values(np.moveaxis(x, (row, column), (-2, -1)), ord), (row, column))
    else:
        raise ValueError(f"Invalid norm order {ord!r} for matrices.")
    return y if keepdims else np.squeeze(y, axis=(row, column))


def _singular_values(x: Any, ord: Any) -> Any:
    """The largest, the smallest, or the sum of the singular values: roots of eigenvalues, which must be distinct."""
    small = np.shape(x)[-1] <= np.shape(x)[-2]
    turned = np.swapaxes(x, -1, -2)
    squares = eigvalsh(turned @ x if small else x @ turned)
    if ord == "nuc":
        return np.sum(np.sqrt(squares), axis=-1)
    return np.sqrt(squares[..., -1 if ord == 2 else 0])


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    if compute_uv:
        raise refuse("np.linalg.svd with its factors is not recorded",
                     "use np.linalg.eigh(A.T @ A), or compute_uv=False for the singular values")
    small = np.shape(a)[-1] <= np.shape(a)[-2]
    turned = np.swapaxes(a, -1, -2)
    return np.sqrt(eigvalsh(turned @ a if small else a @ turned)[..., ::-1])
