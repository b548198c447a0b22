"""Open cones {d : R d > 0}: which sides of a hyperplane they reach, with a witness or a reason why not.

Gordan's alternative: either some d has R d > 0, or some y >= 0, y != 0, has y^T R = 0. One
nonnegative least squares problem decides, and hands over the witness d or the Farkas vector y.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from selgrad.geometry.nonnegative import nonnegative
from selgrad.geometry.rationals import exactly

FLAT = 1e-9  # residuals and margins below this, for rows of length 1, are rounding
THIN = 1e-6  # a witness nearer to a wall than this is moved to the middle
SURE = 1e-12  # rows of length 1 are known up to this: what holds for all rows so near is proved


def surely_inside(R: np.ndarray, y: np.ndarray) -> bool:
    """Whether y >= 0 with R^T y = a, up to a rest, proves that a lies in the cone of the rows, wherever they are.

    It does where the rows in use are a basis that stays one, with positive weights, when it is moved by `SURE`.
    """
    used = y > 0
    if used.sum() != R.shape[1]:
        return False
    try:
        inverse = np.linalg.inv(R[used])
    except np.linalg.LinAlgError:
        return False
    moved = SURE * np.abs(inverse).sum() * (1.0 + y.sum())
    return bool(moved < 0.1 and y[used].min() > 2 * moved)


def unit(a: np.ndarray) -> np.ndarray:
    """The row at a length near 1, without rounding (rationals stay as they are: only signs matter)."""
    if a.dtype == object:
        return a
    size = np.abs(a).max(initial=0.0)
    return np.ldexp(a, -int(np.frexp(size)[1])) if size else a


def joined(R: np.ndarray | None, a: np.ndarray) -> np.ndarray:
    """R (None: no rows) with one more row."""
    return a[None] if R is None else np.concatenate((R, a[None]))


def beyond(R: np.ndarray, a: np.ndarray, d: np.ndarray, reasons: bool = True
           ) -> tuple[np.ndarray | None, np.ndarray | None]:
    """(d', None) with R d' > 0 and a.d' < 0, or (None, y) with y >= 0 such that a = R^T y.

    d has R d > 0 and a.d > 0. R (n, m) and a (m,) have rows of length 1. (None, None): rounding hides which.
    """
    if len(R) == 0:
        return -a, None
    y = nonnegative(R.T, a)
    r = a - y @ R  # R r <= 0 and a.r = |r|^2: -r is on the other side of a, and not outside R
    size = r @ r
    if R.dtype == object:
        return (settled(R, -a, d * (size / (2 * (a @ d))) - r), None) if size else (None, y)
    if size <= FLAT * FLAT:
        return None, y if surely_inside(R, y) else _as_they_stand(R, a, y, r) if reasons else None
    return settled(R, -a, d * (size / (2 * (a @ d))) - r), None


def _as_they_stand(R: np.ndarray, a: np.ndarray, y: np.ndarray, r: np.ndarray) -> np.ndarray | None:
    """y >= 0 with R^T y = a for the rationals that these floats are, or None; the y given is one up to the rest r."""
    if not np.any(r):
        return y
    used = y > 0
    if used.sum() > R.shape[1]:
        return None
    z = nonnegative(exactly(R[used]).T, exactly(a))
    if np.any(z @ exactly(R[used]) != exactly(a)):
        return None
    y = np.zeros(len(R))
    y[used] = z.astype(float)
    return y


def settled(R: np.ndarray, a: np.ndarray, d: np.ndarray) -> np.ndarray | None:
    """A short witness d of {R d > 0, a.d > 0}: away from the walls (floats), with few digits (rationals).

    None when rounding may have made it.
    """
    if R.dtype == object:
        rows = joined(R, a)
        size = max(abs(d))
        floats = np.array([row / max(abs(row)) for row in rows]).astype(float)
        middle = settled(floats[:-1], floats[-1], (d / size).astype(float) if size else d.astype(float))
        for short in [] if middle is None else [np.ldexp(np.rint(np.ldexp(middle, bits)), -bits) for bits in (20, 50)]:
            if np.all(rows @ exactly(short) > 0):
                return exactly(short)
        return d
    d = d / np.sqrt(d @ d)
    if a @ d > THIN and (len(R) == 0 or (R @ d).min() > THIN):
        return d
    rows = joined(R, a)
    d = central(rows, d)
    return d if (rows @ d).min() > SURE else None


def central(R: np.ndarray, d: np.ndarray) -> np.ndarray:
    """The direction whose least distance to the walls R_i.d = 0 is largest (in the maximum norm); or d."""
    from scipy.optimize import linprog

    n, m = R.shape
    found = linprog(np.r_[np.zeros(m), -1.0], A_ub=np.column_stack([-R, np.ones(n)]), b_ub=np.zeros(n),
                    bounds=[(-1, 1)] * m + [(None, 1)])
    if found.status != 0 or not np.any(found.x[:m]):
        return d
    better = found.x[:m] / np.linalg.norm(found.x[:m])
    return better if (R @ better).min() > (R @ d).min() else d


def sides(R: np.ndarray, a: np.ndarray, d: np.ndarray, reasons: bool = True
          ) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]:
    """(d_plus, d_minus, y): witnesses of {R d > 0, a.d > 0} and {R d > 0, a.d < 0}, given one of {R d > 0}.

    Where a side is empty its witness is None and y >= 0 writes a (or -a) as R^T y; y is None too where
    rounding hides whether it is empty. With `reasons` the floats count as they stand where that settles it.
    """
    t = a @ d
    if abs(t) <= (0 if a.dtype == object else FLAT):
        slack = R @ d
        step = min((slack / (np.abs(R @ a) + slack)).min() / 2 if len(R) else 1, 1)
        return settled(R, a, d + step * a), settled(R, -a, d - step * a), None
    if t > 0:
        other, y = beyond(R, a, d, reasons)
        return d, other, y
    other, y = beyond(R, -a, d, reasons)
    return other, d, y


def only_zero(R: np.ndarray) -> np.ndarray | None:
    """y > 0 with y^T R = 0 if (beyond rounding) R d >= 0 has no solution but d = 0, else None."""
    floats = R.astype(float)
    if len(R) <= R.shape[1] or np.linalg.matrix_rank(floats) < R.shape[1]:
        return None
    one = np.ones(len(R), dtype=R.dtype)
    y = one + nonnegative(R.T, -(one @ R))
    left = y @ R
    if R.dtype == object:
        return y if left @ left == 0 else None
    least = np.linalg.svd(R, compute_uv=False)[-1]  # y can be mended to a vector that is positive still
    return y if (np.sqrt(left @ left) + SURE * y.sum()) < 0.5 * least else None


def plane(R: np.ndarray, A: np.ndarray, known: Callable[[], bool] = lambda: True) -> tuple[np.ndarray, bool]:
    """One direction in every cell that the lines A_i.d = 0 cut out of {R d > 0}; dimension 1 or 2.

    The closed form: in the plane cells are sectors, and sorting their walls by angle lists them all. The truth
    value says that no sector is so narrow that rounding of the walls may have made or hidden it: walls nearer than
    that are parallel, as they stand, and are `known` to stand there without rounding.
    """
    if A.shape[1] == 1:
        d = np.array([[1.0], [-1.0]])
        return d[(d @ R.T > 0).all(axis=1)], True
    walls = np.vstack([R, A])
    if len(walls) == 0:
        return np.eye(1, 2), True
    walls = walls * np.where((walls[:, :1] < 0) | ((walls[:, :1] == 0) & (walls[:, 1:] < 0)), -1.0, 1.0)
    angles = np.arctan2(walls[:, 1], walls[:, 0])  # in (-pi/2, pi/2]
    order = np.argsort(angles)
    angles, walls = angles[order], walls[order]
    width = np.diff(np.r_[angles, angles[0] + np.pi])
    middle = (angles + width / 2)[width > SURE] + np.pi / 2
    narrow = np.flatnonzero(width <= SURE)
    near = [e for e in narrow if not np.array_equal(walls[e], walls[(e + 1) % len(walls)])]
    sure = all(parallel(walls[e], walls[(e + 1) % len(walls)]) for e in near) and (not len(narrow) or known())
    d = np.column_stack([np.cos(middle), np.sin(middle)])
    d = np.vstack([d, -d])
    return d[(d @ R.T > 0).all(axis=1)], sure


def parallel(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two vectors of the plane are parallel, as the rational numbers that they are."""
    (a0, a1), (b0, b1) = exactly(a), exactly(b)
    return bool(a0 * b1 == a1 * b0)
