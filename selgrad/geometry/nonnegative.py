"""Nonnegative least squares: in floats by SciPy, over the rationals by the method of Lawson and Hanson."""

from __future__ import annotations

import numpy as np

from selgrad.geometry.rationals import exactly, solve


def exact_nnls(A: np.ndarray, b: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """The y >= 0 that minimises |A y - b|, over the rationals; A (m, n), b (m,).

    The method of Lawson and Hanson, started from the support of `guess` (found in floats): the
    floats find, the rationals verify, and go on by themselves when the floats were wrong.
    """
    n = A.shape[1]
    nothing = exactly(np.zeros(n))

    def on(passive: list[int]) -> np.ndarray:
        B = A[:, passive]
        z = nothing.copy()
        if passive:
            z[passive] = solve(B.T @ B, B.T @ b)
        return z

    passive = [int(j) for j in np.flatnonzero(guess)]
    try:
        y = on(passive)
        if any(y[j] <= 0 for j in passive):
            passive, y = [], nothing
    except ZeroDivisionError:
        passive, y = [], nothing
    while True:
        w = A.T @ (b - A @ y)
        outside = [j for j in range(n) if j not in passive and w[j] > 0]
        if not outside:
            return y
        # w_j > 0 says column j does not lie in the span of the passive ones, so the next system is regular
        passive.append(max(outside, key=lambda j: w[j]))
        z = on(passive)
        while any(z[j] <= 0 for j in passive):
            step = min(y[j] / (y[j] - z[j]) for j in passive if z[j] <= 0)
            y = y + step * (z - y)
            passive = [j for j in passive if y[j] > 0]
            z = on(passive)
        y = z


def nonnegative(A: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The y >= 0 that minimises |A y - b|: SciPy in floats, verified by elimination over the rationals."""
    from scipy.optimize import nnls

    if b.size == 0 or A.shape[1] == 0:
        return np.zeros(A.shape[1], dtype=A.dtype)
    if A.dtype != object:
        try:
            return nnls(A, b)[0]
        except RuntimeError:  # SciPy gave up: the exact method always ends
            return exact_nnls(exactly(A), exactly(b), np.zeros(A.shape[1])).astype(float)
    try:
        guess = nnls(A.astype(float), b.astype(float))[0]
    except RuntimeError:
        guess = np.zeros(A.shape[1])
    return exact_nnls(A, b, guess)
