"""Finite sets of Jacobians and their convex hulls: the values of the fields of Section 5.1."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from html import escape
from math import prod
from typing import Any

import numpy as np

from selgrad.displays import Shape, shown
from selgrad.errors import ShapeError, TooLarge
from selgrad.geometry.hulls import QHULL, exact, extreme, inside, nearest, sums
from selgrad.geometry.rationals import exactly

LIMIT = 2**16
SIMPLEX = 1500  # of so many points all are tried together first


class JacobianSet:
    """The convex hull of finitely many Jacobians (Definition 5).

    `matrices` has shape (k, q, p), of floats or of Fractions (then every answer is exact).
    `vertices` lists the extreme points only. Every question takes a Jacobian of any shape with
    q*p entries. A set may also be a sum of such hulls, `JacobianSet.total`, which answers without being
    listed. Raises ShapeError when sizes do not fit, TooLarge when more than `limit` vertices are listed.

    >>> D = JacobianSet([[[-1.0]], [[0.0]], [[1.0]]])
    >>> print(D)
    conv{-1, 1}
    >>> print(D.contains(0.5), D.distance(3.0), D.support(2.0), D.min_norm())
    True 2.0 2.0 [[0.]]
    """

    def __init__(self, matrices: Any, limit: int = LIMIT):
        m = np.asarray(matrices)
        if m.ndim != 3 or len(m) == 0:
            raise ShapeError(f"A JacobianSet needs an array of shape (k, q, p) with k >= 1, not {m.shape}.")
        m = exactly(m) if m.dtype == object else m.astype(float) + 0.0
        self._shape: tuple[int, ...] = m.shape[1:]
        self._limit = limit
        self._parts: list[np.ndarray] = [m.reshape(len(m), -1)]
        self._reason: str | None = None
        self.program: Any = None  # of which it is D_P at a point, where that is known
        self._stacked: list[np.ndarray] | None = None
        self._listed: np.ndarray | None = None
        self._frame: np.ndarray | None = None  # (r, p) with orthonormal rows: the sets are kept in these coordinates

    @classmethod
    def total(cls, parts: Sequence[Any], limit: int = LIMIT, frame: np.ndarray | None = None) -> JacobianSet:
        """The hull of all sums of one Jacobian from each part; each part of shape (k_i, q, p).

        With a frame, (r, p) of orthonormal rows, the parts (k_i, q, r) hold coordinates. A sum of segments is a
        zonotope; ten thousand of them are no effort, because only `vertices` lists anything.

        >>> D = JacobianSet.total([[[[0.0, 1.0]], [[1.0, 0.0]]]] * 10_000)
        >>> print(D.support([1.0, 2.0]), D.min_norm())
        20000.0 [[5000. 5000.]]
        """
        D = cls(parts[0], limit)
        D._parts += [cls(part)._parts[0] for part in parts[1:]]
        if any(part.shape[1] != prod(D._shape) for part in D._parts):
            raise ShapeError("The parts of a sum of Jacobians must have equal shapes.")
        fixed = [part for part in D._parts if len(part) == 1]
        free = [part for part in D._parts if len(part) > 1]
        offset = sum(fixed[1:], fixed[0]) if fixed else None
        if offset is not None:  # what does not vary moves with the first part that does
            free = [free[0] + offset, *free[1:]] if free else [offset]
        D._parts = free
        if prod(D._shape) == 1 and len(D._parts) > 1:  # intervals add up
            D._parts = [np.stack([sum(part.min(axis=0) for part in D._parts),
                                  sum(part.max(axis=0) for part in D._parts)])]
        if frame is not None:
            D._frame, D._shape = frame, (D._shape[0], frame.shape[1])
        return D

    def _down(self, J: np.ndarray) -> np.ndarray:
        """Coordinates of the nearest Jacobian (flat) in the frame, flat."""
        return J if self._frame is None else (J.reshape(self._shape) @ self._frame.T).reshape(-1)

    def _up(self, c: np.ndarray) -> np.ndarray:
        """The Jacobians (..., q, p) with these coordinates (..., q * r)."""
        if self._frame is None:
            return c.reshape(*c.shape[:-1], *self._shape)
        return c.reshape(*c.shape[:-1], self._shape[0], -1) @ self._frame

    @classmethod
    def unlisted(cls, shape: tuple[int, ...], reason: str) -> JacobianSet:
        """A set of which only its size is known: every question raises TooLarge with the reason."""
        D = cls(np.zeros((1, *shape)))
        D._reason = reason
        return D

    @property
    def listed(self) -> bool:
        """Whether the set answers questions (False: it is too large, and says why)."""
        return self._reason is None

    @property
    def exact(self) -> bool:
        """Whether the set is one of rationals, so that every answer is exact."""
        return exact(self._parts[0])

    @property
    def parts(self) -> list[np.ndarray]:
        """The sets (k_i, q*p) whose sums of one point each the set is the hull of."""
        if self._frame is None:
            return self._parts
        return [self._up(part).reshape(len(part), -1) for part in self._parts]

    @property
    def summands(self) -> list[np.ndarray]:
        """The same sets in the coordinates that the set is kept in, which are isometric."""
        return self._parts

    def coordinates(self, J: Any) -> np.ndarray:
        """J in these coordinates."""
        return self._down(self._flat(J))

    def near(self, J: Any) -> tuple[np.ndarray, np.ndarray]:
        """(points, w) as in `combination`, each point flat and in these coordinates."""
        return self._nearest(self.coordinates(J))

    @property
    def shape(self) -> tuple[int, ...]:
        """(q, p)."""
        return self._shape

    @property
    def combinations(self) -> int:
        """How many Jacobians the set is the hull of, before equal ones merge."""
        return prod(len(part) for part in self._parts)

    @property
    def vertices(self) -> np.ndarray:
        """The extreme points, of shape (k, q, p). Raises TooLarge above the limit."""
        if self._reason:
            raise TooLarge(self._reason)
        if self._listed is None:
            found = extreme(self._parts[0]) if len(self._parts) == 1 else sums(self._parts, self._limit)
            if found is None:
                raise TooLarge(
                    f"The set is the hull of up to {_count(self.combinations)} Jacobians, and more than "
                    f"limit={self._limit} would be listed on the way to its vertices. support, distance, contains "
                    "and min_norm answer without the list; a larger limit= lists more."
                )
            self._listed = found
        return self._up(self._listed)

    def farthest(self, direction: np.ndarray) -> np.ndarray:
        """A point of the set with the largest <point, direction>, flat; both in coordinates where there is a frame."""
        if self._reason:
            raise TooLarge(self._reason)
        if self._stacked is None:  # parts of equal length answer together
            lengths = sorted({len(part) for part in self._parts})
            self._stacked = [np.stack([part for part in self._parts if len(part) == n]) for n in lengths]
        picks = [stack[np.arange(len(stack)), np.argmax(stack @ direction, axis=1)].sum(axis=0)
                 for stack in self._stacked]
        return np.sum(picks, axis=0)

    def _flat(self, J: Any) -> np.ndarray:
        a = np.asarray(J, dtype=object if self.exact else float).reshape(-1)
        if a.size != prod(self._shape):
            raise ShapeError(f"A Jacobian of this set has {prod(self._shape)} entries, not {a.size}.")
        return exactly(a) if self.exact else a

    def combination(self, J: Any) -> tuple[np.ndarray, np.ndarray]:
        """(points (k, q, p), w (k,)): convex weights whose mean of elements of the set is nearest to J."""
        points, w = self._nearest(self._down(self._flat(J)))
        return self._up(points), w

    def _nearest(self, a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`nearest`, on a scale where nothing overflows: a power of two, so that nothing is rounded."""
        if self.exact:
            return nearest(self.farthest, a)
        if self.listed and self.combinations == 1:  # a gradient by very many inputs is no search
            return self.farthest(a)[None], np.ones(1)
        if len(self._parts) == 1 and self.listed and (hit := (self._parts[0] == a).all(axis=1)).any():
            return self._parts[0][hit][:1], np.ones(1)
        if len(self._parts) == 1 and 2 < len(self._parts[0]) <= SIMPLEX:
            w = inside(self._parts[0], a)
            if w is not None:
                return self._parts[0], w
        s = 0.5 ** np.frexp(max(self.size, float(np.abs(a).max(initial=0.0))))[1]
        points, w = nearest(lambda d: s * self.farthest(d), s * a)
        return points / s, w

    @property
    def size(self) -> float:
        """A bound for the entries of all its Jacobians."""
        return float(sum(float(np.abs(part).max(initial=0)) for part in self._parts))

    def project(self, J: Any) -> np.ndarray:
        """The nearest point of the hull, of shape (q, p)."""
        a = self._down(self._flat(J))
        if a.size == 1:  # an interval: no solver, no rounding
            one = np.ones(1, dtype=self._parts[0].dtype)
            return self._up(np.minimum(np.maximum(a, self.farthest(-one)), self.farthest(one)))
        points, w = self._nearest(a)
        return self._up(w @ points)

    def distance(self, J: Any) -> float:
        """The Euclidean distance of J to the hull."""
        gap = (self.project(J).reshape(-1) - self._flat(J)).astype(float)
        size = float(np.abs(gap).max(initial=0.0))
        return size * float(np.linalg.norm(gap / size)) if size else 0.0

    def contains(self, J: Any, tol: float | None = None) -> bool:
        """Whether J lies within tol of the hull; tol is 1e-9 of the largest entry, or 0 for a set of rationals."""
        if self.exact:
            gap = self.project(J).reshape(-1) - self._flat(J)
            return bool(gap @ gap <= Fraction(tol or 0) ** 2)
        return self.distance(J) <= (1e-9 * max(self.size, float(np.abs(self._flat(J)).max())) if tol is None else tol)

    def support(self, direction: Any) -> Any:
        """max <v, direction> over v in the hull."""
        d = self._down(self._flat(direction))
        value = self.farthest(d) @ d
        return value if self.exact else float(value)

    def min_norm(self) -> np.ndarray:
        """The point of the hull nearest to 0, of shape (q, p)."""
        return self.project(np.zeros(prod(self._shape)))

    def boundary(self) -> np.ndarray:
        """The vertices in order for drawing: (k, 1) sorted, (k, 2) anticlockwise. q*p is 1 or 2."""
        points = self.vertices.reshape(-1, prod(self._shape)).astype(float)
        if points.shape[1] > 2:
            raise ShapeError(f"The boundary is listed in order in dimension 1 and 2 only, not {points.shape[1]}.")
        if points.shape[1] == 1 or len(points) < 3:
            return points
        gaps = points - points.mean(axis=0)
        return points[np.argsort(np.arctan2(gaps[:, 1], gaps[:, 0]))]

    def plot(self, ax: Any, **look: Any) -> list[Any]:
        """Draw the set on Matplotlib axes: a segment at height 0 for q*p = 1, a polygon for q*p = 2.

        `look` are arguments of `Axes.plot`. Returns the artists. Raises ShapeError in higher dimensions.
        """
        points = self.boundary()
        if points.shape[1] == 1:
            return ax.plot(points[:, 0], np.zeros(len(points)), **{"marker": "o", **look})
        closed = np.concatenate([points, points[:1]])
        lines = ax.plot(*closed.T, **{"marker": "o", "markersize": 3, **look})
        colour = lines[0].get_color()
        return [*lines, *(ax.fill(*points.T, facecolor=colour, alpha=0.2, edgecolor="none") if len(points) > 2 else [])]

    def drawable(self) -> bool:
        """Whether the set is small enough, in one or two dimensions, to be shown as a picture."""
        return self.listed and prod(self._shape) <= 2 and self.combinations <= 4096

    def _repr_html_(self) -> str:
        words = f"<p>{escape(repr(self))}</p>"
        return shown([Shape(self.boundary(), "#E69F00", "")], (), repr(self)) + words if self.drawable() else words

    def __repr__(self) -> str:
        def text(point: np.ndarray) -> str:
            if point.size == 1:
                return str(point.item()) if self.exact else f"{point.item():.6g}"
            if self.exact:
                return "[" + ", ".join(str(entry) for entry in point.reshape(-1)) + "]"
            return np.array2string(point.reshape(self._shape).squeeze(), precision=4, separator=", ")

        if self._reason:
            return f"a JacobianSet that is not listed: {self._reason}"
        # in few dimensions equal ones merge fast; in many, to list them may take longer than all the rest
        if self._listed is None and self.combinations > (4096 if prod(self._shape) <= QHULL else 64):
            return f"conv of up to {_count(self.combinations)} Jacobians of shape {self._shape}"
        try:
            points = self.vertices
        except TooLarge:
            return f"conv of up to {_count(self.combinations)} Jacobians of shape {self._shape}"
        if len(points) > 64:
            return f"conv of {len(points)} Jacobians of shape {self._shape}"
        return "conv{" + ", ".join(text(point) for point in points) + "}"


def _count(n: int) -> str:
    return str(n) if n < 10**9 else f"10^{len(str(n)) - 1}"
