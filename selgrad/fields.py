"""Finite sets of Jacobians and their convex hulls: the values of the fields of Section 5.1."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.errors import ShapeError


class JacobianSet:
    """The convex hull of finitely many Jacobians (Definition 5).

    `matrices` has shape (k, q, p). `vertices` keeps the extreme points only. Every question
    takes a Jacobian of any shape with q*p entries. Raises ShapeError when sizes do not fit.

    >>> D = JacobianSet([[[-1.0]], [[0.0]], [[1.0]]])
    >>> print(D)
    conv{-1, 1}
    >>> print(D.contains(0.5), D.distance(3.0), D.support(2.0), D.min_norm())
    True 2.0 2.0 [[0.]]
    """

    def __init__(self, matrices: Any):
        m = np.asarray(matrices, dtype=float)
        if m.ndim != 3 or len(m) == 0:
            raise ShapeError(f"A JacobianSet needs an array of shape (k, q, p) with k >= 1, not {m.shape}.")
        self._shape = m.shape[1:]
        self._points = _extreme(np.unique(m.reshape(len(m), -1) + 0.0, axis=0))

    @property
    def vertices(self) -> np.ndarray:
        """The extreme points, of shape (k, q, p)."""
        return self._points.reshape(-1, *self._shape)

    def _flat(self, J: Any) -> np.ndarray:
        a = np.asarray(J, dtype=float).reshape(-1)
        if a.size != self._points.shape[1]:
            raise ShapeError(f"A Jacobian of this set has {self._points.shape[1]} entries, not {a.size}.")
        return a

    def project(self, J: Any) -> np.ndarray:
        """The nearest point of the hull, of shape (q, p)."""
        a = self._flat(J)
        if a.size == 1:  # an interval: no solver, no rounding
            return np.clip(a, self._points[0], self._points[-1]).reshape(self._shape)
        return (a + weights(self._points - a) @ (self._points - a)).reshape(self._shape)

    def distance(self, J: Any) -> float:
        """The Euclidean distance of J to the hull."""
        return float(np.linalg.norm(self.project(J).reshape(-1) - self._flat(J)))

    def contains(self, J: Any, tol: float = 1e-9) -> bool:
        """Whether J lies within tol of the hull."""
        return self.distance(J) <= tol

    def support(self, direction: Any) -> float:
        """max <v, direction> over v in the hull."""
        return float(np.max(self._points @ self._flat(direction)))

    def min_norm(self) -> np.ndarray:
        """The point of the hull nearest to 0, of shape (q, p)."""
        return self.project(np.zeros(self._points.shape[1]))

    def __repr__(self) -> str:
        def text(point: np.ndarray) -> str:
            if point.size == 1:
                return f"{point[0]:.6g}"
            return np.array2string(point.reshape(self._shape).squeeze(), precision=4, separator=", ")

        return "conv{" + ", ".join(text(point) for point in self._points) + "}"


def weights(points: np.ndarray) -> np.ndarray:
    """Convex weights of the point of conv(points) nearest to 0.

    With u >= 0 minimising |points^T u|^2 + (sum u - 1)^2, the weights u / sum u are exact: along
    a ray u = t w the best value is |points^T w|^2 / (1 + |points^T w|^2), which grows with it.
    """
    from scipy.optimize import nnls

    u, _ = nnls(np.vstack([points.T, np.ones(len(points))]), np.r_[np.zeros(points.shape[1]), 1.0])
    return u / u.sum()


def _extreme(points: np.ndarray) -> np.ndarray:
    """The rows that are not in the hull of the others."""
    if points.shape[1] == 1:
        return points[[0, -1]] if len(points) > 1 else points
    keep = list(range(len(points)))
    for i in range(len(points)):
        others = [j for j in keep if j != i]
        if others:
            gaps = points[others] - points[i]
            nearest = weights(gaps) @ gaps
            if np.linalg.norm(nearest) <= 1e-12 * (1.0 + np.abs(points).max()):
                keep = others
    return points[keep]
