"""What the decompositions and inverses of np.linalg record; leading axes of a traced value are a stack of matrices."""

from __future__ import annotations

import operator
from math import prod
from typing import Any

import numpy as np

from selgrad.errors import ShapeError
from selgrad.programs.program_data import place
from selgrad.tracing.recorder import Traced, record
from selgrad.tracing.refusals import refuse, users_line


def _array(x: Any) -> Any:
    return x if isinstance(x, Traced) else np.asarray(x)


def fits(name: str, x: Any, square: bool = True) -> Any:
    """x; ShapeError where it holds no (square) matrices."""
    shape = np.shape(x)
    if len(shape) < 2 or (square and shape[-1] != shape[-2]) or 0 in shape[-2:]:
        kind = "square matrices" if square else "matrices"
        raise ShapeError(f"np.linalg.{name} takes {kind}, not an array of shape {shape}{place(users_line())}.")
    return x


def _of_square(name: str, op: str | None = None) -> Any:
    return lambda a: record(op or name, fits(name, a))


def _T(a: Any) -> Any:
    return np.swapaxes(a, -1, -2)


def solve(a: Any, b: Any) -> Any:
    a, b = fits("solve", _array(a)), _array(b)
    if b.ndim == 1:
        return solve(a, b[:, None])[..., 0]
    if b.ndim == 0 or b.shape[-2] != a.shape[-1]:
        raise ShapeError(f"np.linalg.solve cannot fit a right side of shape {b.shape} to matrices of shape "
                         f"{a.shape}{place(users_line())}.")
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return record("solve", *(np.broadcast_to(x, lead + x.shape[-2:]) for x in (a, b)))


def slogdet(a: Any) -> Any:
    fits("slogdet", a)
    size = record("logabsdet", a)
    return type(np.linalg.slogdet(np.eye(1)))(record("signdet", a), size)


def cholesky(a: Any, upper: bool = False) -> Any:
    fits("cholesky", a)
    return _T(record("cholesky", _T(a))) if upper else record("cholesky", a)


def _eigh(name: str, a: Any, UPLO: str) -> Any:
    fits(name, a)
    if UPLO.upper() not in ("L", "U"):
        raise refuse(f"np.linalg.{name} with UPLO={UPLO!r}", "write UPLO='L' or UPLO='U'")
    return record("eigh", a, UPLO=UPLO.upper())


def eigh(a: Any, UPLO: str = "L") -> Any:
    y = _eigh("eigh", a, UPLO)
    return type(np.linalg.eigh(np.eye(1)))(y[..., 0, :], y[..., 1:, :])


def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    return _eigh("eigvalsh", a, UPLO)[..., 0, :]


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    fits("svd", a, square=False)
    m, n = a.shape[-2:]
    if compute_uv and full_matrices and m != n:
        raise refuse("np.linalg.svd of a matrix that is not square, with full_matrices=True, makes up directions",
                     "write full_matrices=False")
    y = record("svd", a)
    if not compute_uv:
        return y[..., 0, :]
    return type(np.linalg.svd(np.eye(1)))(y[..., 1 : 1 + m, :], y[..., 0, :], _T(y[..., 1 + m :, :]))


def svdvals(x: Any) -> Any:
    return svd(x, compute_uv=False)


def pinv(a: Any) -> Any:
    return record("pinv", fits("pinv", a, square=False))


def matrix_norm(x: Any, ord: Any, axes: Any, keepdims: bool = False) -> Any:
    """np.linalg.norm over two axes."""
    if ord == "fro":
        return np.sqrt(np.sum(np.square(x), axis=axes, keepdims=keepdims))
    row, column = (a % np.ndim(x) for a in axes)
    if ord in SINGULAR:
        return singular_norm(x, ord, (row, column), keepdims)
    if ord not in (1, -1, np.inf, -np.inf):
        raise ValueError(f"Invalid norm order {ord!r} for matrices.")
    inner, outer = (row, column) if ord in (1, -1) else (column, row)
    sums = np.sum(np.abs(x), axis=inner, keepdims=True)
    y = (np.max if ord > 0 else np.min)(sums, axis=outer, keepdims=True)
    return y if keepdims else np.squeeze(y, axis=(row, column))


SINGULAR = {2: "spectral_norm", -2: "smallest_singular_value", "nuc": "nuclear_norm"}


def singular_norm(x: Any, ord: Any, axes: Any, keepdims: bool = False) -> Any:
    """The matrix norms that read singular values."""
    y = record(SINGULAR[ord], fits("norm", np.moveaxis(x, axes, (-2, -1)), square=False))
    return np.expand_dims(y, axes) if keepdims else y


def cond(x: Any, p: Any = None) -> Any:
    if p is None or p in (2, -2):
        fits("cond", x, square=False)
        most, least = (singular_norm(x, ord, (-2, -1)) for ord in (2, -2))
        return least / most if p == -2 else most / least
    fits("cond", x)
    return np.linalg.norm(x, p, axis=(-2, -1)) * np.linalg.norm(np.linalg.inv(x), p, axis=(-2, -1))


def tensorinv(a: Any, ind: int = 2) -> Any:
    old, ind = a.shape, operator.index(ind)
    rows = prod(old[ind:])
    if ind <= 0 or rows != prod(old[:ind]):
        raise ShapeError(f"np.linalg.tensorinv cannot split shape {old} into a square at axis {ind}"
                         f"{place(users_line())}.")
    return np.reshape(np.linalg.inv(np.reshape(a, (rows, rows))), old[ind:] + old[:ind])


def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    a, b = _array(a), _array(b)
    if axes is not None:
        a = np.moveaxis(a, axes, range(a.ndim - len(tuple(axes)), a.ndim))
    unknown = a.shape[b.ndim:]
    if prod(unknown) != prod(a.shape[: b.ndim]):
        raise ShapeError(f"np.linalg.tensorsolve cannot fit a right side of shape {b.shape} to shape {a.shape}"
                         f"{place(users_line())}.")
    square = np.reshape(a, (prod(unknown), prod(unknown)))
    return np.reshape(solve(square, np.reshape(b, -1)), unknown)


DECOMPOSITIONS = {
    np.linalg.solve: solve, np.linalg.inv: _of_square("inv"), np.linalg.det: _of_square("det"),
    np.linalg.slogdet: slogdet, np.linalg.cholesky: cholesky, np.linalg.eigh: eigh, np.linalg.eigvalsh: eigvalsh,
    np.linalg.svd: svd, np.linalg.svdvals: svdvals, np.linalg.pinv: pinv, np.linalg.cond: cond,
    np.linalg.tensorinv: tensorinv, np.linalg.tensorsolve: tensorsolve,
}
