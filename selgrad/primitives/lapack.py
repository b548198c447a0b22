"""LAPACK's functions of stacks of matrices, as NumPy calls it, for numbers and for traced values alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from selgrad.primitives.rows import records
from selgrad.primitives.structural import gather

LinAlgError = np.linalg.LinAlgError


def T(a: Any) -> Any:
    return np.swapaxes(a, -1, -2)


def _wide(a: Any) -> Any:
    """LAPACK knows no float16."""
    return a.astype(np.float32) if a.dtype == np.float16 else a


def _lapack(function: Callable, fails: Callable, trailing: int = 2, traced: Callable | None = None) -> Callable:
    """A function of stacks of matrices for numbers and for traced values (on which `traced` records it).

    A matrix that LAPACK gives up on gives nan, and the others of its stack their values: fails(a) is True for such.
    """

    def run(a: Any, *more: Any, **options: Any) -> Any:
        if records(a) or any(map(records, more)):
            return (traced or function)(a, *more)
        dtype, a, more = np.result_type(a, *more), _wide(a), tuple(map(_wide, more))
        try:
            y = function(a, *more, **options)
        except LinAlgError:
            bad = fails(a)
            eye = np.eye(*a.shape[-2:], dtype=a.dtype)
            y = function(np.where(bad[..., None, None], eye, a), *more, **options)
            y = np.where(bad[(..., *(None,) * trailing)], np.array(np.nan, y.dtype), y)
        return y.astype(dtype, copy=False)

    return run


def is_singular(a: Any) -> Any:
    return np.linalg.slogdet(_wide(a))[0] == 0  # exactly so: LU met a pivot 0


def is_indefinite(a: Any) -> Any:
    def one(m: Any) -> bool:
        try:
            np.linalg.cholesky(m)
        except LinAlgError:
            return True
        return False

    try:
        np.linalg.cholesky(_wide(a))
    except LinAlgError:
        each = _wide(a).reshape(-1, *a.shape[-2:])
        return np.array([one(m) for m in each]).reshape(a.shape[:-2])
    return np.zeros(a.shape[:-2], dtype=bool)


def is_not_finite(a: Any) -> Any:
    return ~np.isfinite(a).all(axis=(-2, -1))


def _eigh_of(a: Any, UPLO: Any) -> Any:
    w, V = np.linalg.eigh(a, UPLO)
    return np.concatenate([w[..., None, :], V], axis=-2)


def _svd_of(a: Any) -> Any:
    U, s, Vt = np.linalg.svd(a, full_matrices=False)
    return np.concatenate([s[..., None, :], U, T(Vt)], axis=-2)


def _cofactors_of(a: Any) -> Any:
    U, s, Vt = np.linalg.svd(a)
    others = np.prod(np.where(np.eye(s.shape[-1], dtype=bool), np.array(1, s.dtype), s[..., None, :]), axis=-1)
    return (np.linalg.det(U) * np.linalg.det(Vt))[..., None, None] * ((U * others[..., None, :]) @ Vt)


def _minors(a: Any) -> Any:
    """The cofactors, each by its definition: a polynomial, which has derivatives of every order."""
    n = a.shape[-1]
    if n == 1:
        return np.ones(a.shape)
    kept = np.array([[k for k in range(n) if k != i] for i in range(n)])
    at = np.arange(a.size).reshape(a.shape)[..., kept[:, None, :, None], kept[None, :, None, :]]
    signs = 1.0 - 2.0 * (np.add.outer(np.arange(n), np.arange(n)) % 2)
    return signs * np.linalg.det(gather(a, a.shape, at))


solve = _lapack(np.linalg.solve, is_singular)
inv = _lapack(np.linalg.inv, is_singular)
cholesky = _lapack(np.linalg.cholesky, is_indefinite)
eigh = _lapack(_eigh_of, is_not_finite)
eigvalsh = _lapack(np.linalg.eigvalsh, is_not_finite, 1)
svd = _lapack(_svd_of, is_not_finite, traced=lambda a: a.then("svd"))
svdvals = _lapack(lambda a: np.linalg.svd(a, compute_uv=False), is_not_finite, 1)
pinv = _lapack(np.linalg.pinv, is_not_finite)
det = _lapack(np.linalg.det, is_not_finite, 0)
slogdet = _lapack(lambda a: np.stack(np.linalg.slogdet(a)), is_not_finite, 0)
cofactors = _lapack(_cofactors_of, is_not_finite, traced=_minors)
