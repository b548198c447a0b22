"""The table of matrix functions: what np.linalg computes with LAPACK, on stacks of matrices.

All are smooth where `domain` says: on regular, positive definite or full-rank matrices, and on those whose
eigenvalues (singular values) are distinct. A decomposition is one array, its parts one above the other:

    eigh   shape (1 + n, n)       the eigenvalues, then the matrix of the eigenvectors
    svd    shape (1 + m + n, k)   the k = min(m, n) singular values, then U, then V

cholesky and eigh read one triangle alone, so the derivative in what stands in the other is zero. In the
formulas dA is a direction, Y the value, and E_ij = 1/(w_j - w_i) off the diagonal. (Those of the derivatives are
classical; no formula divides by a determinant, so det is right at a singular matrix too.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from selgrad.primitives import lapack
from selgrad.primitives.facts import CALL, ENTRIES, LIBRARY, LOG_EXP, MATRIX, NONE, NOT_LOG_EXP, Facts
from selgrad.primitives.lapack import T
from selgrad.primitives.rows import Linear, LinearRule, Row, table

FLOATS = ("runs in floats alone: for exact mode write the matrix function out with +, -, * and /, "
          "or leave out exact=True")


def _weigh(G: Any) -> Linear:
    """The derivative dA -> <G, dA> of a number."""
    return Linear(lambda dA: np.sum(G * dA, axis=(-2, -1)), lambda v: G * v[..., None, None])


# --- solve and inv ---


def _pull_matrix(v: Any, Y: Any, A: Any, B: Any) -> Any:
    return -(lapack.solve(T(A), v) @ T(Y))


# --- what reads the lower triangle ---


def _mirrored(dA: Any) -> Any:
    """The symmetric matrix with this lower triangle."""
    return np.tril(dA) + T(np.tril(dA, -1))


def _lower(S: Any) -> Any:
    """Its adjoint."""
    return np.tril(S) + np.tril(T(S), -1)


def _halved(X: Any) -> Any:
    """The lower triangle, with half of the diagonal."""
    return 0.5 * (np.tril(X) + np.tril(X, -1))


def _d_cholesky(L: Any, A: Any) -> Linear:
    # dL = L halved(L^-1 dA L^-T)
    def push(dA: Any) -> Any:
        return L @ _halved(lapack.solve(L, T(lapack.solve(L, _mirrored(dA)))))

    def pull(v: Any) -> Any:
        return _lower(T(lapack.solve(T(L), T(lapack.solve(T(L), _halved(T(L) @ v))))))

    return Linear(push, pull)


def _inverse_gaps(w: Any) -> Any:
    """E of the values w."""
    eye = np.eye(w.shape[-1], dtype=w.dtype)
    return 1.0 / (w[..., None, :] - w[..., :, None] + eye) - eye


def _d_eigh(Y: Any, A: Any, UPLO: str) -> Linear:
    # dw = diag(V^T dA V), dV = V (E * V^T dA V)
    w, V = Y[..., 0, :], Y[..., 1:, :]
    E = _inverse_gaps(w)
    side = T if UPLO == "U" else lambda S: S

    def push(dA: Any) -> Any:
        D = _mirrored(side(dA)) @ V
        return np.concatenate([np.sum(V * D, axis=-2)[..., None, :], V @ (E * (T(V) @ D))], axis=-2)

    def pull(v: Any) -> Any:
        inner = E * (T(V) @ v[..., 1:, :])
        return side(_lower(V @ (inner @ T(V) + v[..., 0, :][..., :, None] * T(V))))

    return Linear(push, pull)


# --- what rests on singular values ---


def _d_svd(Y: Any, A: Any) -> Linear:
    # with P = U^T dA V and E of the squares: dU = U (E * (P S + S P^T)) + (1 - U U^T) dA V / s, dV likewise
    m = A.shape[-2]
    s, U, V = Y[..., 0, :], Y[..., 1 : 1 + m, :], Y[..., 1 + m :, :]
    row, column = s[..., None, :], s[..., :, None]
    E = _inverse_gaps(s * s)

    def push(dA: Any) -> Any:
        B, C = dA @ V, T(dA) @ U
        P, Q = T(U) @ B, T(V) @ C  # Q is the transpose of P
        dU = U @ (E * (P * row + column * Q)) + (B - U @ P) / row
        dV = V @ (E * (column * P + Q * row)) + (C - V @ Q) / row
        return np.concatenate([np.sum(U * B, axis=-2)[..., None, :], dU, dV], axis=-2)

    def pull(v: Any) -> Any:
        gs, gU, gV = v[..., 0, :], v[..., 1 : 1 + m, :], v[..., 1 + m :, :]
        toU, toV = T(U) @ gU, T(V) @ gV
        J, K = E * toU, E * toV
        inner = (J + T(J)) * row + column * (K + T(K))
        return ((U @ inner + (gU - U @ toU) / row) @ T(V) + (U * gs[..., None, :]) @ T(V)
                + U @ T((gV - V @ toV) / row))

    return Linear(push, pull)


def _d_singular(part: slice) -> Callable:
    """The derivative of the sum of some singular values: sum of u_i v_i^T."""

    def derivative(y: Any, A: Any) -> Linear:
        m, Y = A.shape[-2], lapack.svd(A)
        return _weigh(Y[..., 1 : 1 + m, part] @ T(Y[..., 1 + m :, part]))

    return derivative


def _d_pinv(Y: Any, A: Any) -> Linear:
    # at full rank: dY = -Y dA Y + Y Y^T dA^T (1 - A Y) + (1 - Y A) dA^T Y^T Y
    def push(dA: Any) -> Any:
        B, C = Y @ T(Y) @ T(dA), T(dA) @ T(Y) @ Y
        return B - B @ A @ Y + C - Y @ (A @ C) - Y @ dA @ Y

    def pull(v: Any) -> Any:
        w = T(v)
        return (w - A @ (Y @ w)) @ Y @ T(Y) + T(Y) @ Y @ (w - w @ Y @ A) - T(Y) @ v @ T(Y)

    return Linear(push, pull)


# --- domains: True for what lies outside, with the trailing axes of the result ---


def _matrix(outside: Callable) -> Callable:
    return lambda a, *others, **params: outside(a, **params)[..., None, None]


def _nought(a: Any, scale: Any) -> Any:
    """Below it nothing can be told from 0 any more: n roundings of the largest value."""
    return max(a.shape[-2:]) * np.finfo(a.dtype).eps * scale


def _meet(a: Any, UPLO: str) -> Any:
    w = lapack.eigvalsh(a, UPLO=UPLO)
    return (np.diff(w, axis=-1) <= _nought(a, np.max(np.abs(w), axis=-1))[..., None]).any(axis=-1)


def _close(part: slice, zero: bool) -> Callable:
    """Whether two neighbouring singular values coincide, among those gaps, or (zero) the last one is 0."""

    def outside(a: Any) -> Any:
        s = lapack.svdvals(a)
        least = _nought(a, s[..., :1])
        gaps = (-np.diff(s, axis=-1) <= least)[..., part].any(axis=-1)
        return gaps | (s[..., -1] <= least[..., 0]) if zero or s.shape[-1] == 1 else gaps

    return outside


NO_GAPS, FIRST_GAP, LAST_GAP, ALL_GAPS = slice(0), slice(1), slice(-1, None), slice(None)

REGULAR = "its matrix must be regular, and this one is singular"
DISTINCT = "where they coincide, or come too near, there is no derivative"


def _row(name: str, value: Callable, *partials: Any, affine: tuple[int, ...] = NONE, theory: str = LOG_EXP,
         **kwargs: Any) -> Row:
    facts = Facts(affine, FLOATS, LIBRARY, ENTRIES, None, theory, MATRIX)
    return Row(name, value, partials, facts=facts, prints=CALL, **kwargs)


LINEAR_ALGEBRA = table(
    [
        _row("solve", lapack.solve,
             LinearRule(lambda dA, Y, A, B: -lapack.solve(A, dA @ Y), _pull_matrix),
             LinearRule(lambda dB, Y, A, B: lapack.solve(A, dB), lambda v, Y, A, B: lapack.solve(T(A), v)),
             affine=(1,), domain=_matrix(lapack.is_singular), outside=REGULAR),
        _row("inv", lapack.inv, LinearRule(lambda dA, Y, A: -(Y @ dA @ Y), lambda v, Y, A: -(T(Y) @ v @ T(Y))),
             domain=_matrix(lapack.is_singular), outside=REGULAR),
        _row("det", lapack.det, lambda y, A: _weigh(lapack.cofactors(A))),
        _row("logabsdet", lambda A: lapack.slogdet(A)[1], lambda y, A: _weigh(T(lapack.inv(A))),
             domain=lapack.is_singular, outside=REGULAR),
        _row("signdet", lambda A: lapack.slogdet(A)[0], None, domain=lapack.is_singular, outside=REGULAR),
        _row("cholesky", lapack.cholesky, _d_cholesky, domain=_matrix(lapack.is_indefinite),
             outside="its matrix must be positive definite, and this one is not"),
        _row("eigh", lapack.eigh, _d_eigh, theory=NOT_LOG_EXP, domain=_matrix(_meet),
             outside=f"its eigenvalues must be distinct: {DISTINCT}"),
        _row("svd", lapack.svd, _d_svd, theory=NOT_LOG_EXP, domain=_matrix(_close(ALL_GAPS, True)),
             outside=f"its singular values must be positive and distinct: {DISTINCT}"),
        _row("pinv", lapack.pinv, _d_pinv, domain=_matrix(_close(NO_GAPS, True)),
             outside="its matrix must have full rank, since elsewhere the pseudo-inverse jumps"),
        _row("spectral_norm", lambda A: lapack.svdvals(A)[..., 0], _d_singular(slice(1)), theory=NOT_LOG_EXP,
             domain=_close(FIRST_GAP, False), outside=f"its two largest singular values must differ: {DISTINCT}"),
        _row("smallest_singular_value", lambda A: lapack.svdvals(A)[..., -1], _d_singular(slice(-1, None)),
             theory=NOT_LOG_EXP, domain=_close(LAST_GAP, True),
             outside=f"its two smallest singular values must be positive and differ: {DISTINCT}"),
        _row("nuclear_norm", lambda A: np.sum(lapack.svdvals(A), axis=-1), _d_singular(slice(None)),
             theory=NOT_LOG_EXP, domain=_close(NO_GAPS, True),
             outside="its matrix must have full rank, since elsewhere the norm has a kink"),
    ]
)
