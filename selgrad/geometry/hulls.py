"""Finite point sets and their convex hulls: nearest points, extreme points, points that are distinct.

A point is a row of floats or of rationals; the same lines serve both, since all optimisation is
nonnegative least squares, which `rationals` does in either arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from selgrad.geometry.nonnegative import nonnegative
from selgrad.geometry.rationals import exactly

CLOSE = 1e-12  # floats that differ by less, relative to the largest, are one point
QHULL = 6  # in higher dimension the facets Qhull builds outnumber the points by far
OFTEN = 8  # times in one search
SMALL, NEAR = 200, 1e-6  # of so few numbers the nearest point is found over the rationals where floats are unsure
PRUNE = 2048  # a sum of sets is reduced to its extreme points when it grows beyond this


def exact(points: np.ndarray) -> bool:
    """Whether the numbers are rationals."""
    return points.dtype == object


def weights(points: np.ndarray) -> np.ndarray:
    """Convex weights of the point of conv(points) nearest to 0; points (k, n).

    With u >= 0 minimising |points^T u|^2 + (sum u - 1)^2, the weights u / sum u are exact: along
    a ray u = t w the best value is |points^T w|^2 / (1 + |points^T w|^2), which grows with it.
    """
    one = np.ones((1, len(points)), dtype=points.dtype)
    zero = np.zeros(points.shape[1], dtype=points.dtype)
    # scaled, so that the last row weighs as much as the others
    size = 1 if exact(points) else max(float(np.abs(points).max(initial=0.0)), 1e-300)
    u = nonnegative(np.vstack([points.T / size, one]), np.r_[zero, one[0, :1]])
    return u / u.sum()


def inside(points: np.ndarray, a: np.ndarray) -> np.ndarray | None:
    """Weights of the point nearest to a of the affine hull of these floats, where it is in their hull, else None."""
    k, n = points.shape
    if k > n + 1:
        return None
    size = max(float(np.abs(points - a).max(initial=0.0)), 1e-300)
    X = (points - a) / size
    G = X @ X.T + 1.0
    try:
        w = np.linalg.solve(G, np.ones(k))
    except np.linalg.LinAlgError:
        return None
    w = w / w.sum()
    gap = w @ X
    if not np.all(np.isfinite(w)) or (w < 0).any():
        return None
    if np.abs(X @ gap - gap @ gap).max() > CLOSE * (1 + np.abs(gap).max()):
        return None
    return w if np.abs(gap).max() > NEAR else None  # near ones are looked at more closely


def nearest(farthest: Callable[[np.ndarray], np.ndarray], a: np.ndarray, most: int = 10_000
            ) -> tuple[np.ndarray, np.ndarray]:
    """(points, w): convex weights of few points of a set, whose mean w @ points is nearest to a.

    `farthest(d)` returns the point of the set with the largest <point, d>, and is all that is known of
    the set. The hull of the points found so far grows by one such point until none lies beyond.
    """
    points = np.stack([farthest(a)])
    last, again = None, 0
    while True:
        w = weights(points - a)
        gap = a - w @ points
        stalled = not exact(points) and last is not None and gap @ gap >= last
        near = not exact(points) and 0 < np.abs(gap).max() <= NEAR * np.abs(points - a).max()
        if (stalled or near) and points.size <= SMALL and again < OFTEN:  # too close for floats
            again += 1
            exact_gaps = exactly(points) - exactly(a)
            exact_w = weights(exact_gaps)  # and the gap from it: rounded weights would turn a gap so small
            w, gap = exact_w.astype(float), -(exact_w @ exact_gaps).astype(float)
        if stalled and gap @ gap >= last:
            return points[w > 0], w[w > 0]
        last = gap @ gap
        points, w = points[w > 0], w[w > 0]
        if not exact(points) and np.abs(gap).max() <= CLOSE * max(np.abs(points).max(), np.abs(a).max()):
            return points, w  # a lies in the hull, up to rounding
        new = farthest(gap)
        ahead = (new - points) @ gap  # no point is nearer when none lies ahead of those in use
        rounding = 0 if exact(points) else CLOSE * np.abs(gap).max() * (np.abs(new).max() + np.abs(a).max())
        if (ahead <= rounding).all() or most == 0:
            return points, w
        points = np.vstack([points, new])
        most -= 1


def distinct(points: np.ndarray) -> np.ndarray:
    """The numbers of the first of each group of equal rows, in order; (k,)."""
    if exact(points):
        first: dict[tuple, int] = {}
        for i, row in enumerate(points):
            first.setdefault(tuple(row), i)
        return np.array(list(first.values()), dtype=int)
    rows = np.ascontiguousarray(points + 0.0)  # + 0.0: no minus in front of a zero
    if rows.shape[1] == 0:
        return np.zeros(1, dtype=int)
    view = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    return np.sort(np.unique(view, return_index=True)[1])


def extreme(points: np.ndarray, thorough: bool = True) -> np.ndarray:
    """The extreme points of the hull of these rows, in lexicographic order.

    Without `thorough`, points that Qhull leaves inside a facet may stay in the list.
    """
    if exact(points):
        points = points[distinct(points)]
    else:
        size = np.abs(points).max(initial=0.0) or 1.0
        points = points[distinct(np.round(points / (CLOSE * size)))]
    points = points[np.lexsort(points.T[::-1])] if points.shape[1] else points
    if len(points) <= 1:
        return points
    if points.shape[1] == 1:
        return points[[0, -1]]
    if not exact(points):
        flat = (points - points.mean(axis=0)).astype(float)
        _, spread, axes = np.linalg.svd(flat, full_matrices=False)
        rank = int(np.sum(spread > 1e-10 * max(spread[0], 1e-300)))
        flat = flat @ axes[:rank].T
        if rank == 1:
            return points[np.sort([np.argmin(flat), np.argmax(flat)])]
        if rank == len(points) - 1:
            return points  # a simplex
        flat = flat / spread[:rank]  # which points are extreme does not change, and Qhull merges what is thin
        if rank <= QHULL and len(points) > rank + 1:
            from scipy.spatial import ConvexHull

            points = points[np.sort(ConvexHull(flat).vertices)]
            if not thorough or len(points) > 500:
                return points
    return points[_not_in_the_hull_of_the_others(points)]


def _not_in_the_hull_of_the_others(points: np.ndarray) -> list[int]:
    keep = list(range(len(points)))
    size = 0 if exact(points) else np.abs(points).max()
    for i in range(len(points)):
        others = points[[j for j in keep if j != i]]
        if len(others) == 0:
            break
        found, w = nearest(lambda d, others=others: others[np.argmax(others @ d)], points[i])
        gap = points[i] - w @ found
        if (gap @ gap == 0) if exact(points) else (np.abs(gap).max() <= CLOSE * size):
            keep.remove(i)
    return keep


def sums(parts: list[np.ndarray], limit: int) -> np.ndarray | None:
    """The extreme points of P_1 + ... + P_n (sums of one point of each), or None above `limit` of them."""
    parts = [extreme(part) for part in parts]
    gaps = np.vstack([part[1:] - part[0] for part in parts])
    rank = np.linalg.matrix_rank(gaps.astype(float))
    total = parts[0]
    for part in parts[1:]:
        if rank <= QHULL and len(total) * len(part) > PRUNE:
            total = extreme(total, thorough=False)
        if len(total) * len(part) > limit:
            return None
        total = (total[:, None, :] + part[None, :, :]).reshape(-1, total.shape[1])
    if rank == len(gaps):  # edges that are linearly independent: a product of simplices
        return total[np.lexsort(total.T[::-1])]
    return extreme(total)
