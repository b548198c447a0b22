"""Isometric coordinates of gradients by many inputs, without a matrix of them: every product with one is a pass."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

CLEAR = 1e-4  # of a gradient's square, the part beyond those before it that a Gram matrix shows without loss
REST = 20_000_000  # numbers of those gradients that it does not show
Pass = Callable[[np.ndarray], np.ndarray]


class Frame:
    """Orthonormal rows (r, p): C^-1 times some gradients M, never written down, and a few more rows that are.

    `pull` gives a @ M by one reverse pass for every row of a, `push` gives x @ M.T by a forward one.
    """

    __array_ufunc__ = None  # so that NumPy leaves a @ frame to __rmatmul__

    def __init__(self, pull: Pass, push: Pass, C: np.ndarray, rest: np.ndarray, chunk: int):
        self.pull, self.push, self.rest, self.chunk = pull, push, rest, chunk
        self.inverse = np.linalg.inv(C)
        self.shape = (len(C) + len(rest), rest.shape[1])

    def __rmatmul__(self, a: np.ndarray) -> np.ndarray:
        flat, k = np.reshape(a, (-1, self.shape[0])), len(self.inverse)
        found = self._in_chunks(lambda some: self.pull(some[:, :k] @ self.inverse) + some[:, k:] @ self.rest, flat,
                                self.shape[1])
        return found.reshape(*np.shape(a)[:-1], self.shape[1])

    def down(self, x: np.ndarray) -> np.ndarray:
        """x @ frame.T."""
        flat = np.reshape(x, (-1, self.shape[1]))
        found = self._in_chunks(lambda some: np.concatenate(
            [self.push(some) @ self.inverse.T, some @ self.rest.T], axis=1), flat, self.shape[0])
        return found.reshape(*np.shape(x)[:-1], self.shape[0])

    def _in_chunks(self, one: Pass, a: np.ndarray, width: int) -> np.ndarray:
        found = np.empty((len(a), width))
        for start in range(0, len(a), self.chunk):
            found[start : start + self.chunk] = one(a[start : start + self.chunk])
        return found

    @property
    def T(self) -> Turned:
        """The transpose."""
        return Turned(self)


class Turned:
    """The transpose of a frame, to multiply with from the left."""

    __array_ufunc__ = None

    def __init__(self, frame: Frame):
        self.frame = frame

    def __rmatmul__(self, x: np.ndarray) -> np.ndarray:
        return self.frame.down(x)


def framed(G: np.ndarray, pull: Pass, push: Pass, p: int, chunk: int) -> tuple[np.ndarray, Frame | None, np.ndarray]:
    """Coordinates (n, r) of the n gradients that `pull` combines, their frame, and those that do not stand clear.

    There is no frame (None) where it would be too large. The Cholesky factor of their Gram matrix G has the coordinates
    of gradients that stand clear of those before them; the others are few, and have theirs from what is left of them
    when all that is projected off twice. No rank is decided here.
    """
    n = len(G)
    one, S = np.eye(n), (G + G.T) / 2
    C, basis = np.zeros((n, n)), []
    for t in range(n):  # S is what is left of the Gram matrix
        if S[t, t] > CLEAR * G[t, t]:
            column = np.where(np.arange(n) < t, 0.0, S[:, t] / S[t, t] ** 0.5)
            C[:, len(basis)] = column
            S -= np.outer(column, column)
            basis.append(t)
    others = np.setdiff1d(np.arange(n), basis)
    if len(others) * p > REST:
        return np.zeros((n, 1)), None, others
    k = len(basis)

    def only(rows: Any) -> np.ndarray:
        wide = np.zeros((len(rows), n))
        wide[:, basis] = rows
        return pull(wide)

    frame = Frame(only, lambda x: push(x)[:, basis], C[basis, :k], np.zeros((0, p)), chunk)
    if not len(others):
        return C[:, :k], frame, others
    E = np.concatenate([pull(one[others[a : a + chunk]]) for a in range(0, len(others), chunk)])
    C[others] = 0
    for _ in range(2):
        shadow = E @ frame.T
        E = E - shadow @ frame
        C[others, :k] += shadow
    Q, R = np.linalg.qr(E.T)
    F, S = np.linalg.qr((Q.T - (Q.T @ frame.T) @ frame).T)
    C = np.concatenate([C[:, :k], np.zeros((n, len(others)))], axis=1)
    C[others, k:] = R.T @ S.T
    return C, Frame(frame.pull, frame.push, C[basis, :k], F.T, chunk), others


def split(x: np.ndarray, shapes: Any) -> list[np.ndarray]:
    """Rows (n, p) as one array for every input: (n, *core)."""
    ends = np.cumsum([prod(shape) for shape in shapes])[:-1]
    return [a.reshape(len(x), *shape) for a, shape in zip(np.split(x, ends, axis=1), shapes, strict=True)]
