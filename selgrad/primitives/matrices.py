"""The table of linear algebra: inverse, solution, determinant, Cholesky factor, eigenvalues.

They act on the last two axes. Cholesky factor and eigenvalues are those of the symmetric part (A + A^T) / 2, so that
their derivatives are defined for every direction; a singular matrix, one that is not positive definite, and one
with a repeated eigenvalue lie outside of the domain.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.primitives.facts import CALL, LIBRARY, LOG_EXP, MATRIX, NONE, NOT_LOG_EXP, SLOPES, Facts
from selgrad.primitives.rows import LinearRule, Row, table
from selgrad.primitives.smooth import BEYOND

# what they do       affine exact   bits     rounding growth theory       scalar
SOLVES = Facts(      NONE,  BEYOND, LIBRARY, SLOPES,  None,  LOG_EXP,     MATRIX)
DIAGONALISES = Facts(NONE,  BEYOND, LIBRARY, SLOPES,  None,  NOT_LOG_EXP, MATRIX)


def _t(a: Any) -> Any:
    return a.swapaxes(-1, -2)


def _symmetric(a: Any) -> Any:
    return 0.5 * (a + _t(a))


def _across(v: Any) -> Any:
    """One number a matrix, with two axes of length 1."""
    return v[..., None, None]


def _singular(a: Any) -> Any:
    sign, size = np.linalg.slogdet(a)
    return (sign == 0) | ~np.isfinite(size)


def _solve(a: Any, b: Any, vector: bool) -> Any:
    return np.linalg.solve(a, b[..., None])[..., 0] if vector else np.linalg.solve(a, b)


def _solve_push_matrix(da: Any, y: Any, a: Any, b: Any, vector: bool) -> Any:
    moved = np.matmul(da, y[..., None] if vector else y)
    step = -np.linalg.solve(a, moved)
    return step[..., 0] if vector else step


def _solve_pull_matrix(v: Any, y: Any, a: Any, b: Any, vector: bool) -> Any:
    w = _solve(_t(a), v, vector)
    return -w[..., :, None] * y[..., None, :] if vector else -np.matmul(w, _t(y))


def _log_size_push(da: Any, y: Any, a: Any) -> Any:
    return np.sum(_t(np.linalg.inv(a)) * da, axis=(-2, -1))


def _half(x: Any) -> Any:
    """The lower triangle, with half of the diagonal."""
    n = x.shape[-1]
    return x * (np.tril(np.ones((n, n), dtype=x.dtype)) - 0.5 * np.eye(n, dtype=x.dtype))


def _indefinite(a: Any) -> Any:
    lowest = np.linalg.eigvalsh(_symmetric(a))[..., 0]
    return _across(~(lowest > 0))


def _factor_push(da: Any, y: Any, a: Any) -> Any:
    inner = np.linalg.solve(y, _t(np.linalg.solve(y, _symmetric(da))))
    return np.matmul(y, _half(_t(inner)))


def _factor_pull(v: Any, y: Any, a: Any) -> Any:
    inner = np.linalg.solve(_t(y), _half(np.matmul(_t(y), v)))
    return _symmetric(_t(np.linalg.solve(_t(y), _t(inner))))


def _eigen(a: Any) -> Any:
    """Eigenvalues in the first row, eigenvectors in the columns below."""
    values, vectors = np.linalg.eigh(_symmetric(a))
    return np.concatenate([values[..., None, :], vectors], axis=-2)


def _repeated(a: Any) -> Any:
    values = np.linalg.eigvalsh(_symmetric(a))
    scale = np.abs(values).max(axis=-1, keepdims=True)
    close = np.diff(values, axis=-1) <= 8 * np.finfo(values.dtype).eps * scale
    return _across(close.any(axis=-1))


def _rates(y: Any) -> tuple[Any, Any]:
    """Eigenvectors, and 1 / (value_j - value_i) off the diagonal."""
    values, vectors = y[..., 0, :], y[..., 1:, :]
    unit = np.eye(vectors.shape[-1], dtype=y.dtype)
    gaps = values[..., None, :] - values[..., :, None] + unit
    return vectors, (1.0 - unit) / gaps


def _eigen_push(da: Any, y: Any, a: Any) -> Any:
    vectors, rates = _rates(y)
    moved = np.matmul(np.matmul(_t(vectors), _symmetric(da)), vectors)
    n = vectors.shape[-1]
    values = np.sum(moved * np.eye(n, dtype=y.dtype), axis=-1)
    return np.concatenate([values[..., None, :], np.matmul(vectors, rates * moved)], axis=-2)


def _eigen_pull(v: Any, y: Any, a: Any) -> Any:
    vectors, rates = _rates(y)
    n = vectors.shape[-1]
    inner = v[..., 0, :][..., None, :] * np.eye(n, dtype=y.dtype) + rates * np.matmul(_t(vectors), v[..., 1:, :])
    return _symmetric(np.matmul(np.matmul(vectors, inner), _t(vectors)))


NOT_SINGULAR = "its matrix must not be singular"

MATRICES = table(
    [
        Row("inv", np.linalg.inv, (LinearRule(
            lambda da, y, a: -np.matmul(np.matmul(y, da), y),
            lambda v, y, a: -np.matmul(np.matmul(_t(y), v), _t(y))),),
            facts=SOLVES, prints=CALL, domain=lambda a: _across(_singular(a)), outside=NOT_SINGULAR),
        Row("solve", _solve, (
            LinearRule(_solve_push_matrix, _solve_pull_matrix),
            LinearRule(lambda db, y, a, b, vector: _solve(a, db, vector),
                       lambda v, y, a, b, vector: _solve(_t(a), v, vector))),
            facts=SOLVES, prints=CALL, outside=NOT_SINGULAR,
            domain=lambda a, b: _singular(a)[(..., *(None,) * (1 if b.ndim < a.ndim else 2))]),
        Row("logabsdet", lambda a: np.linalg.slogdet(a)[1], (LinearRule(
            _log_size_push, lambda v, y, a: _across(v) * _t(np.linalg.inv(a))),),
            facts=SOLVES, prints=CALL, domain=_singular, outside=NOT_SINGULAR),
        Row("signdet", lambda a: np.linalg.slogdet(a)[0], (None,), facts=SOLVES, prints=CALL, domain=_singular,
            outside=NOT_SINGULAR),
        Row("cholesky", lambda a: np.linalg.cholesky(_symmetric(a)), (LinearRule(_factor_push, _factor_pull),),
            facts=SOLVES, prints=CALL, domain=_indefinite, outside="its matrix must be positive definite"),
        Row("eigh", _eigen, (LinearRule(_eigen_push, _eigen_pull),), facts=DIAGONALISES, prints=CALL,
            domain=_repeated, outside="its eigenvalues must be distinct (where two meet, they have no derivative)"),
    ]
)
